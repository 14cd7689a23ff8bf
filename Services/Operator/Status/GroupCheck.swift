import Kafka
import Models

/// The consumer groups of the suite and what they work off.
struct GroupPlan {
    /// The loop's name; the group is the prefix and this.
    let loop: String
    /// None for a projection: its positions lie in its own store, in one transaction with what it made of the
    /// records.
    let inputs: [Topic]

    static let all = ServiceLoop.all.filter(\.isInGroup).map { loop in
        GroupPlan(loop: loop.name, inputs: loop.kind == .processor ? loop.inputs : [])
    }
}

/// What lies before a group on one partition.
struct Backlog: Hashable {
    let from: Position
    let to: Position

    /// Of a group that never committed: everything that is still there.
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
    /// What open transactions hold back, on all topics that a loop reads.
    let held: [TopicPartition: Held]

    /// A distance up to this is read, so that the ends of transactions are not taken for records: they have
    /// offsets too, and a group that has worked off everything stands before the last one for ever.
    private static let readOffsets: Int64 = 200
    private static let membersMilliseconds: Int32 = 3000

    init(_ surroundings: Surroundings, timeoutMilliseconds: Int32) throws {
        let cluster = try Cluster(surroundings.cluster, clientID: Surroundings.clientID)
        let partitions = try cluster.topics(timeoutMilliseconds: timeoutMilliseconds)
        let read = Set(ServiceLoop.all.flatMap { $0.inputs + $0.alsoReads }).map(surroundings.name)
        held = try OpenTransactions(surroundings).held(
            at: read.flatMap { name in
                (0..<(partitions[name] ?? 0)).map { TopicPartition(topic: name, partition: $0) }
            })
        self.partitions = partitions
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

    /// Nil where the broker does not tell, as the one in memory does not.
    func members(of plan: GroupPlan) -> Int? {
        try? cluster.members(
            of: surroundings.prefix + plan.loop, timeoutMilliseconds: Self.membersMilliseconds)
    }

    func group(_ plan: GroupPlan, members: Int?) throws -> Status.Group {
        let name = surroundings.prefix + plan.loop
        let wait = Surroundings.answerWithinMilliseconds
        var group = Status.Group(name: plan.loop, members: members)
        let places = plan.inputs.flatMap { topic in
            let name = surroundings.name(of: topic)
            return (0..<(partitions[name] ?? 0)).map { TopicPartition(topic: name, partition: $0) }
        }
        guard !places.isEmpty else { return group }
        // Asked as the group itself, without joining it: the administrator's question for the same is younger
        // than some brokers.
        let committed = try Consumer(surroundings.cluster, clientID: Surroundings.clientID, group: name)
            .committed(places, timeoutMilliseconds: wait)
        let marks = try cluster.watermarks(of: places, timeoutMilliseconds: wait)
        var distances: [TopicPartition: Backlog] = [:]
        for (place, marks) in marks { distances[place] = Backlog(marks, committed: committed[place]) }
        let counted = count(distances.filter { $0.value.offsets <= Self.readOffsets })
        for topic in plan.inputs where partitions[surroundings.name(of: topic)] != nil {
            let own = distances.filter { $0.key.topic == surroundings.name(of: topic) }
            group.lag.append(Status.Lag(topic, own, counted: counted, held: held))
        }
        return group
    }

    /// Counts what lies between; none where it can't be read, which a topic's ACL may say.
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
    /// The records of one topic that wait: counted where that was possible, else the distance. Behind an open
    /// transaction nothing can be counted.
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
