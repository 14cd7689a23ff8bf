import Models
import Readings
import Text

/// One version of a parameter's value in a reading: the valid one, or one that a later report replaced.
struct ReadingVersion: JSONWritable, Sendable {
    let parameter: Parameter
    /// In the parameter's unit.
    let value: Double?
    /// The limit of detection, if the value is below it.
    let below: Double?
    /// As its author wrote it, where the number does not say it all: `0.01L`, `>24000`, `7.5*`.
    let written: String?
    /// The unit of what was written, where it is not the parameter's.
    let unit: String?
    /// Whether the earlier value was withdrawn.
    let withdrawn: Bool?
    let flag: Measurement.Flag
    let status: Measurement.Status
    /// Whether this version is the valid one now.
    let stands: Bool
    /// The gateway that sent it; null in records that were written before senders were kept.
    let sender: Reference?
    let source: String?
    /// Who reviewed it, if it is a review.
    let reviewer: Actor?
    let receivedAt: Instant

    private init(
        _ parameter: Parameter, _ measurement: Measurement, _ part: PublishedReading.Part, stands: Bool,
        _ gazetteer: Gazetteer
    ) {
        self.parameter = parameter
        let shown = measurement.shown(as: parameter)
        value = if case .measured(let value) = shown.value { value } else { nil }
        below = shown.limit
        written = measurement.written ?? (below == nil ? nil : measurement.text(of: parameter))
        unit = shown.unit
        withdrawn = measurement.isWithdrawn ? true : nil
        flag = measurement.flag
        status = measurement.status
        self.stands = stands
        sender = part.gateway.map(gazetteer.reference)
        source = part.source
        reviewer = part.reviewer
        receivedAt = part.receivedAt
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("parameter", parameter)
            json.field("value", value)
            json.field("below", below)
            json.field("written", written)
            json.field("unit", unit)
            json.field("withdrawn", withdrawn)
            json.field("flag", flag)
            json.field("status", status)
            json.field("stands", stands)
            json.field("sender", orNull: sender)
            json.field("source", orNull: source)
            json.field("reviewer", reviewer)
            json.field("receivedAt", receivedAt)
        }
    }

    /// By parameter, in the order of the vocabulary; for each parameter the valid version is last.
    static func all(
        of reading: PublishedReading, former: [PublishedReading.Part], _ gazetteer: Gazetteer
    ) -> [ReadingVersion] {
        let parts = former.map { (part: $0, stands: false) } + reading.parts.map { (part: $0, stands: true) }
        return Parameter.allCases.flatMap { parameter in
            parts.compactMap { part, stands in
                part.measurements[parameter].map {
                    ReadingVersion(parameter, $0, part, stands: stands, gazetteer)
                }
            }
        }
    }
}

extension PublishedReading {
    func key(of section: SectionID) -> ReadingKey {
        ReadingKey(section: section, observedAt: observedAt, period: period, origin: origin)
    }
}

/// Every version of every value as a table with one row for each.
enum VersionTable {
    private static let head = [
        "observedAt", "period", "origin", "parameter", "value", "unit", "flag", "status", "stands", "sender",
        "source", "receivedAt",
    ]

    static func csv(_ readings: [(reading: PublishedReading, versions: [ReadingVersion])]) -> [UInt8] {
        Spreadsheet.csv([head] + readings.flatMap { reading, versions in versions.map { row(reading, $0) } })
    }

    private static func row(_ reading: PublishedReading, _ version: ReadingVersion) -> [String] {
        [
            reading.observedAt.description, reading.period.rawValue, reading.origin.rawValue,
            version.parameter.rawValue, version.printed, version.unitOfPrinted, version.flag.rawValue,
            version.status.rawValue, version.stands ? "yes" : "no", version.sender?.name.zh ?? "",
            version.source ?? "", version.receivedAt.description,
        ]
    }
}

extension ReadingVersion {
    var printed: String {
        written ?? value.map { "\($0)" } ?? "withdrawn"
    }

    var unitOfPrinted: String { unit ?? parameter.unit }
}
