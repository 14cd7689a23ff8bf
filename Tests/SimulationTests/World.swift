import Kafka
import Models
import Processing
import Support
import Text

@testable import Analytics
@testable import Host
@testable import Notification
@testable import Routing

/// One process of the suite: what dies and is started again, and what it keeps meanwhile.
final class Instance {
    let loop: Loop
    let number: Int
    var disks: [Int32: Disk] = [:]
    /// How wrong its clock is.
    var skewMilliseconds: Int64 = 0
    /// Nil while it is dead.
    var log: SimulatedLog?
    var turn: () throws -> Void = {}
    /// What it still does when it is asked to stop.
    var end: () throws -> Void = {}
    /// A pusher's talk with the gateway.
    var session: SimulatedSession?
    /// In the middle of a turn.
    var isBusy = false
    /// Steps of the world during which it does nothing, not even send heartbeats.
    var frozenSteps = 0
    var isDoomed = false

    init(_ loop: Loop, _ number: Int) {
        self.loop = loop
        self.number = number
    }

    func disk(_ partition: Int32) -> Disk {
        let disk = disks[partition] ?? Disk()
        disks[partition] = disk
        return disk
    }
}

extension Instance: CustomStringConvertible {
    var description: String { "\(loop)/\(number)" }
}

enum Loop: CaseIterable {
    case routing, addressing, dispatch, pusher, urgentPusher, grading, alarming, summarising

    var group: String {
        switch self {
        case .routing: Routing().name
        case .addressing: Town.addressing.name
        case .dispatch: Dispatch().name
        case .pusher: Pushing.Kind.ordinary.name
        case .urgentPusher: Pushing.Kind.urgent.name
        case .grading: Grading().name
        case .alarming: Alarming().name
        case .summarising: Summarising().name
        }
    }

    var inputs: [Topic] {
        switch self {
        case .routing: Routing().inputs
        case .addressing: Town.addressing.inputs
        case .dispatch: Dispatch().inputs
        case .pusher: [.jobs]
        case .urgentPusher: [.urgentJobs]
        case .grading: Grading().inputs
        case .alarming: Alarming().inputs
        case .summarising: Summarising().inputs
        }
    }
}

extension Loop {
    /// What it reads beside its inputs without committing positions.
    var followed: [Topic] {
        switch self {
        case .pusher, .urgentPusher: [Pushing.Kind.followed]
        case .routing, .addressing, .dispatch, .grading, .alarming, .summarising: []
        }
    }
}

/// One seed, one run: logs, clocks, stores, people and faults, all in one thread and all drawn from the seed.
final class World {
    let options: Options
    let cluster: SimulatedCluster
    let auditor: Auditor
    let workload: Workload
    let gateway: SimulatedGateway
    let marks = Marks()
    private(set) var instances: [Instance] = []
    private var prng: SplitMix64
    private let bug: Bug?
    private let trace: ((String) -> Void)?
    private let context: HostContext

    private var steps = 0
    private var depth = 0
    private var isQuiet = false
    /// Dead processes' records that are still under way.
    private var orphans: [SimulatedLog] = []

    init(seed: UInt64, steps: Int, bug: Bug? = nil, trace: ((String) -> Void)? = nil) {
        prng = SplitMix64(seed: seed)
        options = Options(&prng, steps: steps, validAfter: seed % 2 == 0 ? .seconds(3600) : nil)
        self.bug = bug
        self.trace = trace
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
            isSlow: options.gatewayIsSlow, shuts: options.gatewayShuts, now: { [cluster] in cluster.now })
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

    private func say(_ text: @autoclosure () -> String) {
        trace?("\(steps) \(String(repeating: "  ", count: depth))+\(cluster.now) ms \(text())")
    }

    // MARK: Steps

