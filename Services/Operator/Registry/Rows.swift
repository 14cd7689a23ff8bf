import Models

/// What the rows of each table mean. All fields are asked before the first missing one ends it.
extension RowReading {
    private static let lengthKilometres = 0.0...10_000
    /// A year: whatever takes longer is no deadline.
    private static let hours = 0.0...8760

    /// - Parameter shapes: the shapes of the kind's own file, by `id`.
    mutating func entity(shapes: [String: Geometry]) -> RegistryEntity? {
        switch kind {
        case .region: region(shapes[rawIdentifier])
        case .river: river()
        case .reach: reach(shapes[rawIdentifier])
        case .section: section()
        case .station: station()
        case .chief: chief()
        case .plan: plan()
        case .category: category()
        case .department, .outfall, .serviceLevel, .calendarDay, .news: nil
        }
    }

    private mutating func region(_ boundary: Geometry?) -> RegistryEntity? {
        let id: RegionID? = identifier()
        let name = name()
        let level = choice("level", of: Level.allCases)
        let parent: RegionID? = optionalReference("parent", to: .region)
        let office = optionalText("duty_office")
        let phone = phone("duty_phone")
        guard let id, let name, let level else { return nil }
        if boundary == nil, level == .city || level == .district {
            warn("\(id) has no boundary: complaints far from any reach do not find its duty office")
        }
        return .region(
            Region(
                id: id, name: name, level: level, parent: parent, dutyOffice: office, dutyPhone: phone,
                boundary: boundary))
    }

    private mutating func river() -> RegistryEntity? {
        let id: RiverID? = identifier()
        let name = name()
        let level = choice("level", of: Level.allCases)
        let region: RegionID? = reference("region", to: .region)
        let length = optionalNumber("length_km", in: Self.lengthKilometres)
        let start = optionalText("start")
        let end = optionalText("end")
        let target = optionalChoice("target_class", of: WaterClass.targets)
        let phone = phone("supervision_phone")
        let police = optionalText("police_chief")
        let department = optionalText("contact_department")
        guard let id, let name, let level, let region else { return nil }
        return .river(
            River(
                id: id, name: name, level: level, region: region, lengthKilometres: length, start: start,
                end: end, targetClass: target, supervisionPhone: phone, policeChief: police,
                contactDepartment: department))
    }

    private mutating func reach(_ geometry: Geometry?) -> RegistryEntity? {
        let id: ReachID? = identifier()
        let river: RiverID? = reference("river", to: .river)
        let name = name()
        let region: RegionID? = reference("region", to: .region)
        let level = choice("level", of: Level.allCases)
        let chiefs: [ChiefID] = references("chiefs", to: .chief)
        guard let id, let river, let name, let region, let level, let geometry else { return nil }
        if chiefs.isEmpty { warn("\(id) has no chief: its complaints go to the duty office of \(region)") }
        return .reach(
            Reach(
                id: id, river: river, name: name, region: region, level: level, chiefs: chiefs,
                geometry: geometry))
    }

    private mutating func section() -> RegistryEntity? {
        let id: SectionID? = identifier()
        let name = name()
        let river: RiverID? = reference("river", to: .river)
        let reach: ReachID? = optionalReference("reach", to: .reach)
        let body = choice("body", of: WaterBody.allCases)
        let target = optionalChoice("target_class", of: WaterClass.targets)
        let longitude = number("longitude", in: -180...180)
        let latitude = number("latitude", in: -90...90)
        let region: RegionID? = optionalReference("region", to: .region)
        guard let id, let name, let river, let body, let longitude, let latitude else { return nil }
        return .section(
            Section(
                id: id, name: name, river: river, reach: reach, body: body, targetClass: target,
                place: Coordinate(longitude: longitude, latitude: latitude), region: region))
    }

    private mutating func station() -> RegistryEntity? {
        let id: StationID? = identifier()
        let section: SectionID? = reference("section", to: .section)
        let name = text("name")
        let device = text("device_number", characters: Limit.identifierBytes)
        guard let id, let section, let name, let device else { return nil }
        return .station(Station(id: id, section: section, name: name, deviceNumber: device))
    }

    private mutating func chief() -> RegistryEntity? {
        let id: ChiefID? = identifier()
        let name = name()
        let title = text("title")
        let level = choice("level", of: Level.allCases)
        let region: RegionID? = reference("region", to: .region)
        let superior: ChiefID? = optionalReference("superior", to: .chief)
        let phone = phone("phone")
        guard let id, let name, let title, let level, let region else { return nil }
        if phone == nil { warn("\(id) has no phone: complaints go to whoever stands above") }
        return .chief(
            Chief(
                id: id, name: name, title: title, level: level, region: region, superior: superior,
                phone: phone))
    }

    private mutating func plan() -> RegistryEntity? {
        let id: PlanID? = identifier()
        let river: RiverID? = reference("river", to: .river)
        let title = text("title")
        let problems = optionalText("problems", characters: Limit.textCharacters)
        let goals = optionalText("goals", characters: Limit.textCharacters)
        let measures = optionalText("measures", characters: Limit.textCharacters)
        let from = day("period_from")
        let to = day("period_to")
        let url = link("url")
        if let from, let to, to < from { fault("period_to \(to) is before period_from \(from)") }
        guard let id, let river, let title else { return nil }
        return .plan(
            Plan(
                id: id, river: river, title: title, problems: problems, goals: goals, measures: measures,
                periodFrom: from, periodTo: to, url: url))
    }

    private mutating func category() -> RegistryEntity? {
        let code: CategoryCode? = identifier()
        let group = name("group")
        let name = name()
        let urgency = choice("urgency", of: Urgency.allCases)
        let accept = number("accept_hours", in: Self.hours)
        let resolve = number("resolve_hours", in: Self.hours)
        if let accept, let resolve, resolve < accept {
            fault("resolve_hours \(resolve) is below accept_hours \(accept)")
        }
        guard let code, let name, let group, let urgency, let accept, let resolve else { return nil }
        return .category(
            Category(
                code: code, name: name, group: group, urgency: urgency, acceptHours: accept,
                resolveHours: resolve))
    }
}

extension WaterClass {
    /// Nobody aims at failing.
    fileprivate static let targets = allCases.filter { $0 != .worseThanV }
}
