import Models
import Text

/// What counts of the readings of one section on one day.
struct DayReadings: Equatable, Sendable {
    /// Two series with a value for each minute, and more. A sender beyond that is broken.
    static let limit = 3000

    /// A reading as of one of its assessments. One without values stays, so that an assessment that is read
    /// again after a restore does not bring back what was withdrawn.
    struct Entry: Equatable, Sendable {
        var reading: CountedReading
        var version: Int
    }

    /// By time and series.
    private(set) var entries: [Entry] = []

    func canTake(_ reading: CountedReading) -> Bool {
        entries.count < Self.limit || place(of: reading) != nil
    }

    /// Returns whether a figure changed. An assessment that is older than the known one changes nothing.
    mutating func take(_ reading: CountedReading, version: Int) -> Bool {
        guard let place = place(of: reading) else {
            guard entries.count < Self.limit else { return false }
            let after = entries.firstIndex { Self.isBefore(reading, $0.reading) } ?? entries.endIndex
            entries.insert(Entry(reading: reading, version: version), at: after)
            return !reading.values.isEmpty
        }
        guard version > entries[place].version else { return false }
        let isNews = entries[place].reading != reading
        entries[place] = Entry(reading: reading, version: version)
        return isNews
    }

    var summary: Summary { Summary(day: entries.map(\.reading)) }

    private func place(of reading: CountedReading) -> Int? {
        // Readings mostly come in the order of their times.
        entries.lastIndex {
            $0.reading.observedAt == reading.observedAt && $0.reading.series == reading.series
        }
    }

    private static func isBefore(_ left: CountedReading, _ right: CountedReading) -> Bool {
        (left.observedAt, left.series) < (right.observedAt, right.series)
    }
}

extension DayReadings: Codable, JSONCoded {
    init(from decoder: any Decoder) throws {
        entries = try decoder.singleValueContainer().decode([Entry].self)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(entries)
    }

    init(_ json: JSONNode) throws(Malformed) { entries = try json.elements() }

    func write(to json: inout JSONWriter) { json.array(entries) }
}

extension DayReadings.Entry: Codable, JSONCoded {
    init(_ json: JSONNode) throws(Malformed) {
        reading = try json.field("reading")
        version = try json.field("version")
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("reading", reading)
            json.field("version", version)
        }
    }
}
