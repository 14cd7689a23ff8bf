import Dispatch
import Kafka
import Models
import Store

extension HostContext {
    /// Writes to a store. While the disk is full or a write fails, it waits and tries again. A loop must not
    /// go on before it has written, and waiting loses nothing. The service is not ready meanwhile.
    ///
    /// Throws the error when the process is asked to stop, or after `Patience.weather`: by then the group
    /// would give the partitions to other members anyway.
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
