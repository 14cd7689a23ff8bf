import Crypto
import FoundationEssentials
import HTTP
import Host
import Models
import Processing
import Text

/// Which source is asked when, and what its answer means. It reads no clock and calls nobody: `SourcesDoor`
/// does.
struct Asking {
    enum Limit {
        /// As for a table at the HTTP door.
        static let bodyBytes = 8_388_608
        /// Questions at once to one host. Others wait here, and not in the HTTP client: there their time
        /// would run.
        static let questionsPerHost = 2
        static let reasonCharacters = 500
        /// The longest pause that a source may ask for (`Retry-After`).
        static let longestPause = Duration.seconds(86_400)
        /// For an entity tag and a date that are sent back to the source.
        static let conditionBytes = 256
        /// The pause after an answer that could not be written.
        static let afterDrop = Duration.seconds(30)
    }

    /// A question that is due.
    struct Question: Equatable {
        let source: Source
        let headers: Headers
    }

    /// What an answer led to; it counts once the log has it.
    struct Answered: Equatable {
        let standing: SourceStanding
        /// Nil if the log has them already.
        let seen: SeenReadings?
        let readings: [Outgoing]
        /// What the security log says: that the source does not accept the credential, or why its readings
        /// were turned away. It holds no text of the source.
        var refusal: String?
    }

    private(set) var sources: [SourceID: Source] = [:]
    private(set) var standings: [SourceID: SourceStanding] = [:]
    private var ledgers: [SourceID: SeenLedger] = [:]
    private var share = Share.none
    /// The sources whose answers are not written yet, and whom they were asked from.
    private var underWay: [SourceID: Substring] = [:]
    /// Sources whose last answer could not be written.
    private var notBefore: [SourceID: Instant] = [:]
    private let credentials: [String: SourceCredential]

    init(credentials: [String: SourceCredential] = [:]) {
        self.credentials = credentials
    }

    mutating func adopt(_ sources: [SourceID: Source]) { self.sources = sources }

    mutating func own(_ share: Share) {
        self.share = share
        standings = [:]
        ledgers = [:]
        underWay = [:]
        notBefore = [:]
    }

    /// What can't be read is as good as absent: then the source is asked anew.
    mutating func recall(_ record: Record) {
        guard let data = record.value, let event = try? record.cloudEvent(),
            let type = try? EventType(event.type)
        else { return }
        if type == SourceStanding.type, let standing = try? JSON.decode(SourceStanding.self, from: data) {
            standings[standing.source] = standing
        } else if type == SeenReadings.type, let seen = try? JSON.decode(SeenReadings.self, from: data) {
            ledgers[seen.source] = SeenLedger(seen)
        }
    }

    /// The sources that this instance asks.
    var own: [Source] {
        sources.values.filter { share.holds($0.id.rawValue) }.sorted { $0.id < $1.id }
    }

    // MARK: Asking

    /// The sources to ask now, those first that have waited longest. A slow host keeps no other host waiting.
    mutating func due(at now: Instant, atMost room: Int) -> [Question] {
        let due = own.filter { underWay[$0.id] == nil && isDue($0, at: now) }
            .sorted { (nextAt($0), $0.id) < (nextAt($1), $1.id) }
        var busy = Dictionary(grouping: underWay.values) { $0 }.mapValues(\.count)
        var questions: [Question] = []
        for source in due where questions.count < room {
            let host = source.address.origin
            guard busy[host, default: 0] < Limit.questionsPerHost else { continue }
            busy[host, default: 0] += 1
            underWay[source.id] = host
            questions.append(Question(source: source, headers: headers(for: source)))
        }
        return questions
    }

    private func isDue(_ source: Source, at now: Instant) -> Bool {
        if let pause = notBefore[source.id], now < pause { return false }
        guard let standing = valid(source) else { return true }
        // A clock that was ahead, and is right again, must not silence a source.
        return now >= standing.nextAt || now < standing.askedAt
    }

    private func nextAt(_ source: Source) -> Instant { valid(source)?.nextAt ?? .earliest }

    /// What is known of the source, unless its row has changed since.
    private func valid(_ source: Source) -> SourceStanding? {
        standings[source.id].flatMap { $0.row == Self.row(source) ? $0 : nil }
    }

    private static func row(_ source: Source) -> String { digest(JSON.encode(source)) }

    private static func digest(_ bytes: [UInt8]) -> String { SHA256.hash(bytes).prefix(16).hexadecimal }

