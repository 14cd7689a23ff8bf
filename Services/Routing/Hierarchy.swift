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

    /// The first chief who can be told, from this one upwards.
    private func available(from id: ChiefID) -> Chief? {
        ([id] + registry.superiors(of: id)).lazy.compactMap(standIn).first
    }

    /// Who can be told today for this chief: himself, or whoever stands in for him.
    func standIn(for id: ChiefID) -> Chief? { registry.standIn(for: id, at: now) }

    /// The department that answers instead of the chief; nil if there is none, or if it has no phone.
    func department(_ id: DepartmentID?) -> Assignee? {
        id.flatMap { registry.departments[$0] }
            .flatMap { $0.phone == nil ? nil : assignee($0) }
    }

    func assignee(_ department: Department) -> Assignee {
        Assignee(
            kind: .department, id: department.id.rawValue, name: department.name,
            level: registry.regions[department.region]?.level ?? .village)
    }

    // MARK: Who stands above

    /// One step up.
    struct Step: Equatable {
        let assignee: Assignee
        /// The chief in whose place the assignee gets it; nil for an office.
        var superior: ChiefID?
    }

    /// The next step above an assignee, up to the city's office; nil at the top.
    ///
    /// While chiefs have the complaint, the ladder decides, not the assignee. After somebody who stands in
    /// for a chief comes that chief's superior, not his own. Each superior has his turn before any office. A
    /// superior is passed over only if nobody can be told in his place, or if the assignee is also the one
    /// who stands in for him. After the last superior comes the nearest office of his level or above. After
    /// an office comes the next office above it. The office of a city has no step above: the office of the
    /// province watches over cities. But where the city has no duty office, the province's is the first that
    /// there is, and it orders what the city's would.
    ///
    /// A department has a complaint because its category names it, or because it was transferred there. No
    /// chief answers for it then, so after a department comes the office of its region.
    ///
    /// - Parameters:
    ///   - ladder: `Complaint.ladder`.
    ///   - reach: the complaint's reach.
    func step(
        above assignee: Assignee, ladder: [ChiefID], in region: RegionID, on reach: ReachID? = nil
    ) -> Step? {
        switch assignee.kind {
        case .chief:
            superiorChief(above: ladder, on: reach, butNot: assignee)
                ?? officeStep(above: assignee, ladder, region)
        case .department:
            (DepartmentID(assignee.id).flatMap { registry.departments[$0]?.region }
                .flatMap { office(from: $0) } ?? office(from: region)).map { Step(assignee: $0) }
        case .office:
            RegionID(assignee.id).flatMap { own in
                assignee.level < .city ? office(from: own) { $0.id != own } : nil
            }.map { Step(assignee: $0) }
        }
    }

    private func superiorChief(
        above ladder: [ChiefID], on reach: ReachID?, butNot holder: Assignee
    ) -> Step? {
        for superior in superiors(above: ladder, on: reach) {
            if let chief = standIn(for: superior), chief.id.rawValue != holder.id {
                return Step(assignee: Assignee(chief), superior: superior)
            }
        }
        return nil
    }

    /// Those whose turn is still to come, by the registry as it is now.
    ///
    /// It may have changed since the ladder was climbed. So each rung is asked, from the last one down, who
    /// stands above it and above everybody who has had his turn. As long as nothing changed, the last rung
    /// names them all. If the last one is gone, or stands elsewhere now, a rung below names those that were
    /// put in his place. If no rung is left, the reach says who answers. Whoever stands below another one
    /// comes before him, whichever rung names him.
    private func superiors(above ladder: [ChiefID], on reach: ReachID?) -> [ChiefID] {
        guard !ladder.isEmpty else { return [] }
        var rungs = ladder.reversed().filter { registry.chiefs[$0] != nil }
        var found: [ChiefID] = []
        func add(_ chiefs: some Sequence<ChiefID>) {
            for chief in chiefs where !found.contains(chief) { found.append(chief) }
        }
        if rungs.isEmpty {
            rungs = reach.flatMap { registry.reaches[$0]?.chiefs } ?? []
            add(rungs.filter { registry.chiefs[$0] != nil })
        }
        for rung in rungs {
            let above = registry.superiors(of: rung)
            add(above.lastIndex(where: ladder.contains).map { above[($0 + 1)...] } ?? above[...])
        }
        return lowestFirst(found)
    }

    /// Nobody comes before somebody below him. In a circle everybody stands below everybody, and there the
    /// order stays as it is.
    private func lowestFirst(_ chiefs: [ChiefID]) -> [ChiefID] {
        let above = Dictionary(uniqueKeysWithValues: chiefs.map { ($0, Set(registry.superiors(of: $0))) })
        func isBelow(_ one: ChiefID, _ other: ChiefID) -> Bool {
            above[one]?.contains(other) == true && above[other]?.contains(one) != true
        }
        var (left, sorted) = (chiefs, [ChiefID]())
        while let lowest = left.indices.first(where: { index in
            !left.contains { isBelow($0, left[index]) }
        }) {
            sorted.append(left.remove(at: lowest))
        }
        return sorted
    }

    private func officeStep(above holder: Assignee, _ ladder: [ChiefID], _ region: RegionID) -> Step? {
        let level = ladder.last.flatMap { registry.chiefs[$0]?.level } ?? holder.level
        return office(from: region) { $0.level >= min(level, .city) }.map { Step(assignee: $0) }
    }

    /// The duty office of a region, or the nearest one above it that has one.
    func office(from region: RegionID, where fits: (Region) -> Bool = { _ in true }) -> Assignee? {
        registry.told(from: region) { $0.dutyOffice != nil && fits($0) ? Assignee(officeOf: $0) : nil }
    }

    // MARK: Who checks

    /// Who checks whether the complaint is really resolved: the department that the category names, or else
    /// an office. Nobody checks his own work; nil where nobody independent is left.
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
