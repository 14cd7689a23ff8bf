import Crypto
import Foundation
import HTTP
import Host
import Links
import Models
import Text

/// A session with a gateway that is called over HTTP. The recipe says how; the generic recipe is `Dialect`,
/// which settings alone describe: method, address, fields, and what its yes looks like.
struct HTTPGateway: SMSGateway {
    enum Form: String, CaseIterable, Sendable {
        /// The fields are in the query of the address.
        case query
        /// `application/x-www-form-urlencoded`.
        case form
        case json
    }

    struct Dialect: Equatable, Sendable {
        var url: String
        var method: HTTP.Method
        var form: Form
        /// Names and templates; `{phone}` (+86…), `{digits}` (86…), `{national}` (without the country code
        /// where it is `country`'s), `{text}`, `{reference}`, `{attempt}`, `{job}` (the token that comes back
        /// in a report), `{callback}` (the address of the report), `{seconds}` (how long the gateway may
        /// try), `{time}` (seconds since 1970) and `{signature}` are filled in.
        var fields: [Field]
        var headers: [Field]
        /// The country whose numbers `{national}` writes without their code.
        var country: CallingCode
        /// A status in this range, together with a text in the body if one is set, is the gateway's yes.
        var successStatus: ClosedRange<Int>
        var successBody: String?
        /// A text in the body that says that the message will never be taken: a wrong number, a black list.
        var refusedBody: String?
        /// The key and the template of `{signature}`: HMAC-SHA256 in hexadecimal. In a header the template
        /// may also have `{body}`.
        var secret: String?
        var signed = ""

        /// Whether a no with the status 200, as many gateways answer it, would be taken for a yes.
        var takesAnyAnswer: Bool {
            successBody == nil && refusedBody == nil && successStatus.contains(200)
        }
    }

    struct Field: Equatable, Sendable {
        let name: String
        let template: String
    }

    /// The end of one call.
    struct Answer {
        /// Nil for a health check.
        let job: SMSJob?
        let verdict: Verdict
        let news: Breaker.News
        var reason: String { verdict.reason }
    }

    /// How the gateway finds its way back.
    struct Return: Sendable {
        let name: String
        let numbers: NumberKey
        /// The address of Intake's door for reports; nil if the gateway does not report.
        let callback: String?
    }

    private let recipe: any Recipe
    private let calls: Calls
    /// Questions have connections of their own, so that none waits for a message or keeps one waiting.
    private let inquiries: Calls?
    private var pace: Pace
    private var understanding: Understanding?
    private let way: Return?
    private let healthAddress: String?
    private var jobs: [Int: (job: SMSJob, since: ContinuousClock.Instant, at: Instant)] = [:]
    private var nextToken = 0
    private var isChecking = false
    /// What asks the gateway what became of messages; nil: nobody asks.
    private var pull: ReportPull?
    private var questions: [Int: ReportPull.Due] = [:]
    private var reports: [SMSReceipt] = []
    /// Questions in a row that got no answer.
    private var unanswered = 0
    private var silence: String??

    /// - Parameters:
    ///   - timeout: how long the gateway may answer no request at all. It may work off one message after
    ///     another and become slow while many are under way, so a message's time counts from the last answer.
    ///   - window: how many requests wait for their answers at once, at most.
    init(
        _ recipe: any Recipe, timeout: Duration, window: Int, _ understanding: Understanding? = nil,
        way: Return? = nil, healthAddress: String? = nil, pull: ReportPull? = nil
    ) {
        self.pull = pull
        self.recipe = recipe
        self.understanding = understanding
        self.way = way
        self.healthAddress = healthAddress
        pace = Pace(most: window, timeout: timeout)
        calls = Calls(
            Client(
                timeout: max(timeout, Self.longest), replyBytes: Self.replyBytes, connectionsPerHost: window),
            silence: timeout)
        // A report that is told once is lost with an answer that nobody waits for.
        inquiries = pull.map { _ in
            Calls(
                Client(
                    timeout: Self.longest, replyBytes: Self.reportBytes,
                    connectionsPerHost: ReportPull.atOnce))
        }
    }

