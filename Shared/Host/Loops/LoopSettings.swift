import Foundation
import Kafka

/// What the loops ask of librdkafka and of themselves, where an operator's `KAFKA_…` says nothing else.
enum LoopSettings {
    /// A member that died for good gives its partitions free after the session; ten seconds is short and
    /// above what brokers allow (6 s).
    ///
    /// The last two are the back-pressure: a loop that falls behind stops polling, and librdkafka stops
    /// fetching a partition once this much of it waits. Two full batches are enough to keep the loop busy
    /// while it commits; librdkafka's own 64 MiB for every consumer is more than a whole service of ours
    /// needs.
    static let consumer = [
        "session.timeout.ms": "10000", "heartbeat.interval.ms": "2000", "enable.partition.eof": "true",
        "queued.min.messages": "20000", "queued.max.messages.kbytes": "16384",
    ]
    /// A restore works off what is fetched as fast as it can, and librdkafka looks at a queue that was full
    /// once a second only: what waits for each of the readers is more than a second's work, or they stand
    /// still.
    static let restoring = consumer.merging(
        ["queued.min.messages": "40000", "queued.max.messages.kbytes": "32768"], uniquingKeysWith: { $1 })
    /// Readers of committed records wait for an open transaction, so a frozen instance must not hold them for
    /// long.
    ///
    /// Records are sent while others are being decided; the linger gathers them to requests worth sending. A
    /// commit waits for none of it: `rd_kafka_flush` ignores `linger.ms` (rdkafka.h).
    static let producer = [
        "transaction.timeout.ms": "10000", "message.timeout.ms": "8000", "linger.ms": "20",
    ]
    /// After this a record goes to the spool, and whoever sent it has his answer.
    static let writer = ["message.timeout.ms": "3000", "linger.ms": "1"]
    /// Projections.
    static let plainProducer = ["message.timeout.ms": "8000", "linger.ms": "1"]

    /// However many are due after an outage, and however many wait when the registry changes: a turn has time
    /// for new records, too.
    static let alarmsPerTurn = 500
    static let reviewsPerTurn = 200
    static let deafFor: Duration = .seconds(1)
    static let restoreSaveEvery = 10_000
    static let restoreTellEvery = 100
    /// How long a new registry may go unnoticed.
    static let rest: Duration = .seconds(1)
}

extension HostContext {
    /// The presets that the environment does not override.
    func presets(_ presets: [String: String]) -> [String: String] {
        presets.filter { cluster.passedThrough[$0.key] == nil }
    }

    /// How this instance is a member of a group: a static one (KIP-345), known by its data folder.
    ///
    /// Started again it takes its former self's place at once; nobody waits for a dead member's session, and
    /// the others keep their partitions.
    func membership(worker: Int = 0) throws -> [String: String] {
        let identity = try InstanceIdentity(folder: dataFolder, worker: worker)
        return presets(LoopSettings.consumer.merging(["group.instance.id": identity.description]) { $1 })
    }
}

/// Who this instance is over its restarts: a name drawn once and kept in its data folder.
///
/// It names the transactional producer, so that a restarted instance fences its own former self at once
/// instead of waiting for its transaction to time out; two instances have two folders and never fence each
/// other.
struct InstanceIdentity: CustomStringConvertible {
    let description: String

    /// - Parameter worker: each loop of a kind is a member and a producer of its own.
    init(folder: String, worker: Int = 0) throws {
        let path = "\(folder)/instance"
        var name = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        if name.isEmpty {
            name = UUID().uuidString.lowercased()
            // Only if there is none yet: loops that start together agree on the one that was first.
            try? Data(name.utf8).write(to: URL(fileURLWithPath: path), options: .withoutOverwriting)
            name = try String(contentsOfFile: path, encoding: .utf8)
        }
        description = worker == 0 ? name : "\(name)-\(worker)"
    }
}
