import Foundation
import Kafka

/// The loops' presets for librdkafka, which `KAFKA_…` overrides, and their own limits.
enum LoopSettings {
    /// The group gives a dead member's partitions to others after its session. Ten seconds are short, and
    /// more than the least that brokers allow (6 s).
    ///
    /// The last two are the back-pressure: while a loop is busy it does not poll, and librdkafka stops
    /// fetching when this much waits. Two full batches keep the loop busy while it commits. librdkafka's
    /// preset of 64 MiB for each consumer is more than one of our services needs in all.
    static let consumer = [
        "session.timeout.ms": "10000", "heartbeat.interval.ms": "2000", "enable.partition.eof": "true",
        "queued.min.messages": "20000", "queued.max.messages.kbytes": "16384",
    ]
    /// librdkafka looks only once a second whether a full queue has room again. The queue of a restoring
    /// reader holds more than one second's work, so that the reader never stands still.
    static let restoring = consumer.merging(
        ["queued.min.messages": "40000", "queued.max.messages.kbytes": "32768"], uniquingKeysWith: { $1 })
    /// Readers of committed records wait for open transactions, so a frozen instance must not hold one open
    /// for long.
    ///
    /// Records are sent while others are decided; the linger makes larger requests of them. A commit does not
    /// wait for it: `rd_kafka_flush` ignores `linger.ms` (rdkafka.h).
    static let producer = [
        "transaction.timeout.ms": "10000", "message.timeout.ms": "8000", "linger.ms": "20",
    ]
    /// After this time a record goes to the spool, and its sender gets an answer.
    static let writer = ["message.timeout.ms": "3000", "linger.ms": "1"]
    /// Projections.
    static let plainProducer = ["message.timeout.ms": "8000", "linger.ms": "1"]

    /// Many keys may be due after an outage, and many may wait when the registry changes. These limits leave
    /// time for new records in each turn.
    static let wakeUpsPerTurn = 500
    static let reviewsPerTurn = 200
    /// The pause after due wake-ups that led to nothing.
    static let deafFor: Duration = .seconds(1)
    static let restoreSaveEvery = 10_000
    static let restoreTellEvery = 100
    /// A new registry is noticed within this time.
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
