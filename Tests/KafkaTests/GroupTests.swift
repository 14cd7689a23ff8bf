import Kafka
import Testing

/// The mock broker gives a new group three seconds to gather, and any later change of members all of the
/// session timeout but a second (`rdkafka_mock_cgrp.c`): so the timeout is short here.
@Suite struct GroupTests {
    private func member(_ name: String, of group: String, _ broker: borrowing MockBroker) throws -> Consumer {
        try Consumer(
            .mock(broker), clientID: name, group: group,
            overrides: ["session.timeout.ms": "3000", "heartbeat.interval.ms": "500"])
    }

    @Test func memberReadsCommitsLeavesAndAnotherGoesOn() throws {
        let broker = try MockBroker(topics: [("work", 2)])
        let producer = try Producer(.mock(broker), clientID: "work")
        for number in 0..<6 { try producer.send(OutgoingRecord("work", 0, String(number))) }
        try producer.flush(timeoutMilliseconds: 10_000)
        let all = [partition("work", 0), partition("work", 1)]

        let first = try member("first", of: "workers", broker)
        try first.subscribe(to: ["work"])
        #expect(try first.nextAssignment() == all)
        #expect(try first.committed(all, timeoutMilliseconds: 10_000).isEmpty)
        try first.accept([all[0]: .beginning, all[1]: .beginning])
        let seen = try first.records(4)
        // Rewinding inside a group keeps the membership.
        try first.assign([all[0]: seen[1].offset.position, all[1]: .beginning])
        #expect(try first.records(3).map(\.text) == ["1", "2", "3"])
        var asked: [TopicPartition] = []
        let isClosed = first.close { consumer, partitions, lost in
            asked = partitions
            #expect(!lost)
            #expect(throws: Never.self) {
                try consumer.commit([all[0]: seen[3].offset.following], timeoutMilliseconds: 10_000)
            }
        }
        #expect(isClosed)
        #expect(asked == all)

        let onlooker = try Consumer(.mock(broker), clientID: "lag", group: "workers")
        let committed = try onlooker.committed(all, timeoutMilliseconds: 10_000)
        #expect(committed == [all[0]: Position(next: 4)])

        let second = try member("second", of: "workers", broker)
        try second.subscribe(to: ["work"])
        let partitions = try second.nextAssignment()
        let positions = try second.committed(partitions, timeoutMilliseconds: 10_000)
        #expect(positions == [all[0]: Position(next: 4)])
        try second.accept(positions)
        #expect(try second.records(2).map(\.text) == ["4", "5"])
        let secondLeft = second.close()
        #expect(secondLeft)
    }

    @Test("a commit that no broker answers ends with its time")
    func commitsWithinItsTime() throws {
        let broker = try MockBroker(topics: [("work", 1)])
        let consumer = try member("first", of: "workers", broker)
        let done = [partition("work", 0): Position(next: 1)]
        try consumer.commit(done, timeoutMilliseconds: 10_000)
        #expect(try consumer.committed(Array(done.keys), timeoutMilliseconds: 10_000) == done)
        broker.setDown()
        let started = ContinuousClock.now
        let error = failure { () throws(KafkaError) in
            try consumer.commit([partition("work", 0): Position(next: 2)], timeoutMilliseconds: 1_000)
        }
        #expect(error?.remedy == .retry && started.duration(to: .now) < .seconds(5), "\(error as Any)")
    }

    @Test func twoMembersShareTopicsPartitionByPartition() throws {
        let broker = try MockBroker(topics: [("left", 4), ("right", 4)])
        let first = try member("first", of: "pair", broker)
        try first.subscribe(to: ["left", "right"])
        let alone = try first.nextAssignment()
        #expect(alone.count == 8)
        try first.accept(Dictionary(uniqueKeysWithValues: alone.map { ($0, .beginning) }))

        let second = try member("second", of: "pair", broker)
        try second.subscribe(to: ["left", "right"])
        var mine: [TopicPartition]?
        var theirs: [TopicPartition]?
        var revoked: [TopicPartition]?
        try wait(for: "both assignments") {
            switch first.poll(timeoutMilliseconds: 20) {
            case .revoke(let partitions, let lost):
                revoked = revoked ?? partitions
                mine = nil
                #expect(!lost)
                try first.release()
            case .assign(let partitions):
                mine = partitions
                try first.accept(Dictionary(uniqueKeysWithValues: partitions.map { ($0, .beginning) }))
            default: break
            }
            switch second.poll(timeoutMilliseconds: 20) {
            case .assign(let partitions):
                theirs = partitions
                try second.accept(Dictionary(uniqueKeysWithValues: partitions.map { ($0, .beginning) }))
            case .revoke:
                // A slow machine may see the group balance more than once.
                theirs = nil
                try second.release()
            default: break
            }
            return mine != nil && theirs != nil ? () : nil
        }
        #expect(revoked == alone)
        let (a, b) = (mine ?? [], theirs ?? [])
        #expect(Set(a).isDisjoint(with: b))
        #expect((a + b).sorted() == alone)
        for share in [a, b] {
            let numbers = { (topic: String) in share.filter { $0.topic == topic }.map(\.partition) }
            #expect(numbers("left") == numbers("right"))
            #expect(numbers("left").count == 2)
        }
        let firstLeft = first.close()
        #expect(firstLeft)
        let secondLeft = second.close()
        #expect(secondLeft)
    }

    @Test func droppingAMemberWithoutClosingDoesNotHang() throws {
        let broker = try MockBroker(topics: [("dropped", 1)])
        var dropped = ContinuousClock.now
        do {
            let member = try member("dropped", of: "dropped", broker)
            try member.subscribe(to: ["dropped"])
            _ = try member.nextAssignment()
            dropped = .now
        }
        #expect(ContinuousClock.now - dropped < .seconds(5))
    }

    @Test func closingBeforeAnyAssignmentIsBounded() throws {
        let broker = try MockBroker(topics: [("early", 1)])
        let member = try member("early", of: "early", broker)
        try member.subscribe(to: ["early"])
        let started = ContinuousClock.now
        member.close(timeoutMilliseconds: 6_000)
        #expect(ContinuousClock.now - started < .seconds(10))
    }

    @Test func closingWhileTheBrokerIsAwayIsBounded() throws {
        let broker = try MockBroker(topics: [("away", 1)])
        let member = try member("away", of: "away", broker)
        try member.subscribe(to: ["away"])
        let partitions = try member.nextAssignment()
        try member.accept(Dictionary(uniqueKeysWithValues: partitions.map { ($0, .beginning) }))
        broker.setDown()
        let started = ContinuousClock.now
        member.close(timeoutMilliseconds: 2_000)
        #expect(ContinuousClock.now - started < .seconds(8))
    }
}
