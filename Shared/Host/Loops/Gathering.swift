import Kafka
import Models
import Processing

/// What a loop polls: a member of a consumer group, or a reader that names its partitions itself.
protocol RecordSource: ~Copyable {
    associatedtype Failure: LogFailure

    func poll(timeoutMilliseconds: Int32) -> Arrival<Failure>
}

/// What one poll brought.
enum Arrival<Failure> {
    case record(Record)
    /// All partitions this member has from now on.
    case assign([TopicPartition])
    /// The group asks for all partitions. `lost`: another member has them already, so nothing may be
    /// committed.
    case revoke(lost: Bool)
    /// Everything up to the position has been read.
    case reachedEnd(TopicPartition, Position)
    /// Unless the remedy is `.restart`, log it and poll on.
    case failed(Failure)
    case idle
}

/// An error of a log, named by what the caller must do.
protocol LogFailure: Error {
    var remedy: Remedy { get }
    var isOffsetOutOfRange: Bool { get }
    var topicPartition: TopicPartition? { get }
}

extension KafkaError: LogFailure {}

/// The records that a loop takes together, and what it must answer after them.
struct Batch<Failure> {
    /// Something other than a record. It ends the batch, because the loop must act before it polls again.
    enum Interruption {
        case assign([TopicPartition])
        case revoke(lost: Bool)
        case failed(Failure)
    }

    private(set) var records: [Record] = []
    /// The positions up to which partitions have been read, for those whose end was reached.
    private(set) var ends: [TopicPartition: Position] = [:]
    /// Nil if the batch is full, or if nothing more arrived in time.
    private(set) var interruption: Interruption?
    private var bytes = 0

    fileprivate mutating func add(_ record: Record) {
        bytes += (record.value?.count ?? 0) + (record.key?.count ?? 0)
        records.append(record)
    }

    fileprivate mutating func note(_ end: Position, of place: TopicPartition) { ends[place] = end }

    fileprivate mutating func end(with interruption: Interruption) { self.interruption = interruption }

    fileprivate func isFull(_ limits: BatchSettings) -> Bool {
        records.count >= limits.records || bytes >= limits.bytes
    }
}

extension RecordSource where Self: ~Copyable {
    /// Collects one batch, possibly empty.
    ///
    /// - Parameter wait: how long to wait for the first record. Then the batch waits for `limits.linger`.
    func gather(_ limits: BatchSettings, waitingMilliseconds wait: Int32) -> Batch<Failure> {
        var batch = Batch<Failure>()
        var wait = wait
        while !batch.isFull(limits), batch.interruption == nil {
            switch poll(timeoutMilliseconds: wait) {
            case .record(let record):
                batch.add(record)
                wait = Int32(clamping: limits.linger.wholeMilliseconds)
            case .idle: return batch
            case .reachedEnd(let place, let position): batch.note(position, of: place)
            case .assign(let partitions): batch.end(with: .assign(partitions))
            case .revoke(let lost): batch.end(with: .revoke(lost: lost))
            case .failed(let error): batch.end(with: .failed(error))
            }
        }
        return batch
    }
}
