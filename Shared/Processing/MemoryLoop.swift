public import Models

/// A processor's loop in memory: no broker, no file, no clock. The caller gives it the records and the time,
/// and forwards the records that it returns.
///
/// It works like Host's loop on one partition, with the same `Partition`: it decides, keeps the states as a
/// store would, and wakes the keys that are due. Every topic that an input may refer to counts as read.
public protocol MemoryLoop: AnyObject {
    var inputs: [Topic] { get }
    /// When the next wake-up is due.
    var nextWakeUp: Instant? { get }
    /// When time alone requires the next review of all waiting keys.
    func nextReview(after now: Instant) -> Instant?

    func take(_ record: Outgoing, at now: Instant) throws -> [Outgoing]
    /// Decides the key whose wake-up has been due for longest; does nothing if none is due.
    func wake(at now: Instant) throws -> [Outgoing]
    func review(at now: Instant) throws -> [Outgoing]
    /// Forgets a key that will get no more inputs.
    func forget(_ key: String)
}

public final class ProcessorMemory<P: Processor>: MemoryLoop {
    /// How long a state is kept.
    public enum Keeping {
        /// Until `forget` is called.
        case untilForgotten
        /// While it waits for something. If the key gets an input later, it begins anew.
        case whileWaiting
    }

    /// The states as a store keeps them, but as values: writing them as bytes would gain nothing.
    private final class Shelf {
        var states: [String: P.State] = [:]
    }

    private let processor: P
    private let keeping: Keeping
    private let shelf: Shelf
    private var partition: Partition<P>
    private var wakeUps: [String: Instant] = [:]
    /// An entry is skipped if its key waits for another moment by now.
    private var agenda = Agenda<String>()
    private var offset: Int64 = 0

    public init(_ processor: P, keeping: Keeping = .untilForgotten) {
        self.processor = processor
        self.keeping = keeping
        let shelf = Shelf()
        self.shelf = shelf
        // The shelf holds all states, so the partition need not keep them in memory as well.
        partition = Partition(knownLimit: 1) { key in shelf.states[key] }
    }

    public var inputs: [Topic] { processor.inputs }

    public var nextWakeUp: Instant? { agenda.next }

    public func nextReview(after now: Instant) -> Instant? { processor.nextReview(after: now) }

    public func take(_ record: Outgoing, at now: Instant) throws -> [Outgoing] {
        offset += 1
        let read = Record(
            topic: record.topic, partition: 0, offset: offset, timestamp: now, key: Array(record.key.utf8),
            value: record.event.data,
            headers: record.event.headers.map { Record.Header(name: $0.name, value: Array($0.value.utf8)) })
        guard case .done(let led, _) = try partition.take(read, with: processor, at: now, caughtUp: true)
        else { preconditionFailure("\(processor.name) awaits what has been read") }
        keep()
        return led
    }

    public func wake(at now: Instant) throws -> [Outgoing] {
        while let (due, key) = agenda.take(until: now) {
            guard wakeUps[key] == due else { continue }
            let led = try partition.wake(key, with: processor, at: now)
            keep()
            return led
        }
        return []
    }

    public func review(at now: Instant) throws -> [Outgoing] {
        var led: [Outgoing] = []
        for key in wakeUps.keys.sorted() {
            led += try partition.review(key, with: processor, at: now)
            keep()
        }
        return led
    }

    public func forget(_ key: String) {
        shelf.states[key] = nil
        wakeUps[key] = nil
    }

    private func keep() {
        guard partition.hasChanges else { return }
        for change in partition.changedStates {
            let isKept = keeping == .untilForgotten || change.wakeUp != nil
            shelf.states[change.key] = isKept ? change.state : nil
            guard wakeUps[change.key] != change.wakeUp else { continue }
            wakeUps[change.key] = change.wakeUp
            if let wakeUp = change.wakeUp { agenda.put(change.key, at: wakeUp) }
        }
        partition.saved()
    }
}
