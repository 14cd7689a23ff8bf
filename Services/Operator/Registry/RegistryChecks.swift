import Geo
import Models
import Text

/// Checks what can be wrong between entities that are each correct: whether a complaint finds its way through
/// all of them.
struct RegistryChecks {
    private(set) var findings: [Finding] = []

    private let registry: Registry
    private let standing: Standing

    /// - Parameter whole: the kinds whose table is there and could be read completely.
    init(
        _ registry: Registry, _ standing: Standing, _ absences: [ToldAbsence],
        whole: Set<RegistryEntity.Kind>
    ) {
        self.registry = registry
        self.standing = standing
        checkCircles()
        checkLevels()
        checkOffices()
        checkReaches()
        checkOfOneRiver()
        checkPlaces()
        checkPhones()
        checkAbsences(absences)
        if whole.contains(.gatewayKey) { checkKeys() }
        checkSources()
        checkEnterprises()
        checkTwins()
    }

    private mutating func report(
        _ entity: RegistryEntity, _ what: String, _ weight: Finding.Weight = .fault
    ) {
        findings.append(Finding(entity.kind.file, standing.rows[entity.key], what, weight: weight))
    }

    private mutating func reportShape(
        of entity: RegistryEntity, _ what: String, _ weight: Finding.Weight = .fault
    ) {
        let file = entity.kind.shapesFile ?? entity.kind.file
        findings.append(Finding(file, standing.shapes[entity.key], what, weight: weight))
    }

    // MARK: Upwards

    /// Each chain of superiors must end somewhere, because a complaint goes up this way.
    private mutating func checkCircles() {
        let chiefs = registry.chiefs.mapValues(\.superior)
        checkCircles(of: chiefs, { RegistryKey(kind: .chief, id: $0.rawValue) }, column: "superior")
        let regions = registry.regions.mapValues(\.parent)
        checkCircles(of: regions, { RegistryKey(kind: .region, id: $0.rawValue) }, column: "parent")
    }

    private mutating func checkCircles<Entity>(
        of above: [EntityID<Entity>: EntityID<Entity>?], _ key: (EntityID<Entity>) -> RegistryKey,
        column: String
    ) {
        func line(_ id: EntityID<Entity>) -> Int { standing.rows[key(id)] ?? 0 }
        var settled: Set<EntityID<Entity>> = []
        for start in above.keys.sorted(by: { line($0) < line($1) }) {
            var path: [EntityID<Entity>] = []
            var places: [EntityID<Entity>: Int] = [:]
            var next: EntityID<Entity>? = start
            while let id = next, !settled.contains(id) {
                if let first = places[id] {
                    let circle = (path[first...] + [id]).map(\.rawValue).joined(separator: " → ")
                    findings.append(
                        Finding(key(id).kind.file, line(id), "\(column) forms a circle: \(circle)"))
                    break
                }
                places[id] = path.count
                path.append(id)
                next = above[id] ?? nil
            }
            settled.formUnion(path)
        }
    }

    /// A superior must be of the same level or a higher one.
    private mutating func checkLevels() {
        for chief in registry.chiefs.values {
            guard let superior = chief.superior.flatMap({ registry.chiefs[$0] }), superior.level < chief.level
            else { continue }
            let what =
                "superior \"\(superior.id)\" is of a lower level: \(superior.level) below \(chief.level)"
            report(.chief(chief), what, .warning)
        }
        for region in registry.regions.values {
            guard let parent = region.parent.flatMap({ registry.regions[$0] }), parent.level < region.level
            else { continue }
            let what = "parent \"\(parent.id)\" is of a lower level: \(parent.level) below \(region.level)"
            report(.region(region), what, .warning)
        }
        for reach in registry.reaches.values {
            let levels = reach.chiefs.compactMap { registry.chiefs[$0]?.level }
            guard levels != levels.sorted() else { continue }
            report(.reach(reach), "chiefs are not in order: the lowest level comes first", .warning)
        }
    }

    // MARK: Duty offices

