import Foundation
import HTTP
import Models
import Text

/// A gateway that is called over HTTP. Settings alone describe it: method, address, fields, and what its yes
/// looks like.
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
        /// where it is `country`'s), `{text}` and `{reference}` are filled in.
        var fields: [Field]
        var headers: [Field]
        /// The country whose numbers `{national}` writes without their code.
        var country: CallingCode
        /// A status in this range, together with a text in the body if one is set, is the gateway's yes.
        var successStatus: ClosedRange<Int>
        var successBody: String?
        /// A text in the body that says that the message will never be taken: a wrong number, a black list.
        var refusedBody: String?

        /// Whether a no with the status 200, as many gateways answer it, would be taken for a yes.
        var takesAnyAnswer: Bool {
            successBody == nil && refusedBody == nil && successStatus.contains(200)
        }
    }

    struct Field: Equatable, Sendable {
        let name: String
        let template: String
    }

    private let dialect: Dialect
    private let calls: Calls
    private var pace: Pace
    private var understanding: Understanding?
    private var jobs: [Int: (job: SMSJob, since: ContinuousClock.Instant)] = [:]
    private var nextToken = 0

    /// - Parameters:
    ///   - timeout: how long the gateway may answer no request at all. It may work off one message after
    ///     another and become slow while many are under way, so a message's time counts from the last answer.
    ///   - window: how many requests wait for their answers at once, at most.
    init(_ dialect: Dialect, timeout: Duration, window: Int, _ understanding: Understanding? = nil) {
        self.dialect = dialect
        self.understanding = understanding
        pace = Pace(most: window, timeout: timeout)
        calls = Calls(
            Client(
                timeout: max(timeout, Self.longest), replyBytes: Self.replyBytes, connectionsPerHost: window),
            silence: timeout)
    }

    private static let replyBytes = 65_536
    /// How long one request may wait, while others are answered. Dispatch counts an attempt as unanswered after
    /// its own time, of which the way to the gateway may have taken a part already.
    static let longest = Dispatch.answerWithin - Pushing.sentWithin - .seconds(5)

    var window: Int {
        pace.window(underWay: jobs.count, oldest: jobs.values.map(\.since).min().map { .now - $0 })
    }
    var underWay: Int { jobs.count }

    mutating func submit(_ job: SMSJob) {
        let (url, headers, body) = dialect.request(for: job)
        calls.begin(nextToken, dialect.method, url, headers: headers, body: body)
        jobs[nextToken] = (job, .now)
        nextToken += 1
    }

    mutating func poll(within wait: Duration) -> [SMSReceipt] {
        calls.ended(within: wait).compactMap { token, result in
            guard let (job, since) = jobs.removeValue(forKey: token) else { return nil }
            pace.note((try? result.get()).map { _ in .now - since })
            return receipt(for: job, result)
        }
    }

    mutating func cancel() -> [SMSReceipt] {
        defer { jobs.removeAll() }
        calls.cancel()
        return jobs.sorted { $0.key < $1.key }.map {
            SMSReceipt($0.value.job, .deferred, reason: "the pusher stopped before the gateway answered")
        }
    }

    private mutating func receipt(
        for job: SMSJob, _ result: Result<Client.Reply, ClientError>
    ) -> SMSReceipt {
        switch result {
        case .success(let reply):
            let body = String(decoding: reply.body, as: UTF8.self)
            let receipt = dialect.receipt(for: job, status: reply.status, body: body)
            if receipt.outcome == .accepted {
                understanding?.note(missing: nil)
            } else if let lack = dialect.lack(status: reply.status, body: body) {
                understanding?.note(missing: lack)
            }
            return receipt
        case .failure(let error):
            // Perhaps the message was sent. It will be tried again with the same reference, and a gateway
            // that knows references sends it only once.
            return SMSReceipt(job, .deferred, reason: Self.reason(error))
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

extension HTTPGateway.Dialect {
    func request(for job: SMSJob) -> (url: String, headers: Headers, body: [UInt8]) {
        var sent = Headers()
        for header in headers {
            sent.append((header.name, header.template.filled(with: job, country).onOneLine))
        }
        let pairs = fields.map { ($0.name, $0.template.filled(with: job, country)) }
        switch form {
        case .query:
            let separator = url.contains("?") ? "&" : "?"
            return (url + (pairs.isEmpty ? "" : separator + Self.encoded(pairs)), sent, [])
        case .form:
            sent.append(("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"))
            return (url, sent, Array(Self.encoded(pairs).utf8))
        case .json:
            sent.append(("Content-Type", "application/json; charset=utf-8"))
            return (url, sent, JSON.encode(Dictionary(pairs) { $1 }))
        }
    }

    /// 4xx is the gateway's final no to this message. After 408, 429 or anything else a later attempt may
    /// succeed (RFC 9110 §15.5).
    func receipt(for job: SMSJob, status: Int, body: String) -> SMSReceipt {
        let said = "HTTP \(status)"
        if let refusedBody, body.contains(refusedBody) { return SMSReceipt(job, .refused, reason: said) }
        if successStatus.contains(status), successBody.map(body.contains) ?? true {
            return SMSReceipt(job, .accepted, gatewayReference: nil)
        }
        switch lack(status: status, body: body) {
        case .text: return SMSReceipt(job, .deferred, reason: "\(said) without the text of a yes")
        case .status: return SMSReceipt(job, .deferred, reason: "\(said) is not the status of a yes")
        case nil: break
        }
        let isFinal = (400...499).contains(status) && status != 408 && status != 429
        return SMSReceipt(job, isFinal ? .refused : .deferred, reason: said)
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
    fileprivate func filled(with job: SMSJob, _ country: CallingCode) -> String {
        // The text is filled in last and only once, because what a citizen wrote may itself look like a
        // template.
        let parts = split(separator: "{text}", omittingEmptySubsequences: false).map { part in
            part.replacing("{phone}", with: job.phone.e164)
                .replacing("{digits}", with: job.phone.digits)
                .replacing("{national}", with: job.phone.national(in: country) ?? job.phone.digits)
                .replacing("{reference}", with: job.reference)
        }
        return parts.map(String.init).joined(separator: job.text)
    }

    /// A line feed would begin another header (RFC 9110 §5.5).
    fileprivate var onOneLine: String {
        String(
            String.UnicodeScalarView(
                unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    }

    /// Everything but RFC 3986's unreserved characters is escaped; that reads the same in queries and forms.
    fileprivate var formEncoded: String {
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
