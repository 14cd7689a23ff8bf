import Foundation
import Kafka
import Models
import Synchronization

/// The loops' presets for librdkafka, which `KAFKA_…` overrides, and the loops' own limits.
enum LoopSettings {
    /// The group gives a dead member's partitions to others after its session. Ten seconds is short, but more
    /// than the minimum that brokers allow (6 s).
    ///
    /// The last two are the back-pressure: while a loop is busy it does not poll, and librdkafka stops
    /// fetching when this many records or bytes wait. Two full batches keep the loop busy while it commits.
    /// librdkafka's preset of 64 MiB for each consumer is more memory than one of our services needs in
    /// total.
    static let consumer = [
        "session.timeout.ms": "10000", "heartbeat.interval.ms": "2000", "enable.partition.eof": "true",
        "queued.min.messages": "20000", "queued.max.messages.kbytes": "16384",
    ]
    /// librdkafka looks only once a second whether a full queue has room again. The queue of a restoring
    /// reader holds more than one second's work, so that the reader never stands still.
    static let restoring = consumer.merging(
        ["queued.min.messages": "40000", "queued.max.messages.kbytes": "32768"], uniquingKeysWith: { $1 })
    /// How long may a transaction stay open? Both too short and too long do harm.
    ///
    /// If the time is too short, the death of a broker ends the process: Kafka notices the death after a
    /// session of 9 s, elects leaders and coordinators, and loads their state. With 10 s each death ended two
    /// to four instances; with 60 s, which is also Kafka's own preset, Routing survived three deaths. If the
    /// time is too long, a frozen instance holds back the readers of committed records for that time, and up
    /// to 10 s more until the broker checks. That is rare and it passes: an instance that was killed and
    /// started again ends its transaction at once, and one that stops in good order leaves none. So we take
    /// sixty seconds.
    ///
    /// Measured on noida-db 0.2.3: a member was frozen (SIGSTOP) inside an open transaction, and a reader of
    /// committed records waited for the record behind it. With 10 s it got nothing within 150 s, because this
    /// broker ends no transaction by itself. When the member was killed instead and its successor began, the
    /// reader had the record within 0.1 s, with 10 s and with 60 s. So restarting a frozen member helps at
    /// once, and the shorter time would help only where nobody restarts it. Apache Kafka was not measured.
    ///
    /// A record gets less time than its transaction, so that a transaction that can't be completed can still
    /// be aborted in time. It gets more time than a failover takes, because 2.0.2 may give up the whole
    /// producer when a record's time is over (librdkafka #4438).
    ///
    /// A transaction that directly follows another one meets CONCURRENT_TRANSACTIONS until the broker has
    /// written the markers of the first. librdkafka asks again after `retry.backoff.ms`; its preset of 100
    /// ms, once per hop, was most of the time that a complaint needs. The same pause follows other failures,
    /// for one request of each producer at a time. What we repeat ourselves waits longer each time
    /// (`Backoff`).
    ///
    /// Records are sent while others are decided; the linger groups them into larger requests. A commit does
    /// not wait for the linger: `rd_kafka_flush` ignores `linger.ms` (rdkafka.h).
    static let producer = [
        "transaction.timeout.ms": "60000", "message.timeout.ms": "45000", "linger.ms": "20",
        "retry.backoff.ms": "10",
    ]
    /// After this time a record goes to the spool, and the sender gets its answer.
    static let writer = ["message.timeout.ms": "3000", "linger.ms": "1"]
    /// For projections: they publish again what could not be delivered.
    static let plainProducer = ["message.timeout.ms": "45000", "linger.ms": "1"]

    /// Many wake-ups may be due after an outage, and many keys may wait for a review when the registry
    /// changes. These limits leave time for new records in each turn.
    static let wakeUpsPerTurn = 500
    static let reviewsPerTurn = 200
    /// The pause after due wake-ups that changed nothing.
    static let deafFor: Duration = .seconds(1)
    static let restoreSaveEvery = 10_000
    static let restoreTellEvery = 100
    /// A new registry is noticed within this time.
    static let rest: Duration = .seconds(1)
    /// The pause after an aborted transaction, before the next one.
    static let afterAbort = Backoff(first: .milliseconds(20), ceiling: .seconds(2))
}

extension HostContext {
    /// The presets that the environment does not override.
    ///
    /// A record's time must not be longer than its transaction's. If the environment sets only the
    /// transaction's time, librdkafka takes it for both.
    func presets(_ presets: [String: String]) -> [String: String] {
        let transaction = "transaction.timeout.ms"
        let isReplaced = presets[transaction] != nil && cluster.passedThrough[transaction] != nil
        return presets.filter {
            cluster.passedThrough[$0.key] == nil && !(isReplaced && $0.key == "message.timeout.ms")
        }
    }

    /// Asks the cluster until it answers. An unreachable cluster passes like the weather, and nothing is lost
    /// meanwhile. Throws the error when the process is asked to stop, when waiting can't help, or after
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

    /// This instance's membership of a group: a static one (KIP-345), identified by the data folder.
    ///
    /// An instance that was killed and started again takes its former place at once: nobody waits until the
    /// dead member's session ends, and the other members keep their partitions. An instance that stops in
    /// good order leaves the group (`Consumer.close`), so neither the others nor a successor with another
    /// folder wait for it. Only if a killed instance never comes back, or comes back without its folder, must
    /// the session end first.
    ///
    /// No identity is made from the host's name or the port instead. Two instances may share these
    /// (containers of one image, ports in name spaces), and two that share an identity fence each other for
    /// ever. The folder is locked by its process, so no two instances share it. Ten seconds after a killed
    /// instance has also lost its disk are the smaller harm.
    func membership(worker: Int = 0) throws -> [String: String] {
        let identity = try InstanceIdentity(folder: dataFolder, worker: worker)
        return presets(LoopSettings.consumer.merging(["group.instance.id": identity.description]) { $1 })
    }
}

/// The identity of this instance, the same after each restart: a name drawn once and kept in its data folder.
///
/// It names the transactional producer. So a restarted instance fences its own former self at once, instead
/// of waiting until the former transaction times out. Two instances have two folders and never fence each
/// other.
struct InstanceIdentity: CustomStringConvertible {
    let description: String

    /// The loops of a process start at the same time and must agree on one name.
    private static let drawing = Mutex(())

    /// - Parameter worker: each loop of one kind is a member and a producer of its own.
    init(folder: String, worker: Int = 0) throws {
        let name = try Self.drawing.withLock { _ in try Self.name(in: "\(folder)/instance") }
        description = worker == 0 ? name : "\(name)-\(worker)"
    }

    private static func name(in path: String) throws -> String {
        let known = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        if !known.isEmpty { return known }
        // An empty file is left by a full disk.
        try? FileManager.default.removeItem(atPath: path)
        try WholeWriting.create(path, Array(UUID().uuidString.lowercased().utf8), mode: 0o600)
        return try String(contentsOfFile: path, encoding: .utf8)
    }
}
