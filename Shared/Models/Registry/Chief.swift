/// The official who answers for a reach (河长).
///
/// The phone is his office's: the sign board at the water shows it, so it is public.
public struct Chief: Hashable, Sendable, Codable {
    public let id: ChiefID
    public let name: Name
    public let title: String
    public let level: Level
    public let region: RegionID
    public let superior: ChiefID?
    public let phone: String?
    public let absences: [Absence]

    public init(
        id: ChiefID, name: Name, title: String, level: Level, region: RegionID, superior: ChiefID? = nil,
        phone: String? = nil, absences: [Absence] = []
    ) {
        self.id = id
        self.name = name
        self.title = title
        self.level = level
        self.region = region
        self.superior = superior
        self.phone = phone
        self.absences = absences
    }
}

/// Days on which a chief is out of office, and who stands in.
public struct Absence: Hashable, Sendable, Codable {
    /// Both days are part of it, in the time of the chief's region.
    public let from: Day
    public let to: Day
    /// Nil: whoever stands above.
    public let deputy: ChiefID?

    public init(from: Day, to: Day, deputy: ChiefID? = nil) {
        self.from = from
        self.to = to
        self.deputy = deputy
    }

    public func contains(_ day: Day) -> Bool { from <= day && day <= to }
}

extension Chief {
    /// The absence that a day falls into; of several the one that ends last.
    public func absence(on day: Day) -> Absence? {
        absences.filter { $0.contains(day) }.max { ($0.to, $0.from) < ($1.to, $1.from) }
    }
}