    private func headers(for source: Source) -> Headers {
        var headers: Headers = [
            ("Accept", source.shape == .json ? "application/json" : "text/csv"),
            ("User-Agent", "dayu-intake"),
        ]
        if let standing = valid(source) {
            standing.entityTag.map { headers.add("If-None-Match", $0) }
            standing.lastModified.map { headers.add("If-Modified-Since", $0) }
        }
        if let credential = source.credential.flatMap({ credentials[$0] }) {
            headers.add(credential.name, credential.value)
        }
        return headers
    }

    /// Why this source can't be asked here at all.
    func hindrance(_ source: Source) -> String? {
        source.credential.flatMap { credentials[$0] == nil ? "\($0) is not set here" : nil }
    }

    // MARK: Answers

    /// - Parameters:
    ///   - read: makes reports of a document.
    ///   - take: the reception; gives the records of the reports that are new.
    func answered(
        _ question: Question, _ result: Result<Client.Reply, ClientError>, at now: Instant,
        read: (Client.Reply) throws(Malformed) -> SourceDocument,
        take: ([Report]) throws(TurnedAway) -> [Outgoing]
    ) -> Answered {
        let reply: Client.Reply
        switch result {
        case .failure(let error): return failed(question, .failed, error.description, at: now)
        case .success(let success): reply = success
        }
        let known = valid(question.source)
        switch reply.status {
        case 200:
            let document = Self.digest(reply.body)
            if known?.document == document { return unchanged(question, reply, known, at: now) }
            return self.document(of: question, reply, document, known, at: now, read: read, take: take)
        case 204: return unchanged(question, reply, known, at: now)
        case 304 where known?.entityTag != nil || known?.lastModified != nil:
            return unchanged(question, reply, known, at: now)
        default:
            var answered = failed(question, .failed, Self.reason(of: reply), reply, at: now)
            if [401, 403].contains(reply.status) {
                answered.refusal = "the source does not accept the credential"
            }
            return answered
        }
    }

    private static func reason(of reply: Client.Reply) -> String {
        switch reply.status {
        case 300..<400 where reply.status != 304:
            "answers \(reply.status): it lives elsewhere, and only redirections within its origin are followed"
        case 401, 403: "answers \(reply.status): it does not accept the credential"
        default: "answers \(reply.status)"
        }
    }

    private func document(
        of question: Question, _ reply: Client.Reply, _ digest: String, _ known: SourceStanding?,
        at now: Instant, read: (Client.Reply) throws(Malformed) -> SourceDocument,
        take: ([Report]) throws(TurnedAway) -> [Outgoing]
    ) -> Answered {
        let source = question.source
        let document: SourceDocument
        let former = ledgers[source.id] ?? SeenLedger()
        var ledger = former
        let news: [Report]
        let records: [Outgoing]
        do {
            document = try read(reply)
            news = ledger.news(of: document.reports)
            records = try take(news)
        } catch {
            var answered = failed(question, .refused, Self.text(of: error), reply, at: now)
            answered.refusal = Self.refusal(of: error)
            return answered
        }
        var standing = standing(question, news.isEmpty ? .unchanged : .taken, reply, known, at: now)
        standing.reason = document.leftOut.map { $0.excerpt(Limit.reasonCharacters) }
        if !news.isEmpty {
            standing.broughtAt = now
            standing.brought = news.count
            standing.observedAt = news.map(\.observedAt).max()
        }
        // A document of which rows were left out is read again in full: meanwhile the registry may know the
        // section.
        if document.leftOut == nil {
            standing.document = digest
            standing.entityTag = Self.condition(reply.headers["etag"])
            standing.lastModified = Self.condition(reply.headers["last-modified"])
        } else {
            (standing.document, standing.entityTag, standing.lastModified) = (nil, nil, nil)
        }
        return Answered(
            standing: standing, seen: ledger == former ? nil : ledger.seen(of: source.id), readings: records)
    }

    private static func text(of error: any Error) -> String {
        switch error {
        case let malformed as Malformed:
            return malformed.description
        case TurnedAway.malformed(let malformed): return malformed.description
        case TurnedAway.unproved(let reason), TurnedAway.forbidden(let reason), TurnedAway.notYet(let reason):
            return reason
        default: return "\(error)"
        }
    }

    /// As for a record of a gateway's topic: what is malformed could repeat text of the sender.
    private static func refusal(of error: any Error) -> String {
        switch error {
        case TurnedAway.unproved(let reason), TurnedAway.forbidden(let reason), TurnedAway.notYet(let reason):
            reason
        default: "malformed"
        }
    }

