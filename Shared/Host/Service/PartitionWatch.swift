import Foundation
import Kafka
public import Models
import Processing
import Synchronization
import Text

/// Checks whether topics still have the numbers of partitions with which this process's caches were made.
///
/// With another number, a key lies on another partition than its known state: an existing complaint would be
/// called unknown. Nothing that a service does is right then, so it stops working (`LayoutFault`).
final class PartitionWatch: Sendable {
    private struct State {
        var topics: Set<Topic> = []
        /// The numbers when the caches were made; nil before the file was read.
        var noted: TopicLayout?
        /// The numbers that the cluster told this process.
        var told = TopicLayout()
    }

    private let file: String?
    private let state = Mutex(State())

    /// The name of this part in the process's health.
    static let name = "partitions"
    static let lookEvery = DispatchTimeInterval.seconds(10)
    /// Short, because a process that is asked to stop waits for the answer.
    static let askMilliseconds: Int32 = 1000
    /// How many records of each partition are looked at. Enough for twenty complaints: where four partitions
    /// became five, four of five keys belong elsewhere; where four became eight, half of them.
    static let sampleRecords = 100
    static let sampleWithin: Duration = .seconds(10)

    /// - Parameter folder: the process's data folder; nil keeps the numbers in memory only.
    init(folder: String? = nil) {
        file = folder.map(Self.file)
    }

    static func file(in folder: String) -> String { "\(folder)/partitions" }

    func add(_ topics: some Sequence<Topic>) { state.withLock { $0.topics.formUnion(topics) } }

    var topics: Set<Topic> { state.withLock { $0.topics } }

    /// Notes the numbers of topics that were not known yet. Throws if a number has changed, or if numbers
    /// that must be equal are not.
    func check(_ present: TopicLayout) throws {
        try state.withLock { state in
            let noted = try state.noted ?? read()
            let changes = present.changes(since: noted)
            // Numbers of different moments are never compared: after a change the older ones are untrue.
            let told = changes.isEmpty ? state.told.merging(present) : present
            let faults = changes + told.differences
            guard faults.isEmpty else { throw LayoutFault(faults) }
            state.told = told
            let whole = noted.merging(present)
            if whole != noted { try write(whole) }
            state.noted = whole
        }
    }

    private func read() throws -> TopicLayout {
        guard let file, FileManager.default.fileExists(atPath: file) else { return TopicLayout() }
        let data = try Data(contentsOf: URL(fileURLWithPath: file))
        let counts = try JSONDecoder().decode([String: Int32].self, from: data)
        return TopicLayout(
            Dictionary(
                uniqueKeysWithValues: counts.compactMap { name, count in
                    Topic(rawValue: name).map { ($0, count) }
                }))
    }

    private func write(_ layout: TopicLayout) throws {
        guard let file else { return }
        let counts = Dictionary(uniqueKeysWithValues: layout.counts.map { ($0.key.rawValue, $0.value) })
        try Data(JSON.encode(counts)).write(to: URL(fileURLWithPath: file), options: .atomic)
    }
}

/// A fault after which the process stops its loops and does not exit: it is not ready, and its `/readyz` and
/// its API say why.
public protocol Standstill: Error, CustomStringConvertible {
    /// The reason as anybody may hear it from the API: it names no place on this machine.
    var outward: String { get }
}

extension Standstill {
    public var outward: String { description }
}

/// Keys lie on other partitions than their known state. Neither waiting nor a restart helps. So the process
/// stops its loops but does not exit, and tells the reason when it is asked for its health.
public struct LayoutFault: Standstill {
    public let description: String

    init(_ faults: [String]) {
        description =
            faults.joined(separator: "; ")
            + ". If these topics were made again, start once with --rebuild; else see \"More partitions\" in deploy/README.md"
    }
}

extension HostContext {
    /// How many partitions these topics have; all topics must exist. From now on they are watched.
    func layout(
        of topics: some Sequence<Topic>, from cluster: borrowing Cluster
    ) throws -> TopicLayout {
        let topics = Set(topics)
        partitions.add(topics)
        let names = try ask("partitions") { () throws(KafkaError) in
            try cluster.topics(timeoutMilliseconds: Patience.askMilliseconds)
        }
        let layout = layout(of: topics, in: names)
        if let missing = topics.first(where: { names[self.topics.name(of: $0)] == nil }) {
            throw TopicFault.missing(self.topics.name(of: missing))
        }
        try partitions.check(layout)
        return layout
    }

    func layout(of topics: some Sequence<Topic>) throws -> TopicLayout {
        try layout(of: topics, from: Cluster(cluster, clientID: name))
    }

    /// The layout of those topics that exist.
    private func layout(of topics: Set<Topic>, in names: [String: Int32]) -> TopicLayout {
        var counts: [Topic: Int32] = [:]
        for topic in topics { counts[topic] = names[self.topics.name(of: topic)] }
        return TopicLayout(counts)
    }

    /// Also watches topics that no loop reads: a process that writes to them depends on them as well.
    public func watch(_ topics: [Topic]) { partitions.add(topics) }

