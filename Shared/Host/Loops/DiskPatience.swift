import Dispatch
import Kafka
import Models
import Store

extension HostContext {
    /// Writes to a store. While the disk is full or a write fails, it waits and tries again, for as long as
    /// it takes: a loop must not go on before it has written, and waiting loses nothing. The service is not
    /// ready meanwhile, and says why. Throws `Stopped` when the process is asked to stop: what was not
    /// written stands on the log, and the next process reads it there.
    ///
    /// A loop that waits does not poll. After `max.poll.interval.ms` its group gives the partitions to
    /// others, who read what is missing in their stores from the log. What the loop writes afterwards is true
    /// and no more than behind the log; with its next poll it hears that it has lost the partitions, and
    /// before that no transaction of it succeeds (KIP-447). To end the process instead would help nobody: the
    /// next one meets the same disk. (A restore is different: it builds its store without a journal, and what
    /// a full disk left of it is worth nothing. There the process ends, and the next one begins the store
    /// again.)
    ///
    /// - Returns: whether it waited longer than a group waits for a member that does not poll.
    @discardableResult
    func writing(
        to store: String, lateAfter: Duration = Patience.weather, _ write: () throws -> Void
    ) throws -> Bool {
        let started = ContinuousClock.now
        var retrying = Retrying(.brief, until: started + Patience.endless)
        let part = "\(store), store"
        var isHindered = false
        defer { if isHindered { health.hinder(part, nil) } }
        while true {
            do {
                try write()
                return started.duration(to: .now) > lateAfter
            } catch  where Self.isOfDisk(error) {
                guard !stop.isRaised else { throw Stopped() }
                guard let pause = retrying.pause(at: .now, chance: .random(in: 0...1)) else { throw error }
                if !isHindered {
                    log.error(
                        "a store can't be written", ["store": .text(store), "reason": .text("\(error)")])
                }
                isHindered = true
                health.hinder(part, "can't be written: \(error)")
                stop.wait(for: .milliseconds(Int(clamping: pause.wholeMilliseconds)))
            }
        }
    }

    private static func isOfDisk(_ error: any Error) -> Bool {
        (error as? StoreError)?.isOfDisk == true || error is WriteFailure
    }
}
