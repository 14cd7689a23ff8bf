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

    let office: Reference
    let readings: [Entry]
    /// Where the list goes on, if there are more than these.
    let next: ReadingCursor?

    init(
        _ office: RegionID, _ found: [(section: SectionID, reading: PublishedReading)], limit: Int,
        _ gazetteer: Gazetteer
    ) {
        self.office = gazetteer.reference(office)
        next =
            found.count > limit
            ? found.prefix(limit).last.map { ReadingCursor(after: $0.section, $0.reading) } : nil
        readings = found.prefix(limit).map { section, reading in
            Entry(
                section: gazetteer.reference(section), reading: reading,
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
        ReadingTable.csv(
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

/// Every region, with how many sections its office may review; those above before those below.
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
                        sections: registry.sections.values.count { registry.mayReview($0, as: region.id) })
                })
        }
    }

    private struct Entry: JSONWritable {
        let region: Region
        let sections: Int

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.field("id", region.id)
                json.field("name", region.name)
                json.field("level", region.level.rawValue)
                json.field("parent", orNull: region.parent)
                json.field("sections", sections)
            }
        }
    }
}
