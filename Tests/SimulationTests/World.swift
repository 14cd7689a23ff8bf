import Kafka
import Models
import Processing
import Support
import Text

@testable import Analytics
@testable import Host
@testable import Notification
@testable import Routing

/// One seed, one run: logs, clocks, stores, people and faults, all in one thread and all drawn from the seed.
final class World {
    let options: Options
    let cluster: SimulatedCluster
    let auditor: Auditor
    let workload: Workload
    let gateway: SimulatedGateway
    let marks = Marks()
    private(set) var instances: [Instance] = []
    var prng: SplitMix64
    let bug: Bug?
    private let trace: ((String) -> Void)?
    let context: HostContext

    var steps = 0
    var depth = 0
    var isQuiet = false
    /// Whether everything comes to rest without a short cut.
    let takesLongWay: Bool
    /// Dead processes' records that are still under way.
    var orphans: [SimulatedLog] = []

    init(seed: UInt64, steps: Int, bug: Bug? = nil, trace: ((String) -> Void)? = nil) {
        prng = SplitMix64(seed: seed)
        options = Options(&prng, steps: steps, validAfter: seed % 2 == 0 ? .seconds(3600) : nil)
        self.bug = bug
        self.trace = trace
        takesLongWay = seed % 15 == 0
        var partitions: [Topic: Int32] = [:]
        for topic in Topic.allCases {
            switch topic.family {
            case .complaint: partitions[topic] = options.partitions
            case .number: partitions[topic] = options.recipientPartitions
            case .section, .link, .source, .gateway, .single: partitions[topic] = 1
            }
        }
        cluster = SimulatedCluster(partitions: partitions, prng: SplitMix64(seed: prng.next()), marks: marks)
        auditor = Auditor(marks)
        workload = Workload(cluster, auditor, marks, options, links: Town.links, bug: bug)
        gateway = SimulatedGateway(
            prng: SplitMix64(seed: prng.next()), marks: marks, isMoody: options.gatewayFails,
            isSlow: options.gatewayIsSlow, shuts: options.gatewayShuts, promisesReports: seed % 3 == 0,
            now: { [cluster] in cluster.now })
        var batch = BatchSettings()
        batch.records = options.batchRecords
        context = HostContext(
            name: "simulation", cluster: ClusterSettings(bootstrapServers: ""),
            topics: TopicNames(prefix: ""),
            dataFolder: "", batch: batch, workers: 1, log: Log(service: "simulation", threshold: .error),
            metrics: Metrics(),
            health: Health(), stop: StopFlag())
        // The last record of the registry is somebody's who is told of complaints.
        for key in ["all", "last"] { cluster.append(.registry, key: Array(key.utf8), value: [], headers: []) }
        cluster.markAll()
        for loop in Loop.allCases { cluster.makeGroup(loop.group, loop.inputs + loop.followed) }
        instances = Loop.allCases.flatMap { loop in (1...options.instances).map { Instance(loop, $0) } }
        cluster.violation = { [auditor] in auditor.violations.append($0) }
        cluster.sendHeartbeats = { [unowned self] in
            for instance in instances where instance.frozenSteps == 0 { instance.log?.heartbeat() }
        }
    }

    /// The whole run; what the auditor has to say of it.
    func run() -> [String] {
        instances.forEach(start)
        while steps < options.steps, auditor.violations.isEmpty { step() }
        quieten()
        if auditor.violations.isEmpty { auditor.audit(self) }
        say("\(marks)")
        return auditor.violations
    }

    func say(_ text: @autoclosure () -> String) {
        trace?("\(steps) \(String(repeating: "  ", count: depth))+\(cluster.now) ms \(text())")
    }

    // MARK: Steps

