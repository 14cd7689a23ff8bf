/// A group of complaints that are counted together.
public struct Scope: Hashable, Sendable, Codable, CustomStringConvertible {
    public enum Kind: String, CaseIterable, Sendable, Codable {
        case city, region, reach, chief
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

/// Counts of one scope in one month. They can be added: each instance of Analytics publishes the counts of
/// its partitions, and a reader sums them all.
public struct Tally: Hashable, Sendable, Codable {
    public var received = 0
    public var open = 0
    public var overdue = 0
    public var accepted = 0
    public var secondsToAccept: Int64 = 0
    public var resolved = 0
    public var secondsToResolve: Int64 = 0
    public var rated = 0
    public var satisfied = 0
    /// Deadlines that passed without the required action.
    public var escalated = 0
    /// Orders from the office at the top (督办).
    public var supervised = 0
    /// Outcomes that were not accepted (追加处理).
    public var reopened = 0

    public init() {}

    public static func + (left: Tally, right: Tally) -> Tally {
        var sum = left
        sum.received += right.received
        sum.open += right.open
        sum.overdue += right.overdue
        sum.accepted += right.accepted
        sum.secondsToAccept += right.secondsToAccept
        sum.resolved += right.resolved
        sum.secondsToResolve += right.secondsToResolve
        sum.rated += right.rated
        sum.satisfied += right.satisfied
        sum.escalated += right.escalated
        sum.supervised += right.supervised
        sum.reopened += right.reopened
        return sum
    }
}

/// The tally of one scope and month over one partition of `complaints.events`. Its topic is compacted by key.
public struct Indicator: Hashable, Sendable, Codable {
    public let scope: Scope
    /// The month in which the complaints were received, `2026-11`.
    public let period: String
    public let partition: Int32
    public let tally: Tally

    public init(scope: Scope, period: Month, partition: Int32, tally: Tally) {
        self.scope = scope
        self.period = period.description
        self.partition = partition
        self.tally = tally
    }

    public var key: String { "\(scope)/\(period)/\(partition)" }
}
