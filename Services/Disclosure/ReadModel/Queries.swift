import Geo
import Models
import Store
import Text

// MARK: Complaints

/// How many complaints a river or a reach has had, and how they ended.
struct ComplaintCounts: Equatable, Sendable {
    var complaints = 0
    var open = 0
    var ratings = 0
    var satisfied = 0

    /// The share of good grades among all grades; nil if there are none.
    var satisfaction: Double? { ratings > 0 ? Double(satisfied) / Double(ratings) : nil }
}

extension Reader {
    func complaint(_ code: TrackingCode) throws -> WithWords<PublicComplaint>? {
        try database.prepare("SELECT complaint, \(Said.columns(of: "complaints")) WHERE code = ?")
            .first(.text(code.compact)) { try WithWords(decoding: $0, self) }
    }

    func timeline(of code: TrackingCode) throws -> [WithWords<TimelineEntry>] {
        let sql = "SELECT entry, \(Said.columns(of: "timeline")) WHERE code = ? ORDER BY version"
        let entries = try database.prepare(sql).all(.text(code.compact)) { row in
            try WithWords<TimelineEntry>(decoding: row, self)
        }
        return openness.showsInternal ? entries : entries.filter { $0.value.isInternal != true }
    }

    func complaints(_ filter: ComplaintFilter) throws -> [WithWords<ListedComplaint>] {
        let condition = filter.condition
        let sql = """
            SELECT \(ListedComplaint.columns), \(Said.columns(of: "complaints")) \(condition.sql)
            ORDER BY received_at DESC, code DESC LIMIT ? OFFSET ?
            """
        let page: [Value] = [.integer(filter.limit), .integer(filter.offset)]
        return try database.prepare(sql).all(condition.values + page) {
            try WithWords(ListedComplaint($0), $0, after: ListedComplaint.columnCount, self)
        }
    }

    /// The same with their places, without those that have none.
    func complaintsWithPlaces(
        _ filter: ComplaintFilter
    ) throws -> [(WithWords<ListedComplaint>, Coordinate)] {
        let condition = filter.condition
        let sql = """
            SELECT \(ListedComplaint.columns), \(Said.columns(of: "complaints", besides: "longitude, latitude"))
            \(condition.sql) ORDER BY received_at DESC, code DESC LIMIT ?
            """
        return try database.prepare(sql).all(condition.values + [.integer(filter.limit)]) { row in
            let count = ListedComplaint.columnCount
            let place = Coordinate(longitude: row.real(count + 5), latitude: row.real(count + 6))
            return (try WithWords(ListedComplaint(row), row, after: count, self), place)
        }
    }

    /// How many numbers follow a complaint.
    func follows(of code: TrackingCode) throws -> Int {
        try database.prepare("SELECT follows FROM follows WHERE code = ?")
            .first(.text(code.compact)) { Int($0.integer(0)) } ?? 0
    }

    /// The same with everything that is known of each.
    func wholeComplaints(_ filter: ComplaintFilter) throws -> [WithWords<PublicComplaint>] {
        let condition = filter.condition
        let sql = """
            SELECT complaint, \(Said.columns(of: "complaints")) \(condition.sql)
            ORDER BY received_at DESC, code DESC LIMIT ? OFFSET ?
            """
        let page: [Value] = [.integer(filter.limit), .integer(filter.offset)]
        return try database.prepare(sql).all(condition.values + page) {
            try WithWords(decoding: $0, self)
        }
    }

    /// A line of a timeline, and the status that the complaint had after it.
    struct Update: Equatable, Sendable {
        let code: TrackingCode
        let status: ComplaintStatus
        let entry: WithWords<TimelineEntry>
        /// The key of what was said with it.
        let words: String?
    }

    /// The lines of all timelines, the oldest first.
    ///
    /// - Parameter codes: only those of these complaints, unless it is empty.
    func updates(
        of codes: [TrackingCode], in span: ComplaintFilter.Span, limit: Int, offset: Int = 0
    ) throws -> [Update] {
        let places = Array(repeating: "?", count: codes.count).joined(separator: ", ")
        let sql = """
            SELECT entry, \(Said.columns(of: "timeline", besides: "code, status"))
            WHERE timeline.at >= ? AND timeline.at < ? \(codes.isEmpty ? "" : "AND code IN (\(places))")
            ORDER BY timeline.at, code, version LIMIT ? OFFSET ?
            """
        let values: [Value] =
            [
                .integer(span.from?.millisecondsSince1970 ?? .min),
                .integer(span.to?.millisecondsSince1970 ?? .max),
            ] + codes.map { .text($0.compact) } + [.integer(limit), .integer(offset)]
        return try database.prepare(sql).all(values) { row in
            guard let code = TrackingCode(row.text(6)), let status = ComplaintStatus(rawValue: row.text(7))
            else { throw Malformed("timeline", "holds a line without a code or a status") }
            return Update(
                code: code, status: status, entry: try WithWords(decoding: row, self),
                words: row.textIfPresent(1))
        }
    }