    func step() {
        steps += 1
        for instance in instances where instance.frozenSteps > 0 && !instance.isBusy {
            instance.frozenSteps -= 1
        }
        cluster.advance(milliseconds: Int64.random(in: 0...400, using: &prng))
        switch Int.random(in: 0..<100, using: &prng) {
        case 0..<56: turnOne()
        case 56..<60: workload.submit(&prng)
        case 60..<65: workload.act(&prng)
        case 65: workload.answer(&prng)
        case 66..<72: workload.sendStage(&prng)
        case 72..<77: cluster.markOne()
        case 77..<82: startOne()
        case 82: prng.once(in: 3) ? workload.discharge(&prng) : workload.report(&prng)
        case 83: prng.once(in: 4) ? workload.confirm(&prng) : workload.follow(&prng)
        case 84..<86: passTime()
        case 86..<88: if options.duplicates { workload.actAgain(&prng) }
        case 88: if options.duplicates { workload.submitAgain(&prng) }
        case 89: if options.mischief { workload.sendMalformed(&prng) }
        case 90: if options.mischief { workload.sendMisplaced(&prng) }
        case 91: if options.erases { workload.erase(&prng, preferring: complaintsWithWaitingJob) }
        case 92 where options.mirrorsTwice: workload.mirrorTwice(&prng)
        case 92 where options.retention && prng.once(in: 2): loseUnread()
        case 93..<95: if options.kills { killOne() }
        case 95: if options.rebalances { rebalanceOne() }
        case 96: if options.freezes { freezeOne() }
        case 97: if options.jumpsClocks { jumpClock() }
        case 98 where options.fillsDisks && prng.once(in: 2): fillDisk()
        case 98 where options.erases, 99 where options.erases:
            let codes = complaintsWithWaitingJob
            if !codes.isEmpty { workload.erase(&prng, preferring: codes) }
        default: deliverLate()
        }
        // A pusher seldom has messages at the gateway. Now and then somebody dies just then.
        if options.kills, prng.once(in: 25), instances.contains(where: { $0.session?.underWay ?? 0 > 0 }) {
            killOne()
        }
    }

    private func turnOne() {
        let ready = instances.filter { $0.log != nil && !$0.isBusy && $0.frozenSteps == 0 }
        // Many messages end before the gateway has them, and its faults are to be met.
        let pushers = ready.filter { $0.loop == .pusher || $0.loop == .urgentPusher }
        let chosen = prng.once(in: 3) ? pushers.randomElement(using: &prng) : nil
        if let instance = chosen ?? ready.randomElement(using: &prng) { turn(instance) }
    }

    func turn(_ instance: Instance) {
        say("turn \(instance)")
        instance.isBusy = true
        do {
            try instance.turn()
        } catch {
            die(instance, "\(error)")
            if (error as? SimulatedFailure)?.remedy != .restart {
                auditor.violations.append("\(instance) ends by an error that is no reason to: \(error)")
            }
        }
        instance.isBusy = false
    }

    func die(_ instance: Instance, _ reason: String) {
        say("\(instance) dies: \(reason)")
        if let log = instance.log, log.hasUnderWay { orphans.append(log) }
        instance.log = nil
        instance.turn = {}
        instance.end = {}
        instance.session = nil
        instance.isDoomed = false
        instance.frozenSteps = 0
    }

    private func startOne() {
        let dead = instances.filter { $0.log == nil && !$0.isBusy }
        guard let instance = dead.randomElement(using: &prng) else { return }
        if options.losesStores, prng.once(in: 3), !instance.disks.isEmpty {
            say("\(instance) loses its stores")
            marks.hit(.storeLost)
            instance.disks = [:]
        }
        start(instance)
    }

    private func killOne() {
        let alive = instances.filter { $0.log != nil && !$0.isBusy }
        // A pusher is seldom alive while the gateway has its messages, so it is looked for now and then.
        let atWork = alive.filter { $0.session?.underWay ?? 0 > 0 }
        let chosen = prng.once(in: 2) ? atWork.randomElement(using: &prng) : nil
        guard let instance = chosen ?? alive.randomElement(using: &prng) else { return }
        marks.hit(.crashed)
        // Half of the time it was asked to stop; a static member stays in its group then, too.
        if prng.once(in: 2) {
            if instance.session?.underWay ?? 0 > 0 { marks.hit(.pusherStopped) }
            instance.isBusy = true
            try? instance.end()
            instance.isBusy = false
            if !options.isStatic { instance.log?.leave() }
        }
        die(instance, "killed")
    }

