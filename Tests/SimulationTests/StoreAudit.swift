import Kafka
import Models
import Processing

@testable import Analytics
@testable import Host
@testable import Notification
@testable import Routing

/// Whether the stores hold what a fold of the log gives.
struct StoreAudit {
    private let auditor: Auditor
    private let world: World

    init(_ auditor: Auditor, _ world: World) {
        self.auditor = auditor
        self.world = world
    }

    func run() {
        audit(.routing, Routing(registry: Town.registry), of: world.options.partitions)
        audit(
            .addressing, Town.addressing, of: world.options.partitions)
        audit(.dispatch, Dispatch(), of: world.options.recipientPartitions)
        audit(
            .grading, Grading(registry: Town.registry, validAfter: world.options.validAfter), of: 1)
        audit(.alarming, Alarming(registry: Town.registry, rules: Town.alarmRules), of: 1)
        audit(.summarising, Summarising(registry: Town.registry), of: 1)
    }

    private func audit<P: Processor>(_ loop: Loop, _ processor: P, of partitions: Int32) {
        let disks = world.currentDisks(of: loop)
        for number in 0..<partitions {
            guard let disk = disks[number] else {
                auditor.expect(false, "nobody owns \(loop) \(number)")
                continue
            }
            var fold = Partition<P> { _ in nil }
            for topic in processor.memory {
                for record in world.cluster.committedRecords(TopicPartition(topic, number)) {
                    try? fold.recall(record, with: processor)
                }
                let end = disk.positions[topic]?.next ?? 0
                let high = world.cluster.high(TopicPartition(topic, number))
                auditor.expect(end <= high, "\(loop) \(number) stands at \(end) of \(high)")
            }
            // Each is encoded when it is looked at.
            let expected = Array(fold.changes).filter { $0.state != nil }
            auditor.expect(
                Set(expected.map(\.key)) == Set(disk.states.keys),
                "\(loop) \(number) stores other keys than the log has")
            for change in expected {
                let key = change.key
                // The same state may have several forms: a set has no order.
                auditor.expect(
                    disk.states[key] == change.state
                        || disk.states[key].flatMap { try? P.State(stored: $0) }
                            == change.state.flatMap { try? P.State(stored: $0) },
                    "\(loop) \(number) stores another \(key) than the log gives")
                auditor.expect(
                    disk.wakeUps[key] == change.wakeUp, "\(loop) \(number) has another wake-up for \(key)")
            }
        }
    }
}