    private func step() {
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
        case 82: workload.report(&prng)
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

    private func turn(_ instance: Instance) {
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

    private func die(_ instance: Instance, _ reason: String) {
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
                let request = record.value.flatMap { try? JSON.decode(NoticeRequest.self, from: $0) }
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
                let job = record.value.flatMap { try? JSON.decode(SMSJob.self, from: $0) }
                guard let job, withdrawn.contains(job.reference) else { return nil }
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

    // MARK: Faults inside a turn

    private func meet(_ point: Point, _ instance: Instance) throws(SimulatedFailure) {
        guard !isQuiet else { return }
        if instance.isDoomed { throw .restart("died after the deed") }
        // A turn polls much more often than it does anything else.
        guard prng.once(in: point == .poll ? options.rarity * 10 : options.rarity) else { return }
        switch Int.random(in: 0..<4, using: &prng) {
        case 0 where options.crashes:
            marks.hit(.crashed)
            if point == .committed || point == .beforeSave { marks.hit(.crashedBetweenCommitAndSave) }
            throw .restart("crash at \(point)")
        case 1 where options.freezes && depth < 2: freeze(instance, at: point)
        case 2 where options.aborts && [.begin, .send, .sendOffsets, .commit].contains(point):
            say("\(instance): the broker refuses at \(point)")
            throw .abort("refused at \(point)")
        case 3 where options.weather: try weather(instance, at: point)
        default: break
        }
    }

    /// What is left of a broker's error behind `Kafka`: a poll that fails, or a call that takes its time,
    /// because it is made again until a broker answers. Meanwhile others work, and the process is alive.
    private func weather(_ instance: Instance, at point: Point) throws(SimulatedFailure) {
        if point == .poll {
            marks.hit(.pollFailed)
            throw .retry("no broker answers")
        }
        if bug == .leavesErrors { throw .retry("the partition has no leader") }
        guard depth < 2 else { return }
        say("\(instance) repeats a call at \(point)")
        marks.hit(.callRepeated)
        depth += 1
        for _ in 0..<Int.random(in: 1...5, using: &prng) {
            cluster.advance(milliseconds: Int64.random(in: 0...1500, using: &prng))
            step()
        }
        depth -= 1
    }

    /// The process stands still in the middle of a call; what it has sent goes on its way.
    private func freeze(_ instance: Instance, at point: Point) {
        say("\(instance) freezes at \(point)")
        marks.hit(.frozen)
        instance.frozenSteps = 1
        depth += 1
        for _ in 0..<Int.random(in: 1...30, using: &prng) {
            if prng.once(in: 5) { cluster.advance(milliseconds: Int64.random(in: 0...12_000, using: &prng)) }
            step()
            if prng.once(in: 4) { instance.log?.deliverOne(isLate: true) }
        }
        depth -= 1
        instance.frozenSteps = 0
        say("\(instance) goes on")
    }

    /// The process waits for a transaction of somebody else to end.
    private func wait(_ instance: Instance) throws(SimulatedFailure) {
        say("\(instance) waits for a transaction")
        cluster.advance(milliseconds: Int64.random(in: 100...3000, using: &prng))
        if prng.once(in: 2) { cluster.markOne() }
        for frozen in instances where frozen.frozenSteps > 0 && prng.once(in: 2) {
            frozen.log?.deliverOne(isLate: true)
        }
        if !isQuiet, depth < 3, prng.once(in: 2) {
            depth += 1
            step()
            depth -= 1
        }
        if isQuiet { cluster.markAll() }
        try meet(.restore, instance)
    }

    // MARK: Processes

    private func start(_ instance: Instance) {
        say("\(instance) starts")
        let log = SimulatedLog(
            cluster, group: instance.loop.group, identity: "\(instance.number)", isStatic: options.isStatic,
            prng: SplitMix64(seed: prng.next()), marks: marks, bug: bug)
        instance.log = log
        log.meet = { [unowned self, unowned instance] (point) throws(SimulatedFailure) in
            try meet(point, instance)
        }
        log.wait = { [unowned self, unowned instance] () throws(SimulatedFailure) in try wait(instance) }
        switch instance.loop {
        case .routing:
            run(FaultyRouting(routing: Routing(registry: Town.registry), bug: bug), on: instance, log)
        case .addressing: address(on: instance, log)
        case .dispatch:
            run(
                FaultyDispatch(
                    limits: options.limits, wording: Wording(language: .en, desk: options.manner.desk),
                    answers: options.answers,
                    bug: bug), on: instance, log)
        case .grading:
            run(Grading(registry: Town.registry, validAfter: options.validAfter), on: instance, log)
        case .alarming:
            run(Alarming(registry: Town.registry, rules: Town.alarmRules), on: instance, log)
        case .summarising: run(Summarising(registry: Town.registry), on: instance, log)
        case .pusher: push(.ordinary, on: instance, log)
        case .urgentPusher: push(.urgent, on: instance, log)
        }
    }

    /// With a copy of the registry that is read late, or at once.
    private func address(on instance: Instance, _ log: SimulatedLog) {
        let end = cluster.high(TopicPartition(.registry, 0))
        // Whoever starts later reads all of it first.
        var isBehind = options.registryIsLate && steps == 0
        let first = isBehind ? Town.formerRegistry : Town.registry
        run(FaultyAddressing(Town.addressing(by: first, options.manner), bug: bug), on: instance, log) {
            [unowned self] member in
            if member.awaitsRegistry { marks.hit(.awaitedRegistry) }
            if isBehind, isQuiet || prng.once(in: 10) {
                member.adopt(Town.registry)
                isBehind = false
            }
            let read = isBehind && bug != .claimsRegistry ? end - 1 : end
            member.registryRead = Position(next: read)
        }
    }

    private func push(_ kind: Pushing.Kind, on instance: Instance, _ log: SimulatedLog) {
        let session = SimulatedSession(gateway) { [unowned instance] in instance.isDoomed = true }
        session.onSubmit = { [auditor, unowned log] job in
            auditor.expect(
                !log.hasReadWithdrawal(of: job), "\(job) was sent although its pusher knew it was withdrawn")
        }
        let pushing = Pushing(kind, gateway: session, log: context.log)
        let member = OutsideMember<FaultyPushing, SimulatedLog>(
            FaultyPushing(pushing, bug: bug), context, name: kind.name,
            following: Pushing.Kind.followed, clock: clock(of: instance))
        member.layout = layout
        instance.session = session
        instance.turn = { try member.turn(log) }
        instance.end = { try member.end(log, within: .zero) }
    }

    private var layout: TopicLayout {
        bug == .ignoresPartitions ? TopicLayout() : TopicLayout(cluster.partitions)
    }

    private func clock(of instance: Instance) -> () -> Instant {
        { [unowned self, unowned instance] in
            Instant(
                millisecondsSince1970: SimulatedCluster.beginning + cluster.now + instance.skewMilliseconds)
        }
    }

    /// - Parameter follow: what comes before each turn.
    private func run<P: Processor>(
        _ processor: P, on instance: Instance, _ log: SimulatedLog,
        following follow: @escaping (Member<P, SimulatedLog>) -> Void = { _ in }
    ) {
        let member = Member<P, SimulatedLog>(processor, context, clock: clock(of: instance)) {
            [unowned self, unowned instance, unowned log] number in
            SimulatedStore(instance.disk(number), self.marks, bug: self.bug, isRestoring: { log.isRestoring })
            {
                try self.meet($0, instance)
            }
        }
        member.layout = layout
        if bug == .savesBeforeCommit {
            log.onBegin = { [unowned member] in
                for (number, var partition) in member.owned {
                    try? partition.save(to: member.stores[number], positions: [:])
                }
            }
        }
        instance.turn = {
            follow(member)
            try member.turn(log)
        }
    }

    // MARK: The end

    /// Faults stop; everything that waits is worked off.
    private func quieten() {
        say("quiet")
        isQuiet = true
        gateway.isMoody = false
        gateway.isSlow = false
        orphans = []
        workload.sendEverything(&prng)
        for instance in instances {
            // It never hears the answer it waits for.
            if instance.isDoomed { die(instance, "died after the deed") }
            instance.frozenSteps = 0
            instance.skewMilliseconds = 0
            for disk in instance.disks.values { disk.failingWrites = 0 }
        }
        for _ in 0..<Self.wakeUpRounds {
            guard settle() else { return auditor.violations.append("it does not come to rest") }
            guard let wakeUp = nextWakeUp else { return }
            // At the top order follows order as long as nobody does anything.
            if isOrderedAgain { return }
            let now = SimulatedCluster.beginning + cluster.now
            cluster.advance(milliseconds: max(1000, wakeUp.millisecondsSince1970 - now + 1))
        }
        let next = nextWakeUp?.description ?? "never"
        auditor.violations.append("keys wake up without end; the next at \(next)")
    }

    private static let wakeUpRounds = 300
    private static let settlingRounds = 400

    /// Turns until nothing happens any more; says whether that came.
    private func settle() -> Bool {
        var still = 0
        for _ in 0..<Self.settlingRounds {
            let before = activity
            for instance in instances {
                if instance.log == nil { start(instance) }
                turn(instance)
            }
            cluster.markAll()
            cluster.advance(milliseconds: 1000)
            still = activity == before ? still + 1 : 0
            if still > 0, isWorkedOff { return true }
        }
        return false
    }

    private var activity: Int { cluster.activity }

    private var isWorkedOff: Bool {
        guard instances.allSatisfy({ $0.log?.hasRestoreUnderWay != true }),
            instances.allSatisfy({ $0.session?.underWay ?? 0 == 0 })
        else { return false }
        return Loop.allCases.allSatisfy { loop in
            guard let group = cluster.groups[loop.group], !group.isRebalancing else { return false }
            return loop.inputs.allSatisfy { topic in
                (0..<(cluster.partitions[topic] ?? 0)).allSatisfy { number in
                    let place = TopicPartition(topic, number)
                    let unread = cluster.read(place, from: group.committed[place]?.next ?? 0)
                    return unread.record == nil
                }
            }
        }
    }

    /// Of the stores that are in use: the others are somebody's old copies.
    private var nextWakeUp: Instant? {
        Loop.allCases.flatMap { currentDisks(of: $0).values }.compactMap(\.nextWakeUp).min()
    }

    /// Whether only complaints at the top still wait, each under more than one order.
    private var isOrderedAgain: Bool {
        Loop.allCases.allSatisfy { loop in
            currentDisks(of: loop).values.allSatisfy { disk in
                disk.wakeUps.keys.allSatisfy { key in
                    guard loop == .routing, let state = disk.states[key],
                        let complaint = try? JSON.decode(Complaint.self, from: state)
                    else { return false }
                    return complaint.orders > 1 && complaint.running.contains { $0.deadline == .resolve }
                }
            }
        }
    }

    /// The owner's disk for every partition.
    func currentDisks(of loop: Loop) -> [Int32: Disk] {
        var disks: [Int32: Disk] = [:]
        for instance in instances where instance.loop == loop {
            for number in instance.log?.ownedPartitions ?? [] { disks[number] = instance.disks[number] }
        }
        return disks
    }
}
