/// How many partitions topics have. Together with a key this gives the partition of a record.
///
/// Keys of a gateway's topic may be on any partition, so those topics are left out.
public struct TopicLayout: Hashable, Sendable {
    public private(set) var counts: [Topic: Int32]

    public init(_ counts: [Topic: Int32] = [:]) {
        self.counts = counts.filter { $0.key.family != .gateway }
    }

    public func merging(_ other: TopicLayout) -> TopicLayout {
        TopicLayout(counts.merging(other.counts) { $1 })
    }

    /// The families whose topics have different numbers: there one key is on different partitions.
    public var differences: [String] {
        Topic.Family.allCases.filter { $0 != .single }.compactMap { family in
            let own = counts.filter { $0.key.family == family }
            guard Set(own.values).count > 1 else { return nil }
            let list = own.map { "\($0.key.rawValue) \($0.value)" }.sorted().joined(separator: ", ")
            return "topics that belong together have different numbers of partitions: \(list)"
        }
    }

    /// The topics whose number has changed.
    public func changes(since former: TopicLayout) -> [String] {
        counts.sorted { $0.key.rawValue < $1.key.rawValue }.compactMap { topic, count in
            guard let before = former.counts[topic], before != count else { return nil }
            return "\(topic.rawValue) has \(count) partitions, but had \(before) when the caches were made"
        }
    }
}
