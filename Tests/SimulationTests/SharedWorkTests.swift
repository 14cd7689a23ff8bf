import Kafka
import Models
import Processing
import Support
import Testing
import Text

@testable import Host

/// Counts upwards: each deed writes the number after the last one. Two members that both believe they own the
/// work would write a number twice.
private struct Counting: SharedWork {
    private(set) var last = 0
    private(set) var dropped = 0
    private(set) var share = Share.none
    let isBusy = false

    mutating func own(_ share: Share) {
        self.share = share
        last = 0
    }

    mutating func recall(_ record: Record) {
        last = record.value.flatMap { Int(String(decoding: $0, as: UTF8.self)) } ?? 0
    }

    mutating func turn(within wait: Duration, at now: Instant) -> [Int] {
        share.holds("count") ? [last + 1] : []
    }

    func records(of deed: Int) -> [Outgoing] {
        [
            Outgoing(
                .sources, key: "count", id: "\(deed)", source: "test", type: EventType("source", "asked"),
                trail: Trail(at: .earliest), data: Array("\(deed)".utf8))
        ]
    }

    mutating func written(_ deed: Int) { last = deed }
    mutating func dropped(_ deed: Int, at now: Instant) { dropped += 1 }
}

/// Members that share work, moved by hand.
private final class Workshop {
    let cluster: SimulatedCluster
    private let seed: UInt64
    /// How many partitions the topic seems to have.
    var partitions: Int32 = 2
    private var members: [Worker] = []

    final class Worker {
        let log: SimulatedLog
        let member: SharedWorkMember<Counting, SimulatedLog>

        init(_ log: SimulatedLog, _ member: SharedWorkMember<Counting, SimulatedLog>) {
            self.log = log
            self.member = member
        }

        func turn() throws { try member.turn(log) }
    }

    init(seed: UInt64) {
        self.seed = seed
        cluster = SimulatedCluster(
            partitions: [.sources: 2], prng: SplitMix64(seed: seed), marks: Marks())
        cluster.makeGroup("counting", [.sources])
        cluster.sendHeartbeats = { [unowned self] in
            for worker in members where !worker.log.isDeaf { worker.log.heartbeat() }
        }
    }

    func start(_ identity: String) -> Worker {
        let log = SimulatedLog(
            cluster, group: "counting", identity: identity, isStatic: false, prng: SplitMix64(seed: seed),
            marks: Marks(), bug: nil)
        log.wait = { [cluster] () throws(SimulatedFailure) in
            cluster.advance(milliseconds: 500)
            cluster.markAll()
        }
        let context = HostContext(
            name: "workshop", cluster: ClusterSettings(bootstrapServers: ""), topics: TopicNames(prefix: ""),
            dataFolder: "", batch: BatchSettings(), workers: 1,
            log: Log(service: "workshop", threshold: .error), metrics: Metrics(), health: Health(),
            stop: StopFlag())
        let member = SharedWorkMember<Counting, SimulatedLog>(
            Counting(), context, name: "counting",
            clock: { [cluster] in
                Instant(millisecondsSince1970: SimulatedCluster.beginning + cluster.now)
            },
            reading: { [cluster, unowned log] from, to, apply in
                for (place, end) in to {
                    var next = from[place]?.next ?? 0
                    while next < end.next {
                        let (record, following) = cluster.read(place, from: next)
                        if let record { try apply(record) }
                        // Nothing is stable beyond here: a transaction is open.
                        if following == next { try log.wait() }
                        next = following
                    }
                }
            })
        member.layout = { [unowned self] in TopicLayout([.sources: partitions]) }
        let worker = Worker(log, member)
        members.append(worker)
        return worker
    }

    func settle(_ worker: Worker, turns: Int = 20) throws {
        for _ in 0..<turns {
            try worker.turn()
            cluster.markAll()
        }
    }

    func giveUp(_ worker: Worker) {
        worker.log.isDeaf = true
        while worker.log.isMember { cluster.advance(milliseconds: 500) }
    }

    var numbers: [Int] {
        cluster.committedRecords(.sources).compactMap {
            $0.value.flatMap { Int(String(decoding: $0, as: UTF8.self)) }
        }
    }
}

@Suite("Work that instances share")
struct SharedWorkTests {
    /// Whatever happens, the log holds 1, 2, 3 … without a gap and without a repetition.
    private func expectWhole(_ shop: Workshop, atLeast count: Int) {
        shop.cluster.markAll()
        #expect(shop.numbers == Array(1...max(1, shop.numbers.count)))
        #expect(shop.numbers.count >= count)
    }

    @Test("an heir goes on where the dead one stopped", arguments: 1...10)
    func heir(_ seed: UInt64) throws {
        let shop = Workshop(seed: seed)
        let first = shop.start("a")
        try shop.settle(first)
        let before = shop.numbers.count
        #expect(before > 3)
        let heir = shop.start("b")
        shop.giveUp(first)
        try shop.settle(heir)
        expectWhole(shop, atLeast: before + 3)
        // It wakes, and has heard of nothing.
        _ = try? first.turn()
        expectWhole(shop, atLeast: before + 3)
    }

    @Test(
        "whoever is frozen at any point of a transaction doubles nothing",
        arguments: 1...10, [Point.begin, .send, .sendOffsets, .commit])
    func frozen(_ seed: UInt64, _ frozenAt: Point) throws {
        let shop = Workshop(seed: seed)
        let frozen = shop.start("a")
        try shop.settle(frozen)
        let before = shop.numbers.count
        frozen.log.meet = { (point) throws(SimulatedFailure) in
            guard point == frozenAt else { return }
            frozen.log.meet = { _ in }
            let heir = shop.start("b")
            heir.log.wait = { () throws(SimulatedFailure) in
                shop.cluster.advance(milliseconds: 10)
                frozen.log.deliverOne(isLate: true)
                shop.cluster.markAll()
            }
            shop.giveUp(frozen)
            #expect(throws: Never.self) { try shop.settle(heir) }
        }
        // What it does when it wakes may fail; nothing of it may double.
        for _ in 0..<5 { _ = try? frozen.turn() }
        expectWhole(shop, atLeast: before + 3)
    }

    @Test("after the topic got more partitions, the next assignment counts by the new number")
    func morePartitions() throws {
        let shop = Workshop(seed: 1)
        let worker = shop.start("a")
        try shop.settle(worker)
        #expect(worker.member.work.share == Share([0, 1], of: 2))
        shop.partitions = 8
        shop.cluster.rebalance("counting")
        try shop.settle(worker)
        #expect(worker.member.work.share == Share([0, 1], of: 8))
        // The broker that was asked did not know of them yet.
        shop.partitions = 1
        shop.cluster.rebalance("counting")
        #expect(throws: LayoutFault.self) { try shop.settle(worker) }
    }

    @Test("an aborted transaction counts as not done", arguments: 1...5)
    func aborted(_ seed: UInt64) throws {
        let shop = Workshop(seed: seed)
        let worker = shop.start("a")
        try shop.settle(worker, turns: 5)
        var left = 3
        worker.log.meet = { (point) throws(SimulatedFailure) in
            guard point == .sendOffsets, left > 0 else { return }
            left -= 1
            throw .abort("no")
        }
        try shop.settle(worker)
        #expect(worker.member.work.dropped > 0)
        expectWhole(shop, atLeast: 5)
    }
}
