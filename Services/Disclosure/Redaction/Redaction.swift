import Models
import Text

/// Removes from people's texts, before they are stored, what tells who somebody is and what lets its holder
/// act.
///
/// These are hidden:
///
/// 1. Mainland mobile and landline numbers, and any number with `+` (E.164), in any groups, with all
///    separators, widths and scripts of digits that people use; shorter numbers after a word such as 电话.
///    `Figures.swift` says which groups are figures instead.
/// 2. Identity card numbers: 17 digits (GB 11643-1999 §4) and whatever check character follows.
/// 3. Bank cards: 15 to 19 digits whose last one checks the others (ISO/IEC 7812-1, Luhn).
/// 4. E-mail addresses.
/// 5. Names in messengers, after a word that announces them (微信, QQ and others).
/// 6. Text that lets its holder act here: handles of links, gateways' keys, identities of complaints. A link
///    to an article on WeChat ends in the same form, so it loses its end, too.
/// 7. Licence plates. A plate leads to a person, and what a citizen says about its driver is not proved.
///    Whoever handles the complaint can read the plate, because officials see the words as they were written.
///
/// The mark does not show how long the hidden text was. A name in a sentence is not found: no rule can tell
/// it from other words. Invisible characters are removed first, because they would hide a number from these
/// rules. The time grows in proportion to the length of the text.
enum Redaction {
    static let mark = "▇▇▇"

    static func redacted(_ text: String) -> String {
        let text = text.visible
        let scalars = Array(text.unicodeScalars)
        let hidden = Finder.hidden(in: scalars, .text)
        guard !hidden.isEmpty else { return text }
        var result = String.UnicodeScalarView()
        var next = 0
        for range in hidden {
            result.append(contentsOf: scalars[next..<range.lowerBound])
            result.append(contentsOf: mark.unicodeScalars)
            next = range.upperBound
        }
        result.append(contentsOf: scalars[next...])
        return String(result)
    }

    /// The address of a picture. Without the part to be hidden it would lead nowhere, so only its host is
    /// left: `https://example.org/▇▇▇`.
    static func redacted(address: String) -> String {
        let address = address.visible
        let scalars = Array(address.unicodeScalars)
        guard let start = scalars.firstRange(of: Array("://".unicodeScalars))?.upperBound else {
            return hides(address) ? mark : address
        }
        let authority = scalars[start...].prefix { !"/?#\\".unicodeScalars.contains($0) }
        // The user name in an address is not shown (RFC 3986 §3.2.1).
        guard authority.contains("@") || hides(address) else { return address }
        let host = authority.lastIndex(of: "@").map { authority[($0 + 1)...] } ?? authority
        let shown = hides(String(String.UnicodeScalarView(host))) ? Array(mark.unicodeScalars) : Array(host)
        return String(String.UnicodeScalarView(scalars[..<start] + shown)) + "/\(mark)"
    }

    private static func hides(_ address: String) -> Bool {
        !Finder.hidden(in: Array(address.unicodeScalars), .address).isEmpty
    }

    /// What kind of text it is. Addresses of pictures hold names made by programs, and those look like ours.
    enum Kind {
        case text, address
    }
}

/// Goes through a text once and asks each rule at each index. A rule looks ahead by a limited number of
/// characters, or over a run that it is asked about only once.
private struct Finder {
    let text: FoldedText
    let kind: Redaction.Kind
    /// In order, without overlaps.
    private var hidden: [Range<Int>] = []

    private init(text: FoldedText, kind: Redaction.Kind) {
        self.text = text
        self.kind = kind
    }

    /// The hidden ranges among the scalars. Nobody can tell whether `5%13` is a figure or an escape, so the
    /// text is read in both ways.
    static func hidden(in scalars: [Unicode.Scalar], _ kind: Redaction.Kind) -> [Range<Int>] {
        let hidden = hidden(in: FoldedText(scalars), kind)
        guard let read = Escape.read(scalars) else { return hidden }
        let all = hidden + self.hidden(in: FoldedText(read, scalars: scalars.count), kind)
        return all.sorted { $0.lowerBound < $1.lowerBound }.reduce(into: []) { apart, range in
            if let last = apart.last, last.upperBound >= range.lowerBound {
                apart[apart.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                apart.append(range)
            }
        }
    }

    private static func hidden(in text: FoldedText, _ kind: Redaction.Kind) -> [Range<Int>] {
        var finder = Finder(text: text, kind: kind)
        var index = 0
        while index < finder.text.count {
            let ranges = finder.ranges(at: index)
            for range in ranges { finder.hide(range) }
            index = max(index + 1, ranges.last?.upperBound ?? 0)
        }
        return finder.hidden.map(finder.text.place(of:))
    }

    private func ranges(at index: Int) -> [Range<Int>] {
        // A part of the address may be hidden already.
        if let address = EmailAddress.range(in: text, at: index) { return [address] }
        // Hidden text is not part of anything that follows.
        let rest = text.from(hidden.last?.upperBound ?? 0)
        let range = Capability.range(in: rest, at: index, kind) ?? LicencePlate.range(in: rest, at: index)
        if let range { return [range] }
        let announced = Announcement.ranges(in: rest, at: index, kind)
        if !announced.isEmpty { return announced }
        guard let run = NumberRun(rest, at: index) else { return [] }
        // A number with a numeral at its end is longer than what stands before the numeral.
        let number =
            run.tailed?.personal ?? run.personal ?? (kind == .text ? run.acrossWords?.interrupted : nil)
        return number.map { [$0] + Announcement.others(in: rest, after: $0) } ?? []
    }

    private mutating func hide(_ range: Range<Int>) {
        var start = range.lowerBound
        while let last = hidden.last, last.upperBound >= start {
            start = min(start, last.lowerBound)
            hidden.removeLast()
        }
        hidden.append(start..<range.upperBound)
    }
}