    /// A complaint for which no chief answers ends at the duty office of its region, or of a region above it.
    private mutating func checkOffices() {
        var taking = Set(registry.regions.values.filter { $0.boundary != nil }.map(\.id))
        taking.formUnion(registry.reaches.values.map(\.region))
        func lacks(_ id: RegionID, _ part: (Region) -> String?) -> Bool {
            let chain = registry.regionChain(from: id)
            // A chain that does not end at the top is broken, and that was reported already.
            guard let last = chain.last, last.parent == nil else { return false }
            return chain.allSatisfy { part($0) == nil }
        }
        for region in registry.regions.values where taking.contains(region.id) {
            // If a region lacks an office and so do those below it, only the topmost one is reported.
            let above = region.parent.map { taking.contains($0) } ?? false
            if lacks(region.id, \.dutyOffice) {
                guard !above else { continue }
                let what =
                    "\(region.id) and the regions above it have no duty office: nobody takes complaints "
                    + "that have no chief"
                report(.region(region), what)
            } else if !above, lacks(region.id, \.dutyPhone) {
                let what =
                    "\(region.id) and the regions above it have no duty phone: its office gets no notice"
                report(.region(region), what, .warning)
            }
        }
    }

    // MARK: Waters

    private mutating func checkReaches() {
        for reach in registry.reaches.values {
            if let told = reach.lengthKilometres, let drawn = reach.geometry.drawnLength?.metres, drawn > 0 {
                let ratio = told * 1000 / drawn
                if !Limit.lengthRatio.contains(ratio) {
                    let what = "length_km is \(told), but the shape is \(kilometres(drawn)) long"
                    report(.reach(reach), what, .warning)
                }
            }
            if let river = registry.rivers[reach.river], registry.likeness(of: river).isStanding,
                case .lines = reach.geometry
            {
                let kind = registry.kind(river.kind).name.en
                let what = "\(reach.id) is a \(kind), but its shape is a line: draw an area"
                reportShape(of: .reach(reach), what, .warning)
            }
        }
    }

    /// If an entity names both a river and a reach, the reach must be of that river.
    private mutating func checkOfOneRiver() {
        func stray(_ id: ReachID?, _ river: RiverID) -> Reach? {
            id.flatMap { registry.reaches[$0] }.flatMap { $0.river == river ? nil : $0 }
        }
        for section in registry.sections.values {
            guard let reach = stray(section.reach, section.river) else { continue }
            report(.section(section), "reach \"\(reach.id)\" belongs to river \"\(reach.river)\"")
        }
        for outfall in registry.outfalls.values {
            guard let reach = stray(outfall.reach, outfall.river) else { continue }
            report(.outfall(outfall), "reach \"\(reach.id)\" belongs to river \"\(reach.river)\"")
        }
    }

    /// Checks that everything lies near the region or water that it names. Coordinates in the wrong order lie
    /// far away.
    private mutating func checkPlaces() {
        let frames = registry.regions.compactMapValues {
            // A boundary of another shape is reported elsewhere as a fault.
            if case .polygons = $0.boundary { Frame(around: $0.boundary?.coordinates ?? []) } else { nil }
        }
        func isFar(_ frame: Frame?, from id: RegionID?) -> String? {
            guard let frame, let id,
                let region = registry.regionChain(from: id).first(where: { frames[$0.id] != nil }),
                let around = frames[region.id]
            else { return nil }
            let gap = frame.gap(to: around)
            guard gap > Limit.outsideRegion else { return nil }
            let isSwapped = frame.swapped.gap(to: around) <= Limit.outsideRegion
            return "lies \(kilometres(gap.metres)) outside \(region.id)"
                + (isSwapped ? ": longitude and latitude seem to be swapped" : "")
        }
        for region in registry.regions.values {
            guard let far = isFar(frames[region.id], from: region.parent) else { continue }
            reportShape(of: .region(region), "\(region.id) \(far)")
        }
        for reach in registry.reaches.values {
            guard let far = isFar(Frame(around: reach.geometry.coordinates), from: reach.region)
            else { continue }
            reportShape(of: .reach(reach), "\(reach.id) \(far)")
        }
        let reaches = Dictionary(grouping: registry.reaches.values, by: \.river)
        func check(_ entity: RegistryEntity, _ place: Coordinate, in region: RegionID?, at around: [Reach]) {
            if let far = isFar(Frame(around: [place]), from: region) {
                report(entity, "\(entity.id) \(far)")
            } else if let nearest = around.map({ $0.geometry.distance(from: place) }).min(),
                nearest > Limit.besideWater
            {
                report(entity, "\(entity.id) lies \(kilometres(nearest.metres)) from its water", .warning)
            }
        }
        for section in registry.sections.values {
            let around = section.reach.map { [registry.reaches[$0]].compactMap(\.self) }
            check(
                .section(section), section.place,
                in: section.region ?? registry.rivers[section.river]?.region,
                at: around ?? reaches[section.river, default: []])
        }
        for outfall in registry.outfalls.values {
            let around = outfall.reach.map { [registry.reaches[$0]].compactMap(\.self) }
            check(
                .outfall(outfall), outfall.place, in: registry.rivers[outfall.river]?.region,
                at: around ?? reaches[outfall.river, default: []])
        }
    }

