import Kafka
public import Models
public import Processing
import Text

/// Work on the keys of a small compacted topic, shared out among instances by the topic's partitions. The
/// topic also holds the state of the work, so an instance that takes over a partition knows what was done.
///
/// A deed can't be part of a transaction. It is done first; then what it brought and the new state are
/// written in one transaction, together with the group's positions. An instance that has lost its
/// partition meanwhile is fenced (KIP-447), and what its deed brought is not written. So a deed may be done
/// twice, and its outcome is on the log once.
public protocol SharedWork {
    /// A deed that has ended.
    associatedtype Deed

    /// Whether a deed is under way.
    var isBusy: Bool { get }

    /// Forgets all state and gives up what is under way: from now on this instance has this share.
    mutating func own(_ share: Share)
    /// Takes over a record of the topic.
    mutating func recall(_ record: Record)
    /// Begins what is due, and returns the deeds that have ended. Waits for the first one, at most as long
    /// as `wait`.
    mutating func turn(within wait: Duration, at now: Instant) -> [Deed]
    /// What the log must hold before the deed counts as done.
    func records(of deed: Deed) -> [Outgoing]
    /// The log has the records.
    mutating func written(_ deed: Deed)
    /// The log has none of the records.
    mutating func dropped(_ deed: Deed, at now: Instant)
}

/// The partitions that one instance has.
public struct Share: Hashable, Sendable {
    public let partitions: Set<Int32>
    /// How many partitions the topic has.
    public let count: Int32

    public init(_ partitions: Set<Int32>, of count: Int32) {
        self.partitions = partitions
        self.count = count
    }

    public static let none = Share([], of: 1)

    public func holds(_ key: String) -> Bool {
        partitions.contains(
            Partitioner.partition(of: Array(Topic.partitionKey(of: key).utf8), among: count))
    }
}

/// Runs shared work on Kafka, on one thread, until it is asked to stop.
public final class SharedWorkLoop<W: SharedWork> {
    private let context: HostContext
    private let name: String
    private let topic: Topic
    private let member: SharedWorkMember<W, KafkaLog>

    public init(_ work: W, _ context: HostContext, name: String, topic: Topic) {
        self.context = context
        self.name = name
        self.topic = topic
        member = SharedWorkMember(work, context, name: name, clock: { .now }) { from, to, apply in
            try TopicReader(context, purpose: name).read(from: from, to: to, stop: context.stop, apply: apply)
        }
    }

    /// - Parameter isWanted: asked in each turn; if it returns false, the loop ends in good order.
    public func run(while isWanted: () -> Bool = { true }) throws {
        do {
            // Not watched: a state on a partition where its key does not belong any more is not used, and its
            // work is done once again. That is no reason to stop the service.
            member.layout = { [context, topic] in
                let names = try context.ask("partitions") { () throws(KafkaError) in
                    try Cluster(context.cluster, clientID: context.name)
                        .topics(timeoutMilliseconds: Patience.askMilliseconds)
                }
                let name = context.topics.name(of: topic)
                guard let count = names[name] else { throw TopicFault.missing(name) }
                return TopicLayout([topic: count])
            }
            _ = try member.layout()
            let log = try KafkaLog(context, name: name, inputs: [topic])
            while !context.stop.isRaised, isWanted() { try member.turn(log) }
            member.end()
            log.close()
        } catch is Stopped {
            return
        }
    }
}
