/// A group of complaints that are counted together.
public struct Scope: Hashable, Sendable, Codable, CustomStringConvertible {
    public enum Kind: String, CaseIterable, Sendable, Codable {
        case city, region, reach, chief, department
    }

    public let kind: Kind
    public let id: String

    public init(kind: Kind, id: String) {
        self.kind = kind
        self.id = id
    }

    public static let city = Scope(kind: .city, id: "all")

    public var description: String { "\(kind.rawValue)/\(id)" }
}

/// The tally of one scope and day over one partition of `complaints.events`. Its topic is compacted by key.
public struct Indicator: Hashable, Sendable, Codable {
    public let scope: Scope
    /// The day on which the complaints were received, `2026-11-05`. Months, quarters and years are sums of
    /// days, and the days of open complaints tell how old they are.
    public let period: String
    public let partition: Int32
    public let tally: Tally

    public init(scope: Scope, period: Day, partition: Int32, tally: Tally) {
        self.scope = scope
        self.period = period.description
        self.partition = partition
        self.tally = tally
    }

    public var key: String { "\(scope)/\(period)/\(partition)" }
}
