import Foundation
import Kafka
import Models

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
    /// How long a transaction may stay open is weighed between two harms.
    ///
    /// If it is too short, the death of a broker ends the process: Kafka notices the death after a session of
    /// 9 s, elects leaders and coordinators and loads what they know. With 10 s each death ended two to four
    /// instances; with 60 s, which is also Kafka's own preset, Routing survived three deaths. If it is too
    /// long, a frozen instance holds readers of committed records back for as long, and up to 10 s more until
    /// the broker looks. That is rare and it passes: an instance that was killed and started again ends its
    /// transaction at once, and one that stops in good order leaves none. Sixty seconds it is.
    ///
    /// A record gets less time than its transaction, so that a transaction that can't be completed is aborted
    /// while that can still be done; but more than a failover takes, because 2.0.2 may give up on the whole
    /// producer when a record's time is over (librdkafka #4438).
    ///
    /// A transaction that follows another at once meets CONCURRENT_TRANSACTIONS until the broker has written
    /// its markers. librdkafka asks again after `retry.backoff.ms`: its own 100 ms on every hop were most of
    /// the time that a complaint needs. The same pause follows other failures, one request of each producer
    /// at a time; what is repeated by us waits longer each time (`Backoff`).
    ///
    /// Records are sent while others are decided; the linger makes larger requests of them. A commit does not
    /// wait for it: `rd_kafka_flush` ignores `linger.ms` (rdkafka.h).
    static let producer = [
        "transaction.timeout.ms": "60000", "message.timeout.ms": "45000", "linger.ms": "20",
        "retry.backoff.ms": "10",
    ]
    /// After this time a record goes to the spool, and its sender gets an answer.
    static let writer = ["message.timeout.ms": "3000", "linger.ms": "1"]
    /// Projections. What they publish they publish again if it does not go.
    static let plainProducer = ["message.timeout.ms": "45000", "linger.ms": "1"]

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
    /// After a transaction that was aborted, before the next one.
    static let afterAbort = Backoff(first: .milliseconds(20), ceiling: .seconds(2))
}

extension HostContext {
    /// The presets that the environment does not override.
    ///
    /// A record's time must not be longer than its transaction's. Where the environment sets that one alone,
    /// librdkafka takes it for both.
    func presets(_ presets: [String: String]) -> [String: String] {
        let transaction = "transaction.timeout.ms"
        let isReplaced = presets[transaction] != nil && cluster.passedThrough[transaction] != nil
        return presets.filter {
            cluster.passedThrough[$0.key] == nil && !(isReplaced && $0.key == "message.timeout.ms")
        }
    }

    /// Asks the cluster until it answers. A cluster that is away is weather: it passes, and nothing is lost
    /// meanwhile. Ends with the error when the process is to stop, when no waiting mends it, or after
    /// `Patience.weather`.
    func ask<R>(
        _ what: String, _ question: () throws(KafkaError) -> R
    ) throws(KafkaError) -> R {
        var retrying = Retrying(.brief, until: ContinuousClock.now + Patience.weather)
        while true {
            do throws(KafkaError) {
                return try question()
            } catch {
                guard error.isPassing, !stop.isRaised,
                    let pause = retrying.pause(at: .now, chance: .random(in: 0...1))
                else { throw error }
                log.warning("the cluster does not answer", ["question": .text(what), "reason": .of(error)])
                stop.wait(for: .milliseconds(Int(clamping: pause.wholeMilliseconds)))
            }
        }
    }

    /// How this instance is a member of a group: a static one (KIP-345), known by its data folder.
    ///
    /// One that was killed and is started again takes its former self's place at once: nobody waits for a
    /// dead member's session, and the others keep their partitions. One that stops in good order leaves the
    /// group (`Consumer.close`), so that neither the others nor a successor with another folder wait for it.
    /// Only where a killed instance never comes back, or comes back without its folder, the session passes
    /// first.
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
            // Nothing is in it: a full disk left it so.
            try? FileManager.default.removeItem(atPath: path)
            // Only if there is none yet: loops that start together agree on the one that was first.
            try WholeWriting.create(path, Array(UUID().uuidString.lowercased().utf8), mode: 0o600)
            name = try String(contentsOfFile: path, encoding: .utf8)
        }
        description = worker == 0 ? name : "\(name)-\(worker)"
    }
}
