import Kafka
import Models

/// A consumer group of the suite and the topics that it processes.
struct GroupPlan {
    /// The loop's name. The group's name is the prefix and this name.
    let loop: String
    /// Empty for a projection: it keeps its positions in its own store, in one transaction with the results.
    let inputs: [Topic]
    /// Whether it also processes the topics of all gateways that there are.
    let readsGateways: Bool

    static let all = ServiceLoop.all.filter(\.isInGroup).map { loop in
        GroupPlan(
            loop: loop.name, inputs: loop.kind == .processor ? loop.inputs : [],
            readsGateways: loop.readsGateways)
    }
}

extension Surroundings {
    /// The topic of this name, if it is a gateway's of this city.
    fileprivate func gatewayTopic(_ name: String) -> Topic? {
        guard name.hasPrefix(prefix), let topic = Topic(rawValue: String(name.dropFirst(prefix.count))),
            case .gateway = topic
        else { return nil }
        return topic
    }
}

/// The offsets that a group has not processed on one partition.
struct Backlog: Hashable {
    let from: Position
    let to: Position

    /// For a group that never committed, everything that the partition still holds.
    init?(_ marks: Watermarks, committed: Position?) {
        let from = max(committed ?? marks.low, marks.low)
        guard from < marks.high else { return nil }
        self.from = from
        to = marks.high
    }

    var offsets: Int64 { to.next - from.next }
}

/// Asks the cluster about the groups.
struct GroupCheck: ~Copyable {
    private let surroundings: Surroundings
    private let cluster: Cluster
    private let partitions: [String: Int32]
    /// The topics of gateways that the cluster has.
    private let gateways: [Topic]
    /// What open transactions hold back, on all topics that the loops read.
    let held: [TopicPartition: Held]

    /// Up to this distance, the records are read and counted. The ends of transactions have offsets too, so a
    /// group that has processed everything may stay before the last one for ever. They must not count as
    /// records.
    private static let readOffsets: Int64 = 200
    private static let membersMilliseconds: Int32 = 3000

    init(_ surroundings: Surroundings, timeoutMilliseconds: Int32) throws {
        let cluster = try Cluster(surroundings.cluster, clientID: Surroundings.clientID)
        let partitions = try cluster.topics(timeoutMilliseconds: timeoutMilliseconds)
        let gateways = partitions.keys.compactMap(surroundings.gatewayTopic).sorted {
            $0.rawValue < $1.rawValue
        }
        let read = Set(ServiceLoop.all.flatMap { $0.inputs + $0.alsoReads } + gateways).map(surroundings.name)
        held = try OpenTransactions(surroundings).held(
            at: read.flatMap { name in
                (0..<(partitions[name] ?? 0)).map { TopicPartition(topic: name, partition: $0) }
            })
        self.partitions = partitions
        self.gateways = gateways
        self.cluster = cluster
        self.surroundings = surroundings
    }

    func clusterID(timeoutMilliseconds: Int32) -> String? {
        cluster.clusterID(timeoutMilliseconds: timeoutMilliseconds)
    }

    var missingTopics: [String] {
        Topic.allCases.map(surroundings.name).filter { partitions[$0] == nil }
    }

    /// What is wrong with the numbers of partitions.
    var layoutFaults: [String] {
        var counts: [Topic: Int32] = [:]
        for topic in Topic.allCases { counts[topic] = partitions[surroundings.name(of: topic)] }
        return TopicLayout(counts).differences
    }

    /// Nil if the broker does not tell. The broker in memory never tells.
    func members(of plan: GroupPlan) -> Int? {
        try? cluster.members(
            of: surroundings.prefix + plan.loop, timeoutMilliseconds: Self.membersMilliseconds)
    }

    func group(_ plan: GroupPlan, members: Int?) throws -> Status.Group {
        let name = surroundings.prefix + plan.loop
        let wait = Surroundings.answerWithinMilliseconds
        var group = Status.Group(name: plan.loop, members: members)
        let inputs = plan.inputs + (plan.readsGateways ? gateways : [])
        let places = inputs.flatMap { topic in
            let name = surroundings.name(of: topic)
            return (0..<(partitions[name] ?? 0)).map { TopicPartition(topic: name, partition: $0) }
        }
        guard !places.isEmpty else { return group }
        // The positions are requested as the group itself, without joining it, because some brokers are too
        // old for the administrator's request.
        let committed = try Consumer(surroundings.cluster, clientID: Surroundings.clientID, group: name)
            .committed(places, timeoutMilliseconds: wait)
        let marks = try cluster.watermarks(of: places, timeoutMilliseconds: wait)
        var distances: [TopicPartition: Backlog] = [:]
        for (place, marks) in marks { distances[place] = Backlog(marks, committed: committed[place]) }
        let counted = count(distances.filter { $0.value.offsets <= Self.readOffsets })
        for topic in inputs where partitions[surroundings.name(of: topic)] != nil {
            let own = distances.filter { $0.key.topic == surroundings.name(of: topic) }
            group.lag.append(Status.Lag(topic, own, counted: counted, held: held))
        }
        return group
    }

    /// Counts the records of each distance; empty if they can't be read, because an ACL may forbid it.
    private func count(_ distances: [TopicPartition: Backlog]) -> [TopicPartition: Int64] {
        var counts = distances.mapValues { _ in Int64(0) }
        do {
            try LogReading(surroundings).read(from: distances.mapValues(\.from)) { record in
                guard let end = distances[record.topicPartition]?.to, record.offset.position < end else {
                    return
                }
                counts[record.topicPartition, default: 0] += 1
            }
            return counts
        } catch {
            return [:]
        }
    }
}

extension Status.Lag {
    /// The records of one topic that wait: their number if they could be counted, else the distance. Records
    /// behind an open transaction can't be counted.
    init(
        _ topic: Topic, _ distances: [TopicPartition: Backlog], counted: [TopicPartition: Int64],
        held: [TopicPartition: Held] = [:]
    ) {
        let counted = counted.filter { held[$0.key] == nil }
        self.init(
            topic: topic.rawValue,
            records: distances.map { counted[$0.key] ?? $0.value.offsets }.reduce(0, +),
            isExact: distances.keys.allSatisfy { counted[$0] != nil })
    }
}
