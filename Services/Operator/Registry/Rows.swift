import Foundation
import Geo
import Models
import Processing
import Text

/// What the rows of each table mean. All fields are read before a missing one ends the reading of the row.
///
/// `RegistryFolder` writes what is read here. A field that only one of the two knows would be lost when the
/// topic is exported to a folder and published again.
extension RowReading {
    private static let lengthKilometres = 0.0...10_000
    /// At most a year: a longer time is no deadline.
    private static let hours = 0.0...8760
    private static let reachMetres = 0.0...100_000

    /// The parts of an entity that other files hold.
    struct Apart {
        var shape: Geometry?
        var absences: [Absence] = []
    }

    mutating func entity(_ kind: RegistryEntity.Kind, _ apart: Apart) -> RegistryEntity? {
        switch kind {
        case .region: region(apart.shape)
        case .department: department()
        case .chief: chief(apart.absences)
        case .assetKind: assetKind()
        case .river: river()
        case .reach: reach(apart.shape)
        case .outfall: outfall()
        case .section: section()
        case .station: station()
        case .plan: plan()
        case .category: category()
        case .serviceLevel: serviceLevel()
        case .calendarDay: calendarDay()
        case .news: news()
        case .gateway: gateway()
        case .gatewayKey: gatewayKey()
        case .source: source()
        case .clerk: clerk()
        case .word: word()
        case .enterprise: enterprise()
        case .permit: permit()
        }
    }

    // MARK: Who answers

    private mutating func region(_ boundary: Geometry?) -> RegistryEntity? {
        let id: RegionID? = identifier()
        let name = name()
        let level = choice("level", of: Level.allCases)
        let parent: RegionID? = optionalReference("parent", to: .region)
        let office = optionalText("duty_office")
        let phone = phone("duty_phone")
        let police = optionalText("police_chief")
        let supervision = self.phone("supervision_phone")
        let zone = optional("time_zone", as: Self.timeZone, example: "a zone such as Asia/Shanghai")
        let hours = optional(
            "working_hours", as: { WorkingHours($0) }, example: "hours such as 09:00-12:00 13:30-17:30")
        let emergency = self.phone("emergency_phone")
        let footer = optional(
            "footer", as: { FooterLine.lines($0) },
            example: "lines with | between them, each a text that an https link may follow")
        guard let id, let name, let level else { return nil }
        if boundary == nil, level == .city || level == .district {
            warn("\(id) has no boundary: complaints far from every reach can't be given to its duty office")
        }
        return .region(
            Region(
                id: id, name: name, level: level, parent: parent, dutyOffice: office, dutyPhone: phone,
                boundary: boundary, timeZone: zone, workingHours: hours, policeChief: police,
                supervisionPhone: supervision, emergencyPhone: emergency, footer: footer))
    }

    /// A zone of the IANA database. Foundation also accepts names such as `GMT+8`, which are not the time of
    /// any place.
    static func timeZone(_ text: String) -> String? {
        text.contains("/") && TimeZone(identifier: text) != nil ? text : nil
    }

    private mutating func department() -> RegistryEntity? {
        let id: DepartmentID? = identifier()
        let name = name()
        let region: RegionID? = reference("region", to: .region)
        let duties = optionalText("duties", characters: Limit.textCharacters)
        let phone = phone("phone")
        guard let id, let name, let region else { return nil }
        return .department(Department(id: id, name: name, region: region, duties: duties, phone: phone))
    }

    private mutating func word() -> RegistryEntity? {
        let id = choice("id", of: AssetWord.Key.allCases)
        let name = name()
        let several = optionalText("several_en")
        guard let id, let name else { return nil }
        return .word(AssetWord(id: id, name: name, several: several))
    }

    private mutating func clerk() -> RegistryEntity? {
        let id: ClerkID? = identifier()
        let name = name()
        let office: RegionID? = reference("office", to: .region)
        let phone = phone("phone")
        guard let id, let name, let office else { return nil }
        return .clerk(Clerk(id: id, name: name, office: office, phone: phone))
    }

    private mutating func chief(_ absences: [Absence]) -> RegistryEntity? {
        let id: ChiefID? = identifier()
        let name = name()
        let title = text("title")
        let level = choice("level", of: Level.allCases)
        let region: RegionID? = reference("region", to: .region)
        let superior: ChiefID? = optionalReference("superior", to: .chief)
        let phone = phone("phone")
        guard let id, let name, let title, let level, let region else { return nil }
        if phone == nil { warn("\(id) has no phone: complaints go one level up") }
        return .chief(
            Chief(
                id: id, name: name, title: title, level: level, region: region, superior: superior,
                phone: phone, absences: absences))
    }

