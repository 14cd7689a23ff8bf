/// Takes the personal data out of what citizens and chiefs write, before it is stored.
///
/// Hidden are e-mail addresses, identity card numbers (GB 11643: 18 characters), mainland mobile and landline
/// numbers, and any number that is written with `+` (E.164). What is hidden cannot be told from its length. A
/// name in a sentence is not found: no rule tells it from any other word.
enum Redaction {
    static let mark = "▇▇▇"

    static func redacted(_ text: String) -> String {
        let scalars = Array(text.unicodeScalars)
        let hidden = personal(in: scalars)
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

    /// Where personal data stands, in order and apart from each other.
    private static func personal(in scalars: [Unicode.Scalar]) -> [Range<Int>] {
        var found: [Range<Int>] = []
        var index = 0
        while index < scalars.count {
            let range = EmailAddress.range(in: scalars, at: index) ?? NumberRun(scalars, at: index)?.personal
            guard let range, !range.isEmpty else {
                index += 1
                continue
            }
            let start = max(range.lowerBound, found.last?.upperBound ?? 0)
            if start < range.upperBound { found.append(start..<range.upperBound) }
            index = range.upperBound
        }
        return found
    }
}

/// An address of the plain form that people use; quoted local parts (RFC 5322 §3.4.1) nobody writes into a
/// complaint.
private enum EmailAddress {
    /// The whole address, asked for at its first character.
    static func range(in scalars: [Unicode.Scalar], at start: Int) -> Range<Int>? {
        guard isLocal(scalars[start]), start == 0 || !isLocal(scalars[start - 1]) else { return nil }
        var at = start
        while at < scalars.count, isLocal(scalars[at]) { at += 1 }
        guard at < scalars.count, scalars[at] == "@" || scalars[at] == "＠" else { return nil }
        var end = at + 1
        while end < scalars.count, isDomain(scalars[end]) { end += 1 }
        while end > at + 1, scalars[end - 1] == "." || scalars[end - 1] == "-" { end -= 1 }
        let domain = scalars[(at + 1)..<end]
        guard let dot = domain.lastIndex(of: "."), dot > domain.startIndex, end - dot > 2 else { return nil }
        return start..<end
    }

    private static func isLocal(_ scalar: Unicode.Scalar) -> Bool {
        isAlphanumeric(scalar) || "._%+-".unicodeScalars.contains(scalar)
    }

    private static func isDomain(_ scalar: Unicode.Scalar) -> Bool {
        isAlphanumeric(scalar) || scalar == "." || scalar == "-"
    }

    private static func isAlphanumeric(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType == .decimal)
    }
}

/// Digits that are written together: in one piece, or in groups with blanks, hyphens, dots or brackets
/// between them.
///
/// Digits of any script count, full-width ones too; characters without width count as nothing.
private struct NumberRun {
    private let scalars: [Unicode.Scalar]
    private let start: Int
    private let hasPlus: Bool
    private var digits: [Int] = []
    /// The index after each digit.
    private var ends: [Int] = []
    /// The digits before which something stands.
    private var breaks: Set<Int> = []
    private var dots = 0

    /// More than the longest number with its prefix.
    private static let digitLimit = 24
    private static let separatorLimit = 3

    /// Nil where no number begins: inside a group of digits, or behind a decimal point.
    init?(_ scalars: [Unicode.Scalar], at start: Int) {
        let before = start > 0 ? scalars[start - 1] : nil
        let farther = start > 1 ? scalars[start - 2] : nil
        hasPlus = scalars[start] == "+" || scalars[start] == "＋"
        guard hasPlus || Self.digit(scalars[start]) != nil, before.flatMap(Self.digit) == nil else {
            return nil
        }
        if before == ".", farther.flatMap(Self.digit) != nil { return nil }
        self.scalars = scalars
        self.start = start
        collect(from: hasPlus ? start + 1 : start)
        guard !digits.isEmpty else { return nil }
    }

    private mutating func collect(from first: Int) {
        var index = first
        var separators = 0
        while index < scalars.count, digits.count < Self.digitLimit, separators <= Self.separatorLimit {
            let scalar = scalars[index]
            if let digit = Self.digit(scalar) {
                if separators > 0, !digits.isEmpty { breaks.insert(digits.count) }
                digits.append(digit)
                ends.append(index + 1)
                separators = 0
            } else if Self.separators.contains(scalar) {
                separators += 1
                if scalar == "." { dots += 1 }
            } else if scalar.properties.generalCategory != .format {
                return
            }
            index += 1
        }
    }

