import Models
import Text

/// One cell of a table of readings.
struct ReadingCell {
    /// More than any section's name, source or figure needs; a longer cell is refused before it is read.
    static let bytes = 512
    /// More than any word or figure needs that a column may hold. Only so short a text is hashed and
    /// compared: a text of many combining marks costs the square of its length.
    private static let wordBytes = 64

    /// Without blanks at its ends, and with full-width characters as ASCII.
    private let folded: String
    /// Without blanks at its ends.
    let text: String

    /// The cell does not hold what its column should hold.
    struct Unreadable: Error {
        let detail: String
    }

    init(_ field: String) {
        text = field.hasOuterBlanks ? String(field.trimmed) : field
        folded = text.folded
    }

    private var isShort: Bool { folded.utf8.count <= Self.wordBytes }

    /// A text from outside may be long, so a fault shows only its beginning.
    var excerpt: String { text.excerpt(40) }

    /// Whether the value was withheld or not measured.
    var isMissing: Bool {
        guard let first = folded.utf8.first else { return true }
        // Nearly all cells are figures.
        if (0x30...0x39).contains(first) { return false }
        return folded.utf8.count <= Self.missingBytes && Self.missing.contains(folded)
    }

    /// The words of published tables and laboratories; 停测 is "not in operation", 断流 "the river is dry".
    private static let missing: Set<String> = [
        "", "-", "--", "---", "—", "——", "/", "N/A", "NULL", "null", "停测", "未测", "未监测", "缺测", "无数据", "断流",
        "停运", "维护", "故障",
    ]

    private static let withdrawn: Set = ["withdrawn", "撤回", "已撤回", "作废"]

    private static let missingBytes = missing.map(\.utf8.count).max() ?? 0

    // MARK: Values

    /// A measurement, and whether a star stands behind it. What the star means is said below the table, if at
    /// all.
    ///
    /// The unit's power of ten is put into the text before the text becomes a number, so that 50 µg/L is the
    /// same number as 0.05 mg/L: limits are inclusive, and the last bit decides a class.
    ///
    /// 1. A number.
    /// 2. `<0.01` or `0.01L`: below this limit of detection.
    /// 3. `>24000`: more than the method can measure. It is kept as written, with a flag, and is not judged.
    /// 4. A word that withdraws the value sent before. It withdraws a reviewed value, too.
    ///
    /// - Parameter unit: the unit that the column names; nil for ours.
    func measurement(
        of parameter: Parameter, unit: ColumnUnit?, flag: Measurement.Flag = .valid
    ) throws(Unreadable) -> (measurement: Measurement, hasStar: Bool) {
        if isShort, Self.withdrawn.contains(folded) {
            return (Measurement(.withdrawn, status: .valid), false)
        }
        // No figure is longer, and what follows compares characters: many marks would make that slow.
        guard isShort else { throw Unreadable(detail: "\"\(excerpt)\" is not a number") }
        var digits = folded[...]
        while digits.last == "*" { digits = digits.dropLast().trimmed }
        let hasStar = digits.endIndex < folded.endIndex
        let mark = digits.first.flatMap { $0 == "<" || $0 == ">" ? $0 : nil }
        if mark != nil { digits = digits.dropFirst().trimmed }
        let hasLetter = mark == nil && (digits.last == "L" || digits.last == "l")
        if hasLetter { digits = digits.dropLast().trimmed }
        let unit = unit ?? ColumnUnit(of: parameter)
        let scale = unit.scale
        guard let value = Self.number(digits, scale: scale) else {
            throw Unreadable(detail: "\"\(excerpt)\" is not a number\(Self.hint(folded))")
        }
        let other = scale == 0 ? nil : unit.text
        guard mark != nil || hasLetter else {
            let plain = Measurement(
                .measured(value), flag: flag, written: hasStar ? text : nil, unit: hasStar ? other : nil)
            return (try checked(plain, of: parameter), hasStar)
        }
        if mark == ">" {
            let above = Measurement(
                .measured(value), flag: flag == .valid ? .overRange : flag, written: text, unit: other)
            return (try checked(above, of: parameter), hasStar)
        }
        guard parameter.hasDetectionLimit else {
            throw Unreadable(detail: "\"\(excerpt)\": \(parameter.name.en) has no detection limit")
        }
        let below = Measurement(.below(value), flag: flag, written: text, unit: other)
        return (try checked(below, of: parameter), hasStar)
    }

    private func checked(_ measurement: Measurement, of parameter: Parameter) throws(Unreadable)
        -> Measurement
    {
        if let fault = measurement.faults(of: parameter).first {
            throw Unreadable(
                detail: fault.field == "written" ? "\"\(excerpt)\" \(fault.detail)" : fault.detail)
        }
        return measurement
    }