    /// Checks all watched topics from time to time, until the process stops. A cluster that does not answer
    /// is not a fault.
    ///
    /// - Parameter looked: called when the topics were looked at, or the cluster did not answer.
    func watchPartitions(looked: () -> Void = {}) throws {
        let cluster = try Cluster(cluster, clientID: "\(name).partitions")
        var sampled: Set<Topic> = []
        var ends = KnownEnds()
        repeat {
            do {
                let names = try cluster.topics(timeoutMilliseconds: PartitionWatch.askMilliseconds)
                let layout = layout(of: partitions.topics, in: names)
                try partitions.check(layout)
                let logs = layout.counts.keys.filter(\.isLasting)
                let places = layout.places(of: logs, topics)
                let marks = try cluster.watermarks(
                    of: places, timeoutMilliseconds: PartitionWatch.askMilliseconds)
                try ends.note(marks.mapValues(\.high))
                let unsampled = Set(logs).subtracting(sampled)
                if try sample(layout.places(of: unsampled, topics), marks, layout) {
                    sampled.formUnion(unsampled)
                }
            } catch is KafkaError {}
            looked()
        } while !stop.wait(for: PartitionWatch.lookEvery)
    }

    /// Reads the first records of each partition and throws if one lies on another partition than its key's:
    /// then the topic had another number of partitions when they were written, and whoever looks for them
    /// looks elsewhere. A process whose caches are new knows of no other number, and not every process reads
    /// everything. The oldest records are the ones that an added partition misplaces.
    ///
    /// Returns whether it saw enough.
    private func sample(
        _ places: [TopicPartition], _ marks: [TopicPartition: Watermarks], _ layout: TopicLayout
    ) throws -> Bool {
        var left: [TopicPartition: Int] = [:]
        for place in places {
            guard let marks = marks[place], marks.low < marks.high else { continue }
            left[place] = PartitionWatch.sampleRecords
        }
        guard !left.isEmpty else { return true }
        let consumer = try Consumer(
            self.cluster, clientID: "\(name).partitions", group: nil,
            overrides: presets(LoopSettings.consumer))
        try consumer.assign(marks.filter { left[$0.key] != nil }.mapValues(\.low))
        let end = ContinuousClock.now + PartitionWatch.sampleWithin
        while !left.isEmpty, !stop.isRaised, ContinuousClock.now < end {
            switch consumer.poll(timeoutMilliseconds: Patience.pollMilliseconds) {
            case .record(let fetched):
                let place = fetched.topicPartition
                guard let record = Record(fetched, names: topics), let count = left[place] else { continue }
                if let reason = layout.misplacement(of: record) { throw LayoutFault(record, reason) }
                left[place] = count > 1 ? count - 1 : nil
            case .reachedEnd(let place, _): left[place] = nil
            default: continue
            }
        }
        return left.isEmpty
    }
}

/// The ends of partitions that are kept for ever. Such a partition never becomes shorter; if it does, its
/// topic was deleted and made again.
struct KnownEnds {
    private var ends: [TopicPartition: Position] = [:]

    mutating func note(_ present: [TopicPartition: Position]) throws {
        for (place, end) in present.sorted(by: { $0.key < $1.key }) {
            if let former = ends[place], end < former {
                throw LayoutFault([
                    "\(place.topic) was made again: its partition \(place.partition) ends at \(end), "
                        + "but ended at \(former) before"
                ])
            }
            ends[place] = end
        }
    }
}

extension Topic {
    /// Whether all of its records are kept for ever, and only the suite writes them, each on the partition of
    /// its key.
    var isLasting: Bool { retention == .forever && family != .single }
}

extension LayoutFault {
    init(_ record: Record, _ reason: String) {
        self.init(["\(record.topic.rawValue): the record at \(record.offset) \(reason)"])
    }
}

extension TopicLayout {
    fileprivate func places(of topics: some Sequence<Topic>, _ names: TopicNames) -> [TopicPartition] {
        topics.flatMap { topic in
            (0..<(counts[topic] ?? 0)).map {
                TopicPartition(topic: names.name(of: topic), partition: $0)
            }
        }
    }

    /// The range assignor gives one member the same partitions of all topics. Anything else breaks ownership.
    /// The group may know of new partitions before the process has checked.
    func checkTogether(_ partitions: [TopicPartition], _ names: TopicNames) throws {
        for place in partitions {
            guard let topic = names.topic(named: place.topic), let count = counts[topic] else { continue }
            guard place.partition < count else {
                throw LayoutFault(["\(topic.rawValue) has more than \(count) partitions now"])
            }
        }
        let numbers = Dictionary(grouping: partitions, by: \.topic).values.map { Set($0.map(\.partition)) }
        guard Set(numbers).count <= 1 else {
            throw TopicFault(
                description: "the group assigned different partitions of topics that belong together")
        }
    }

    /// Where a record lies and where its key belongs, if that is another partition.
    func misplacement(of record: Record) -> String? {
        guard record.topic.family != .single, let count = counts[record.topic], let key = record.key else {
            return nil
        }
        // As `Topic.partitionKey`.
        let end = key.firstIndex(of: UInt8(ascii: "/")) ?? key.endIndex
        let home = Partitioner.partition(of: key.span.extracting(..<end), among: count)
        guard home != record.partition else { return nil }
        return "is on partition \(record.partition), but its key belongs on \(home) of \(count) (murmur2)"
    }
}