    /// A row of `absences.csv`.
    mutating func absence() -> (chief: ChiefID, absence: Absence)? {
        let chief: ChiefID? = reference("chief", to: .chief)
        let from = day("from")
        let to = day("to")
        let deputy: ChiefID? = optionalReference("deputy", to: .chief)
        guard let chief, let from, let to else { return nil }
        if to < from { fault("to \(to) is before from \(from)") }
        if deputy == chief { fault("deputy \"\(chief)\" is the chief who is away") }
        return (chief, Absence(from: from, to: to, deputy: deputy))
    }

    // MARK: Waters

    private mutating func assetKind() -> RegistryEntity? {
        let id: AssetKindID? = identifier()
        let name = name()
        let like = optionalChoice("like", of: WaterKind.allCases)
        guard let id, let name else { return nil }
        return .assetKind(AssetKind(id: id, name: name, like: like ?? .river))
    }

    /// A kind of water, or one that has its words in `kinds.csv`.
    private mutating func kind() -> AssetKindID? {
        WaterKind(rawValue: value("kind"))?.id ?? optionalReference("kind", to: .assetKind)
    }

    private mutating func river() -> RegistryEntity? {
        let id: RiverID? = identifier()
        let name = name()
        let kind = kind()
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
                id: id, name: name, kind: kind ?? WaterKind.river.id, level: level, region: region,
                lengthKilometres: length, start: start, end: end, targetClass: target,
                supervisionPhone: phone, policeChief: police, contactDepartment: department))
    }

    private mutating func reach(_ geometry: Geometry?) -> RegistryEntity? {
        let id: ReachID? = identifier()
        let river: RiverID? = reference("river", to: .river)
        let name = name()
        let region: RegionID? = reference("region", to: .region)
        let level = choice("level", of: Level.allCases)
        let chiefs: [ChiefID] = references("chiefs", to: .chief)
        let length = optionalNumber("length_km", in: Self.lengthKilometres)
        guard let id, let river, let name, let region, let level, let geometry else { return nil }
        if chiefs.isEmpty { warn("\(id) has no chief: its complaints go to the duty office of \(region)") }
        return .reach(
            Reach(
                id: id, river: river, name: name, region: region, level: level, chiefs: chiefs,
                lengthKilometres: length, geometry: geometry))
    }

    private mutating func outfall() -> RegistryEntity? {
        let id: OutfallID? = identifier()
        let name = name()
        let river: RiverID? = reference("river", to: .river)
        let reach: ReachID? = optionalReference("reach", to: .reach)
        let place = place()
        let kind = choice("kind", of: Outfall.Kind.allCases)
        let responsible: DepartmentID? = optionalReference("responsible", to: .department)
        let enterprise: EnterpriseID? = optionalReference("enterprise", to: .enterprise)
        guard let id, let name, let river, let place, let kind else { return nil }
        return .outfall(
            Outfall(
                id: id, name: name, river: river, reach: reach, place: place, kind: kind,
                responsible: responsible, enterprise: enterprise))
    }

    private mutating func section() -> RegistryEntity? {
        let id: SectionID? = identifier()
        let name = name()
        let river: RiverID? = reference("river", to: .river)
        let reach: ReachID? = optionalReference("reach", to: .reach)
        let body = choice("body", of: WaterBody.allCases)
        let function = optionalChoice("function_class", of: WaterClass.targets)
        let target = optionalChoice("target_class", of: WaterClass.targets)
        let place = place()
        let region: RegionID? = optionalReference("region", to: .region)
        let expected = optionalWholeNumber("expected_hours", in: Self.expectedHours)
        guard let id, let name, let river, let body, let place else { return nil }
        return .section(
            Section(
                id: id, name: name, river: river, reach: reach, body: body, functionClass: function,
                targetClass: target, place: place, region: region, expectedHours: expected))
    }

    /// From every hour to once a year.
    private static let expectedHours = 1...8784

    // MARK: What is promised and told

    private mutating func plan() -> RegistryEntity? {
        let id: PlanID? = identifier()
        let river: RiverID? = reference("river", to: .river)
        let title = text("title")
        let problems = optionalText("problems", characters: Limit.textCharacters)
        let goals = optionalText("goals", characters: Limit.textCharacters)
        let measures = optionalText("measures", characters: Limit.textCharacters)
        let from = optionalDay("period_from")
        let to = optionalDay("period_to")
        let url = link("url")
        let file = optionalText("file")
        if let from, let to, to < from { fault("period_to \(to) is before period_from \(from)") }
        guard let id, let river, let title else { return nil }
        return .plan(
            Plan(
                id: id, river: river, title: title, problems: problems, goals: goals, measures: measures,
                periodFrom: from?.description, periodTo: to?.description, url: url, file: file))
    }

    private mutating func category() -> RegistryEntity? {
        let code: CategoryCode? = identifier("code")
        let group = name("group")
        let name = name()
        let urgency = choice("urgency", of: Urgency.allCases)
        let accept = number("accept_hours", in: Self.hours)
        let resolve = number("resolve_hours", in: Self.hours)
        let responsible: DepartmentID? = optionalReference("responsible", to: .department)
        let photo = flag("requires_photo", preset: true)
        let verification = flag("requires_verification", preset: false)
        let checker: DepartmentID? = optionalReference("checker", to: .department)
        let metres = optionalNumber("reach_metres", in: Self.reachMetres)
        let similar = optionalNumber("similar_metres", in: Self.reachMetres)
        if let accept, let resolve, resolve < accept {
            fault("resolve_hours \(resolve) is below accept_hours \(accept)")
        }
        if checker != nil, !verification {
            fault("checker is given, but requires_verification is not yes")
        }
        if let checker, checker == responsible {
            fault("checker \"\(checker)\" is also responsible: nobody may check his own work")
        }
        guard let code, let name, let group, let urgency, let accept, let resolve else { return nil }
        return .category(
            Category(
                code: code, name: name, group: group, urgency: urgency, acceptHours: accept,
                resolveHours: resolve, responsible: responsible, requiresPhoto: photo,
                requiresVerification: verification, checker: checker, reachMetres: metres,
                similarMetres: similar))
    }

    private mutating func serviceLevel() -> RegistryEntity? {
        let id: ServiceLevelID? = identifier()
        let category: CategoryCode? = optionalReference("category", to: .category)
        let urgency = choice("urgency", of: Urgency.allCases)
        let accept = allowance("accept")
        let resolve = allowance("resolve")
        if let accept, let resolve, resolve.isShorter(than: accept) {
            fault("resolve \(resolve) is below accept \(accept)")
        }
        guard let id, let urgency, let accept, let resolve else { return nil }
        return .serviceLevel(
            ServiceLevel(id: id, category: category, urgency: urgency, accept: accept, resolve: resolve))
    }

    private mutating func calendarDay() -> RegistryEntity? {
        let date = day("date")
        let kind = choice("kind", of: CalendarDay.Kind.allCases)
        let name = name()
        guard let date, let kind, let name else { return nil }
        if kind == .workday, !date.isWeekend { warn("\(date) is a working day without this row, too") }
        return .calendarDay(CalendarDay(date: date, kind: kind, name: name))
    }

    private mutating func news() -> RegistryEntity? {
        let id: NewsID? = identifier()
        let date = day("date")
        let title = self.text("title")
        let text = self.text("text", characters: Limit.textCharacters)
        let river: RiverID? = optionalReference("river", to: .river)
        let region: RegionID? = optionalReference("region", to: .region)
        let url = link("url")
        guard let id, let date, let title, let text else { return nil }
        return .news(
            News(id: id, title: title, text: text, date: date, river: river, region: region, url: url))
    }
}

extension WaterClass {
    /// Worse than class V can't be a target.
    fileprivate static let targets = allCases.filter { $0 != .worseThanV }
}

extension Allowance {
    /// Whether this one is over before the other, in a time without holidays or weekends and with the usual
    /// hours. If only one of them counts working time, both are compared as the least number of hours that
    /// they can last.
    fileprivate func isShorter(than other: Allowance) -> Bool {
        if unit != .hours, other.unit != .hours { return workingHours < other.workingHours }
        return leastHours < other.leastHours
    }

    private var workingHours: Double {
        unit == .workingDays ? amount * Double(WorkingHours.usual.minutes) / 60 : amount
    }

    private var leastHours: Double { unit == .workingDays ? amount * 24 : amount }
}