    private static func condition(_ text: String?) -> String? {
        text.flatMap {
            !$0.isEmpty && $0.utf8.count <= Limit.conditionBytes
                && $0.utf8.allSatisfy { (0x20...0x7E).contains($0) } ? $0 : nil
        }
    }

    private func unchanged(
        _ question: Question, _ reply: Client.Reply, _ known: SourceStanding?, at now: Instant
    ) -> Answered {
        var standing = standing(question, .unchanged, reply, known, at: now)
        // The same document may have got another tag.
        if reply.status == 200 {
            standing.entityTag = Self.condition(reply.headers["etag"])
            standing.lastModified = Self.condition(reply.headers["last-modified"])
        }
        return Answered(standing: standing, seen: nil, readings: [])
    }

    private func standing(
        _ question: Question, _ outcome: SourceStanding.Outcome, _ reply: Client.Reply?,
        _ known: SourceStanding?, at now: Instant
    ) -> SourceStanding {
        let source = question.source
        var standing =
            known
            ?? SourceStanding(
                source.id, row: Self.row(source), askedAt: now, nextAt: now, outcome: outcome)
        if known == nil, let former = standings[source.id] {
            standing.broughtAt = former.broughtAt
            standing.brought = former.brought
            standing.observedAt = former.observedAt
        }
        standing.askedAt = now
        standing.nextAt = now + source.interval.duration
        standing.outcome = outcome
        standing.status = reply?.status
        standing.reason = nil
        standing.failures = 0
        standing.failingSince = nil
        standing.answeredAt = now
        return standing
    }

    // MARK: Failures

    func failed(
        _ question: Question, _ outcome: SourceStanding.Outcome, _ reason: String,
        _ reply: Client.Reply? = nil, at now: Instant
    ) -> Answered {
        let known = valid(question.source)
        var standing = standing(question, outcome, reply, known, at: now)
        standing.reason = reason.excerpt(Limit.reasonCharacters)
        standing.failures = (known?.failures ?? 0) + 1
        standing.failingSince = known?.failingSince ?? now
        standing.answeredAt = known?.answeredAt
        let asked = reply.flatMap { Self.retryAfter($0, at: now) } ?? .zero
        standing.nextAt = now + max(Self.pause(question.source, outcome, standing.failures), asked)
        return Answered(standing: standing, seen: nil, readings: [])
    }

    /// A source that is away for a moment is asked again soon, then more and more rarely. A document that
    /// can't be taken is not looked at more often than the interval says.
    private static func pause(
        _ source: Source, _ outcome: SourceStanding.Outcome, _ failures: Int
    ) -> Duration {
        let interval = source.interval.duration
        let longest = max(interval, .seconds(3600))
        var pause = min(interval, .seconds(60))
        for _ in 1..<max(1, failures) where pause < longest { pause *= 2 }
        return outcome == .refused ? max(interval, min(pause, longest)) : min(pause, longest)
    }

    /// In seconds or as a date (RFC 9110 §10.2.3).
    private static func retryAfter(_ reply: Client.Reply, at now: Instant) -> Duration? {
        guard let text = reply.headers["retry-after"], text.utf8.count <= 32 else { return nil }
        if let seconds = Int(text) { return seconds < 0 ? nil : min(.seconds(seconds), Limit.longestPause) }
        return Instant(httpDate: text).map { min(max($0 - now, .zero), Limit.longestPause) }
    }

    // MARK: Afterwards

    mutating func written(_ answered: Answered) {
        let source = answered.standing.source
        underWay[source] = nil
        standings[source] = answered.standing
        if let seen = answered.seen { ledgers[source] = SeenLedger(seen) }
    }

    mutating func dropped(_ answered: Answered, at now: Instant) {
        underWay[answered.standing.source] = nil
        notBefore[answered.standing.source] = now + Limit.afterDrop
    }
}

extension Asking.Answered {
    static let writer = "dayu-intake.sources"

    /// What the log must hold: the readings, and what is known of the source from now on.
    func records(_ trail: Trail) -> [Outgoing] {
        let id = standing.source.rawValue
        let state = Outgoing(
            .sources, key: id, id: "\(id)/\(standing.askedAt)", source: Self.writer,
            type: SourceStanding.type,
            trail: trail, data: JSON.encode(standing))
        let seen = seen.map { seen in
            Outgoing(
                .sources, key: SeenReadings.key(of: standing.source), id: "\(id)/\(standing.askedAt)/seen",
                source: Self.writer, type: SeenReadings.type, subject: id, trail: trail,
                data: JSON.encode(seen))
        }
        return readings + [seen, state].compactMap(\.self)
    }
}
