import Kafka
import Models
import Processing

/// A log with transactions as one member of a consumer group holds it: Kafka, or the simulated one.
///
/// From `begin` on a failure says `.abortTransaction` (abort, go back to what is committed) or `.restart`.
protocol TransactionalLog: ~Copyable {
    associatedtype Failure: LogFailure

    // MARK: The member

    /// The answer to `.assign` is `accept`, to `.revoke` it is `release`: the log waits for it.
    func poll(timeoutMilliseconds: Int32) -> Arrival<Failure>
    func accept(_ positions: [TopicPartition: Position]) throws(Failure)
    func release() throws(Failure)
    /// Reads on from these positions; nothing is paused any more.
    func rewind(to positions: [TopicPartition: Position]) throws(Failure)
    func pause(_ place: TopicPartition) throws(Failure)
    func resume(_ place: TopicPartition) throws(Failure)
    /// The group's committed positions; it waits for those that a transaction has not decided yet (KIP-447).
    func committed(_ places: [TopicPartition]) throws(Failure) -> [TopicPartition: Position]
    /// The end of a partition as the last fetch told; nil before the first. It asks nobody.
    func knownEnd(of place: TopicPartition) -> Position?

    // MARK: Restoring

    /// Transactions or not: the high watermark is the end of all records, decided or open.
    func watermarks(of places: [TopicPartition]) throws(Failure) -> [TopicPartition: Watermarks]
    /// Does the same for each partition, perhaps for several at once: `work` touches nothing that two of them
    /// share, unless behind a lock. Throws what the first of them threw, when all have come to an end.
    func each(_ places: [TopicPartition], _ work: @escaping @Sendable (TopicPartition) throws -> Void) throws
    /// Reads everything up to these ends, and perhaps more of what lies behind them; says how far each
    /// partition was read. `apply` is called as `each` calls its `work`: one partition's records in order.
    func read(
        from positions: [TopicPartition: Position], to ends: [TopicPartition: Position],
        apply: @escaping @Sendable (Record) throws -> Void
    ) throws -> [TopicPartition: Position]

    // MARK: Transactions

    func begin() throws(Failure)
    func send(_ outgoing: Outgoing) throws(Failure)
    /// Fails for a member that the group has given up.
    func sendOffsets(_ positions: [TopicPartition: Position]) throws(Failure)
    /// Returns once the log has it, with the position after the last record written to each partition.
    func commit() throws(Failure) -> [TopicPartition: Position]
    func abort() throws(Failure)
}

extension TransactionalLog where Self: ~Copyable {
    func each(_ places: [TopicPartition], _ work: @escaping @Sendable (TopicPartition) throws -> Void) throws
    {
        try places.forEach(work)
    }

    /// Makes outputs and the positions of their inputs visible together, or not at all.
    ///
    /// Outputs without inputs are written by whoever has them, a member of the group or not.
    ///
    /// Returns where the records ended up, or nil where the transaction was aborted: then nothing of it
    /// happened.
    func transact(
        _ outgoing: [Outgoing], _ positions: [TopicPartition: Position], onAbort: (Failure) -> Void
    ) throws(Failure) -> [TopicPartition: Position]? {
        do throws(Failure) {
            try begin()
            for record in outgoing { try send(record) }
            if !positions.isEmpty { try sendOffsets(positions) }
            return try commit()
        } catch {
            guard error.remedy == .abortTransaction else { throw error }
            onAbort(error)
            try abort()
            return nil
        }
    }
}

/// What one poll of the log brought.
enum Arrival<Failure> {
    case record(Record)
    /// All partitions this member has from now on.
    case assign([TopicPartition])
    /// All partitions are asked back. `lost`: they already are somebody else's, nothing may be committed.
    case revoke(lost: Bool)
    /// Everything up to the position has been read.
    case reachedEnd(TopicPartition, Position)
    /// Never the end: unless the remedy is `.restart`, note it and poll on.
    case failed(Failure)
    case idle
}

/// An error of a log, named by what the caller must do.
protocol LogFailure: Error {
    var remedy: Remedy { get }
    var isOffsetOutOfRange: Bool { get }
    var topicPartition: TopicPartition? { get }
}

extension KafkaError: LogFailure {}

/// The cache of one partition's states: behind the log or level with it, never ahead.
protocol StateStore {
    func state(of key: String) throws -> [UInt8]?
    func position(of topic: Topic) throws -> Position?
    /// The keys whose moment has come, the longest overdue first.
    func due(at now: Instant, limit: Int) throws -> [DueAlarm]
    func nextAlarm() throws -> Instant?
    /// The keys that have an alarm, in an order that no change of a state disturbs, from behind `key` on.
    func waiting(after key: String, limit: Int) throws -> [String]
    /// All of it or nothing.
    func save(_ changes: some Sequence<StateChange>, positions: [Topic: Position]) throws
    /// Everything that the log remembers has been saved. Before this nothing is asked of the alarms, and what
    /// was saved into a store that had nothing may be gone after a crash, with its positions.
    func restored() throws
}

/// When a key wants to be looked at again.
struct DueAlarm: Hashable, Comparable {
    let at: Instant
    let key: String

    static func < (left: DueAlarm, right: DueAlarm) -> Bool { (left.at, left.key) < (right.at, right.key) }
}
