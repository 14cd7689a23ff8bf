import HTTP
import Models
import Readings
import Text

/// The measurements that wait for an office's review, as many as are listed at once.
struct ProvisionalList: JSONWritable, Sendable {
    struct Entry: JSONWritable, Sendable {
        let section: Reference
        let reading: PublishedReading
        let measurements: [ReadingVersion]

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.field("section", section)
                json.field("observedAt", reading.observedAt)
                json.field("period", reading.period)
                json.field("origin", reading.origin)
                json.field("class", orNull: reading.waterClass)
                // The class that the publisher gave, if it is another one.
                json.field("publishedClass", reading.publishedClass)
                json.field("measurements", measurements)
            }
        }
    }

    /// Who reviews them: the office of a region, or a department.
    let office: Reference
    let readings: [Entry]
    /// Where the list goes on, if there are more than these.
    let next: ReadingCursor?

    init(
        _ office: Reference, _ found: [(section: SectionID, reading: PublishedReading)], limit: Int,
        _ gazetteer: Gazetteer
    ) {
        self.office = office
        next =
            found.count > limit
            ? found.prefix(limit).last.map { ReadingCursor(after: $0.section, $0.reading) } : nil
        readings = found.prefix(limit).map { section, reading in
            Entry(
                section: Reference(section.rawValue, gazetteer.registry.point(section)?.name),
                reading: reading,
                measurements: ReadingVersion.all(of: reading, former: [], gazetteer).filter {
                    $0.status == .provisional && $0.withdrawn == nil
                })
        }
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("office", office)
            json.field("readings", readings)
            json.field("more", next != nil)
            json.field("next", orNull: next?.description)
        }
    }

    private static let head = [
        "section", "name", "observedAt", "period", "origin", "parameter", "value", "unit", "flag",
        "assessedClass", "publishedClass", "sender", "source", "receivedAt", "verdict",
    ]

    /// One row for each measurement. The last column is for the verdict, so the table can be sent to Intake.
    func csv() -> [UInt8] {
        Spreadsheet.csv(
            [Self.head]
                + readings.flatMap { entry in entry.measurements.map { Self.row(entry, $0) } })
    }

    private static func row(_ entry: Entry, _ measured: ReadingVersion) -> [String] {
        let reading = entry.reading
        return [
            entry.section.id, entry.section.name.zh, reading.observedAt.description, reading.period.rawValue,
            reading.origin.rawValue, measured.parameter.rawValue, measured.printed, measured.unitOfPrinted,
            measured.flag.rawValue, reading.waterClass?.rawValue ?? "",
            reading.publishedClass?.rawValue ?? "", measured.sender?.name.zh ?? "", measured.source ?? "",
            measured.receivedAt.description, "",
        ]
    }
}

extension API {
    static let ofProvisional = ["section", "after", "limit"]

    static func provisional(_ asked: Asked) throws -> ProvisionalList {
        try ofRegion(asked, preset: PageLimit.preset)
    }

    @Sendable static func provisionalTable(_ asked: Asked) throws -> [UInt8] {
        try ofRegion(asked, preset: PageLimit.readings).csv()
    }

    static func dischargesToReview(_ asked: Asked) throws -> ProvisionalList {
        try ofDepartment(asked, preset: PageLimit.preset)
    }

    @Sendable static func tableOfDischargesToReview(_ asked: Asked) throws -> [UInt8] {
        try ofDepartment(asked, preset: PageLimit.readings).csv()
    }

    private static func ofRegion(_ asked: Asked, preset: Int) throws -> ProvisionalList {
        let office: RegionID = try Question(asked.request).path("region")
        guard asked.gazetteer.registry.regions[office] != nil else { throw Problem.unknown("region") }
        return try list(asked, .office(office), asked.gazetteer.reference(office), preset)
    }

    private static func ofDepartment(_ asked: Asked, preset: Int) throws -> ProvisionalList {
        let department: DepartmentID = try Question(asked.request).path("department")
        guard asked.gazetteer.registry.departments[department] != nil else {
            throw Problem.unknown("department")
        }
        return try list(asked, .department(department), asked.gazetteer.reference(department), preset)
    }

    /// The measurements that an official may review, the oldest first, because these become valid by
    /// themselves first.
    private static func list(
        _ asked: Asked, _ official: Official, _ name: Reference, _ preset: Int
    ) throws -> ProvisionalList {
        var question = Question(asked.request)
        let only: SectionID? = question.id("section")
        let after = question.value("after", "a cursor that we gave") { ReadingCursor($0) }
        let limit = question.limit(preset: preset, most: PageLimit.readings)
        try question.check()
        let points = asked.gazetteer.registry.points(reviewedBy: official).filter { point in
            only.map { $0 == point } ?? true
        }
        let found = try asked.reader.provisional(of: points, after: after?.key, limit: limit + 1)
        return ProvisionalList(name, found, limit: limit, asked.gazetteer)
    }
}

extension Registry {
    /// Where an official may review what is measured.
    fileprivate func points(reviewedBy official: Official) -> [SectionID] {
        (sections.values.map(MonitoringPoint.section)
            + outfalls.values.filter { sections[$0.point] == nil }.map(MonitoringPoint.outfall))
            .filter { mayReview($0, as: official) }.map(\.id)
    }
}

/// Every region, with how many sections and outfalls its office may review, those above before those below;
/// and every department that answers for enterprises, with how many outfalls it may review.
struct RegionList: JSONWritable {
    let gazetteer: Gazetteer

    func write(to json: inout JSONWriter) {
        let registry = gazetteer.registry
        let sorted = registry.regions.values.sorted { ($1.level, $0.id) < ($0.level, $1.id) }
        json.object { json in
            json.field(
                "regions",
                sorted.map { region in
                    Entry(
                        region: region,
                        sections: registry.sections.values.count { registry.mayReview($0, as: region.id) },
                        outfalls: registry.outfalls.values.count {
                            registry.mayReview(.outfall($0), as: .office(region.id))
                        })
                })
            json.field(
                "departments",
                Dictionary(grouping: registry.outfalls.values) { outfall in
                    outfall.enterprise.flatMap { registry.enterprises[$0]?.responsible }
                }.compactMap { id, outfalls in
                    id.map { DepartmentEntry(department: gazetteer.reference($0), outfalls: outfalls.count) }
                }.sorted { $0.department.id < $1.department.id })
        }
    }

    private struct DepartmentEntry: JSONWritable {
        let department: Reference
        let outfalls: Int

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.field("id", department.id)
                json.field("name", department.name)
                json.field("outfalls", outfalls)
            }
        }
    }

    private struct Entry: JSONWritable {
        let region: Region
        let sections: Int
        let outfalls: Int

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.field("id", region.id)
                json.field("name", region.name)
                json.field("level", region.level.rawValue)
                json.field("parent", orNull: region.parent)
                json.field("sections", sections)
                json.field("outfalls", outfalls)
            }
        }
    }
}
