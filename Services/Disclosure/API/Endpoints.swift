import HTTP
import Models
import Readings
import Text

extension API {
    private static let json = "application/json; charset=utf-8"
    private static let csv = "text/csv; charset=utf-8"
    private static let geoJSON = "application/geo+json; charset=utf-8"

    static let endpoints = [
        json("/api/about") {
            AboutAnswer(
                city: $0.city, facts: $0.facts, registry: $0.gazetteer.registry, updatedAt: $0.state.updatedAt
            )
        },
        json("/api/rivers", answer: rivers),
        json("/api/rivers/{id}", answer: river),
        json("/api/reaches/{id}", answer: reach),
        Endpoint(pattern: "/api/reaches.geojson", type: geoJSON, answer: reachShapes),
        Endpoint(pattern: "/api/regions.geojson", type: geoJSON) { FeatureCollection.regions($0.gazetteer) },
        json("/api/sections/{id}/readings", ofReadings, answer: readings),
        Endpoint(
            pattern: "/api/sections/{id}/readings.csv", type: csv, parameters: ofReadings,
            answer: readingTable),
        json("/api/regions") { RegionList(gazetteer: $0.gazetteer) },
        json("/api/regions/{id}/provisional", ofProvisional, answer: provisional),
        Endpoint(
            pattern: "/api/regions/{id}/provisional.csv", type: csv, parameters: ofProvisional,
            answer: provisionalTable),
        json("/api/departments/{id}/provisional", ofProvisional, answer: dischargesToReview),
        Endpoint(
            pattern: "/api/departments/{id}/provisional.csv", type: csv, parameters: ofProvisional,
            answer: tableOfDischargesToReview),
        json(
            "/api/complaints",
            [
                "status", "category", "river", "reach", "region", "assignee", "overdue", "from", "to",
                "updatedFrom", "updatedTo", "bbox", "before", "limit",
            ], answer: complaints),
        json("/api/complaints/similar", ["category", "longitude", "latitude"], answer: similar),
        json("/api/complaints/{code}", answer: complaint),
        json("/api/categories") { CategoryList(gazetteer: $0.gazetteer) },
        json("/api/departments") { DepartmentList(gazetteer: $0.gazetteer) },
        json("/api/evaluations", ofEvaluations, answer: evaluations),
        json("/api/trends", ofTrends, answer: trends),
        json("/api/parameters") { _ in ParameterList() },
        json("/api/indicators", ["scope", "period", "limit"], answer: indicators),
        json("/api/accountability", ofAccountability, answer: accountability),
        Endpoint(pattern: "/api/accountability.csv", type: csv, parameters: ofAccountability) {
            try accountability($0).csv()
        },
        json("/api/bulletins", answer: bulletins),
        json("/api/bulletins/{month}", answer: bulletin),
        Endpoint(pattern: "/api/bulletins/{month}/{table}", type: csv, answer: bulletinTable),
        json("/api/cwqi", ofIndices, answer: indices),
        json("/api/coverage", ofCoverage, answer: coverage),
        Endpoint(pattern: "/api/coverage.csv", type: csv, parameters: ofCoverage) {
            try coverage($0).csv()
        },
        json("/api/news", ["river", "region", "limit"], answer: news),
        json("/api/enterprises", ofEnterprises, answer: enterprises),
        Endpoint(pattern: "/api/enterprises.csv", type: csv, parameters: ofEnterprises) {
            try enterprises($0).csv()
        },
        json("/api/enterprises/{id}", ofEnterprise, answer: enterprise),
        Endpoint(pattern: "/api/enterprises/{id}/days.csv", type: csv, parameters: ofEnterprise) {
            try enterprise($0).days()
        },
        Endpoint(pattern: "/api/enterprises/{id}/hours.csv", type: csv, parameters: ofEnterprise) {
            try enterprise($0).hours()
        },
    ]

    private static let ofReadings = ["from", "to", "limit", "versions"]

    private static func json<Answer: JSONWritable & SendableMetatype>(
        _ pattern: String, _ parameters: [String] = [],
        answer: @escaping @Sendable (Asked) throws -> Answer
    ) -> Endpoint {
        Endpoint(pattern: pattern, type: json, parameters: parameters) { JSON.encode(try answer($0)) }
    }

    // MARK: Rivers

    /// How many complaints are shown with a river or a reach.
    private static let shownComplaints = 50

    private static func rivers(_ asked: Asked) throws -> RiverList {
        RiverList(asked.gazetteer, try asked.waters(), try asked.reader.counts(of: .river))
    }