    private static func hint(_ text: String) -> String {
        switch text {
        case "ND", "nd", "未检出", "<DL": "; write the detection limit as <0.01 or 0.01L"
        default: text.contains(",") ? "; write a point before decimals and no mark between thousands" : ""
        }
    }

    /// Digits, with an optional sign, point and exponent. Nothing else that `Double` would take, such as
    /// `nan` or `0x1p3`. The exponent is `E3`, or `×10^3` in its spellings.
    private static func number(_ text: Substring, scale: Int) -> Double? {
        var (count, points, isPlain) = (0, 0, true)
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39: count += 1
            case 0x2E: points += 1
            default: isPlain = false
            }
        }
        if isPlain {
            guard count > 0, points <= 1 else { return nil }
            return scale == 0 ? Double(text) : Double("\(text)e\(scale)")
        }
        guard let (digits, exponent) = parts(of: text) else { return nil }
        let hasSign = digits.hasPrefix("+") || digits.hasPrefix("-")
        let halves = (hasSign ? digits.dropFirst() : digits)
            .split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard halves.contains(where: { !$0.isEmpty }),
            halves.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } })
        else { return nil }
        return Double("\(digits)e\(exponent + scale)")
    }

    /// The digits before the power of ten, and the power.
    private static func parts(of text: Substring) -> (digits: Substring, exponent: Int)? {
        guard let mark = text.firstIndex(where: { "eExX*".contains($0) }) else { return (text, 0) }
        var rest = text[text.index(after: mark)...]
        var digits = text[..<mark]
        if text[mark] != "e", text[mark] != "E" {
            digits = digits.trimmed
            rest = rest.trimmed
            guard rest.hasPrefix("10^") else { return nil }
            rest = rest.dropFirst(3).trimmed
        }
        guard let exponent = Int(rest), (-1000...1000).contains(exponent) else { return nil }
        return (digits, exponent)
    }

    // MARK: Times

    /// A day, with a time of day or without; nil for anything else.
    var time: TableTime? { TableTime(folded) }

    func time(on day: Day) -> TableTime? { TableTime(day, timeOfDay: folded) }

    // MARK: Words

    /// One of a few words, in the languages that tables use.
    func word<Word: RawRepresentable<String> & CaseIterable>(
        _ type: Word.Type, _ others: [String: Word]
    ) throws(Unreadable) -> Word {
        if isShort, let word = Word(rawValue: folded) ?? others[folded] { return word }
        let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
        throw Unreadable(detail: "\"\(excerpt)\" is none of \(words)")
    }

    /// The text without the apostrophe that protects it from a spreadsheet: our own tables put one before a
    /// text that a spreadsheet would run as a formula.
    var plainText: String {
        let scalars = text.unicodeScalars
        guard scalars.first == "'", let second = scalars.dropFirst().first,
            Self.formulaSigns.contains(second)
        else { return text }
        return String(scalars.dropFirst())
    }

    private static let formulaSigns = Set("=+-@＝＋－＠".unicodeScalars)

    // MARK: Classes

    /// 1 to 6 and −1 as in the national feed, or as people write them: `Ⅱ类`, `II`, `劣Ⅴ`. Nil means "not
    /// graded".
    func waterClass() throws(Unreadable) -> WaterClass? {
        if isMissing || folded == "-1" { return nil }
        let name = folded.hasSuffix("类") ? String(folded.dropLast()) : folded
        guard isShort, let found = Self.classes[name.uppercased()] else {
            throw Unreadable(detail: "\"\(excerpt)\" is not a class: I to V, 劣V, or 1 to 6")
        }
        return found
    }

    private static let classes: [String: WaterClass] = {
        var classes: [String: WaterClass] = ["劣V": .worseThanV, "WORSE THAN V": .worseThanV]
        for (waterClass, name) in zip(WaterClass.allCases, ["一", "二", "三", "四", "五", "劣五"]) {
            classes[name] = waterClass
        }
        for waterClass in WaterClass.allCases {
            classes[waterClass.rawValue.uppercased()] = waterClass
            classes[String(waterClass.number)] = waterClass
        }
        return classes
    }()
}

extension String {
    /// Whether it may begin or end with a blank. This is only a quick test: a text beyond ASCII is examined
    /// more closely afterwards.
    fileprivate var hasOuterBlanks: Bool {
        guard let first = utf8.first, let last = utf8.last else { return false }
        return first <= 0x20 || last <= 0x20 || first >= 0x80 || last >= 0x80
    }
}
