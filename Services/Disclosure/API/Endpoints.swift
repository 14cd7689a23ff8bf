import HTTP
import Models

extension API {
    private static let json = "application/json; charset=utf-8"
    private static let geoJSON = "application/geo+json; charset=utf-8"

    static let endpoints = [
        json("/api/about") { AboutAnswer($0.facts, $0.state.updatedAt) },
        json("/api/rivers", rivers),
        json("/api/rivers/{id}", river),
        json("/api/reaches/{id}", reach),
        Endpoint(pattern: "/api/reaches.geojson", type: geoJSON, answer: reachShapes),
        Endpoint(pattern: "/api/regions.geojson", type: geoJSON) { FeatureCollection.regions($0.gazetteer) },
        json("/api/sections/{id}/readings", readings),
        Endpoint(
            pattern: "/api/sections/{id}/readings.csv", type: "text/csv; charset=utf-8",
            answer: readingTable),
        json("/api/complaints", complaints),
        json("/api/complaints/{code}", complaint),
        json("/api/categories") { CategoryList($0.gazetteer) },
        json("/api/parameters") { _ in ParameterList() },
        json("/api/indicators", indicators),
    ]

    private static func json<Answer: Encodable & SendableMetatype>(
        _ pattern: String, _ answer: @escaping @Sendable (Asked) throws -> Answer
    ) -> Endpoint {
        Endpoint(pattern: pattern, type: json) { JSON.encode(try answer($0)) }
    }

    // MARK: Rivers

    /// Complaints that are shown with a river or a reach.
    private static let shownComplaints = 50

    private static func rivers(_ asked: Asked) throws -> RiverList {
        RiverList(asked.gazetteer, try asked.waters(), try asked.reader.counts(of: .river))
    }

    private static func river(_ asked: Asked) throws -> RiverAnswer {
        let id: RiverID = try Question(asked.request).path("river")
        guard let river = asked.gazetteer.registry.rivers[id] else { throw Problem.unknown("river") }
        let counts = try asked.reader.counts(of: .river)[id.rawValue]
        return RiverAnswer(
            river, asked.gazetteer, try asked.waters(of: asked.gazetteer.sectionsByRiver[id] ?? []),
            counts: (counts, try asked.reader.counts(of: .reach)),
            complaints: try asked.reader.complaints(ComplaintFilter(river: id, limit: shownComplaints)))
    }

    private static func reach(_ asked: Asked) throws -> ReachAnswer {
        let id: ReachID = try Question(asked.request).path("reach")
        guard let reach = asked.gazetteer.registry.reaches[id] else { throw Problem.unknown("reach") }
        return ReachAnswer(
            reach, asked.gazetteer, try asked.waters(of: asked.gazetteer.sectionsByReach[id] ?? []),
            try asked.reader.counts(of: .reach)[id.rawValue],
            complaints: try asked.reader.complaints(ComplaintFilter(reach: id, limit: shownComplaints)))
    }

    @Sendable private static func reachShapes(_ asked: Asked) throws -> [UInt8] {
        FeatureCollection.reaches(asked.gazetteer, try asked.waters(), try asked.reader.counts(of: .reach))
    }

    // MARK: Readings

    private static func readings(_ asked: Asked) throws -> ReadingList {
        let (section, found) = try find(asked, preset: PageLimit.preset, most: PageLimit.readings)
        return ReadingList(
            section: SectionSummary(section, asked.gazetteer, try asked.waters(of: [section])),
            readings: found.map(ReadingAnswer.init))
    }

    @Sendable private static func readingTable(_ asked: Asked) throws -> [UInt8] {
        ReadingTable.csv(try find(asked, preset: PageLimit.tableRows, most: PageLimit.tableRows).readings)
    }

    private static func find(
        _ asked: Asked, preset: Int, most: Int
    ) throws -> (section: Section, readings: [PublishedReading]) {
        var question = Question(asked.request)
        let from = question.instant("from")
        let to = question.instant("to")
        let limit = question.limit(preset: preset, most: most)
        if let from, let to, from > to { question.refuse("from", "is after to") }
        try question.check()
        let id: SectionID = try question.path("section")
        guard let section = asked.gazetteer.registry.sections[id] else { throw Problem.unknown("section") }
        return (section, try asked.reader.readings(of: id, from: from, to: to, limit: limit))
    }

    // MARK: Complaints

    private static func complaints(_ asked: Asked) throws -> ComplaintList {
        var question = Question(asked.request)
        var filter = ComplaintFilter(
            status: question.choice("status"), category: question.id("category"), river: question.id("river"),
            reach: question.id("reach"),
            before: question.value("before", "a cursor that we gave") { Cursor($0) },
            limit: question.limit(most: PageLimit.complaints))
        try question.check()
        let limit = filter.limit
        filter.limit += 1
        return ComplaintList(try asked.reader.complaints(filter), limit: limit, asked.gazetteer)
    }

    private static func complaint(_ asked: Asked) throws -> ComplaintAnswer {
        let code = try Question(asked.request).trackingCode()
        guard let complaint = try asked.reader.complaint(code) else { throw Problem.unknown("complaint") }
        return ComplaintAnswer(complaint, try asked.reader.timeline(of: code), asked.gazetteer)
    }

    // MARK: Indicators

    private static func indicators(_ asked: Asked) throws -> IndicatorList {
        var question = Question(asked.request)
        let kind: Scope.Kind? = question.choice("scope")
        let period = question.value("period", "a month such as 2026-11") { Month($0) }
        let limit = question.limit(preset: PageLimit.indicators, most: PageLimit.indicators)
        try question.check()
        let totals = try asked.reader.totals(of: kind ?? .city, in: period, limit: limit)
        return IndicatorList(totals, asked.gazetteer, city: asked.facts.city)
    }
}

extension API.Asked {
    /// Of the sections asked for; of all where none are named.
    func waters(of sections: [Section]? = nil) throws -> Waters {
        Waters(latest: try reader.latest(of: sections ?? Array(gazetteer.registry.sections.values)))
    }
}

struct AboutAnswer: Encodable, Sendable {
    struct Tiles: Encodable, Sendable {
        let url: String
        @OrNull var attribution: String?
    }

    let city: Name
    let intake: String
    let languages = ["zh", "en"]
    @OrNull var notice: Name?
    @OrNull var tiles: Tiles?
    @OrNull var updatedAt: Instant?

    private enum CodingKeys: CodingKey { case city, intake, languages, notice, tiles, updatedAt }

    init(_ facts: API.Facts, _ updatedAt: Instant?) {
        city = facts.city
        intake = facts.intake
        notice = facts.notice
        tiles = facts.tiles
        self.updatedAt = updatedAt
    }
}