    private static func river(_ asked: Asked) throws -> RiverAnswer {
        let id: RiverID = try Question(asked.request).path("river")
        guard let river = asked.gazetteer.registry.rivers[id] else { throw Problem.unknown("river") }
        let counts = try asked.reader.counts(of: .river)[id.rawValue]
        return RiverAnswer(
            river: river, gazetteer: asked.gazetteer,
            waters: try asked.waters(of: asked.gazetteer.sectionsByRiver[id] ?? []),
            counts: (counts, try asked.reader.counts(of: .reach)),
            complaints: try asked.reader.complaints(ComplaintFilter(river: id, limit: shownComplaints)))
    }

    private static func reach(_ asked: Asked) throws -> ReachAnswer {
        let id: ReachID = try Question(asked.request).path("reach")
        guard let reach = asked.gazetteer.registry.reaches[id] else { throw Problem.unknown("reach") }
        let summary = ReachSummary(
            reach: reach, gazetteer: asked.gazetteer,
            waters: try asked.waters(of: asked.gazetteer.sectionsByReach[id] ?? []),
            counts: try asked.reader.counts(of: .reach)[id.rawValue])
        return ReachAnswer(
            summary: summary,
            complaints: try asked.reader.complaints(ComplaintFilter(reach: id, limit: shownComplaints)))
    }

    @Sendable private static func reachShapes(_ asked: Asked) throws -> [UInt8] {
        FeatureCollection.reaches(asked.gazetteer, try asked.waters(), try asked.reader.counts(of: .reach))
    }

    // MARK: Readings

    private static func readings(_ asked: Asked) throws -> ReadingList {
        let found = try find(asked, preset: PageLimit.preset, most: PageLimit.readings)
        return ReadingList(
            section: SectionSummary(
                section: found.section, gazetteer: asked.gazetteer,
                waters: try asked.waters(of: [found.section])),
            readings: zip(found.readings, try suspects(among: found.readings, of: found.section, asked))
                .map { ReadingAnswer(reading: $0, versions: found.versions?($0), suspects: $1) })
    }

    @Sendable private static func readingTable(_ asked: Asked) throws -> [UInt8] {
        let found = try find(asked, preset: PageLimit.tableRows, most: PageLimit.tableRows)
        guard let versions = found.versions else {
            return ReadingTable.csv(found.readings, of: found.section.id)
        }
        return VersionTable.csv(found.readings.map { ($0, versions($0)) })
    }

    private struct FoundReadings {
        let section: Section
        let readings: [PublishedReading]
        /// Nil if they were not asked for.
        let versions: ((PublishedReading) -> [ReadingVersion])?
    }

    private static func find(_ asked: Asked, preset: Int, most: Int) throws -> FoundReadings {
        var question = Question(asked.request)
        let from = question.instant("from")
        let to = question.instant("to")
        let limit = question.limit(preset: preset, most: most)
        let withVersions = question.flag("versions")
        if let from, let to, from > to { question.refuse("from", "is after to") }
        try question.check()
        let id: SectionID = try question.path("section")
        guard let section = asked.gazetteer.registry.sections[id] else { throw Problem.unknown("section") }
        let readings = try asked.reader.readings(
            of: id, from: from, to: to, limit: limit, withdrawn: withVersions)
        guard withVersions else { return FoundReadings(section: section, readings: readings, versions: nil) }
        let former = try former(of: readings, id, asked)
        return FoundReadings(section: section, readings: readings) { reading in
            ReadingVersion.all(of: reading, former: former[reading.key(of: id)] ?? [], asked.gazetteer)
        }
    }

    /// Returns all former values or refuses, never a part: whoever reads a list of former values must be able
    /// to trust that it is complete.
    private static func former(
        of readings: [PublishedReading], _ section: SectionID, _ asked: Asked
    ) throws -> [ReadingKey: [PublishedReading.Part]] {
        guard let newest = readings.first, let oldest = readings.last else { return [:] }
        let former = try asked.reader.formerValues(
            of: section, from: oldest.observedAt, through: newest.observedAt,
            limit: PageLimit.formerParts + 1)
        guard former.values.reduce(0, { $0 + $1.count }) <= PageLimit.formerParts else {
            throw Problem(
                status: 400,
                detail: "There are too many former values in this time: choose less with from, to or limit.")
        }
        return former
    }

    // MARK: Complaints

    private static func complaints(_ asked: Asked) throws -> ComplaintList {
        let registry = asked.gazetteer.registry
        var question = Question(asked.request)
        var filter = ComplaintFilter(limit: question.limit(most: PageLimit.complaints))
        filter.statuses = Set(question.choices("status"))
        filter.categories = Set(question.ids("category"))
        filter.river = question.id("river")
        filter.reach = question.id("reach")
        filter.assignee = question.value("assignee", "an official such as chief/…, office/… or department/…")
        {
            Official($0)
        }
        filter.isOverdue = question.choice(ofFlag: "overdue")
        filter.received = question.span("from", "to", in: registry.cityZone)
        filter.updated = question.span("updatedFrom", "updatedTo", in: registry.cityZone)
        filter.within = question.rectangle("bbox")
        filter.before = question.value("before", "a cursor from an earlier answer") { Cursor($0) }
        if let region: RegionID = question.id("region") {
            // An unknown region has no complaints. It stays in the filter, so that the list is empty.
            filter.regions = registry.regions(within: region).union([region])
        }
        try question.check()
        let limit = filter.limit
        filter.limit += 1
        return ComplaintList(try asked.reader.complaints(filter), limit: limit, asked.gazetteer)
    }