    private static let separators = Set(" \u{00A0}\u{3000}-‐‑‒–—－.·()（）".unicodeScalars)

    private static func digit(_ scalar: Unicode.Scalar) -> Int? {
        guard scalar.properties.numericType == .decimal else { return nil }
        return scalar.properties.numericValue.map { Int($0) }
    }

    // MARK: What it is

    var personal: Range<Int>? {
        // One dot is a decimal point.
        guard dots != 1 || breaks.count > 1 else { return nil }
        guard let end = international ?? identityCard ?? mobile ?? landline else { return nil }
        let opens = start > 0 && (scalars[start - 1] == "(" || scalars[start - 1] == "（")
        let closes = scalars[start..<end].contains { $0 == ")" || $0 == "）" }
        return (opens && closes ? start - 1 : start)..<end
    }

    /// With a plus, up to 15 digits (E.164 §6.2); fewer than nine are more often a sum than a number.
    private var international: Int? {
        guard hasPlus else { return nil }
        return (9...15).reversed().first(where: isWhole).map { ends[$0 - 1] }
    }

    /// Region, date of birth, serial number, check character (GB 11643-1999 §4).
    private var identityCard: Int? {
        guard digits.count >= 17, (1...8).contains(digits[0]), sizes(0, 17).allSatisfy({ $0 >= 3 }) else {
            return nil
        }
        let year = number(6, 4)
        guard (1880...2100).contains(year), (1...12).contains(number(10, 2)), (1...31).contains(number(12, 2))
        else {
            return nil
        }
        if isWhole(18) { return ends[17] }
        let last = ends[16]
        guard isWhole(17), last < scalars.count, "xXｘＸ".unicodeScalars.contains(scalars[last]) else {
            return nil
        }
        return last + 1
    }

    /// 1[3-9] and nine more, perhaps behind 86, 0086 or a trunk zero.
    private var mobile: Int? {
        for prefix in [[], [8, 6], [0, 0, 8, 6], [0]] where digits.starts(with: prefix) {
            let first = prefix.count
            guard isWhole(first + 11), digits[first] == 1, digits[first + 1] >= 3 else { continue }
            if Self.mobileShapes.contains(sizes(first, 11)) { return ends[first + 10] }
        }
        return nil
    }

    /// The ways in which eleven digits are written as one number; any other grouping is a list of figures.
    private static let mobileShapes: Set<[Int]> = [
        [11], [3, 4, 4], [3, 8], [3, 3, 5], [3, 5, 3], [4, 4, 3], [4, 3, 4], [4, 7], [5, 6], [5, 3, 3],
        [7, 4],
        [3, 2, 2, 2, 2], [3, 4, 2, 2], Array(repeating: 1, count: 11),
    ]

    /// An area code (010, 02x, 0[3-9]xx) in one piece, and seven or eight digits.
    private var landline: Int? {
        let international = digits.starts(with: [0, 0, 8, 6])
        // Behind the country's code the area's zero is left out.
        let first = international ? 4 : 1
        guard digits.count > first + 2, international || digits[0] == 0 else { return nil }
        let isShort = digits[first] == 2 || (digits[first] == 1 && digits[first + 1] == 0)
        guard isShort || digits[first] >= 3 else { return nil }
        let area = first + (isShort ? 2 : 3)
        guard !breaks.contains(where: { $0 > first && $0 < area }), international || !breaks.contains(1)
        else {
            return nil
        }
        for local in isShort ? [8] : [8, 7] where isWhole(area + local) {
            if sizes(area, local).allSatisfy({ $0 >= 3 }) { return ends[area + local - 1] }
        }
        return nil
    }

    /// Whether that many digits end where a group ends.
    private func isWhole(_ count: Int) -> Bool {
        count == digits.count
            ? digits.count < Self.digitLimit : count < digits.count && breaks.contains(count)
    }

    /// The sizes of the groups that a stretch of digits is written in.
    private func sizes(_ first: Int, _ count: Int) -> [Int] {
        var sizes: [Int] = []
        for index in first..<min(first + count, digits.count) {
            if index == first || breaks.contains(index) { sizes.append(0) }
            sizes[sizes.count - 1] += 1
        }
        return sizes
    }

    private func number(_ first: Int, _ count: Int) -> Int {
        digits[first..<(first + count)].reduce(0) { $0 * 10 + $1 }
    }
}
