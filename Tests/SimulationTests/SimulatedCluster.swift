import Kafka
import Models
import Processing
import Support

@testable import Host

/// An error of the simulated log. A crash is one too: whoever is told `.restart` dies, and that is all a
/// crash is.
struct SimulatedFailure: LogFailure, CustomStringConvertible {
    let remedy: Remedy
    let description: String
    var isOffsetOutOfRange = false
    var topicPartition: TopicPartition?

    static func restart(_ what: String) -> Self { Self(remedy: .restart, description: what) }
    static func outOfRange(_ place: TopicPartition) -> Self {
        Self(remedy: .retry, description: "out of range", isOffsetOutOfRange: true, topicPartition: place)
    }

    static func retry(_ what: String) -> Self { Self(remedy: .retry, description: what) }
    static func abort(_ what: String) -> Self { Self(remedy: .abortTransaction, description: what) }
}

/// The brokers: partitions with transactions, a transaction coordinator and a group coordinator, in one
/// thread.
///
/// What it does is what KIP-98 and KIP-447 say: records of open transactions are on the log and hidden from
/// committed readers, which stop at the first of them (the last stable offset). Ending a transaction is
/// decided first and marked afterwards, partition by partition, in any order. An offset commit inside a
/// transaction needs a member of the group's present generation, and who asks for committed offsets waits for
/// those that are pending.
final class SimulatedCluster {
    // MARK: Partitions

    struct Entry {
        /// Nil is a control record.
        let record: Record?
        let transaction: Transaction?
        /// Its place in the order in which everything was appended, on all partitions.
        let number: Int
        /// What was read from the record.
        let reading = Reading()

        var isCommitted: Bool { transaction.map { $0.outcome == .committed } ?? true }
    }

    /// What one partition has.
    final class PartitionLog {
        fileprivate(set) var entries: [Entry] = []
        fileprivate var low: Int64 = 0

        var high: Int64 { Int64(entries.count) }
    }

    /// The partitions of each topic. All topics have a partition 0, so a table of partitions, in which only
    /// the number is hashed, would compare the names of nearly all topics at each look.
    private let logs: [String: [PartitionLog]]
    let partitions: [Topic: Int32]

    // MARK: Transactions

    enum Outcome { case committed, aborted }

    final class Transaction {
        let number: Int
        let transactionalID: String
        let startedAt: Int64
        var outcome: Outcome?
        /// Where its first record lies, for each partition that has no marker yet.
        var unmarked: [TopicPartition: Int64] = [:]
        var offsets: [String: [TopicPartition: Position]] = [:]

        init(number: Int, transactionalID: String, startedAt: Int64) {
            self.number = number
            self.transactionalID = transactionalID
            self.startedAt = startedAt
        }

        var isOver: Bool { outcome != nil && unmarked.isEmpty && offsets.isEmpty }
    }

    /// A producer's hold on its transactional id.
    private struct Identity {
        var epoch = 0
        var transaction: Transaction?
    }

    var transactions: [Transaction] = []
    private var identities: [String: Identity] = [:]
    private(set) var transactionCount = 0

    // MARK: Groups

    final class Member {
        let instance: String?
        /// The generation whose assignment it holds; nil until it is told one.
        var generation: Int?
        var hasJoined = false
        var lastHeartbeat: Int64
        var assignment: [TopicPartition] = []

        init(instance: String?, lastHeartbeat: Int64) {
            self.instance = instance
            self.lastHeartbeat = lastHeartbeat
        }
    }

    final class Group {
        let name: String
        let topics: [Topic]
        var generation = 0
        var isRebalancing = false
        var members: [Int: Member] = [:]
        var committed: [TopicPartition: Position] = [:]

        init(_ name: String, _ topics: [Topic]) {
            self.name = name
            self.topics = topics
        }
    }

    private(set) var groups: [String: Group] = [:]
    /// By their names.
    private(set) var orderedGroups: [Group] = []
    var memberCount = 0

    // MARK: Time and chance

