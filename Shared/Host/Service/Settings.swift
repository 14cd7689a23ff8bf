import Models

/// Reads a service's settings from the environment. One call declares, checks and describes a setting.
///
/// All faults are collected, so that an operator sees them all at once. Afterwards nobody reads the
/// environment again.
public struct SettingsReader {
    public struct Description: Sendable {
        public let name: String
        public let form: String
        public let preset: String
        public let help: String
    }

    let environment: [String: String]
    public private(set) var faults: [String] = []
    /// Settings that are allowed but unwise.
    public private(set) var warnings: [String] = []
    public private(set) var descriptions: [Description] = []

    public init(environment: [String: String]) {
        self.environment = environment
    }

    /// Reads the environment and the folder of credentials; what is wrong there is a fault, too.
    init(_ source: SettingsSource) {
        environment = source.variables
        faults = source.faults
    }

    public mutating func text(_ name: String, preset: String, help: String) -> String {
        read(name, form: "text", preset: preset, help: help) { $0 } ?? preset
    }

    public mutating func optionalText(_ name: String, help: String) -> String? {
        read(name, form: "text", preset: "", help: help) { $0.isEmpty ? nil : $0 }
    }

    public mutating func integer(_ name: String, preset: Int, in range: ClosedRange<Int>, help: String) -> Int
    {
        let form = "\(range.lowerBound)…\(range.upperBound)"
        return read(name, form: form, preset: String(preset), help: help) { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        } ?? preset
    }

    public mutating func number(
        _ name: String, preset: Double, in range: ClosedRange<Double>, help: String
    ) -> Double {
        let form = "\(range.lowerBound)…\(range.upperBound)"
        return read(name, form: form, preset: String(preset), help: help) { text in
            Double(text).flatMap { range.contains($0) ? $0 : nil }
        } ?? preset
    }

    public mutating func port(_ name: String, preset: Int, help: String) -> UInt16 {
        UInt16(integer(name, preset: preset, in: 0...65_535, help: help))
    }

    public mutating func flag(_ name: String, preset: Bool, help: String) -> Bool {
        read(name, form: "true, false", preset: String(preset), help: help) { Bool($0) } ?? preset
    }

    public mutating func duration(_ name: String, preset: Duration, help: String) -> Duration {
        read(name, form: Self.durationForm, preset: preset.short, help: help) { Duration(short: $0) }
            ?? preset
    }

    public mutating func optionalDuration(_ name: String, help: String) -> Duration? {
        read(name, form: Self.durationForm, preset: "", help: help) { Duration(short: $0) }
    }

    public mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String, preset: Choice, help: String
    ) -> Choice {
        let form = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        return read(name, form: form, preset: preset.rawValue, help: help) { Choice(rawValue: $0) } ?? preset
    }

    /// An http(s) address without a trailing slash.
    public mutating func address(_ name: String, preset: String, help: String) -> String {
        read(name, form: "http(s) URL", preset: preset, help: help) { text in
            guard text.hasPrefix("http://") || text.hasPrefix("https://") else { return nil }
            return text.hasSuffix("/") ? String(text.dropLast()) : text
        } ?? preset
    }

    /// All variables that begin with `prefix`, by name. Their values are secrets and are never shown.
    ///
    /// - Parameter form: what stands behind the prefix in the help.
    public mutating func secrets(prefix: String, form: String, help: String) -> [String: String] {
        descriptions.append(Description(name: prefix + form, form: "text", preset: "", help: help))
        return environment.filter { $0.key.hasPrefix(prefix) && !$0.value.isEmpty }
    }

    /// Reads a group of settings once more, for another thing of the same kind: what is `DAYU_SMS_URL` for
    /// the first is `DAYU_SMS2_URL` for the second. Nil if none of the group is set.
    ///
    /// - Parameter group: `SMS`
    public mutating func again<Value>(
        _ group: String, _ place: Int, help: String, _ read: (inout SettingsReader) -> Value
    ) -> Value? {
        let (first, other) = ("DAYU_\(group)_", "DAYU_\(group)\(place)_")
        descriptions.append(Description(name: "\(other)…", form: "as \(first)…", preset: "", help: help))
        let own = environment.filter { $0.key.hasPrefix(other) && !$0.value.isEmpty }
        guard !own.isEmpty else { return nil }
        var renamed = environment.filter { !$0.key.hasPrefix(first) }
        for (name, value) in own { renamed[first + name.dropFirst(other.count)] = value }
        var reader = SettingsReader(environment: renamed)
        let value = read(&reader)
        faults += reader.faults.map { $0.replacing(first, with: other) }
        warnings += reader.warnings.map { $0.replacing(first, with: other) }
        return value
    }

    /// Adds a fault that several settings have only together.
    public mutating func fault(_ text: String) {
        faults.append(text)
    }

    public mutating func warn(_ text: String) {
        warnings.append(text)
    }

    /// Reports every variable that starts with `prefix` and was not declared: most often a typing mistake.
    public mutating func refuseUnknown(prefix: String) {
        let known = Set(descriptions.map(\.name))
        for name in environment.keys.sorted() where name.hasPrefix(prefix) && !known.contains(name) {
            faults.append("\(name): no such setting")
        }
    }

    private static let durationForm = "duration: 500ms, 30s, 5m, 2h, 7d"

    private mutating func read<Value>(
        _ name: String, form: String, preset: String, help: String, parse: (String) -> Value?
    ) -> Value? {
        descriptions.append(Description(name: name, form: form, preset: preset, help: help))
        guard let text = environment[name], !text.isEmpty else { return nil }
        guard let value = parse(text) else {
            faults.append("\(name): \"\(text)\" is not \(form)")
            return nil
        }
        return value
    }
}

extension Duration {
    private static let units: [(suffix: String, milliseconds: Int64)] = [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]

    public init?(short text: String) {
        for (suffix, milliseconds) in Self.units where text.hasSuffix(suffix) {
            guard let count = Int64(text.dropLast(suffix.count)), (0...1_000_000_000).contains(count) else {
                continue
            }
            self = .milliseconds(count * milliseconds)
            return
        }
        return nil
    }

    var short: String {
        for (suffix, milliseconds) in Self.units.reversed() where wholeMilliseconds % milliseconds == 0 {
            return "\(wholeMilliseconds / milliseconds)\(suffix)"
        }
        return "\(wholeMilliseconds)ms"
    }
}
