import Geo
import Models
import Text

/// One row while it is read. Each field that can't be read adds a finding, so all faults of a row are
/// reported at once.
struct RowReading {
    let table: RegistryTable
    let line: Int
    private let fields: [String: String]
    private(set) var findings: [Finding] = []
    private(set) var references: [Reference] = []

    init(_ table: RegistryTable, line: Int, fields: [String: String]) {
        self.table = table
        self.line = line
        self.fields = fields
    }

    mutating func fault(_ what: String) {
        findings.append(Finding(table.file, line, what))
    }

    mutating func warn(_ what: String) {
        findings.append(Finding(table.file, line, what, weight: .warning))
    }

    /// A field without the blanks around it, which nobody sees in a spreadsheet.
    func value(_ column: String) -> String {
        let text = fields[column, default: ""]
        guard text.first?.isWhitespace == true || text.last?.isWhitespace == true else { return text }
        return String(
            text.trimmingPrefix(while: \.isWhitespace).reversed().trimmingPrefix(while: \.isWhitespace)
                .reversed())
    }

    // MARK: Texts

    /// - Parameter isRead: whether people read the text as it is. Hidden characters do no harm in a phone
    ///   number, because they are no digits.
    mutating func optionalText(
        _ column: String, characters: Int = Limit.nameCharacters, isRead: Bool = true
    ) -> String? {
        let text = value(column)
        guard !text.isEmpty else { return nil }
        if text.unicodeScalars.count > characters {
            fault("\(column) is longer than \(characters) characters")
        } else if text.unicodeScalars.contains(where: {
            $0.properties.generalCategory == .control && $0 != "\n"
        }) {
            fault("\(column) holds control characters")
        } else if isRead, text.visible != text {
            fault("\(column) holds invisible characters, or characters that change the direction of the text")
        }
        return text
    }

    mutating func text(_ column: String, characters: Int = Limit.nameCharacters) -> String? {
        let text = optionalText(column, characters: characters)
        if text == nil { fault("\(column) is empty") }
        return text
    }

    /// A name in both languages. The English name may be missing; then the Chinese name is used in its place.
    mutating func name(_ column: String = "name") -> Name? {
        let zh = text(column)
        let en = optionalText("\(column)_en")
        return zh.map { Name(zh: $0, en: en ?? $0) }
    }

    mutating func phone(_ column: String) -> String? {
        guard let text = optionalText(column, isRead: false) else { return nil }
        if (try? CallableNumber(text, country: .china)) == nil {
            fault("\(column) \"\(text)\" is not a phone number")
        }
        return text
    }

    /// A web address.
    mutating func link(_ column: String) -> String? {
        guard let text = optionalText(column, characters: Limit.mediaBytes) else { return nil }
        if !(text.hasPrefix("https://") || text.hasPrefix("http://")) || text.contains(where: \.isWhitespace)
        {
            fault("\(column) \"\(text)\" is not an http(s) link")
        }
        return text
    }

    /// Parses a text with `read`. If that fails, the finding names `example`.
    mutating func optional<Value>(
        _ column: String, as read: (String) -> Value?, example: String
    ) -> Value? {
        guard let text = optionalText(column) else { return nil }
        let value = read(text)
        if value == nil { fault("\(column) \"\(text)\" is not \(example)") }
        return value
    }

    /// Parses each word of a text; no value may occur twice.
    mutating func list<Value: Hashable & CustomStringConvertible>(
        _ column: String, as read: (Substring) -> Value?, example: String
    ) -> [Value] {
        var values: [Value] = []
        for word in value(column).split(separator: " ") {
            guard let value = read(word) else {
                fault("\(column) \"\(word)\" is not \(example)")
                continue
            }
            if values.contains(value) { fault("\(column) names \(value) twice") }
            values.append(value)
        }
        return values
    }

    mutating func optionalDay(_ column: String) -> Day? {
        optional(column, as: { Day($0) }, example: "a day such as 2026-01-31")
    }

    mutating func day(_ column: String) -> Day? {
        if value(column).isEmpty { fault("\(column) is empty") }
        return optionalDay(column)
    }

    /// The limit is the number of hours in a year, for every unit: a longer time is no deadline.
    mutating func allowance(_ column: String) -> Allowance? {
        if value(column).isEmpty { fault("\(column) is empty") }
        let allowance = optional(
            column, as: { Allowance($0) }, example: "an allowance such as 24 hours or 5 working-days")
        if let allowance, allowance.amount > Limit.allowance {
            fault("\(column) \(allowance) is more than the allowed \(Int(Limit.allowance))")
        }
        return allowance
    }

    // MARK: Numbers and choices

    mutating func optionalNumber(_ column: String, in range: ClosedRange<Double>) -> Double? {
        let text = value(column)
        guard !text.isEmpty else { return nil }
        guard let number = Double(text), number.isFinite, text.utf8.allSatisfy({ Self.isDecimal($0) }) else {
            fault("\(column) \"\(text)\" is not a number")
            return nil
        }
        guard range.contains(number) else {
            fault(
                "\(column) \(text) is outside \(Self.short(range.lowerBound))…\(Self.short(range.upperBound))"
            )
            return nil
        }
        return number
    }

