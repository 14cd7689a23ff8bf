/// The hours of each day in which a phone stays silent, on the clocks of its owner's region: 22:00 to 07:00.
public struct QuietHours: Hashable, Sendable, Codable {
    /// In minutes after midnight. If `from` is not earlier than `until`, they end on the next day.
    public let from: Int
    public let until: Int
    /// The name of the zone in the IANA database.
    public let zone: String

    public static let minutes = 0..<24 * 60

    public init(from: Int, until: Int, zone: Zone) {
        self.from = from
        self.until = until
        self.zone = zone.name
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        from = try container.decode(Int.self, forKey: .from)
        until = try container.decode(Int.self, forKey: .until)
        zone = try container.decode(String.self, forKey: .zone)
        guard Self.minutes.contains(from), Self.minutes.contains(until) else {
            throw DecodingError.dataCorruptedError(
                forKey: .from, in: container, debugDescription: "is not two times of a day in minutes")
        }
    }

    /// When they end, if they have begun at this moment; else the moment itself.
    public func end(at moment: Instant) -> Instant {
        let clocks = clocks
        let today = clocks.day(at: moment)
        let night = [today.adding(days: -1), today].map { span(of: $0, clocks) }
            .first { $0.begin <= moment && moment < $0.end }
        return night?.end ?? moment
    }

    /// When they begin next, at this moment at the earliest.
    public func begin(after moment: Instant) -> Instant {
        let clocks = clocks
        let today = clocks.day(at: moment)
        for day in [today, today.adding(days: 1)] {
            let begin = span(of: day, clocks).begin
            if begin >= moment { return begin }
        }
        return span(of: today.adding(days: 2), clocks).begin
    }

    /// A log may name a zone that this machine's database does not have.
    private var clocks: Zone { Zone(zone) ?? .beijing }

    private func span(of day: Day, _ clocks: Zone) -> (begin: Instant, end: Instant) {
        let last = until > from ? day : day.adding(days: 1)
        return (clocks.first(minute: from, of: day), clocks.first(minute: until, of: last))
    }
}
