import Models

/// One cell of a table of readings.
struct ReadingCell {
    /// More than a section's name, a source and any figure take; a longer one is refused before it is read.
    static let bytes = 512

    /// Without blanks around it, full-width characters as ASCII.
    private let folded: String
    /// Without blanks around it.
    let text: String

    /// What stands in the cell is not what its column holds.
    struct Unreadable: Error {
        let detail: String
    }

    init(_ field: String) {
        text = String(field.trimmed)
        folded = text.folded
    }

    /// A text from outside may be long; a fault shows its beginning.
    var excerpt: String { text.excerpt(40) }

    /// Withheld or not measured.
    var isMissing: Bool { folded.utf8.count <= Self.missingBytes && Self.missing.contains(folded) }

    private static let missing: Set<String> = ["", "-", "--", "---", "—", "——", "/", "N/A", "NULL", "null"]

    private static let missingBytes = missing.map(\.utf8.count).max() ?? 0

    // MARK: Values

    /// The value times ten to the power of `scale`, or the limit of detection that it is below.
    ///
    /// The power goes into the text before it becomes a number, so that 50 µg/L is the same number as 0.05
    /// mg/L: limits are inclusive, and the last bit decides a class.
    ///
    /// - Parameter unit: what the column has, where that is another than ours.
    func measurement(
        of parameter: Parameter, scale: Int, unit: String?
    ) throws(Unreadable) -> Measurement {
        var digits = folded[...]
        let hasMark = digits.hasPrefix("<")
        if hasMark { digits = digits.dropFirst().trimmed }
        let hasLetter = !hasMark && (digits.hasSuffix("L") || digits.hasSuffix("l"))
        if hasLetter { digits = digits.dropLast().trimmed }
        guard let value = Self.number(digits, scale: scale) else {
            throw Unreadable(detail: "\"\(excerpt)\" is not a number\(Self.hint(folded))")
        }
        guard hasMark || hasLetter else { return try checked(Measurement(value), of: parameter) }
        guard parameter.hasDetectionLimit else {
            throw Unreadable(detail: "\"\(excerpt)\": \(parameter.name.en) has no detection limit")
        }
        return try checked(Measurement(.below(value), written: text, unit: unit), of: parameter)
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
        default: ""
        }
    }

    /// Digits, perhaps a sign, a point and an exponent: nothing else that `Double` would take, such as `nan`
    /// or `0x1p3`.
    private static func number(_ text: Substring, scale: Int) -> Double? {
        let parts = text.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
        let hasSign = parts[0].hasPrefix("+") || parts[0].hasPrefix("-")
        let digits = hasSign ? parts[0].dropFirst() : parts[0]
        let halves = digits.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard halves.contains(where: { !$0.isEmpty }),
            halves.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } })
        else { return nil }
        guard parts.count == 2 else { return Double(scale == 0 ? String(text) : "\(text)e\(scale)") }
        guard let exponent = Int(parts[1]), (-1000...1000).contains(exponent) else { return nil }
        return Double("\(parts[0])e\(exponent + scale)")
    }

    // MARK: Times

    /// `2026-07-09 21:00`, with seconds or without, with `T` or a blank, local or with an offset; also
    /// `2026/7/9 9:00`, which spreadsheets make of it.
    func instant(localOffset: Duration) -> Instant? {
        Instant(rfc3339: folded, defaultOffset: localOffset)
            ?? Instant(rfc3339: Self.padded(folded), defaultOffset: localOffset)
    }

    /// `2026/7/9 9:00` → `2026-07-09 09:00`.
    private static func padded(_ text: String) -> String {
        func twoDigits(_ text: Substring) -> String { text.utf8.count == 1 ? "0\(text)" : String(text) }
        return text.split(separator: " ").map { part in
            let separator = part.contains("/") ? "/" : ":"
            return part.split(separator: separator).map(twoDigits).joined(
                separator: separator == "/" ? "-" : ":")
        }.joined(separator: " ")
    }

    // MARK: Classes

    /// 1 to 6 and −1 as the national feed has them, or as people write them: `Ⅱ类`, `II`, `劣Ⅴ`. Nil is "not
    /// graded".
    func waterClass() throws(Unreadable) -> WaterClass? {
        if isMissing || folded == "-1" { return nil }
        let name = folded.hasSuffix("类") ? String(folded.dropLast()) : folded
        guard let found = Self.classes[name.uppercased()] else {
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

extension StringProtocol {
    var trimmed: SubSequence {
        guard let start = firstIndex(where: { !$0.isWhitespace }),
            let end = lastIndex(where: { !$0.isWhitespace })
        else { return self[endIndex...] }
        return self[start...end]
    }

    /// Characters that look like others, as those: full-width forms, Roman numerals, subscripts, the signs of
    /// units.
    ///
    /// The part of Unicode's compatibility mapping (UAX #15) that such tables use; the standard library has
    /// no whole one.
    var folded: String {
        if utf8.allSatisfy({ $0 < 0x80 }) { return String(self) }
        var scalars = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            switch scalar.value {
            case 0xFF01...0xFF5E: scalars.append(Unicode.Scalar(UInt8(scalar.value - 0xFF01 + 0x21)))
            case 0x3000, 0x00A0: scalars.append(" ")
            case 0x2160...0x2164:
                let numeral = ["I", "II", "III", "IV", "V"][Int(scalar.value - 0x2160)]
                scalars.append(contentsOf: numeral.unicodeScalars)
            case 0x2080...0x2089: scalars.append(Unicode.Scalar(UInt8(scalar.value - 0x2080 + 0x30)))
            case 0x00B3: scalars.append("3")
            case 0x00B5, 0x03BC: scalars.append("u")
            case 0x03B1: scalars.append("a")
            case 0x2103: scalars.append(contentsOf: "°C".unicodeScalars)
            case 0x2212: scalars.append("-")
            default: scalars.append(scalar)
            }
        }
        return String(scalars)
    }
}
