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

/// What one loop will never have taken, and how it reports that: records that were lost before it read them,
/// and records that a read model left out because they lie on another partition than their key's.
///
/// Each is a dead letter; about lost records it has no bytes. On the log it is kept as long as other letters,
/// and an operator lists and dismisses it like them. A loop that writes nothing to the log keeps a file
/// beside its store instead, until the store is made again. `/readyz` reports both in both cases.
final class Losses {
    private let context: HostContext
    private let loop: String
    private let file: String?
    private var kept = Kept()
    private var counters: [String: Metrics.Counter] = [:]

    private struct Kept: Codable, Equatable {
        var lost: [DeadLetter] = []
        var misplaced: [Misplaced] = []
    }

    /// The misplaced records of one partition. Whoever writes to wrong partitions may do so a million times,
    /// so they are only counted.
    private struct Misplaced: Codable, Equatable {
        var count: Int
        var last: DeadLetter.Origin
        var reason: String
    }

    /// - Parameter file: where to keep what does not go to the log.
    init(_ context: HostContext, loop: String, file: String? = nil) {
        self.context = context
        self.loop = loop
        self.file = file
        guard let file, let data = FileManager.default.contents(atPath: file) else { return }
        kept = Self.kept(in: [UInt8](data))
        kept.lost.forEach(tell)
        for misplaced in kept.misplaced { count(misplaced.count, misplaced.last.topic) }
        tellMisplaced()
    }

    /// An earlier version kept the letters about lost records alone.
    private static func kept(in data: [UInt8]) -> Kept {
        if let kept = try? JSON.decode(Kept.self, from: data) { return kept }
        return Kept(lost: (try? JSON.decode([DeadLetter].self, from: data)) ?? [])
    }

    // MARK: Lost records

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
        kept.lost.append(letter)
        try keep()
        tell(letter)
    }

    /// Writes the file, where there is one.
    func keep() throws {
        guard let file else { return }
        try context.writing(to: loop) {
            try WholeWriting.replace(file, JSON.encode(kept), mode: 0o600)
        }
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

    // MARK: Misplaced records

    /// Counts a record that was left out, and reports it. A record that is read again counts once.
    func leaveOut(_ record: Record, _ reason: String) {
        let origin = DeadLetter.Origin(
            topic: record.topic, partition: record.partition, offset: record.offset)
        let index = kept.misplaced.firstIndex {
            $0.last.topic == origin.topic && $0.last.partition == origin.partition
        }
        var misplaced =
            index.map { kept.misplaced.remove(at: $0) } ?? Misplaced(count: 0, last: origin, reason: reason)
        if misplaced.count == 0 || misplaced.last.offset < origin.offset {
            misplaced = Misplaced(count: misplaced.count + 1, last: origin, reason: reason)
            context.log.warning(
                "a misplaced record was left out",
                ["loop": .text(loop), "record": .of(origin), "reason": .text(reason)])
            count(1, origin.topic)
        }
        kept.misplaced.append(misplaced)
        tellMisplaced()
    }

    private func tellMisplaced() {
        guard let last = kept.misplaced.last else { return }
        let count = kept.misplaced.reduce(0) { $0 + $1.count }
        context.health.note(
            "\(loop), misplaced records",
            "\(count) were left out; the last one, \(last.last), \(last.reason)")
    }

    private func count(_ records: Int, _ topic: Topic) {
        let name = "misplaced \(topic.rawValue)"
        let counter =
            counters[name]
            ?? context.metrics.counter(
                "dayu_records_misplaced_total", ["loop": loop, "topic": topic.rawValue],
                help: "Records left out because they lie on another partition than their key's.")
        counters[name] = counter
        counter.add(records)
    }
}

extension Record {
    /// Where it lies on the log.
    struct Place: Hashable {
        let topic: Topic
        let partition: Int32
        let offset: Int64
    }

    var place: Place { Place(topic: topic, partition: partition, offset: offset) }
}
