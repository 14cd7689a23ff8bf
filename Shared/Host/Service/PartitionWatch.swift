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
    }

    private let file: String?
    private let state = Mutex(State())

    /// The name of this part in the process's health.
    static let name = "partitions"
    static let lookEvery = DispatchTimeInterval.seconds(10)
    /// Short, because a process that is asked to stop waits for the answer.
    static let askMilliseconds: Int32 = 1000

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
            let whole = noted.merging(present)
            let faults = present.changes(since: noted) + whole.differences
            guard faults.isEmpty else { throw LayoutFault(faults) }
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

/// Keys lie on other partitions than their known state. Neither waiting nor a restart helps. So the process
/// stops its loops but does not exit, and tells the reason when it is asked for its health.
struct LayoutFault: Error, CustomStringConvertible {
    let description: String

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
    func watchPartitions() throws {
        let cluster = try Cluster(cluster, clientID: "\(name).partitions")
        repeat {
            do {
                let names = try cluster.topics(timeoutMilliseconds: PartitionWatch.askMilliseconds)
                try partitions.check(layout(of: partitions.topics, in: names))
            } catch is KafkaError {}
        } while !stop.wait(for: PartitionWatch.lookEvery)
    }
}

extension TopicLayout {
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
