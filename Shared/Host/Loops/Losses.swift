import Foundation
import Kafka
import Models
import Processing

/// Records that were gone before a loop had read them: retention took them, or their topic was made again.
struct Loss: Equatable {
    let place: TopicPartition
    /// Where the loop would have read on.
    let position: Position
    let marks: Watermarks

    /// Nil where the log still has everything from the position on.
    ///
    /// A position stands behind the last record that was worked off, and the marker that ends this record's
    /// transaction has the next offset. When retention takes both, one offset is missing and no record. So a
    /// single offset is not told where every record is written in a transaction, unless it is the first of
    /// all: that one is a record.
    static func before(
        _ position: Position, at place: TopicPartition, _ marks: Watermarks, in topics: TopicNames
    ) -> Loss? {
        let hasMarkers = topics.topic(named: place.topic)?.isWrittenInTransactionsOnly == true
        let spared: Int64 = hasMarkers && position > .nothingRead ? 1 : 0
        guard position.next + spared < marks.low.next || position > marks.high else { return nil }
        return Loss(place: place, position: position, marks: marks)
    }

    /// The markers of transactions have offsets too, so these are records at the most. Nil where the topic
    /// was made again: then nobody knows what its former self still held.
    var records: Int64? { position < marks.low ? marks.low.next - position.next : nil }

    var reason: String {
        guard let records else {
            return
                "the log of \(place) ends at \(marks.high), and was read up to \(position) before: the topic was "
                + "made again, and what it held unread is lost"
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
    /// Where a loop stands that has worked off nothing. Unlike `.beginning` it names an offset: where that is
    /// gone from the log, the broker says so, and it is a loss. It is told once of a new group on an old
    /// topic, too: nobody but an operator knows that there was nothing for it.
    static let nothingRead = Position(next: 0)
}

/// What one loop has lost, and how it tells of it.
///
/// A loss is a dead letter without bytes. On the log it is remembered for as long as letters are kept, and an
/// operator lists and dismisses it as he does the others. A loop that writes nothing keeps its letters beside
/// its store instead, until the store is made anew. `/readyz` says it in any case.
final class Losses {
    private let context: HostContext
    private let loop: String
    private let file: String?
    private var kept: [DeadLetter] = []
    private var counters: [String: Metrics.Counter] = [:]

    /// - Parameter file: where the letters are kept that do not go to the log.
    init(_ context: HostContext, loop: String, file: String? = nil) {
        self.context = context
        self.loop = loop
        self.file = file
        guard let file, let data = FileManager.default.contents(atPath: file) else { return }
        kept = (try? JSON.decode([DeadLetter].self, from: [UInt8](data))) ?? []
        kept.forEach(tell)
    }

    /// The letter about it; none for a topic that is none of ours.
    func letter(of loss: Loss, at now: Instant) -> DeadLetter? {
        context.topics.topic(named: loss.place.topic).map { topic in
            let origin = DeadLetter.Origin(
                topic: topic, partition: loss.place.partition, offset: loss.position.next)
            return DeadLetter(
                DeadLetter.Lost(records: loss.records), from: origin, reason: loss.reason, reader: loop,
                at: now)
        }
    }

    /// Counts it, and says it.
    func tell(_ letter: DeadLetter) {
        context.log.error(
            "records are gone before they were read", ["loop": .text(loop), "reason": .text(letter.reason)])
        context.health.note("\(loop), lost records at \(letter.origin)", letter.reason)
        let (topic, partition) = (letter.origin.topic.rawValue, "\(letter.origin.partition)")
        let counter =
            counters["\(topic)/\(partition)"]
            ?? context.metrics.counter(
                "dayu_records_lost_total", ["loop": loop, "topic": topic, "partition": partition],
                help: "Records that were gone before they were read, at the most.")
        counters["\(topic)/\(partition)"] = counter
        counter.add(Int(clamping: letter.lost?.records ?? 1))
    }

    /// Keeps it beside the store, and tells it.
    func keep(_ letter: DeadLetter) throws {
        guard let file else { return }
        kept.append(letter)
        try Data(JSON.encode(kept)).write(to: URL(fileURLWithPath: file), options: .atomic)
        tell(letter)
    }

    /// Writes the letters about what was lost before a partition was assigned. No position moves with them: a
    /// crash before the next commit finds the same loss again, and writes the same letter.
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