    private func rebalanceOne() {
        let loop = prng.one(of: Loop.allCases)
        say("\(loop) rebalances")
        cluster.rebalance(loop.group)
    }

    private func freezeOne() {
        guard let instance = instances.filter({ $0.log != nil && !$0.isBusy }).randomElement(using: &prng)
        else { return }
        say("\(instance) freezes")
        instance.frozenSteps = Int.random(in: 1...40, using: &prng)
        cluster.advance(milliseconds: Int64.random(in: 0...15_000, using: &prng))
    }

    private func jumpClock() {
        let instance = prng.one(of: instances)
        instance.skewMilliseconds = Int64.random(in: -3_000_000...3_000_000, using: &prng)
        say("\(instance) is off by \(instance.skewMilliseconds) ms")
        marks.hit(.clockJumped)
    }

    /// The complaints of which a job waits that is withdrawn where their words are erased.
    private var complaintsWithWaitingJob: Set<String> {
        let withdrawn = Set(
            cluster.committedRecords(.noticeRequests).compactMap { record in
                let request = cluster.value(NoticeRequest.self, of: record)
                let isWithdrawn = request?.bare != nil || request?.recipient.kind.isCitizen == true
                return isWithdrawn ? request?.reference : nil
            })
        let waiting = Pushing.Kind.allCases.flatMap { kind in
            (0..<(cluster.partitions[kind.input] ?? 0)).flatMap { number in
                let place = TopicPartition(kind.input, number)
                let taken = cluster.groups[kind.name]?.committed[place]?.next ?? 0
                return cluster.committedRecords(place).filter { $0.offset >= taken }
            }
        }
        return Set(
            waiting.compactMap { record in
                guard let job = cluster.value(SMSJob.self, of: record), withdrawn.contains(job.reference)
                else { return nil }
                return job.reference.split(separator: ".").first.map(String.init)
            })
    }

    private func fillDisk() {
        let disks = instances.flatMap { instance in
            instance.disks.sorted { $0.key < $1.key }.map { (instance, $0.value) }
        }
        guard let (instance, disk) = disks.randomElement(using: &prng) else { return }
        say("a disk of \(instance) is full")
        disk.failingWrites = Int.random(in: 1...3, using: &prng)
    }

    private func passTime() {
        let minutes = prng.one(of: [1, 2, 10, 60, 300, 1800] as [Int64])
        say("\(minutes) minutes pass")
        cluster.advance(milliseconds: minutes * 60_000)
    }

    /// Analytics is down for longer than reports are kept. With nobody alive it is certain what was not read.
    private func loseUnread() {
        let readers = instances.filter { $0.loop == .grading }
        guard !readers.contains(where: \.isBusy) else { return }
        for reader in readers where reader.log != nil { die(reader, "is switched off") }
        let place = TopicPartition(.reports, 0)
        cluster.markAll()
        let position = cluster.groups[Loop.grading.group]?.committed[place]?.next ?? 0
        guard cluster.openTransactions == 0, position < cluster.high(place) else { return }
        say("\(place) loses what lies below \(cluster.high(place))")
        marks.hit(.recordsLost)
        auditor.lost(from: position, below: cluster.high(place))
        cluster.trim(place, below: cluster.high(place))
    }

    private func deliverLate() {
        guard let index = orphans.indices.randomElement(using: &prng) else { return }
        orphans[index].deliverOne(isLate: true)
        if !orphans[index].hasUnderWay || prng.once(in: 3) { orphans.remove(at: index) }
    }
}
