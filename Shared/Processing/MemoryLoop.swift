public import Models

/// A processor's loop over a memory of its own: no broker, no file, no clock. Whoever calls it says what
/// comes and what time it is, and carries on the records that it gives back.
///
/// It works as Host's loop does on one partition, with the same `Partition`: it decides, keeps the states as
/// a store would, and wakes what is due. Every topic that an input may refer to counts as read.
public protocol MemoryLoop: AnyObject {
    var inputs: [Topic] { get }
    /// When something is due that no record brings.
    var nextWakeUp: Instant? { get }
    /// When time alone asks for a review of every key that waits.
    func nextReview(after now: Instant) -> Instant?

    func take(_ record: Outgoing, at now: Instant) throws -> [Outgoing]
    /// Decides the key whose wake-up has been due for longest; nothing where none is due.
    func wake(at now: Instant) throws -> [Outgoing]
    func review(at now: Instant) throws -> [Outgoing]
    /// Forgets a key of which nothing more is to come.
    func forget(_ key: String)
}

public final class ProcessorMemory<P: Processor>: MemoryLoop {
    /// How long a state is kept.
    public enum Keeping {
        /// Until it is forgotten.
        case untilForgotten
        /// While it waits for something. A key that comes again then begins anew.
        case whileWaiting
    }

    /// The states, as a store keeps them but for their form: nothing is gained by writing them as bytes.
    private final class Shelf {
        var states: [String: P.State] = [:]
    }

    private let processor: P
    private let keeping: Keeping
    private let shelf: Shelf
    private var partition: Partition<P>
    private var wakeUps: [String: Instant] = [:]
    /// An entry whose key waits for another moment by now is passed over.
    private var agenda = Agenda<String>()
    private var offset: Int64 = 0

    public init(_ processor: P, keeping: Keeping = .untilForgotten) {
        self.processor = processor
        self.keeping = keeping
        let shelf = Shelf()
        self.shelf = shelf
        // Whatever is on the shelf need not be in the partition's memory as well.
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
