import Foundation
import Kafka
import Models

/// Reports the service as not ready while one of its loops reads nothing although records wait. It also tells
/// the loops where their partitions end.
///
/// It has a thread and a client of its own, because it must also notice a loop that hangs, and a loop whose
/// consumer is dead. When the process ends, it does not wait for this thread: a question to a frozen broker
/// takes `socket.timeout.ms`, whatever its timeout says.
struct ProgressWatch: Sendable {
    private let context: HostContext
    private let health: Health.Part
    private let patience: Duration

    /// The pause between two checks, at least.
    private static let interval: Duration = .seconds(10)
    private static let askMilliseconds: Int32 = 2_000
    /// Naming more places makes the reason no clearer.
    private static let toldPlaces = 3
    /// The note about brokers that do not answer.
    static let silence = "brokers"
    /// The note about loops that the service can do without.
    private static let dispensable = "standstill"

    init(_ context: HostContext, patience: Duration) {
        self.context = context
        self.patience = patience
        health = context.health.part(Health.progress)
        health.ready()
    }

    func start() {
        let thread = Thread { watch() }
        thread.name = "progress"
        thread.stackSize = 1 << 19
        thread.start()
    }

    private func watch() {
        do {
            try watch(Cluster(context.cluster, clientID: "\(context.name).progress"))
        } catch {
            context.log.error("the progress can't be watched", ["reason": .of(error)])
        }
    }

    private func watch(_ cluster: borrowing Cluster) {
        var progress = Progress(patience: patience)
        var ends = Ends()
        var answeredAt = ContinuousClock.now
        let pause = min(Self.interval, patience / 3)
        while !context.stop.wait(for: .milliseconds(Int(clamping: pause.wholeMilliseconds))) {
            let dispensable = context.dispensableStandings.all
            let standings = context.standings.all.merging(dispensable) { own, _ in own }
            let places = context.standings.partitions.union(context.dispensableStandings.partitions).sorted()
            let known = ends.ask(for: places) { place in
                try? cluster.watermarks(of: [place], timeoutMilliseconds: Self.askMilliseconds)[place]?.high
            }
            // While the cluster does not answer, nobody can say whether records wait, so the last result
            // stays. A loop that reads without a group does not notice the outage, so it is noted here.
            guard places.isEmpty || !known.isEmpty else {
                let silent = .now - answeredAt
                if silent >= patience { context.health.note(Self.silence, Self.note(silent)) }
                continue
            }
            answeredAt = .now
            context.standings.note(known)
            context.dispensableStandings.note(known)
            context.health.note(Self.silence, nil)
            let stuck = progress.stuck(standings, ends: known, at: .now)
            tell(stuck.filter { dispensable[$0.place] == nil })
            let spared = stuck.filter { dispensable[$0.place] != nil }
            context.health.note(Self.dispensable, spared.isEmpty ? nil : reason(spared))
        }
    }

    private static func note(_ silent: Duration) -> String {
        "no broker has told the ends of the topics for \(silent.wholeSeconds) s: new records are not seen"
    }

    private func tell(_ stuck: [Progress.Stuck]) {
        if stuck.isEmpty { health.ready() } else { health.notReady(reason(stuck)) }
    }

    private func reason(_ stuck: [Progress.Stuck]) -> String {
        let places = stuck.prefix(Self.toldPlaces).map { one in
            "\(one.place.loop) at \(one.place.partition), \(one.waiting) offsets wait"
        }
        let rest = stuck.count - places.count
        return "nothing was read for \(patience.wholeMilliseconds / 1000) s: "
            + places.joined(separator: "; ") + (rest > 0 ? "; and \(rest) more" : "")
    }
}
