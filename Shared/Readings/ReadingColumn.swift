import Models
import Text

/// What a column of a table of readings means.
enum ReadingColumn: Hashable, Sendable {
    case section, date, publishedClass, source, period, origin, status, flag
    /// With the offset from UTC that the header names: 监测时间(UTC+8).
    case observedAt(Duration?)
    /// The unit is nil if the header names none; then it is ours (`Parameter.unit`).
    case value(Parameter, ColumnUnit?)
    /// The sender said that the column is to be ignored.
    case ignored

    /// A column that is known but can't be read.
    struct Unclear: Error {
        let detail: String
    }

    /// Nil if the header means nothing here.
    ///
    /// A header is a name, perhaps followed by a unit, another name or a remark. The longest beginning that
    /// is a name counts: COD is a name, and so is CODMn.
    init?(header written: String) throws(Unclear) {
        guard written.utf8.count <= Limit.columnNameBytes else { return nil }
        let header = Array(written.folded.trimmed.unicodeScalars)
        for end in Self.ends(in: header) {
            let name = ColumnNames.plain(Self.text(header[..<end]))
            let rest = header[end...]
            if let known = ColumnNames.others[name] {
                guard rest.isEmpty || Self.isBracket(rest.first) else { continue }
                self = try known.reading(Self.text(rest))
                return
            }
            if let parameter = ColumnNames.parameters[name],
                let column = try Self.column(parameter, named: name, rest)
            {
                self = column
                return
            }
        }
        return nil
    }

    var parameter: Parameter? {
        if case .value(let parameter, _) = self { parameter } else { nil }
    }

    var isTime: Bool {
        if case .observedAt = self { true } else { false }
    }

    /// Whether two columns hold the same, whatever their units.
    func means(_ other: ReadingColumn) -> Bool {
        self == other || parameter != nil && parameter == other.parameter || isTime && other.isTime
    }

    // MARK: Where a name ends

    /// The whole header, then each place, from right to left, where a name may end: before a mark or a blank,
    /// between Latin letters and others, and before 浓度 and similar words.
    private static func ends(in header: [Unicode.Scalar]) -> [Int] {
        guard !header.isEmpty else { return [] }
        let whole = header.count <= longestName ? [header.count] : []
        return whole
            + (1..<max(1, min(header.count, longestName))).reversed().filter { place in
                let (before, next) = (header[place - 1], header[place])
                return isMark(next) || before.isASCII != next.isASCII
                    || ColumnNames.suffixes.contains { header[place...].starts(with: $0) }
            }
    }

    /// Longer than any name, with whatever people put between its letters.
    private static let longestName = 48

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace || "_-/,;:、·([{<【〔".unicodeScalars.contains(scalar)
    }

    private static func isBracket(_ scalar: Unicode.Scalar?) -> Bool {
        scalar.map { "([{【〔".unicodeScalars.contains($0) } ?? false
    }

    private static func text(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        String(String.UnicodeScalarView(scalars))
    }

    // MARK: Values

    /// Nil if the text behind the name changes its meaning: DO probe.
    private static func column(
        _ parameter: Parameter, named name: String, _ rest: ArraySlice<Unicode.Scalar>
    ) throws(Unclear) -> ReadingColumn? {
        var unit: ColumnUnit?
        let pieces = rest.split { "()[]{}<>【】〔〕,;:、".unicodeScalars.contains($0) }.map(text)
        for piece in pieces where !isSilent(piece) {
            let bare = String(piece.drop { "/-_ ".contains($0) }.trimmed)
            if let found = ColumnUnit(piece, of: parameter) ?? ColumnUnit(unitAlone(bare), of: parameter) {
                guard unit.map({ $0.scale == found.scale }) ?? true else {
                    throw Unclear(detail: "names two units, \(unit?.text ?? "") and \(found.text)")
                }
                unit = unit ?? found
            } else if !ColumnNames.isRemark(bare, on: parameter) {
                // Behind a bracket or a slash there must be a unit; behind a blank there may be anything.
                if rest.first.map({ isMark($0) && !$0.properties.isWhitespace && $0 != "-" && $0 != "_" })
                    == true
                    || bare.contains(where: { "/%°".contains($0) })
                    || ["ppm", "ppb"].contains(bare.lowercased())
                {
                    throw unknown(bare, parameter)
                }
                return nil
            }
        }
        if unit == nil { try requireUnit(parameter, name) }
        return .value(parameter, unit)
    }

    private static func isSilent(_ piece: String) -> Bool { piece.allSatisfy { " /-_\n\r\t".contains($0) } }

    /// mg/L as N → mg/L.
    private static func unitAlone(_ text: String) -> String {
        for ending in [" as N", " as P"] where text.lowercased().hasSuffix(ending.lowercased()) {
            return String(text.dropLast(ending.count))
        }
        return text
    }

    private static func unknown(_ unit: String, _ parameter: Parameter) -> Unclear {
        let ours = parameter.unit.isEmpty ? "none" : parameter.unit
        return Unclear(detail: "the unit \(unit) is unknown; ours is \(ours)")
    }

    /// A column without a unit is in our unit. The exceptions are the metals that HJ 212-2017 table B.1 has
    /// in µg/L under the same code: stations send both, and nobody may guess a factor of 1,000. Chlorophyll a
    /// is in mg/m³ in bulletins and in mg/L on the national platform, under the same name.
    private static func requireUnit(_ parameter: Parameter, _ name: String) throws(Unclear) {
        switch parameter {
        case .mercury, .cadmium, .hexavalentChromium, .arsenic, .lead, .selenium:
            guard name != parameter.rawValue else {
                throw Unclear(detail: "has no unit: HJ 212 uses µg/L, GB 3838 uses mg/L")
            }
        case .chlorophyllA:
            throw Unclear(detail: "has no unit: bulletins use mg/m³, the national platform uses mg/L")
        default: break
        }
    }

    // MARK: Times

    /// The meaning together with the brackets behind the name. For a time they may hold its offset: (UTC),
    /// (UTC+8), (北京时间).
    private func reading(_ brackets: String) throws(Unclear) -> ReadingColumn {
        guard isTime || self == .date, !brackets.isEmpty else { return self }
        let text = ColumnNames.plain(brackets)
        if text.contains("北京时间") || text.contains("beijing") { return .observedAt(.seconds(8 * 3600)) }
        guard let name = ["utc", "gmt"].first(where: text.contains) else { return self }
        // Taken from the text with its sign, because `plain` removes a minus.
        let written = brackets.lowercased().split(separator: name, maxSplits: 1).last.map(String.init) ?? ""
        let offset = written.filter { "+-:0123456789".contains($0) }
        guard let minutes = Self.minutes(offset) else {
            throw Unclear(detail: "the offset \(brackets) can't be read; write it such as (UTC+08:00)")
        }
        return .observedAt(.seconds(minutes * 60))
    }

    private static func minutes(_ offset: String) -> Int? {
        if offset.isEmpty { return 0 }
        let parts = offset.dropFirst().split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
        guard let sign = offset.first == "+" ? 1 : offset.first == "-" ? -1 : nil,
            (1...2).contains(parts.count), let hours = parts[0], (0...14).contains(hours),
            let minutes = parts.count == 2 ? parts[1] : 0, (0..<60).contains(minutes)
        else { return nil }
        return sign * (hours * 60 + minutes)
    }
}