    /// By identifier.
    func counts(of kind: RegistryEntity.Kind) throws -> [String: ComplaintCounts] {
        var counts: [String: ComplaintCounts] = [:]
        try database.prepare("SELECT id, complaints, open, ratings, satisfied FROM counts WHERE kind = ?")
            .forEach(.text(kind.rawValue)) { row in
                counts[row.text(0)] = ComplaintCounts(
                    complaints: Int(row.integer(1)), open: Int(row.integer(2)), ratings: Int(row.integer(3)),
                    satisfied: Int(row.integer(4)))
            }
        return counts
    }
}

extension Said {
    /// The second half of a query whose first columns are a value. It adds the key of the value's words, the
    /// words, what of them is withheld, and whether one of their pictures was said elsewhere and something
    /// was decided there; then come further columns.
    fileprivate static func columns(of table: String, besides others: String? = nil) -> String {
        """
        \(table).words, words.key, said, withholding, EXISTS (
            SELECT 1 FROM pictures own JOIN pictures other ON other.picture = own.picture
            JOIN withholdings judged ON judged.key = other.key
            WHERE own.key = \(table).words AND other.key <> own.key) \(others.map { ", \($0)" } ?? "") FROM \(table)
        LEFT JOIN words ON words.key = \(table).words
        LEFT JOIN withholdings ON withholdings.key = \(table).words
        """
    }

    fileprivate init(_ row: borrowing Row, after first: Int32) throws {
        if row.isNull(first) {
            self = .nothing
        } else if row.isNull(first + 1) {
            self = .erased
        } else if row.isNull(first + 2) {
            self = .withheld
        } else {
            self = .words(try JSON.decode(Words.self, from: row.blob(first + 2)))
        }
    }
}

extension WithWords where Value: JSONReadable & Spoken {
    fileprivate init(decoding row: borrowing Row, _ reader: Reader) throws {
        try self.init(JSON.decode(Value.self, from: row.blob(0)), row, after: 1, reader)
    }
}

extension WithWords where Value: Spoken {
    /// - Parameter first: the first column of what `Said.columns` adds.
    fileprivate init(
        _ value: Value, _ row: borrowing Row, after first: Int32, _ reader: Reader
    ) throws {
        self.value = value
        let openness = reader.openness
        let stored = try Said(row, after: first)
        switch stored {
        case .words(let words):
            let withholding =
                row.isNull(first + 3)
                ? Withholding() : try JSON.decode(Withholding.self, from: row.blob(first + 3))
            let elsewhere =
                row.integer(first + 4) == 0
                ? [:] : try reader.withheldElsewhere(words, under: row.text(first + 1))
            (said, hidden) = openness.view(
                of: openness.redacts ? words.redacted : words, isCitizens: value.isCitizens, withholding,
                elsewhere: elsewhere)
        // Of words that were ever public, only abuse is removed.
        case .withheld: (said, hidden) = (stored, [Hidden(.all, .abuse, shown: false)])
        case .nothing, .erased: (said, hidden) = (stored, [])
        }
    }
}

// MARK: Water

extension Reader {
    /// A class that is this much older than the newest one known says nothing about the water of today.
    ///
    /// Compared with the newest data and not with a clock: an archive that is loaded years later shows its
    /// last month.
    private static let currentFor: Duration = .seconds(30 * 86_400)

