/// What is wrong with one field, in words that help the sender to correct it.
public struct FieldFault: Hashable, Sendable, Codable, CustomStringConvertible {
    /// A dotted path such as `place.latitude`; empty for the whole value.
    public let field: String
    public let detail: String

    public init(_ field: String, _ detail: String) {
        self.field = field
        self.detail = detail
    }

    public var description: String { field.isEmpty ? detail : "\(field): \(detail)" }
}

/// Bytes that are not the value they should be. Whoever receives them sets them aside and goes on.
public struct Malformed: Error, Hashable, Sendable, CustomStringConvertible {
    public let faults: [FieldFault]

    public init(_ faults: [FieldFault]) {
        self.faults = faults
    }

    public init(_ field: String, _ detail: String) {
        self.init([FieldFault(field, detail)])
    }

    public var description: String { faults.map(\.description).joined(separator: "; ") }
}
