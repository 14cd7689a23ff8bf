import Kafka
import Models
import Processing
import Support
import Text

@testable import Host
@testable import Routing

/// The end of a run: everything comes to rest.
extension World {
    /// Faults stop; everything that waits is worked off.
    func quieten() {
        say("quiet")
        isQuiet = true
        gateway.isMoody = false
        gateway.isSlow = false
        orphans = []
        workload.sendEverything(&prng)
        var closed: Set<TrackingCode> = []
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
            let top = complaintsOrderedAgain
            if top.areAll, !isAnythingElseAwaited { return }
            // While anything else is awaited, the same orders would fill the log. So the office ends them.
            let open = takesLongWay ? [] : top.codes.filter { !closed.contains($0) }
            if !open.isEmpty {
                for complaint in open { workload.close(complaint, &prng) }
                closed.formUnion(open)
                continue
            }
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
            for instance in instances { turnUnlessAtRest(instance) }
            cluster.markAll()
            cluster.advance(milliseconds: 1000)
            still = activity == before ? still + 1 : 0
            guard still > 0 else { continue }
            if isWorkedOff { return true }
            if !takesLongWay, let answer = instances.compactMap({ $0.session?.nextAnswer }).min() {
                cluster.advance(milliseconds: max(0, answer - cluster.now))
            }
        }
        return false
    }

    private var activity: Int { cluster.activity }

    /// Most turns would do nothing, and time passes without them, so who is at rest is passed over. In some
    /// worlds nobody is: there such a turn must really do nothing.
    private func turnUnlessAtRest(_ instance: Instance) {
        if instance.log == nil { start(instance) }
        let isAtRest = isAtRest(instance)
        guard !isAtRest || takesLongWay else { return }
        let before = (activity, cluster.transactionCount)
        turn(instance)
        instance.wroteNothing = before == (activity, cluster.transactionCount)
        auditor.expect(instance.wroteNothing || !isAtRest, "\(instance) was at rest, and wrote something")
    }

    /// Its last turn wrote nothing, nothing came since, and it waits for a later moment.
    private func isAtRest(_ instance: Instance) -> Bool {
        guard instance.wroteNothing, let log = instance.log, log.isWorkedOff(instance.loop.inputs),
            instance.session.map({ $0.underWay == 0 && $0.nextAnswer == nil }) ?? true
        else { return false }
        // A turn that finds nothing lets a moment pass.
        let soon = Instant(millisecondsSince1970: SimulatedCluster.beginning + cluster.now + 1000)
        return log.ownedPartitions.allSatisfy { number in
            instance.disks[number]?.nextWakeUp.map { $0 > soon } ?? true
        }
    }

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

    /// The complaints that wait at the top, each under more than one order, and whether no other one waits.
    private var complaintsOrderedAgain: (codes: [TrackingCode], areAll: Bool) {
        let disks = currentDisks(of: .routing).values
        let codes = disks.flatMap { disk in
            disk.wakeUps.keys.compactMap { key -> TrackingCode? in
                let complaint = disk.states[key].flatMap { try? JSON.decode(Complaint.self, from: $0) }
                guard let complaint, complaint.orders > 1,
                    complaint.running.contains(where: { $0.deadline == .resolve })
                else { return nil }
                return TrackingCode(key)
            }
        }
        return (
            codes.sorted { $0.compact < $1.compact }, codes.count == disks.reduce(0) { $0 + $1.wakeUps.count }
        )
    }

    private var isAnythingElseAwaited: Bool {
        Loop.allCases.contains { loop in
            loop != .routing && currentDisks(of: loop).values.contains { $0.nextWakeUp != nil }
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