    private static func complaint(_ asked: Asked) throws -> ComplaintAnswer {
        let code = try Question(asked.request).trackingCode()
        guard let complaint = try asked.reader.complaint(code) else { throw Problem.unknown("complaint") }
        return ComplaintAnswer(
            found: complaint, timeline: try asked.reader.timeline(of: code),
            follows: try asked.reader.follows(of: code), gazetteer: asked.gazetteer)
    }

    // MARK: News

    private static func news(_ asked: Asked) throws -> NewsList {
        let registry = asked.gazetteer.registry
        var question = Question(asked.request)
        let river: RiverID? = question.id("river")
        let region: RegionID? = question.id("region")
        let limit = question.limit(most: PageLimit.news)
        try question.check()
        let regions = region.map { registry.regions(within: $0) }
        let found = registry.news.values.filter { news in
            (river == nil || news.river == river)
                && (regions.map { regions in news.region.map(regions.contains) ?? false } ?? true)
        }
        return NewsList(Array(found), limit: limit, asked.gazetteer)
    }

    // MARK: Indicators

    private static func indicators(_ asked: Asked) throws -> IndicatorList {
        var question = Question(asked.request)
        let kind: Scope.Kind? = question.choice("scope")
        let period = question.value("period", "a month such as 2026-11") { Month($0) }
        let limit = question.limit(preset: PageLimit.indicators, most: PageLimit.indicators)
        try question.check()
        let totals = try asked.reader.totals(of: kind ?? .city, in: period, limit: limit)
        return IndicatorList(totals: totals, gazetteer: asked.gazetteer, city: asked.city)
    }
}

extension API.Asked {
    /// The waters of the given sections; of all sections if none are given.
    func waters(of sections: [Section]? = nil) throws -> Waters {
        let sections = sections ?? Array(gazetteer.registry.sections.values)
        return Waters(
            latest: try reader.latest(of: sections), months: try reader.latestMonths(of: sections),
            rules: facts.rules)
    }
}

struct AboutAnswer: JSONWritable {
    struct Tiles: JSONWritable, Sendable {
        let url: String
        let attribution: String?

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.field("url", url)
                json.field("attribution", orNull: attribution)
            }
        }
    }

    let city: Name
    let facts: API.Facts
    let registry: Registry
    let updatedAt: Instant?

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("city", city)
            json.field("intake", facts.intake)
            json.field("mediaLinks", facts.takesMediaLinks)
            // The city's own language comes first.
            json.field("languages", facts.language == .en ? ["en", "zh"] : ["zh", "en"])
            json.field("notice", orNull: facts.notice)
            json.field("tiles", orNull: facts.tiles)
            json.field("updatedAt", orNull: updatedAt)
            // The IANA name of the city's zone. The site shows all times on its clocks.
            json.field("timeZone", registry.topRegion.map(registry.timeZone) ?? Region.usualTimeZone)
            // Whom to call where somebody is in danger.
            json.field("emergencyPhone", orNull: registry.toldByHighest(\.emergencyPhone))
            // What the city calls what it looks after, and whether it measures anything there.
            json.field("words", Words(registry: registry))
            json.field("measured", !registry.sections.isEmpty)
            json.field("enterprises", !registry.enterprises.isEmpty)
            json.field("footer", (registry.toldByHighest(\.footer) ?? []).map(Line.init))
        }
    }

    private struct Words: JSONWritable {
        let registry: Registry

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.field("asset", Said(word: registry.word(.asset)))
                json.field("stretch", Said(word: registry.word(.stretch)))
                json.field("keeper", Said(word: registry.word(.keeper)))
                json.field("office", Said(word: registry.word(.office)))
                json.field("subject", Said(word: registry.word(.subject)))
                json.field("realm", Said(word: registry.word(.realm)))
                json.field("plan", Said(word: registry.word(.plan)))
            }
        }
    }

    private struct Said: JSONWritable {
        let word: AssetWord

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.field("zh", word.name.zh)
                json.field("en", word.name.en)
                json.field("several", word.several ?? word.name.en)
            }
        }
    }

    private struct Line: JSONWritable {
        let line: FooterLine

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.field("text", line.text)
                json.field("link", orNull: line.link)
            }
        }
    }
}