    private static let replyBytes = 65_536
    /// A single question may fail by chance.
    private static let patience = 3
    /// Tencent tells of 100 messages at once, each with what went with it.
    private static let reportBytes = 1_048_576
    /// How long one request may wait, while others are answered. Dispatch counts an attempt as unanswered
    /// after its own time, of which the way to the gateway may have taken a part already.
    static let longest = Dispatch.answerWithin - Pushing.sentWithin - .seconds(5)
    /// No message has it.
    private static let checkToken = -1

    var window: Int {
        pace.window(underWay: jobs.count, oldest: jobs.values.map(\.since).min().map { .now - $0 })
    }
    var underWay: Int { jobs.count }
    var isBusy: Bool { !jobs.isEmpty || isChecking }

    mutating func submit(_ job: SMSJob) { submit(job, validity: job.expiresAt - .now) }

    mutating func submit(_ job: SMSJob, validity: Duration) {
        let token = way.map { way in
            GatewayToken.job(
                gateway: way.name, handle: job.handle, reference: job.reference, attempt: job.attempt
            ).text(way.numbers)
        }
        let sending = Sending(
            now: .now, nonce: UUID().uuidString, validity: max(.seconds(1), validity), token: token ?? "",
            callback: way?.callback)
        var request = recipe.request(for: job, sending)
        // libcurl sends a request again by itself if a connection that it used before ends without an answer
        // (Curl_retry_request in lib/transfer.c). The gateway may have the message then, so each has a
        // connection of its own.
        request.headers.add("Connection", "close")
        calls.begin(
            nextToken, request.method, request.url, headers: request.headers, body: request.body)
        jobs[nextToken] = (job, .now, sending.now)
        nextToken += 1
    }

    /// Asks the address that says whether the gateway works; `answers` tells.
    mutating func check() {
        guard let healthAddress, !isChecking else { return }
        isChecking = true
        calls.begin(Self.checkToken, .get, healthAddress)
    }

    var canCheck: Bool { healthAddress != nil }

    mutating func poll(within wait: Duration) -> [SMSReceipt] {
        answers(within: wait).compactMap { answer in answer.job.map { answer.verdict.receipt(for: $0) } }
    }

    var isAsked: Bool { !questions.isEmpty }

    mutating func askNoMore() { pull?.end() }

    /// - Parameter asks: whether the questions that are due are asked.
    mutating func answers(within wait: Duration, asks: Bool = true) -> [Answer] {
        if asks { ask() }
        // Messages come first.
        hear(within: isBusy ? .zero : wait)
        return calls.ended(within: wait).compactMap { token, result in
            if token == Self.checkToken {
                isChecking = false
                return checked(result)
            }
            guard let (job, since, at) = jobs.removeValue(forKey: token) else { return nil }
            pace.note((try? result.get()).map { _ in .now - since })
            return answer(to: job, sentAt: at, result)
        }
    }

    /// Begins the questions that are due.
    private mutating func ask() {
        guard let way, let inquiries else { return }
        for question in pull?.due() ?? [] {
            let sending = Sending(
                now: .now, nonce: UUID().uuidString, validity: .zero, token: "", callback: way.callback)
            guard let request = pull?.recipe.question(about: question.sent, on: question.day, sending)
            else { continue }
            questions[nextToken] = question
            inquiries.begin(
                nextToken, request.method, request.url, headers: request.headers, body: request.body)
            nextToken += 1
        }
    }

    /// Why questions get no answer; inside it nil if they get one. It is told once.
    mutating func takeSilence() -> String?? {
        defer { silence = nil }
        return silence
    }

    /// Takes the answers to questions.
    private mutating func hear(within wait: Duration) {
        for (token, result) in inquiries?.ended(within: wait) ?? [] {
            if let question = questions.removeValue(forKey: token) { take(result, to: question) }
        }
    }

    private mutating func take(_ result: Result<Client.Reply, ClientError>, to question: ReportPull.Due) {
        guard let way, let recipe = pull?.recipe else { return }
        let answered: [AskedReport]?
        let fault: String
        switch result {
        case .success(let reply):
            let body = String(decoding: reply.body, as: UTF8.self)
            answered = recipe.reports(status: reply.status, body: body)
            fault = recipe.fault(status: reply.status, body: body)
        case .failure(let error): (answered, fault) = (nil, Self.reason(error))
        }
        unanswered = answered == nil ? unanswered + 1 : 0
        if answered != nil { silence = .some(nil) }
        if unanswered >= Self.patience { silence = fault }
        reports += pull?.took(answered, to: question, from: way.name, way.numbers) ?? []
    }

