import Models
import Processing
import Text

/// The dead letters and what happened to each: the fold of their topic.
///
/// A letter is open from its refusal until somebody replays or dismisses it. A replayed record that is
/// refused again has another offset, so it is another letter.
struct DeadLetters {
    typealias Origin = DeadLetter.Origin

    /// Somebody sent the record again; `to` is where it is now.
    struct Replay: Hashable, Codable {
        let origin: Origin
        let by: String
        let at: Instant
        let to: Origin
    }

    /// Somebody stated that nobody will replay the record.
    struct Dismissal: Hashable, Codable {
        let origin: Origin
        let by: String
        let at: Instant
        let reason: String
    }

    enum Outcome: Hashable {
        case open
        case replayed(Replay)
        case dismissed(Dismissal)
    }

    /// One letter. The record's bytes are kept only if they are asked for: they may take nearly a megabyte.
    struct Entry {
        let origin: Origin
        let reason: String
        let refusedBy: String
        let refusedAt: Instant
        let omittedBytes: Int
        /// Nil for a record that was set aside.
        let lost: DeadLetter.Lost?
        var outcome: Outcome
        var letter: DeadLetter?

        var isOpen: Bool { outcome == .open }
    }

    /// In the order in which they were refused.
    private(set) var entries: [Entry] = []
    /// The number of records on the topic that can't be read as news of a letter.
    private(set) var unreadable = 0

    private var places: [Origin: Int] = [:]
    private let keepsRecord: (DeadLetter) -> Bool

    init(keepsRecord: @escaping (DeadLetter) -> Bool = { _ in false }) {
        self.keepsRecord = keepsRecord
    }

    subscript(origin: Origin) -> Entry? { places[origin].map { entries[$0] } }

    var open: [Entry] { entries.filter(\.isOpen) }

    /// Takes one record of the topic.
    mutating func take(headers: CloudEvent.Headers, value: [UInt8]?) {
        do throws(Malformed) {
            // Only the headers: a letter holds a record in base64, and so may be longer than a record may be.
            let event = try CloudEvent(headers: headers, data: nil)
            try take(try EventType(event.type), value)
        } catch {
            unreadable += 1
        }
    }

    private mutating func take(_ type: EventType, _ value: [UInt8]?) throws(Malformed) {
        guard type.subject == Self.subject, let kind = Kind(rawValue: type.name), let data = value else {
            throw Malformed("ce_type", "\(type) is not a type of record about a dead letter")
        }
        switch kind {
        case .refused: refused(try JSON.decode(DeadLetter.self, from: data))
        case .replayed:
            let replay = try JSON.decode(Replay.self, from: data)
            settle(replay.origin, .replayed(replay))
        case .dismissed:
            let dismissal = try JSON.decode(Dismissal.self, from: data)
            settle(dismissal.origin, .dismissed(dismissal))
        }
    }

    /// A record that is refused twice is one letter, and the letter keeps its outcome.
    private mutating func refused(_ letter: DeadLetter) {
        guard places[letter.origin] == nil else { return }
        places[letter.origin] = entries.count
        entries.append(
            Entry(
                origin: letter.origin, reason: letter.reason, refusedBy: letter.refusedBy,
                refusedAt: letter.refusedAt, omittedBytes: letter.omittedBytes, lost: letter.lost,
                outcome: .open, letter: keepsRecord(letter) ? letter : nil))
    }

    /// The last outcome counts. The letter itself may be missing: the topic keeps its records only for a
    /// while.
    private mutating func settle(_ origin: Origin, _ outcome: Outcome) {
        guard let place = places[origin] else { return }
        entries[place].outcome = outcome
    }
}

// MARK: - What is written

extension DeadLetters {
    private static let subject = "dead-letter"

    enum Kind: String {
        case refused, replayed, dismissed
    }

    /// The record goes on the letter's own topic under its key, so that everything about one letter is on one
    /// partition.
    private static func record(
        _ kind: Kind, _ origin: Origin, id: String, by: String, at now: Instant, _ data: [UInt8]
    ) -> Outgoing {
        Outgoing(
            origin.topic.deadLetters, key: origin.description, id: id, source: by,
            type: EventType(subject, kind.rawValue), trail: Trail(at: now), data: data)
    }

    static func record(of replay: Replay) -> Outgoing {
        record(
            .replayed, replay.origin, id: "replayed/\(replay.origin)/\(replay.to)", by: replay.by,
            at: replay.at,
            JSON.encode(replay))
    }

    static func record(of dismissal: Dismissal) -> Outgoing {
        record(
            .dismissed, dismissal.origin, id: "dismissed/\(dismissal.origin)", by: dismissal.by,
            at: dismissal.at, JSON.encode(dismissal))
    }
}