    /// The newest reading of each section that has a class and is not out of date.
    func latest(of sections: some Sequence<Section>) throws -> [SectionID: PublishedReading] {
        guard
            let newest = try database.prepare(
                "SELECT max(observed_at) FROM readings INDEXED BY graded_by_time WHERE class IS NOT NULL"
            ).first(read: { $0.integerIfPresent(0) }).flatMap({ $0 })
        else { return [:] }
        let oldest = newest - Self.currentFor.wholeMilliseconds
        let select = try database.prepare(
            """
            SELECT reading FROM readings WHERE section = ? AND observed_at >= ? AND class IS NOT NULL
            ORDER BY observed_at DESC, period DESC, origin DESC LIMIT 1
            """)
        var latest: [SectionID: PublishedReading] = [:]
        for section in sections {
            latest[section.id] = try select.first(.text(section.id.rawValue), .integer(oldest)) {
                try JSON.decode(PublishedReading.self, from: $0.blob(0))
            }
        }
        return latest
    }

    /// The readings with measurements that wait for review, the oldest first.
    ///
    /// - Parameter former: only those behind this one.
    func provisional(
        of sections: [SectionID], after former: ReadingKey? = nil, limit: Int
    ) throws -> [(section: SectionID, reading: PublishedReading)] {
        guard !sections.isEmpty else { return [] }
        // The order of the sections does not matter, so there is one statement for each number of sections.
        let places = Array(repeating: "?", count: sections.count).joined(separator: ", ")
        let sql = """
            SELECT section, reading FROM readings INDEXED BY provisional_by_time
            WHERE provisional = 1 AND section IN (\(places))
                AND (observed_at, section, period, origin) > (?, ?, ?, ?)
            ORDER BY observed_at, section, period, origin LIMIT ?
            """
        let behind: [Value] = [
            .integer(former?.observedAt.millisecondsSince1970 ?? .min), .text(former?.section.rawValue ?? ""),
            .text(former?.period.rawValue ?? ""), .text(former?.origin.rawValue ?? ""),
        ]
        return try database.prepare(sql)
            .all(sections.map { .text($0.rawValue) } + behind + [.integer(limit)]) { row in
                let reading = try JSON.decode(PublishedReading.self, from: row.blob(1))
                return SectionID(row.text(0)).map { (section: $0, reading: reading) }
            }.compactMap(\.self)
    }

    /// Newest first, `from` inclusive and `to` exclusive. To get the next page, pass the moment of the last
    /// reading as `to`.
    ///
    /// All readings of the last moment are included, so that the next page misses none. So there may be a few
    /// more than the limit.
    ///
    /// - Parameter withdrawn: whether to include readings of which everything was withdrawn.
    func readings(
        of section: SectionID, from: Instant?, to: Instant?, limit: Int, withdrawn: Bool = false
    ) throws -> [PublishedReading] {
        try database.prepare(
            """
            SELECT reading FROM readings
            WHERE section = ?1 AND stands >= ?5 AND observed_at < ?3 AND observed_at >= coalesce(
                (SELECT observed_at FROM readings
                WHERE section = ?1 AND stands >= ?5 AND observed_at >= ?2 AND observed_at < ?3
                ORDER BY observed_at DESC LIMIT 1 OFFSET ?4), ?2)
            ORDER BY observed_at DESC, period DESC, origin DESC
            """
        ).all(
            .text(section.rawValue), .integer(from?.millisecondsSince1970 ?? .min),
            .integer(to?.millisecondsSince1970 ?? .max), .integer(limit - 1), .integer(withdrawn ? 0 : 1)
        ) { try JSON.decode(PublishedReading.self, from: $0.blob(0)) }
    }

    /// Values that later reports replaced, in readings of a section between two moments, both included; by
    /// reading, in the order of the replacements.
    func formerValues(
        of section: SectionID, from: Instant, through: Instant, limit: Int
    ) throws -> [ReadingKey: [PublishedReading.Part]] {
        let rows = try database.prepare(
            """
            SELECT observed_at, period, origin, part FROM former_values
            WHERE section = ? AND observed_at BETWEEN ? AND ? ORDER BY id LIMIT ?
            """
        ).all(
            .text(section.rawValue), .integer(from.millisecondsSince1970),
            .integer(through.millisecondsSince1970), .integer(limit)
        ) { row in
            let key = ReadingKey(
                section: section, observedAt: Instant(millisecondsSince1970: row.integer(0)),
                period: Period(rawValue: row.text(1)) ?? .instant,
                origin: Origin(rawValue: row.text(2)) ?? .automatic)
            return (key: key, part: try JSON.decode(PublishedReading.Part.self, from: row.blob(3)))
        }
        return Dictionary(grouping: rows, by: \.key).mapValues { $0.map(\.part) }
    }
}
