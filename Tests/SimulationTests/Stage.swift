import Kafka
import Models
import Processing
import Support

@testable import Host

/// Processes of one loop, moved by hand.
final class Stage<P: Processor> {
    let cluster: SimulatedCluster
    private let processor: P
    private let seed: UInt64
    private let context: HostContext
    var skew: Duration = .zero
    /// For the mistakes that a store can make.
    var plant: (any StateStore, SimulatedLog) -> any StateStore = { store, _ in store }

    final class Process {
        let log: SimulatedLog
        let member: Member<P, SimulatedLog>

        init(_ log: SimulatedLog, _ member: Member<P, SimulatedLog>) {
            self.log = log
            self.member = member
        }

        func turn() throws { try member.turn(log) }
    }

    private var processes: [Process] = []

    init(_ processor: P, seed: UInt64 = 1, partitions count: Int32 = 1, batchRecords: Int = 100) {
        self.processor = processor
        self.seed = seed
        var partitions: [Topic: Int32] = [:]
        for topic in Topic.allCases { partitions[topic] = count }
        cluster = SimulatedCluster(partitions: partitions, prng: SplitMix64(seed: seed), marks: Marks())
        cluster.makeGroup(processor.name, processor.inputs)
        defer {
            cluster.sendHeartbeats = { [unowned self] in
                for process in processes where !process.log.isDeaf { process.log.heartbeat() }
            }
        }
        var batch = BatchSettings()
        batch.records = batchRecords
        context = HostContext(
            name: "stage", cluster: ClusterSettings(bootstrapServers: ""), topics: TopicNames(prefix: ""),
            dataFolder: "", batch: batch, workers: 1, log: Log(service: "stage", threshold: .error),
            metrics: Metrics(),
            health: Health(), stop: StopFlag())
    }

    func start(_ identity: String) -> Process {
        let log = SimulatedLog(
            cluster, group: processor.name, identity: identity, isStatic: false,
            prng: SplitMix64(seed: seed), marks: Marks(), bug: nil)
        log.wait = { [cluster] () throws(SimulatedFailure) in
            cluster.advance(milliseconds: 500)
            cluster.markAll()
        }
        let member = Member<P, SimulatedLog>(
            processor, context, clock: { [unowned self] in now },
            openStore: { [unowned self, unowned log] _ in
                plant(SimulatedStore(Disk(), Marks(), bug: nil, isRestoring: { false }, meet: { _ in }), log)
            })
        member.layout = TopicLayout(cluster.partitions)
        let process = Process(log, member)
        processes.append(process)
        return process
    }

    var now: Instant { Instant(millisecondsSince1970: SimulatedCluster.beginning + cluster.now) + skew }

    /// Until it owns its partitions and has worked off what there is.
    func settle(_ process: Process) throws {
        for _ in 0..<20 {
            try process.turn()
            cluster.markAll()
        }
    }

    /// Nothing is heard of it until its session is over.
    func giveUp(_ process: Process) {
        process.log.isDeaf = true
        while process.log.isMember { cluster.advance(milliseconds: 500) }
    }
}