    /// Milliseconds since the world began, by the brokers' clock.
    private(set) var now: Int64 = 0
    private var prng: SplitMix64
    let marks: Marks
    /// Something that must never be was seen.
    var violation: (String) -> Void = { _ in }
    /// Members whose process is not frozen send heartbeats whatever else they do.
    var sendHeartbeats: () -> Void = {}

    /// 2026-03-02T00:00:00Z.
    static let beginning: Int64 = 1_772_409_600_000
    static let sessionMilliseconds: Int64 = 10_000
    static let heartbeatMilliseconds: Int64 = 3_000
    static let transactionMilliseconds: Int64 = 10_000
    /// The coordinator looks for transactions that are open too long this often
    /// (`transaction.abort.timed.out.transaction.cleanup.interval.ms`).
    static let cleanUpMilliseconds: Int64 = 10_000

    init(partitions: [Topic: Int32], prng: SplitMix64, marks: Marks) {
        self.partitions = partitions
        self.prng = prng
        self.marks = marks
        logs = Dictionary(
            uniqueKeysWithValues: partitions.map { topic, count in
                (topic.rawValue, (0..<count).map { _ in PartitionLog() })
            })
    }

    func makeGroup(_ name: String, _ topics: [Topic]) {
        groups[name] = Group(name, topics)
        orderedGroups = groups.values.sorted { $0.name < $1.name }
    }

    func log(of place: TopicPartition) -> PartitionLog? {
        guard let all = logs[place.topic], all.indices.contains(Int(place.partition)) else { return nil }
        return all[Int(place.partition)]
    }

    /// Grows with everything that is written or committed.
    private(set) var activity = 0
    /// No member's last heartbeat is older.
    private var oldestHeartbeat: Int64 = 0

    func advance(milliseconds: Int64) {
        let cleanUps = now / Self.cleanUpMilliseconds
        now += milliseconds
        if now - oldestHeartbeat >= Self.heartbeatMilliseconds {
            sendHeartbeats()
            oldestHeartbeat = orderedGroups.lazy.flatMap(\.members.values).map(\.lastHeartbeat).min() ?? now
        }
        if now / Self.cleanUpMilliseconds > cleanUps { abortTimedOut() }
        if now - oldestHeartbeat > Self.sessionMilliseconds { evictSilent() }
    }
}

// MARK: - Reading

extension SimulatedCluster {
    func high(_ place: TopicPartition) -> Int64 { log(of: place)?.high ?? 0 }

    func low(_ place: TopicPartition) -> Int64 { log(of: place)?.low ?? 0 }

    /// Retention takes what lies below.
    func trim(_ place: TopicPartition, below offset: Int64) { log(of: place)?.low = offset }

    /// The last stable offset: before the first record of a transaction that is open or not marked yet.
    func stable(_ place: TopicPartition) -> Int64 {
        stable(place, high: high(place))
    }

    private func stable(_ place: TopicPartition, high: Int64) -> Int64 {
        transactions.reduce(high) { end, transaction in min(end, transaction.unmarked[place] ?? end) }
    }

    /// What a committed reader gets from this offset on: a record, or the end it has reached.
    func read(_ place: TopicPartition, from offset: Int64, below limit: Int64? = nil) -> (
        record: Record?, next: Int64
    ) {
        guard let log = log(of: place) else { return (nil, max(offset, 0)) }
        var next = max(offset, log.low)
        guard next < log.high else { return (nil, next) }
        let end = min(stable(place, high: log.high), limit ?? .max)
        while next < end {
            let entry = log.entries[Int(next)]
            next += 1
            guard let record = entry.record else { continue }
            if entry.transaction?.outcome == .aborted {
                marks.hit(.abortedRecordSkipped)
                continue
            }
            return (record, next)
        }
        return (nil, next)
    }

    /// All records that a committed reader is ever shown, in order.
    func committedRecords(_ topic: Topic) -> [Record] {
        (0..<(partitions[topic] ?? 0)).flatMap { committedRecords(TopicPartition(topic, $0)) }
    }

    func committedRecords(_ place: TopicPartition) -> [Record] {
        (log(of: place)?.entries ?? []).compactMap { $0.isCommitted ? $0.record : nil }
    }

