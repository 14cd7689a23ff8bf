import Foundation
import Kafka
import Models
import Processing

extension DeadLetters {
    /// Which letters somebody asks about: those named, or those of a topic, and of these only the ones whose
    /// reason holds a text.
    struct Selection {
        var origins: [Origin] = []
        var topic: Topic?
        var reason: String?

        func matches(_ origin: Origin, reason given: String) -> Bool {
            (origins.isEmpty || origins.contains(origin)) && (topic ?? origin.topic) == origin.topic
                && (reason.map { given.range(of: $0, options: .caseInsensitive) != nil } ?? true)
        }

        func matches(_ entry: Entry) -> Bool { matches(entry.origin, reason: entry.reason) }
        func matches(_ letter: DeadLetter) -> Bool { matches(letter.origin, reason: letter.reason) }
    }

    /// What is to be replayed, and what is not, with the reason.
    struct Plan {
        var sent: [(origin: Origin, record: OutgoingRecord)] = []
        /// Letters that were dealt with before. There is nothing to do, and that is no fault.
        var settled: [(origin: Origin, why: String)] = []
        var impossible: [(origin: Origin, why: String)] = []
    }

    /// - Parameter again: also what was replayed or dismissed before.
    func plan(for selection: Selection, again: Bool, prefix: String) -> Plan {
        var plan = Plan()
        for origin in selection.origins where self[origin] == nil {
            plan.impossible.append((origin, "there is no such dead letter"))
        }
        for entry in entries where selection.matches(entry) {
            guard entry.isOpen || again else {
                // Somebody who names a letter wants to know its outcome. Somebody who names a topic means its
                // open letters.
                if !selection.origins.isEmpty { plan.settled.append((entry.origin, entry.outcome.text)) }
                continue
            }
            guard entry.lost == nil else {
                let why =
                    "these records are lost, so nothing can be sent; close it with dayu dead-letters dismiss"
                plan.impossible.append((entry.origin, why))
                continue
            }
            guard entry.omittedBytes == 0 else {
                let why = "it was cut: \(entry.omittedBytes) bytes did not fit into the letter and are lost"
                plan.impossible.append((entry.origin, why))
                continue
            }
            guard let record = entry.letter.flatMap({ OutgoingRecord(of: $0, prefix: prefix) }) else {
                plan.impossible.append((entry.origin, "its bytes are not a valid dead letter"))
                continue
            }
            plan.sent.append((entry.origin, record))
        }
        return plan
    }
}

extension DeadLetters.Outcome {
    /// The outcome of a letter, as the operator reads it.
    var text: String {
        switch self {
        case .open: "open"
        case .replayed(let replay): "replayed \(replay.at) to \(replay.to)"
        case .dismissed(let dismissal): "dismissed \(dismissal.at): \(dismissal.reason)"
        }
    }
}

extension OutgoingRecord {
    /// The record as it came, for the topic on which it came. Its key leads to the same partition as before;
    /// a record without a key goes to the partition where it was. Nil if the letter does not hold valid
    /// base64.
    init?(of letter: DeadLetter, prefix: String) {
        let key = letter.key.map(DeadLetter.bytes)
        let value = letter.value.map(DeadLetter.bytes)
        var headers: [Header] = []
        for header in letter.headers {
            guard let bytes = DeadLetter.bytes(header.value) else { return nil }
            headers.append(Header(header.name, bytes))
        }
        if case .some(nil) = key { return nil }
        if case .some(nil) = value { return nil }
        self.init(
            topic: letter.origin.topic.name(prefix: prefix),
            partition: letter.key == nil ? letter.origin.partition : nil, key: key ?? nil,
            value: value ?? nil,
            headers: headers)
    }
}

extension DeadLetter {
    static func bytes(_ base64: String) -> [UInt8]? { Data(base64Encoded: base64).map { [UInt8]($0) } }
}
