import Models

/// Who answers for a water, and who stands above whom.
struct Hierarchy {
    let registry: Registry
    let now: Instant

    // MARK: Who answers

    /// The chief of a reach, and the one who has to act in his place: himself, unless he is away or has no
    /// phone.
    struct Answering: Equatable {
        let chief: ChiefID
        let assignee: Assignee
    }

    func answering(for reach: Reach) -> Answering? {
        for id in reach.chiefs {
            if let chief = available(from: id) { return Answering(chief: id, assignee: Assignee(chief)) }
        }
        return nil
    }

    /// The first who can be told, going up: a chief who is away hands over to his deputy, and one without a
    /// deputy or a phone to his superior.
    private func available(from id: ChiefID) -> Chief? {
        var seen: Set<ChiefID> = []
        var next: ChiefID? = id
        while let id = next, let chief = registry.chiefs[id] {
            if isPresent(chief) { return chief }
            if let deputy = deputy(of: chief) { return deputy }
            // Superiors may stand above each other in a circle.
            guard seen.insert(id).inserted else { return nil }
            next = chief.superior
        }
        return nil
    }

    private func isPresent(_ chief: Chief) -> Bool { chief.phone != nil && absence(of: chief) == nil }

    private func absence(of chief: Chief) -> Absence? {
        chief.absences.isEmpty ? nil : chief.absence(on: registry.zone(in: chief.region).day(at: now))
    }

    /// Who stands in for a chief today.
    func deputy(of chief: Chief) -> Chief? {
        absence(of: chief)?.deputy.flatMap { registry.chiefs[$0] }.flatMap { isPresent($0) ? $0 : nil }
    }

    /// The department that a category names in the chief's place; one that can't be told is passed over.
    func responsible(for category: Category?) -> Assignee? {
        category?.responsible.flatMap { registry.departments[$0] }
            .flatMap { $0.phone == nil ? nil : assignee($0) }
    }

    func assignee(_ department: Department) -> Assignee {
        Assignee(
            kind: .department, id: department.id.rawValue, name: department.name,
            level: registry.regions[department.region]?.level ?? .village)
    }

    // MARK: Who stands above

    /// The one above an assignee, up to the city's office; nil at the top.
    ///
    /// A chief's is his superior, and where he has none the nearest office of his level or above. An office's
    /// and a department's is the next office above. None goes on to the province, whose office watches over
    /// cities.
    func superior(of assignee: Assignee, in region: RegionID) -> Assignee? {
        switch assignee.kind {
        case .chief:
            if let chief = ChiefID(assignee.id).flatMap({ registry.chiefs[$0] }),
                let superior = chief.superior.flatMap(available(from:)),
                superior.id != chief.id,
                // Chiefs who stand above each other in a circle would pass it round for ever.
                !isSuperior(assignee.id, of: assignee.id)
            {
                return Assignee(superior)
            }
            return office(from: region) { $0.level >= min(assignee.level, .city) }
        case .department:
            return DepartmentID(assignee.id).flatMap { registry.departments[$0]?.region }
                .flatMap { office(from: $0) } ?? office(from: region)
        case .office:
            guard assignee.level < .city, let own = RegionID(assignee.id) else { return nil }
            return office(from: own) { $0.id != own }
        }
    }

    func isTop(_ assignee: Assignee, in region: RegionID) -> Bool {
        superior(of: assignee, in: region) == nil
    }

    /// The duty office of a region, or the nearest one above it that has one.
    func office(from region: RegionID, where fits: (Region) -> Bool = { _ in true }) -> Assignee? {
        registry.told(from: region) { $0.dutyOffice != nil && fits($0) ? Assignee(officeOf: $0) : nil }
    }

    /// Whether `chief` stands above the chief `id`, at any distance.
    func isSuperior(_ chief: String, of id: String) -> Bool {
        var seen: Set<ChiefID> = []
        var next = ChiefID(id).flatMap { registry.chiefs[$0]?.superior }
        while let above = next, seen.insert(above).inserted {
            if above.rawValue == chief { return true }
            next = registry.chiefs[above]?.superior
        }
        return false
    }

    // MARK: Who checks

    /// Who sees for himself whether it is resolved: the department that the category names, or else an
    /// office. Nobody checks what he did himself; nil where nobody independent is left.
    func checker(for category: Category, in region: RegionID, of done: [Assignee]) -> Assignee? {
        let named = category.checker.flatMap { registry.departments[$0] }
            .flatMap { $0.phone == nil ? nil : assignee($0) }
        if let named, !done.contains(named) { return named }
        return office(from: region) { region in
            !done.contains { $0.kind == .office && $0.id == region.id.rawValue }
        }
    }
}

extension Assignee {
    init(_ chief: Chief) {
        self.init(
            kind: .chief, id: chief.id.rawValue, name: chief.name, title: chief.title, level: chief.level)
    }

    init(officeOf region: Region) {
        let office = region.dutyOffice ?? region.name.zh
        self.init(
            kind: .office, id: region.id.rawValue,
            name: Name(zh: office, en: "Duty office, \(region.name.en)"), level: region.level)
    }

    /// A region whose registry names neither chief nor office still keeps its complaints, and escalates them
    /// upward.
    init(nobodyIn region: RegionID) {
        self.init(
            kind: .office, id: region.rawValue, name: Name(zh: "值班室", en: "Duty office"), level: .village)
    }
}