    /// How many committed records of a transactional writer bear each event's identity.
    func originalsByID(_ topic: Topic) -> [String: Int] {
        var counts: [String: Int] = [:]
        for entry in (logs[topic.rawValue] ?? []).flatMap(\.entries) {
            guard entry.transaction != nil, entry.isCommitted, let record = entry.record,
                let event = event(record)
            else { continue }
            counts[event.id, default: 0] += 1
        }
        return counts
    }

    var openTransactions: Int { transactions.count }

    /// What a committed reader is shown of some topics, in the order in which it was appended.
    func history(_ topics: [Topic]) -> [Record] {
        topics.flatMap { logs[$0.rawValue] ?? [] }.flatMap(\.entries).filter(\.isCommitted)
            .sorted { $0.number < $1.number }.compactMap(\.record)
    }

    func partition(of key: [UInt8], _ topic: Topic) -> TopicPartition {
        let key = Array(key.prefix { $0 != UInt8(ascii: "/") })
        return TopicPartition(topic, Partitioner.partition(of: key, among: partitions[topic] ?? 1))
    }
}

// MARK: - Writing

extension SimulatedCluster {
    /// Appends outside of any transaction, as Intake and gateways do.
    ///
    /// - Parameter place: nil: where the key belongs.
    @discardableResult
    func append(
        _ topic: Topic, key: [UInt8], value: [UInt8]?, headers: [Record.Header],
        at place: TopicPartition? = nil
    ) -> Record {
        append(topic, key: key, value: value, headers: headers, at: place, transaction: nil).record
    }

    @discardableResult
    func append(_ outgoing: Outgoing, at place: TopicPartition? = nil) -> Record {
        append(
            outgoing.topic, key: Array(outgoing.key.utf8), value: outgoing.event.data,
            headers: outgoing.event.headers.map { .init(name: $0.name, value: Array($0.value.utf8)) },
            at: place)
    }

    private func append(
        _ topic: Topic, key: [UInt8], value: [UInt8]?, headers: [Record.Header],
        at place: TopicPartition? = nil, transaction: Transaction?
    ) -> (place: TopicPartition, record: Record) {
        let place = place ?? partition(of: key, topic)
        let record = Record(
            topic: topic, partition: place.partition, offset: high(place),
            timestamp: Instant(millisecondsSince1970: SimulatedCluster.beginning + now), key: key,
            value: value, headers: headers)
        if let transaction, transaction.unmarked[place] == nil { transaction.unmarked[place] = record.offset }
        log(of: place)?.entries.append(Entry(record: record, transaction: transaction, number: activity))
        activity += 1
        return (place, record)
    }

    /// Takes over a transactional id; what a former holder left open is aborted, what it had decided is
    /// finished.
    func initialise(_ transactionalID: String) -> Int {
        if let transaction = identities[transactionalID]?.transaction {
            if transaction.outcome == nil {
                marks.hit(.openTransactionLeftBehind)
                decide(transaction, .aborted)
            }
            while mark(transaction) {}
        }
        identities[transactionalID, default: Identity()].epoch += 1
        return identities[transactionalID]?.epoch ?? 0
    }

    private func hold(_ transactionalID: String, _ epoch: Int) throws(SimulatedFailure) {
        guard identities[transactionalID]?.epoch == epoch else {
            marks.hit(.producerFenced)
            throw .restart("\(transactionalID) is fenced")
        }
    }

    func begin(_ transactionalID: String, _ epoch: Int) throws(SimulatedFailure) {
        try hold(transactionalID, epoch)
        if let last = identities[transactionalID]?.transaction { while mark(last) {} }
        transactionCount += 1
        let transaction = Transaction(
            number: transactionCount, transactionalID: transactionalID, startedAt: now)
        identities[transactionalID]?.transaction = transaction
        transactions.append(transaction)
    }

    private func running(_ transactionalID: String, _ epoch: Int) throws(SimulatedFailure) -> Transaction {
        try hold(transactionalID, epoch)
        guard let transaction = identities[transactionalID]?.transaction, transaction.outcome == nil else {
            throw .restart("\(transactionalID) has no transaction")
        }
        return transaction
    }