    private func kilometres(_ metres: Double) -> String { "\((metres / 100).rounded() / 10) km" }

    // MARK: People

    /// A department has no superior who could take over its complaints, so it must have a phone.
    private mutating func checkPhones() {
        func isMute(_ id: DepartmentID?) -> DepartmentID? {
            id.flatMap { registry.departments[$0] }.flatMap { $0.phone == nil ? $0.id : nil }
        }
        for category in registry.categories.values {
            for (column, id) in [("responsible", category.responsible), ("checker", category.checker)] {
                guard let mute = isMute(id) else { continue }
                report(.category(category), "\(column) \"\(mute)\" has no phone in departments.csv")
            }
        }
        for outfall in registry.outfalls.values {
            guard let mute = isMute(outfall.responsible) else { continue }
            report(.outfall(outfall), "responsible \"\(mute)\" has no phone in departments.csv")
        }
    }

    private mutating func checkAbsences(_ absences: [ToldAbsence]) {
        func warn(_ told: ToldAbsence, _ what: String) {
            findings.append(Finding(RegistryTable.absences.file, told.line, what, weight: .warning))
        }
        let ofChief = Dictionary(grouping: absences, by: \.chief)
        for (chief, told) in ofChief {
            let inOrder = told.sorted { ($0.absence.from, $0.line) < ($1.absence.from, $1.line) }
            for (earlier, later) in zip(inOrder, inOrder.dropFirst())
            where later.absence.from <= earlier.absence.to {
                warn(later, "line \(earlier.line) already says that \(chief) is away on some of these days")
            }
        }
        for told in absences {
            guard let deputy = told.absence.deputy,
                let other = ofChief[deputy]?.first(where: { $0.absence.overlaps(told.absence) })
            else { continue }
            warn(
                told,
                "deputy \"\(deputy)\" is away on some of these days, see line \(other.line): "
                    + "complaints go one level up")
        }
    }

    // MARK: Gateways

    private mutating func checkKeys() {
        let having = Set(
            registry.gatewayKeys.values.map(\.gateway) + registry.sources.values.map(\.gateway))
        for gateway in registry.gateways.values where !having.contains(gateway.id) {
            let what =
                "\(gateway.id) has no key in \(RegistryEntity.Kind.gatewayKey.file): it can't use the API"
            report(.gateway(gateway), what, .warning)
        }
    }

    /// A source brings what its gateway may bring.
    private mutating func checkSources() {
        for source in registry.sources.values {
            guard let gateway = registry.gateways[source.gateway], !gateway.mayPostSomeReadings else {
                continue
            }
            report(.source(source), "gateway \"\(gateway.id)\" has no scope for readings in gateways.csv")
        }
    }

    // MARK: Enterprises