    mutating func number(_ column: String, in range: ClosedRange<Double>) -> Double? {
        if value(column).isEmpty { fault("\(column) is empty") }
        return optionalNumber(column, in: range)
    }

    mutating func optionalWholeNumber(_ column: String, in range: ClosedRange<Int>) -> Int? {
        let number = optionalNumber(column, in: Double(range.lowerBound)...Double(range.upperBound))
        guard let number else { return nil }
        let whole = Int(exactly: number)
        if whole == nil { fault("\(column) \"\(value(column))\" is not a whole number") }
        return whole
    }

    /// `Double` also reads hexadecimal numbers and "nan".
    private static func isDecimal(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || [0x2B, 0x2D, 0x2E, 0x45, 0x65].contains(byte)
    }

    private static func short(_ number: Double) -> String {
        Int(exactly: number).map(String.init) ?? String(number)
    }

    mutating func optionalChoice<Choice: RawRepresentable<String>>(
        _ column: String, of choices: [Choice]
    ) -> Choice? {
        let text = value(column)
        guard !text.isEmpty else { return nil }
        guard let choice = choices.first(where: { $0.rawValue == text }) else {
            fault("\(column) \"\(text)\" is none of \(choices.map(\.rawValue).joined(separator: ", "))")
            return nil
        }
        return choice
    }

    mutating func choice<Choice: RawRepresentable<String>>(_ column: String, of choices: [Choice]) -> Choice?
    {
        if value(column).isEmpty { fault("\(column) is empty") }
        return optionalChoice(column, of: choices)
    }

    /// `yes` or `no`; an empty field gives the preset.
    mutating func flag(_ column: String, preset: Bool) -> Bool {
        optional(column, as: { ["yes": true, "no": false][$0] }, example: "yes or no") ?? preset
    }

    mutating func place() -> Coordinate? {
        let longitude = number("longitude", in: -180...180)
        let latitude = number("latitude", in: -90...90)
        guard let longitude, let latitude else { return nil }
        return Coordinate(longitude: longitude, latitude: latitude)
    }

    // MARK: Identifiers

    mutating func identifier<Entity>(_ column: String = "id") -> EntityID<Entity>? {
        identifier(value(column), column: column)
    }

    private mutating func identifier<Entity>(_ text: String, column: String) -> EntityID<Entity>? {
        if text.isEmpty {
            fault("\(column) is empty")
            return nil
        }
        guard let id = EntityID<Entity>(text) else {
            fault(
                "\(column) \"\(text)\" is not an identifier: use a-z, 0-9, \".\" and \"-\", begin with a letter "
                    + "or digit, at most \(Limit.identifierBytes) characters")
            return nil
        }
        return id
    }

    mutating func optionalReference<Entity>(_ column: String, to target: RegistryEntity.Kind) -> EntityID<
        Entity
    >? {
        let text = value(column)
        return text.isEmpty ? nil : refer(text, column: column, to: target)
    }

    mutating func reference<Entity>(_ column: String, to target: RegistryEntity.Kind) -> EntityID<Entity>? {
        refer(value(column), column: column, to: target)
    }

    /// Identifiers separated by blanks.
    mutating func references<Entity>(_ column: String, to target: RegistryEntity.Kind) -> [EntityID<Entity>] {
        var ids: [EntityID<Entity>] = []
        for text in value(column).split(separator: " ") {
            guard let id: EntityID<Entity> = refer(String(text), column: column, to: target) else { continue }
            if ids.contains(id) { fault("\(column) names \(id) twice") }
            ids.append(id)
        }
        return ids
    }

    private mutating func refer<Entity>(
        _ text: String, column: String, to target: RegistryEntity.Kind
    ) -> EntityID<Entity>? {
        guard let id: EntityID<Entity> = identifier(text, column: column) else { return nil }
        refer(to: RegistryKey(kind: target, id: id.rawValue), column: column)
        return id
    }

    /// A section, or an outfall of an enterprise: both take readings.
    mutating func pointReference(_ column: String) -> SectionID? {
        guard let id: SectionID = identifier(value(column), column: column) else { return nil }
        refer(
            to: RegistryKey(kind: .section, id: id.rawValue),
            or: RegistryKey(kind: .outfall, id: id.rawValue), column: column)
        return id
    }

    /// - Parameter other: what may be there instead.
    mutating func refer(to key: RegistryKey, or other: RegistryKey? = nil, column: String) {
        references.append(Reference(table: table, line: line, column: column, to: key, or: other))
    }
}

/// A reference from a row to an entity.
struct Reference: Hashable {
    let table: RegistryTable
    let line: Int
    let column: String
    let to: RegistryKey
    /// What may be there instead.
    var or: RegistryKey?
}

extension Limit {
    fileprivate static let allowance = 8760.0
}
