/// The official who answers for a reach (河长).
///
/// The phone is the one of the chief's office: the sign board at the water shows it, so it is public.
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

/// Days on which a chief is out of office, and the deputy for them.
public struct Absence: Hashable, Sendable, Codable {
    /// The first and the last day, both included, in the time of the chief's region.
    public let from: Day
    public let to: Day
    /// Nil: the chief above.
    public let deputy: ChiefID?

    public init(from: Day, to: Day, deputy: ChiefID? = nil) {
        self.from = from
        self.to = to
        self.deputy = deputy
    }

    public func contains(_ day: Day) -> Bool { from <= day && day <= to }
}

extension Chief {
    /// The absence that covers a day; if there are several, the one that ends last.
    public func absence(on day: Day) -> Absence? {
        absences.filter { $0.contains(day) }.max { ($0.to, $0.from) < ($1.to, $1.from) }
    }
}

extension Registry {
    /// Who can be told in a chief's place: the chief; during an absence the deputy; if the deputy is absent,
    /// too, the deputy's deputy, and so on. Nil if none of them has a phone.
    public func standIn(for id: ChiefID, at now: Instant) -> Chief? {
        var seen: Set<ChiefID> = []
        var next: ChiefID? = id
        // Deputies may stand in for each other in a circle.
        while let id = next, seen.insert(id).inserted, let chief = chiefs[id] {
            guard !chief.absences.isEmpty,
                let absence = chief.absence(on: zone(in: chief.region).day(at: now))
            else { return chief.phone == nil ? nil : chief }
            next = absence.deputy
        }
        return nil
    }

    /// The chiefs above a chief, the nearest first. If chiefs stand above each other in a circle, each is
    /// named once, and the first chief is not named.
    public func superiors(of id: ChiefID) -> [ChiefID] {
        var superiors: [ChiefID] = []
        var seen: Set<ChiefID> = [id]
        var next = chiefs[id]?.superior
        while let id = next, let chief = chiefs[id], seen.insert(id).inserted {
            superiors.append(id)
            next = chief.superior
        }
        return superiors
    }
}
