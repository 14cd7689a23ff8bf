import Models
import Processing
import Text

extension DeadLetters {
    /// How much of a reason a list shows; `show` has all of it.
    private static let shownReason = 120

    /// A line for each letter: where it came from, when it was refused, by whom and why. Never what it holds.
    static func lines(of entries: [Entry], withOutcome: Bool) -> [String] {
        Terminal.aligned(
            entries.map { entry in
                let shown = Terminal.harmless(entry.reason.excerpt(shownReason))
                let outcome = withOutcome ? [Terminal.harmless(entry.outcome.text)] : []
                return [
                    entry.origin.description, entry.refusedAt.description, Terminal.harmless(entry.refusedBy),
                ]
                    + outcome + [shown]
            })
    }

    /// Everything about one letter.
    ///
    /// A record of a restricted topic may hold somebody's name and phone, so its value is shown only on
    /// demand.
    static func page(of entry: Entry, reveals: Bool) -> String {
        var lines = [
            "origin      \(entry.origin)",
            "refused by  \(Terminal.harmless(entry.refusedBy))",
            "refused at  \(entry.refusedAt)",
            "reason      \(Terminal.harmless(entry.reason))",
            "state       \(Terminal.harmless(entry.outcome.text))",
        ]
        if entry.omittedBytes > 0 {
            lines.append("cut         \(entry.omittedBytes) bytes are lost; the record can't be replayed")
        }
        if entry.lost != nil { return lines.joined(separator: "\n") }
        guard let letter = entry.letter else { return lines.joined(separator: "\n") }
        lines.append("key         \(letter.key.map { text(of: $0) } ?? "none")")
        for header in letter.headers {
            lines.append("header      \(Terminal.harmless(header.name)): \(text(of: header.value))")
        }
        guard let value = letter.value else { return (lines + ["value       none"]).joined(separator: "\n") }
        let bytes = DeadLetter.bytes(value)?.count ?? 0
        guard reveals || !letter.origin.topic.isRestricted else {
            let why = "\(letter.origin.topic.rawValue) holds personal data; --reveal shows the value"
            return (lines + ["value       \(bytes) bytes, withheld: \(why)"]).joined(separator: "\n")
        }
        return (lines + ["value       \(bytes) bytes:", text(of: value, lineFeeds: true)]).joined(
            separator: "\n")
    }

    /// The bytes as text if they are UTF-8, else the base64 of the letter.
    static func text(of base64: String, lineFeeds: Bool = false) -> String {
        guard let bytes = DeadLetter.bytes(base64), let text = String(validating: bytes, as: UTF8.self) else {
            return "base64 \(Terminal.harmless(base64))"
        }
        return Terminal.harmless(text, lineFeeds: lineFeeds)
    }
}