    /// What the gateway said, when it was asked, of messages that it has taken.
    mutating func takeReports() -> [SMSReceipt] {
        defer { reports.removeAll() }
        return reports
    }

    mutating func cancel() -> [SMSReceipt] {
        giveUp().map { SMSReceipt($0, .deferred, reason: "the pusher stopped before the gateway answered") }
    }

    /// Cancels what is under way, in the order in which it began.
    mutating func giveUp() -> [SMSJob] {
        defer { jobs.removeAll() }
        calls.cancel()
        inquiries?.cancel()
        isChecking = false
        questions.removeAll()
        pull?.forget()
        return jobs.sorted { $0.key < $1.key }.map(\.value.job)
    }

    private func checked(_ result: Result<Client.Reply, ClientError>) -> Answer {
        switch result {
        case .success(let reply) where (200...299).contains(reply.status):
            Answer(job: nil, verdict: .accepted(nil), news: .works)
        case .success(let reply):
            Answer(
                job: nil, verdict: .busy("its health is HTTP \(reply.status)", nil),
                news: .busy(reply.headers.retryAfter))
        case .failure(let error):
            Answer(job: nil, verdict: .busy("its health: \(Self.reason(error))", nil), news: .gone)
        }
    }

    private mutating func answer(
        to job: SMSJob, sentAt: Instant, _ result: Result<Client.Reply, ClientError>
    ) -> Answer {
        switch result {
        case .success(let reply):
            let body = String(decoding: reply.body, as: UTF8.self)
            let verdict = recipe.verdict(status: reply.status, headers: reply.headers, body: body)
            if case .accepted(let name) = verdict {
                understanding?.note(missing: nil)
                pull?.note(job, name, sentAt: sentAt)
            } else if let lack = (recipe as? Dialect)?.lack(status: reply.status, body: body) {
                understanding?.note(missing: lack)
            }
            return Answer(job: job, verdict: verdict, news: verdict.news)
        case .failure(.refused):
            // The request was never written.
            return Answer(job: job, verdict: .busy(Self.reason(.refused), nil), news: .gone)
        case .failure(let error):
            // Perhaps the message was sent. It will be tried again with the same reference, and a gateway
            // that knows references sends it only once.
            return Answer(job: job, verdict: .unclear(Self.reason(error)), news: .silent)
        }
    }

    /// The reason goes on a topic that must hold no phone number, and a client's message about an address may
    /// hold one.
    private static func reason(_ error: ClientError) -> String {
        switch error {
        case .timeout, .refused: error.description
        case .other: "no answer"
        }
    }
}

extension HTTPGateway.Dialect: Recipe {
    /// Whether the gateway is told how long it may try.
    var takesValidity: Bool { (fields + headers).contains { $0.template.contains("{seconds}") } }

