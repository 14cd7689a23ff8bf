import Kafka
import Models
import Processing

/// Which entries of a lane are being sent to the log, and what becomes of them, one round at a time.
///
/// A round holds at most one record of each complaint. So a record is sent only when all earlier records of
/// its complaint are on the log: if one of them fails, no later one can overtake it. Records that the log has
/// are deleted one by one, so after a failure nothing else is sent twice.
struct SpoolDrain {
    /// The log's answer about one record.
    enum Report {
        case delivered
        /// The log never takes this record, or this batch.
        case refused(reason: String)
        /// The log may take it later.
        case failed(reason: String)
    }

    /// The outcome of a round.
    struct Outcome {
        var delivered: [Int64] = []
        /// Records that the log will never take.
        var refused: [(number: Int64, reason: String)] = []
        /// Why the rest has not been sent yet.
        var hindrance: String?
        /// Whether to wait before sending the rest.
        var mustWait = false
    }

    private var underWay: [UInt: Int64] = [:]
    private var outcome: Outcome?
    private var size = 0
    /// When the next round may begin.
    private var nextRound = Instant(millisecondsSince1970: 0)
    /// How many records to send one by one: a broker that refuses a batch does not say which record it
    /// refuses.
    private var alone = 0

    static let roundRecords = 500
    static let pause: Duration = .seconds(1)

    var isIdle: Bool { outcome == nil }

    func mayBegin(at now: Instant) -> Bool { isIdle && now >= nextRound }

    /// How many of the oldest entries the round chooses from.
    var window: Int { alone > 0 ? 1 : Self.roundRecords }

    /// Starts a round. Returns the entries to send, each with its token.
    mutating func begin(
        _ entries: [Spool.Entry], nextToken: () -> UInt
    ) -> [(token: UInt, record: Outgoing)] {
        var keys: Set<Substring> = []
        let chosen = entries.filter { keys.insert(Topic.partitionKey(of: $0.record.key)).inserted }
        outcome = chosen.isEmpty ? nil : Outcome()
        size = chosen.count
        alone = max(0, alone - 1)
        return chosen.map { entry in
            let token = nextToken()
            underWay[token] = entry.number
            return (token, entry.record)
        }
    }

    /// Takes a report. Returns whether the report was about a record of this round.
    mutating func note(_ token: UInt, _ report: Report) -> Bool {
        guard let number = underWay.removeValue(forKey: token) else { return false }
        switch report {
        case .delivered: outcome?.delivered.append(number)
        case .refused(let reason) where size == 1: outcome?.refused.append((number, reason))
        case .refused(let reason):
            alone = max(alone, size)
            outcome?.hindrance = reason
        case .failed(let reason):
            outcome?.hindrance = reason
            outcome?.mustWait = true
        }
        return true
    }

    /// The outcome, once every report has arrived. Then the next round may begin.
    mutating func end(at now: Instant) -> Outcome? {
        guard underWay.isEmpty, let ended = outcome else { return nil }
        outcome = nil
        if ended.mustWait { nextRound = now + Self.pause }
        return ended
    }

    /// The producer is gone; the entries it had in flight stay in the spool.
    mutating func abandon(at now: Instant) {
        underWay.removeAll()
        outcome = nil
        nextRound = now + Self.pause
    }
}

extension SpoolDrain.Report {
    init(_ error: KafkaError?) {
        self =
            switch error {
            case nil: .delivered
            case .some(let error) where error.refusesRecord: .refused(reason: error.description)
            case .some(let error): .failed(reason: error.description)
            }
    }
}
