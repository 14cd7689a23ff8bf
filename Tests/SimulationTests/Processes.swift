import Kafka
import Models
import Processing
import Support
import Text

@testable import Analytics
@testable import Host
@testable import Notification
@testable import Routing

/// The processes of the suite, each on a log and disks of its own.
extension World {
    func start(_ instance: Instance) {
        say("\(instance) starts")
        let log = SimulatedLog(
            cluster, group: instance.loop.group, identity: "\(instance.number)", isStatic: options.isStatic,
            prng: SplitMix64(seed: prng.next()), marks: marks, bug: bug)
        instance.log = log
        instance.wroteNothing = false
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
        case .inspecting:
            run(Inspecting(registry: Town.registry, rules: Town.alarmRules), on: instance, log)
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
}
