/// How many partitions topics have. Together with a key this says where a record lies.
///
/// A key of a gateway's topic may lie anywhere, so those topics are left out.
public struct TopicLayout: Hashable, Sendable {
    public private(set) var counts: [Topic: Int32]

    public init(_ counts: [Topic: Int32] = [:]) {
        self.counts = counts.filter { $0.key.family != .gateway }
    }

    public func merging(_ other: TopicLayout) -> TopicLayout {
        TopicLayout(counts.merging(other.counts) { $1 })
    }

    /// The families whose topics differ: one key lies on different partitions of them.
    public var differences: [String] {
        Topic.Family.allCases.filter { $0 != .single }.compactMap { family in
            let own = counts.filter { $0.key.family == family }
            guard Set(own.values).count > 1 else { return nil }
            let list = own.map { "\($0.key.rawValue) \($0.value)" }.sorted().joined(separator: ", ")
            return "topics that belong together differ in partitions: \(list)"
        }
    }

    /// The topics whose number is another one now.
    public func changes(since former: TopicLayout) -> [String] {
        counts.sorted { $0.key.rawValue < $1.key.rawValue }.compactMap { topic, count in
            guard let before = former.counts[topic], before != count else { return nil }
            return "\(topic.rawValue) has \(count) partitions and had \(before) when the caches were made"
        }
    }
}
