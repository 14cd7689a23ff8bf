public enum Urgency: String, CaseIterable, Sendable, Codable {
    case ordinary, urgent, emergency
}

/// What a complaint is about, and how soon it must be answered.
public struct Category: Hashable, Sendable, Codable {
    public let code: CategoryCode
    public let name: Name
    public let group: Name
    public let urgency: Urgency
    /// Hours round the clock; used if no `ServiceLevel` says otherwise.
    public let acceptHours: Double
    public let resolveHours: Double
    /// Who is responsible in place of the chief, for example the enforcement department for an outfall.
    public let responsible: DepartmentID?
    /// Whether a report that a complaint is resolved needs a photo.
    public let requiresPhoto: Bool
    /// Whether somebody else must check the outcome before the citizen is told that the complaint is
    /// resolved.
    public let requiresVerification: Bool
    /// Who makes this check (独立核查); nil: the duty office of the region.
    public let checker: DepartmentID?
    /// How far a place may lie from the water of its complaint; nil: as Routing's rules say.
    public let reachMetres: Double?
    /// Open complaints this near may be about the same; nil: `usualSimilarMetres`.
    public let similarMetres: Double?
    /// FixMyStreet's own distance for most categories.
    public static let usualSimilarMetres = 250.0

    public init(
        code: CategoryCode, name: Name, group: Name, urgency: Urgency = .ordinary, acceptHours: Double,
        resolveHours: Double, responsible: DepartmentID? = nil, requiresPhoto: Bool = true,
        requiresVerification: Bool = false, checker: DepartmentID? = nil, reachMetres: Double? = nil,
        similarMetres: Double? = nil
    ) {
        self.code = code
        self.name = name
        self.group = group
        self.urgency = urgency
        self.acceptHours = acceptHours
        self.resolveHours = resolveHours
        self.responsible = responsible
        self.requiresPhoto = requiresPhoto
        self.requiresVerification = requiresVerification
        self.checker = checker
        self.reachMetres = reachMetres
        self.similarMetres = similarMetres
    }
}

/// How soon a complaint of a given urgency must be accepted and resolved (办理时限), for one category or for all.
public struct ServiceLevel: Hashable, Sendable, Codable {
    public let id: ServiceLevelID
    /// Nil: all categories that have no service level of their own for this urgency.
    public let category: CategoryCode?
    public let urgency: Urgency
    public let accept: Allowance
    public let resolve: Allowance

    public init(
        id: ServiceLevelID, category: CategoryCode? = nil, urgency: Urgency, accept: Allowance,
        resolve: Allowance
    ) {
        self.id = id
        self.category = category
        self.urgency = urgency
        self.accept = accept
        self.resolve = resolve
    }
}

/// An amount of time to do something, by the clock or by an office's calendar: `24 hours`, `10 working-days`.
public struct Allowance: Hashable, Sendable, Codable, CustomStringConvertible {
    public enum Unit: String, CaseIterable, Sendable, Codable {
        /// Round the clock, Sundays included.
        case hours
        /// Of `WorkingHours`, on working days.
        case workingHours = "working-hours"
        /// Whole days of `WorkingHours`, starting with the next day: see `WorkingCalendar`.
        case workingDays = "working-days"
    }

    public let amount: Double
    public let unit: Unit

    /// How long a checker has for his check.
    public static let forCheck = Allowance(3, .workingDays)

    public init(_ amount: Double, _ unit: Unit) {
        self.amount = amount
        self.unit = unit
    }

    /// A part of the time, such as the four fifths after which the deadline is at risk.
    public func scaled(by factor: Double) -> Allowance { Allowance(amount * factor, unit) }

    public init?(_ text: String) {
        let parts = text.split(separator: " ")
        guard parts.count == 2, let amount = Double(parts[0]), amount.isFinite, amount >= 0,
            parts[0].utf8.allSatisfy({ (48...57).contains($0) || $0 == UInt8(ascii: ".") }),
            let unit = Unit(rawValue: String(parts[1]))
        else { return nil }
        self.init(amount, unit)
    }

    public var description: String {
        "\(Int(exactly: amount).map(String.init) ?? String(amount)) \(unit.rawValue)"
    }
}

/// A day that differs from its weekday: a holiday, or a Saturday or Sunday on which people work (调休).
public struct CalendarDay: Hashable, Sendable, Codable {
    public enum Kind: String, CaseIterable, Sendable, Codable {
        case holiday, workday
    }

    public let date: Day
    public let kind: Kind
    public let name: Name

    public init(date: Day, kind: Kind, name: Name) {
        self.date = date
        self.kind = kind
        self.name = name
    }
}