    func append(_ outgoing: Outgoing, _ transactionalID: String, _ epoch: Int) throws(SimulatedFailure) -> (
        place: TopicPartition, record: Record
    ) {
        append(
            outgoing.topic, key: Array(outgoing.key.utf8), value: outgoing.event.data,
            headers: outgoing.event.headers.map { .init(name: $0.name, value: Array($0.value.utf8)) },
            transaction: try running(transactionalID, epoch))
    }

    func addOffsets(
        _ positions: [TopicPartition: Position], of group: String, member: Int, generation: Int?,
        _ transactionalID: String, _ epoch: Int
    ) throws(SimulatedFailure) {
        // librdkafka answers a list without offsets itself: nobody is asked, nobody is fenced.
        guard !positions.isEmpty else { return }
        let transaction = try running(transactionalID, epoch)
        guard let known = groups[group]?.members[member], known.generation == groups[group]?.generation,
            known.generation == generation
        else {
            marks.hit(.memberFenced)
            throw .abort("member \(member) is not of the generation")
        }
        transaction.offsets[group, default: [:]].merge(positions) { $1 }
    }

    /// Decides the outcome; the markers follow when the brokers come to it.
    func end(_ outcome: Outcome, _ transactionalID: String, _ epoch: Int) throws(SimulatedFailure) {
        decide(try running(transactionalID, epoch), outcome)
    }

    private func decide(_ transaction: Transaction, _ outcome: Outcome) {
        transaction.outcome = outcome
        if transaction.isOver { transactions.removeAll { $0 === transaction } }
    }

    /// Writes one of a decided transaction's markers; says whether there was one to write.
    private func mark(_ transaction: Transaction) -> Bool {
        guard let outcome = transaction.outcome else { return false }
        let places = transaction.unmarked.keys.sorted()
        let groupNames = transaction.offsets.keys.sorted()
        guard !places.isEmpty || !groupNames.isEmpty else { return false }
        let chosen = Int.random(in: 0..<(places.count + groupNames.count), using: &prng)
        if chosen < places.count {
            log(of: places[chosen])?.entries.append(
                Entry(record: nil, transaction: nil, number: activity))
            transaction.unmarked[places[chosen]] = nil
        } else {
            let name = groupNames[chosen - places.count]
            if outcome == .committed { commit(transaction.offsets[name] ?? [:], of: name) }
            transaction.offsets[name] = nil
        }
        if transaction.isOver { transactions.removeAll { $0 === transaction } }
        return true
    }

    /// One marker of one decided transaction, by chance.
    func markOne() {
        let decided = transactions.filter { $0.outcome != nil }
        guard !decided.isEmpty else { return }
        _ = mark(prng.one(of: decided))
    }

    func markAll() {
        for transaction in transactions where transaction.outcome != nil { while mark(transaction) {} }
    }

    /// The coordinator aborts what is open for too long, and fences the one who left it.
    private func abortTimedOut() {
        for transaction in transactions
        where transaction.outcome == nil && now - transaction.startedAt > Self.transactionMilliseconds {
            marks.hit(.transactionTimedOut)
            identities[transaction.transactionalID]?.epoch += 1
            decide(transaction, .aborted)
        }
    }

    /// Outside of any transaction; of our loops none does it.
    func commitOffsets(
        _ positions: [TopicPartition: Position], of group: String, member: Int, generation: Int?
    ) throws(SimulatedFailure) {
        guard let known = groups[group]?.members[member], known.generation == groups[group]?.generation,
            known.generation == generation
        else { throw .abort("member \(member) is not of the generation") }
        commit(positions, of: group)
    }

    private func commit(_ positions: [TopicPartition: Position], of group: String) {
        guard let known = groups[group] else { return }
        for (place, position) in positions.sorted(by: { $0.key < $1.key }) {
            if let before = known.committed[place], position < before {
                violation("\(group) committed \(place) back from \(before) to \(position)")
            }
            known.committed[place] = position
            activity += 1
        }
    }
}