    /// Whether what an outfall sends is judged, and whether somebody answers for it.
    private mutating func checkEnterprises() {
        let limited = Set(registry.permits.values.map(\.outfall))
        let owners = Set(registry.outfalls.values.compactMap(\.enterprise))
        for enterprise in registry.enterprises.values {
            if let department = registry.departments[enterprise.responsible], department.phone == nil {
                let what = "responsible \"\(department.id)\" has no phone in departments.csv"
                report(.enterprise(enterprise), what)
            }
            if !owners.contains(enterprise.id) {
                report(.enterprise(enterprise), "\(enterprise.id) has no outfall in outfalls.csv", .warning)
            }
        }
        for outfall in registry.outfalls.values where outfall.enterprise != nil {
            if registry.sections[outfall.point] != nil {
                let what = "id \"\(outfall.id)\" is also a section's: readings name both by their id"
                report(.outfall(outfall), what)
            }
            if !limited.contains(outfall.id) {
                let what = "\(outfall.id) has no limit in permits.csv: its readings are shown, not judged"
                report(.outfall(outfall), what, .warning)
            }
        }
        for permit in registry.permits.values {
            guard let outfall = registry.outfalls[permit.outfall], outfall.enterprise == nil else { continue }
            let what = "outfall \"\(outfall.id)\" has no enterprise in outfalls.csv: nobody holds the permit"
            report(.permit(permit), what)
        }
        for station in registry.stations.values {
            guard registry.sections[station.section] == nil, let id = OutfallID(station.section.rawValue),
                let outfall = registry.outfalls[id], outfall.enterprise == nil
            else { continue }
            let what = "outfall \"\(id)\" has no enterprise in outfalls.csv: it takes no readings"
            report(.station(station), what)
        }
        checkPermitDates()
    }

    private mutating func checkPermitDates() {
        struct Item: Hashable {
            let outfall: OutfallID
            let parameter: Parameter
        }
        func line(_ permit: Permit) -> Int { standing.rows[RegistryEntity.permit(permit).key] ?? 0 }
        let ofItems = Dictionary(grouping: registry.permits.values) {
            Item(outfall: $0.outfall, parameter: $0.parameter)
        }
        for permits in ofItems.values where permits.count > 1 {
            let inOrder = permits.sorted { line($0) < line($1) }
            for (place, permit) in inOrder.enumerated() {
                guard let twin = inOrder[..<place].first(where: permit.overlaps) else { continue }
                let what =
                    "\(permit.parameter.rawValue) of \(permit.outfall) has another limit on some of these "
                    + "days: \(twin.id) on line \(line(twin))"
                report(.permit(permit), what)
            }
        }
    }

    // MARK: Twins

    private mutating func checkTwins() {
        reportTwins(registry.sections.values.map { ($0.name.zh, .section($0)) }, "name", .warning)
        reportTwins(registry.stations.values.map { ($0.deviceNumber, .station($0)) }, "device_number", .fault)
        let levels = registry.serviceLevels.values.map { level in
            let category = level.category?.rawValue ?? "every category"
            return ("\(level.urgency.rawValue) of \(category)", RegistryEntity.serviceLevel(level))
        }
        reportTwins(levels, "urgency", .fault)
    }

    /// Rows that share a value that should be unique. The first row is taken as correct.
    private mutating func reportTwins(
        _ named: [(name: String, entity: RegistryEntity)], _ column: String, _ weight: Finding.Weight
    ) {
        func line(_ entity: RegistryEntity) -> Int { standing.rows[entity.key] ?? 0 }
        for (name, twins) in Dictionary(grouping: named, by: \.name) where twins.count > 1 {
            let inOrder = twins.sorted { line($0.entity) < line($1.entity) }
            for twin in inOrder.dropFirst() {
                report(
                    twin.entity, "\(column) \"\(name)\" is the same as that of \(inOrder[0].entity.id)",
                    weight)
            }
        }
    }
}

extension Limit {
    /// Allows for rough boundaries, and for officials who answer for a little more than their region.
    fileprivate static let outsideRegion = Distance(metres: 10_000)
    /// How far a section or an outfall may lie from the line that represents a wide river.
    fileprivate static let besideWater = Distance(metres: 2000)
    /// The stated length divided by the drawn length. Lines leave out bends, but not a third of the length.
    fileprivate static let lengthRatio = 2.0 / 3...1.5
}

extension Absence {
    fileprivate func overlaps(_ other: Absence) -> Bool { from <= other.to && other.from <= to }
}
