import Dispatch
import Kafka
import Models
import Store

extension HostContext {
    /// Writes to a store; while the disk is full, or does not write, it waits and tries again. A loop must
    /// not go on without what it has to write, and nothing is lost by waiting. The service is not ready
    /// meanwhile.
    ///
    /// Ends with the error when the process is to stop, or after `Patience.weather`: then the group would
    /// give the partitions to others anyhow.
    func writing(to store: String, _ write: () throws -> Void) throws {
        var retrying = Retrying(.brief, until: ContinuousClock.now + Patience.weather)
        let part = "\(store), store"
        var isHindered = false
        while true {
            do {
                try write()
                if isHindered { health.hinder(part, nil) }
                return
            } catch let error as StoreError where error.isOfDisk {
                guard !stop.isRaised, let pause = retrying.pause(at: .now, chance: .random(in: 0...1))
                else { throw error }
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
}
