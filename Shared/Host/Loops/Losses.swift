import Foundation
import Kafka
import Models
import Processing
import Text

/// Records that were removed before a loop had read them: by retention, or because their topic was made
/// again.
struct Loss: Equatable {
    let place: TopicPartition
    /// The position from which the loop would have gone on reading.
    let position: Position
    let marks: Watermarks

    /// Nil if the log still has everything from the position on.
    ///
    /// The position of a loop stands behind the last record that it finished. The next offset belongs to the
    /// marker that ends this record's transaction. When retention removes both, one offset is missing but no
    /// record. So where every record is written in a transaction, a single missing offset is not reported.
    /// The exception is the first offset of all: that one is a record.
    static func before(
        _ position: Position, at place: TopicPartition, _ marks: Watermarks, in topics: TopicNames
    ) -> Loss? {
        let hasMarkers = topics.topic(named: place.topic)?.isWrittenInTransactionsOnly == true
        let spared: Int64 = hasMarkers && position > .nothingRead ? 1 : 0
        guard position.next + spared < marks.low.next || position > marks.high else { return nil }
        return Loss(place: place, position: position, marks: marks)
    }

    /// Transaction markers have offsets too, so this is the largest possible number of records. Nil if the
    /// topic was made again: then nobody knows what the former topic still held.
    var records: Int64? { position < marks.low ? marks.low.next - position.next : nil }

    var reason: String {
        guard let records else {
            return
                "the log of \(place) ends at \(marks.high), but was read up to \(position) before: the topic was "
                + "made again, and its unread records are lost"
        }
        if records == 1 {
            return
                "a record of \(place) at offset \(position), or the end of a transaction, was lost before it was read"
        }
        return
            "up to \(records) records of \(place), the offsets \(position) to \(marks.low.next - 1), were lost "
            + "before they were read"
    }
}

extension Position {
    /// The position of a loop that has finished nothing yet. Unlike `.beginning` it names an offset: if that
    /// is gone from the log, the broker says so, and it counts as a loss. So a new group on an old topic
    /// reports a loss once, too: only an operator knows that there was nothing for it.
    static let nothingRead = Position(next: 0)
}

/// What one loop has lost, and how it reports the losses.
///
/// A loss is a dead letter without bytes. On the log it is kept as long as other letters, and an operator
/// lists and dismisses it like them. A loop that writes nothing to the log keeps its letters beside its store
/// instead, until the store is made again. `/readyz` reports the loss in both cases.
final class Losses {
    private let context: HostContext
    private let loop: String
    private let file: String?
    private var kept: [DeadLetter] = []
    private var counters: [String: Metrics.Counter] = [:]

    /// - Parameter file: where to keep the letters that do not go to the log.
    init(_ context: HostContext, loop: String, file: String? = nil) {
        self.context = context
        self.loop = loop
        self.file = file
        guard let file, let data = FileManager.default.contents(atPath: file) else { return }
        kept = (try? JSON.decode([DeadLetter].self, from: [UInt8](data))) ?? []
        kept.forEach(tell)
    }

    /// The letter about a loss; nil if the topic is not one of ours.
    func letter(of loss: Loss, at now: Instant) -> DeadLetter? {
        context.topics.topic(named: loss.place.topic).map { topic in
            let origin = DeadLetter.Origin(
                topic: topic, partition: loss.place.partition, offset: loss.position.next)
            return DeadLetter(
                DeadLetter.Lost(records: loss.records), from: origin, reason: loss.reason, reader: loop,
                at: now)
        }
    }

    /// Counts the loss and reports it.
    func tell(_ letter: DeadLetter) {
        context.log.error(
            "records were lost before they were read", ["loop": .text(loop), "reason": .text(letter.reason)])
        context.health.note("\(loop), lost records at \(letter.origin)", letter.reason)
        let (topic, partition) = (letter.origin.topic.rawValue, "\(letter.origin.partition)")
        let counter =
            counters["\(topic)/\(partition)"]
            ?? context.metrics.counter(
                "dayu_records_lost_total", ["loop": loop, "topic": topic, "partition": partition],
                help: "Upper limit of the records that were lost before they were read.")
        counters["\(topic)/\(partition)"] = counter
        counter.add(Int(clamping: letter.lost?.records ?? 1))
    }

    /// Keeps the letter beside the store, and reports it.
    func keep(_ letter: DeadLetter) throws {
        guard let file else { return }
        kept.append(letter)
        try Data(JSON.encode(kept)).write(to: URL(fileURLWithPath: file), options: .atomic)
        tell(letter)
    }

    /// Writes the letters about records that were lost before a partition was assigned. No position moves
    /// with the letters: after a crash before the next commit, the loop finds the same loss again and writes
    /// the same letter.
    func write<L: TransactionalLog & ~Copyable>(
        _ losses: [Loss], to log: borrowing L, at now: Instant, onAbort: (L.Failure) -> Void
    ) throws {
        let letters = losses.compactMap { letter(of: $0, at: now) }
        guard !letters.isEmpty else { return }
        while try log.transact(letters.map { $0.outgoing() }, [:], onAbort: onAbort) == nil {
            guard !context.stop.isRaised else { return }
        }
        letters.forEach(tell)
    }
}