    func request(for job: SMSJob, _ sending: Sending) -> RecipeRequest {
        var known = [
            "{attempt}": "\(job.attempt)", "{job}": sending.token, "{callback}": sending.address ?? "",
            "{seconds}": "\(sending.validity.components.seconds)", "{time}": "\(sending.now.wholeSeconds)",
        ]
        known["{signature}"] = signature(of: job, known, body: nil)
        let pairs = fields.map { ($0.name, $0.template.filled(with: job, country, known)) }
        var request = RecipeRequest(method: method, url: url)
        switch form {
        case .query:
            let separator = url.contains("?") ? "&" : "?"
            request.url += pairs.isEmpty ? "" : separator + Self.encoded(pairs)
        case .form:
            request.headers.add("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
            request.body = Array(Self.encoded(pairs).utf8)
        case .json:
            request.headers.add("Content-Type", "application/json; charset=utf-8")
            request.body = JSON.encode(Dictionary(pairs) { $1 })
        }
        known["{signature}"] = signature(of: job, known, body: String(decoding: request.body, as: UTF8.self))
        for header in headers {
            request.headers.add(header.name, header.template.filled(with: job, country, known).onOneLine)
        }
        return request
    }

    private func signature(of job: SMSJob, _ known: [String: String], body: String?) -> String {
        guard let secret else { return "" }
        let parts = signed.split(separator: "{body}", omittingEmptySubsequences: false)
            .map { String($0).filled(with: job, country, known) }
        return HMAC.sha256(Array(parts.joined(separator: body ?? "").utf8), key: Array(secret.utf8))
            .hexadecimal
    }

    func verdict(status: Int, headers: Headers, body: String) -> Verdict {
        let said = "HTTP \(status)"
        if let refusedBody, body.contains(refusedBody) { return .refused(said) }
        if successStatus.contains(status), successBody.map(body.contains) ?? true { return .accepted(nil) }
        switch lack(status: status, body: body) {
        // It may have taken the message all the same.
        case .text: return .unclear("\(said) without the text of a yes")
        case .status: return .unclear("\(said) is not the status of a yes")
        case nil: break
        }
        switch status {
        // RFC 6585 §4, RFC 9110 §15.6.4. A 503 that names no time may be about this message alone.
        case 429: return .busy(said, headers.retryAfter)
        case 503 where headers.retryAfter != nil: return .busy(said, headers.retryAfter)
        // The gateway's no to this message (RFC 9110 §15.5).
        case 400, 409, 410, 413, 422, 451: return .refused(said)
        case 408: return .later(said)
        // A key that is not valid, an account without money, a wrong address: no message would be taken.
        case 400...499: return .fault(said)
        // It began nothing: it can't do that, or it is overloaded (RFC 9110 §15.6.2, §15.6.4, §15.6.6).
        case 501, 503, 505: return .later(said)
        // It, or what is behind a proxy, failed under way (RFC 9110 §15.6.1, §15.6.3, §15.6.5). The message
        // may have gone out before.
        case 500...599: return .unclear(said)
        default: return .later(said)
        }
    }

    /// What this answer lacks to be a yes, if it looks like one: it has the status that the settings expect,
    /// or any 2xx, which HTTP counts as success (RFC 9110 §15.3).
    func lack(status: Int, body: String) -> Understanding.Lack? {
        guard refusedBody.map(body.contains) != true else { return nil }
        guard successStatus.contains(status) else {
            return (200...299).contains(status) ? .status(successStatus) : nil
        }
        return successBody.flatMap { body.contains($0) ? nil : .text($0) }
    }

    private static func encoded(_ pairs: [(String, String)]) -> String {
        pairs.map { "\($0.0.formEncoded)=\($0.1.formEncoded)" }.joined(separator: "&")
    }
}

extension String {
    /// - Parameter known: what else is filled in, by its placeholder.
    fileprivate func filled(with job: SMSJob, _ country: CallingCode, _ known: [String: String]) -> String {
        // The text is filled in last and only once, because what a citizen wrote may itself look like a
        // template.
        let parts = split(separator: "{text}", omittingEmptySubsequences: false).map { part in
            known.reduce(
                job.written(as: String(part), country).replacing("{reference}", with: job.reference)
            ) { $0.replacing($1.key, with: $1.value) }
        }
        return parts.joined(separator: job.text)
    }

    /// A line feed would begin another header (RFC 9110 §5.5).
    fileprivate var onOneLine: String {
        String(
            String.UnicodeScalarView(
                unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    }

    /// Everything but RFC 3986's unreserved characters is escaped; that reads the same in queries and forms.
    var formEncoded: String {
        utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                String(UnicodeScalar(byte))
            default:
                "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }
}

extension HTTPGateway.Field {
    /// `to={phone}&text={text}`: pairs joined as in a query, their parts percent-encoded where they hold `&`,
    /// `=` or `%`.
    static func list(_ text: String) -> [HTTPGateway.Field]? {
        var fields: [HTTPGateway.Field] = []
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let name = String(parts[0]).removingPercentEncoding,
                let template = String(parts[1]).removingPercentEncoding, !name.isEmpty
            else { return nil }
            fields.append(HTTPGateway.Field(name: name, template: template))
        }
        return fields
    }
}
