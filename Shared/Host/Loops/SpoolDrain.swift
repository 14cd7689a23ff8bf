import Kafka
import Models
import Processing

/// Which entries of a lane are on their way to the log, and what becomes of them: one round at a time.
///
/// A round holds one record of each complaint at the most, so a record is sent only when all that came before
/// it about its complaint are on the log: what one of them fails by cannot let its successor past. What the
/// log has is forgotten record by record, so a failure repeats nothing else.
struct SpoolDrain {
    /// What the log says of one record.
    enum Report {
        case delivered
        /// It never takes such a record, or such a batch.
        case refused(reason: String)
        /// Waiting helps.
        case failed(reason: String)
    }

    /// What has become of a round.
    struct Outcome {
        var delivered: [Int64] = []
        /// The log will never take them.
        var refused: [(number: Int64, reason: String)] = []
        /// Why the rest is still to be sent.
        var hindrance: String?
        /// Whether the rest is better sent later.
        var mustWait = false
    }

    private var underWay: [UInt: Int64] = [:]
    private var outcome: Outcome?
    private var size = 0
    /// When the next round may begin.
    private var nextRound = Instant(millisecondsSince1970: 0)
    /// How many records go one by one: a broker that refuses a batch does not say whom it means.
    private var alone = 0

    static let roundRecords = 500
    static let pause: Duration = .seconds(1)

    var isIdle: Bool { outcome == nil }

    func mayBegin(at now: Instant) -> Bool { isIdle && now >= nextRound }

    /// How many of the oldest entries to choose from.
    var window: Int { alone > 0 ? 1 : Self.roundRecords }

    /// Starts a round; says what to send, with the token of each.
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

    /// Takes a report; says whether it was about one of this round.
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

    /// The outcome, once every report is in; the next round may begin.
    mutating func end(at now: Instant) -> Outcome? {
        guard underWay.isEmpty, let ended = outcome else { return nil }
        outcome = nil
        if ended.mustWait { nextRound = now + Self.pause }
        return ended
    }

    /// The producer is gone, and what it had under way stays in the spool.
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
