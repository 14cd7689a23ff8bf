public import Text

// The JSON of summaries: every reading leads to one (see `JSONReadable`).

extension Figures: Codable, JSONCoded {
    private enum CodingKeys: CodingKey {
        case below, count, dayMeans, days, flagged, provisional, sum
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func number(_ key: CodingKeys) throws -> Int {
            try container.decodeIfPresent(Int.self, forKey: key) ?? 0
        }
        below = try number(.below)
        count = try number(.count)
        dayMeans = try container.decodeIfPresent(ExactSum.self, forKey: .dayMeans) ?? .zero
        days = try number(.days)
        flagged = try number(.flagged)
        provisional = try number(.provisional)
        sum = try container.decodeIfPresent(ExactSum.self, forKey: .sum) ?? .zero
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(below.orNil, forKey: .below)
        try container.encodeIfPresent(count.orNil, forKey: .count)
        try container.encodeIfPresent(dayMeans.orNil, forKey: .dayMeans)
        try container.encodeIfPresent(days.orNil, forKey: .days)
        try container.encodeIfPresent(flagged.orNil, forKey: .flagged)
        try container.encodeIfPresent(provisional.orNil, forKey: .provisional)
        try container.encodeIfPresent(sum.orNil, forKey: .sum)
    }

    public init(_ json: JSONNode) throws(Malformed) {
        below = try json.field("below", default: 0)
        count = try json.field("count", default: 0)
        dayMeans = try json.field("dayMeans", default: .zero)
        days = try json.field("days", default: 0)
        flagged = try json.field("flagged", default: 0)
        provisional = try json.field("provisional", default: 0)
        sum = try json.field("sum", default: .zero)
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("below", below.orNil)
            json.field("count", count.orNil)
            json.field("dayMeans", dayMeans.orNil)
            json.field("days", days.orNil)
            json.field("flagged", flagged.orNil)
            json.field("provisional", provisional.orNil)
            json.field("sum", sum.orNil)
        }
    }
}

extension Int {
    fileprivate var orNil: Int? { self == 0 ? nil : self }
}

extension ExactSum {
    fileprivate var orNil: ExactSum? { self == .zero ? nil : self }
}

extension Figures {
    /// Why they can't be true.
    fileprivate var fault: FieldFault? {
        func fits(_ number: Int) -> Bool { (0...Self.most).contains(number) }
        guard fits(count) && fits(days) && fits(below) && fits(flagged) && fits(provisional) else {
            return FieldFault("", "holds a number outside 0…\(Self.most)")
        }
        let isPart = days <= count && below <= count && provisional <= count
        return isPart ? nil : FieldFault("count", "is less than a part of it")
    }

    private static let most = 1_000_000_000
}

extension Summary: Codable, JSONCoded {
    private struct Entry: Codable, JSONCoded {
        let figures: ByParameter<Figures>
        let origin: Origin
        let period: Period

        init(_ series: Series, _ figures: ByParameter<Figures>) {
            self.figures = figures
            origin = series.origin
            period = series.period
        }

        init(_ json: JSONNode) throws(Malformed) {
            figures = try json.field("figures")
            origin = try json.field("origin")
            period = try json.field("period")
        }

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.field("figures", figures)
                json.field("origin", origin)
                json.field("period", period)
            }
        }
    }

    private enum CodingKeys: CodingKey { case series }

    private var entries: [Entry] { series.sorted { $0.key < $1.key }.map { Entry($0.key, $0.value) } }

    private init(_ entries: [Entry]) {
        self.init(
            entries.reduce(into: [:]) { series, entry in
                series[Series(origin: entry.origin, period: entry.period)] = entry.figures
            })
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(try container.decode([Entry].self, forKey: .series))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(entries, forKey: .series)
    }

    public init(_ json: JSONNode) throws(Malformed) { self.init(try json.field("series")) }

    public func write(to json: inout JSONWriter) { json.object { $0.field("series", entries) } }

    public var faults: [FieldFault] {
        series.values.flatMap { items in
            items.entries.compactMap { entry in
                entry.value.fault.map {
                    FieldFault("series.\(entry.parameter.rawValue).\($0.field)", $0.detail)
                }
            }
        }
    }
}

/// The summary of one day of a section, as it is on the log. Its topic is compacted by key.
public struct DaySummary: Hashable, Sendable, Codable, JSONCoded {
    public let section: SectionID
    /// A day on the clocks of the section's region.
    public let day: Day
    public let summary: Summary
    /// The hours of an outfall, which are judged one by one; nil for a section.
    public let discharge: DischargeDay?

    public init(section: SectionID, day: Day, summary: Summary, discharge: DischargeDay? = nil) {
        self.section = section
        self.day = day
        self.summary = summary
        self.discharge = discharge
    }

    public static let type = EventType("day", "summarised")

    public var key: String { Self.key(section, day) }

    public static func key(_ section: SectionID, _ day: Day) -> String { "\(section)/\(day)" }

    /// What a tombstone under this key says: nothing was measured.
    public init(emptyUnder key: String) throws(Malformed) {
        let parts = key.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let section = SectionID(parts[0]), let day = Day(parts[1]) else {
            throw Malformed("key", "is not section/day")
        }
        self.init(section: section, day: day, summary: Summary())
    }

    public init(_ json: JSONNode) throws(Malformed) {
        day = try json.field("day")
        discharge = try json.field("discharge")
        section = try json.field("section")
        summary = try json.field("summary")
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("day", day)
            json.field("discharge", discharge)
            json.field("section", section)
            json.field("summary", summary)
        }
    }

    /// Decodes the data of a record with this key.
    public init(_ data: [UInt8], key: String) throws(Malformed) {
        self = try JSON.decode(DaySummary.self, from: data)
        guard self.key == key else { throw Malformed("key", "is not section/day of its data") }
        let faults = summary.faults + (discharge?.faults ?? [])
        if !faults.isEmpty { throw Malformed(faults) }
    }
}

extension Day: JSONCoded {
    public init(_ json: JSONNode) throws(Malformed) {
        guard let day = Day(try json.string()) else { throw Malformed("", "is not a day such as 2026-01-31") }
        self = day
    }

    public func write(to json: inout JSONWriter) { json.text(description) }
}
