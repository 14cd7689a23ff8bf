import Kafka
import Models
import Processing
import Support

extension SimulatedCluster {
    /// A static member (one that names its instance) takes its former self's place without disturbing the
    /// others.
    func join(_ name: String, instance: String?) -> Int {
        memberCount += 1
        let member = Member(instance: instance, lastHeartbeat: now)
        if let instance, let former = groups[name]?.members.first(where: { $0.value.instance == instance }) {
            groups[name]?.members[former.key] = nil
            member.assignment = former.value.assignment
            member.hasJoined = groups[name]?.isRebalancing == true
            marks.hit(.staticMemberReturned)
        } else {
            groups[name]?.isRebalancing = true
            member.hasJoined = true
        }
        groups[name]?.members[memberCount] = member
        return memberCount
    }

    func leave(_ name: String, _ number: Int) {
        guard groups[name]?.members.removeValue(forKey: number) != nil else { return }
        groups[name]?.isRebalancing = true
        markUnjoined(name)
    }

    /// The operator adds an instance, or the brokers lose touch with one: everybody gives up what he has.
    func rebalance(_ name: String) {
        guard groups[name]?.isRebalancing == false else { return }
        groups[name]?.isRebalancing = true
        markUnjoined(name)
    }

    private func markUnjoined(_ name: String) {
        for member in (groups[name]?.members ?? [:]).values { member.hasJoined = false }
    }

    func heartbeat(_ group: Group?, _ number: Int) {
        guard let member = group?.members[number], now - member.lastHeartbeat >= Self.heartbeatMilliseconds
        else { return }
        member.lastHeartbeat = now
    }

    func joinAgain(_ name: String, _ number: Int) {
        groups[name]?.members[number]?.hasJoined = true
        completeRebalance(name)
    }

    /// The member takes what the present generation gives it.
    func sync(_ name: String, _ number: Int) -> (generation: Int, assignment: [TopicPartition])? {
        completeRebalance(name)
        guard let group = groups[name], !group.isRebalancing, let member = group.members[number] else {
            return nil
        }
        member.generation = group.generation
        return (group.generation, member.assignment)
    }

    private func completeRebalance(_ name: String) {
        guard let group = groups[name], group.isRebalancing, group.members.values.allSatisfy(\.hasJoined)
        else { return }
        let isFirst = group.generation == 0
        group.isRebalancing = false
        group.generation += 1
        let members = group.members.sorted {
            ($0.value.instance ?? "", $0.key) < ($1.value.instance ?? "", $1.key)
        }.map(\.value)
        for (index, member) in members.enumerated() {
            member.assignment = group.topics.flatMap { topic in
                Self.range(of: Int(partitions[topic] ?? 0), for: index, among: members.count).map {
                    TopicPartition(topic, Int32($0))
                }
            }
            member.generation = nil
            member.hasJoined = false
        }
        if !isFirst, members.count > 1 { marks.hit(.partitionsMoved) }
    }

    /// The range assignor: consecutive numbers, the first members one more where it does not divide evenly.
    private static func range(of count: Int, for index: Int, among members: Int) -> Range<Int> {
        let (each, rest) = count.quotientAndRemainder(dividingBy: members)
        let start = each * index + min(index, rest)
        return start..<(start + each + (index < rest ? 1 : 0))
    }

    func evictSilent() {
        for group in orderedGroups {
            for (number, member) in group.members where now - member.lastHeartbeat > Self.sessionMilliseconds
            {
                marks.hit(.memberEvicted)
                leave(group.name, number)
            }
        }
    }

    /// Committed positions, or nil while a transaction holds some of them pending.
    func stableOffsets(of group: String, _ places: [TopicPartition]) -> [TopicPartition: Position]? {
        let isPending = transactions.contains { transaction in
            places.contains { transaction.offsets[group]?[$0] != nil }
        }
        if isPending { return nil }
        return (groups[group]?.committed ?? [:]).filter { places.contains($0.key) }
    }
}

extension TopicPartition {
    /// The simulated cluster has no prefix.
    init(_ topic: Topic, _ partition: Int32) { self.init(topic: topic.rawValue, partition: partition) }
}
