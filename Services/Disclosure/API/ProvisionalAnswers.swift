import Models

/// What waits for the review of an office, as far as it is listed at once.
struct ProvisionalList: Encodable, Sendable {
    struct Entry: Encodable, Sendable {
        let section: Reference
        let observedAt: Instant
        let period: Period
        let origin: Origin
        @OrNull var waterClass: WaterClass?
        /// The class that the publisher gave, where it is another.
        let publishedClass: WaterClass?
        let measurements: [ReadingVersion]

        private enum CodingKeys: String, CodingKey {
            case section, observedAt, period, origin, waterClass = "class", publishedClass, measurements
        }
    }

    let office: Reference
    let readings: [Entry]
    /// Whether there are more than these.
    let more: Bool

    init(
        _ office: RegionID, _ found: [(section: SectionID, reading: PublishedReading)], limit: Int,
        _ gazetteer: Gazetteer
    ) {
        self.office = gazetteer.reference(office)
        more = found.count > limit
        readings = found.prefix(limit).map { section, reading in
            Entry(
                section: gazetteer.reference(section), observedAt: reading.observedAt, period: reading.period,
                origin: reading.origin, waterClass: reading.waterClass,
                publishedClass: reading.publishedClass,
                measurements: ReadingVersion.all(of: reading, former: [], gazetteer).filter {
                    $0.status == .provisional && $0.withdrawn == nil
                })
        }
    }

    private static let head = [
        "section", "name", "observedAt", "period", "origin", "parameter", "value", "unit", "flag", "class",
        "publishedClass", "sender", "source", "receivedAt", "verdict",
    ]

    /// A row for each measurement. The last column is for the verdict; so the table can be sent to Intake.
    func csv() -> [UInt8] {
        ReadingTable.csv(
            [Self.head]
                + readings.flatMap { entry in entry.measurements.map { Self.row(entry, $0) } })
    }

    private static func row(_ entry: Entry, _ measured: ReadingVersion) -> [String] {
        [
            entry.section.id, entry.section.name.zh, entry.observedAt.description, entry.period.rawValue,
            entry.origin.rawValue, measured.parameter.rawValue, measured.printed, measured.parameter.unit,
            measured.flag.rawValue, entry.waterClass?.rawValue ?? "", entry.publishedClass?.rawValue ?? "",
            measured.sender?.name.zh ?? "", measured.source ?? "", measured.receivedAt.description, "",
        ]
    }
}
