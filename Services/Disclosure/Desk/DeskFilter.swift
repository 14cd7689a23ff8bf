import Models
import Store

/// Which open complaints to list, those that are due first at the top.
struct DeskFilter: Equatable, Sendable {
    var scope: DeskPerson.Scope
    /// Only what these officials have.
    var owners: Set<String>?
    /// A region includes those below it; whoever asks has added them.
    var regions: Set<RegionID> = []
    var statuses: Set<ComplaintStatus> = []
    var categories: Set<CategoryCode> = []
    var river: RiverID?
    var isOverdue = false
    var isSupervised = false
    /// Only what is new to this person: it has news that he has not seen.
    var unreadBy: String?
    /// Only what is due from the first moment on and before the second.
    var due: Range<Instant>?
    /// Only what has this in its words, or in its code.
    var text: String?
    var after: DeskCursor?
    var limit: Int

    /// When a person last opened a row of `desk`; 0: never.
    fileprivate static let openedAt =
        "coalesce((SELECT at FROM desk_opened WHERE person = ? AND desk_opened.code = desk.code), 0)"

    var condition: (sql: String, values: [Value]) {
        var terms: [(sql: String, values: [Value])] = [("open = 1", [])]
        func any(_ column: String, _ words: some Sequence<String>) -> (sql: String, values: [Value]) {
            let words = words.sorted()
            let places = Array(repeating: "?", count: words.count).joined(separator: ", ")
            return ("\(column) IN (\(places))", words.map { .text($0) })
        }
        terms += scope.condition.map { [$0] } ?? []
        if let owners { terms.append(any("owner", owners)) }
        if !regions.isEmpty { terms.append(any("region", regions.map(\.rawValue))) }
        if !statuses.isEmpty { terms.append(any("status", statuses.map(\.rawValue))) }
        if !categories.isEmpty { terms.append(any("category", categories.map(\.rawValue))) }
        if let river { terms.append(("river = ?", [.text(river.rawValue)])) }
        if isOverdue { terms.append(("overdue = 1", [])) }
        if isSupervised { terms.append(("supervised = 1", [])) }
        if let unreadBy {
            terms.append(("news > \(Self.openedAt)", [.text(unreadBy)]))
        }
        if let due {
            terms.append(
                (
                    "due >= ? AND due < ?",
                    [
                        .integer(due.lowerBound.millisecondsSince1970),
                        .integer(due.upperBound.millisecondsSince1970),
                    ]
                ))
        }
        if let text {
            if let code = TrackingCode(text) {
                terms.append(("code = ?", [.text(code.compact)]))
            } else {
                terms.append(("instr(text, ?) > 0", [.text(DeskTable.folded(text))]))
            }
        }
        if let after {
            terms.append(("(due, code) > (?, ?)", [.integer(after.due), .text(after.code.compact)]))
        }
        return (terms.map(\.sql).joined(separator: " AND "), terms.flatMap(\.values))
    }
}

extension DeskPerson.Scope {
    /// The one rule of lists, counts, arrivals and figures: in a scope is what lies in its regions, and what
    /// its officials have or have to do the next step on. Nil for everything.
    var condition: (sql: String, values: [Value])? {
        func list(_ column: String, _ values: some Sequence<String>) -> (sql: String, values: [Value]) {
            let values = values.sorted().map { Value.text($0) }
            let places = Array(repeating: "?", count: values.count).joined(separator: ", ")
            return ("\(column) IN (\(places))", values)
        }
        switch self {
        case .everything: return nil
        case .part(let regions, let owners):
            let terms =
                [list("region", regions.map(\.rawValue))] + ["owner", "holder"].map { list($0, owners) }
            return ("(\(terms.map(\.sql).joined(separator: " OR ")))", terms.flatMap(\.values))
        case .within(let regions, let scope):
            let here = list("region", regions.map(\.rawValue))
            guard let whole = scope.condition else { return here }
            return ("(\(here.sql) AND \(whole.sql))", here.values + whole.values)
        }
    }
}

/// A place in the list of a desk: what comes after it is due later, or at the same moment with a greater
/// code.
struct DeskCursor: Equatable, Sendable, CustomStringConvertible {
    let due: Int64
    let code: TrackingCode

    init(due: Int64, code: TrackingCode) {
        self.due = due
        self.code = code
    }

    init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let due = Int64(parts[0], radix: 36),
            let code = TrackingCode(String(parts[1]))
        else { return nil }
        self.init(due: due, code: code)
    }

    var description: String { "\(String(due, radix: 36))-\(code.compact)" }
}

/// How many open complaints a desk has of each kind.
struct DeskCounts: Equatable, Sendable {
    var all = 0
    var mine = 0
    var overdue = 0
    var supervised = 0
    var dueToday = 0
    /// At most `DeskCounts.most`.
    var unread = 0
    var statuses: [String: Int] = [:]
    var categories: [String: Int] = [:]
    var rivers: [String: Int] = [:]
    /// Of each region and those below it.
    var regions: [String: Int] = [:]

    /// Whoever has more that he never opened needs no exact number.
    static let most = 1000
}

extension Reader {
    func desk(_ filter: DeskFilter) throws -> [DeskCursor] {
        let condition = filter.condition
        let sql = "SELECT due, code FROM desk WHERE \(condition.sql) ORDER BY due, code LIMIT ?"
        return try database.prepare(sql).all(condition.values + [.integer(filter.limit)]) { row in
            TrackingCode(row.text(1)).map { DeskCursor(due: row.integer(0), code: $0) }
        }.compactMap(\.self)
    }

    /// Where something lies that this scope shows.
    ///
    /// - Parameter isOpen: whether only what is open counts.
    func deskRegions(_ scope: DeskPerson.Scope, isOpen: Bool) throws -> Set<RegionID> {
        guard let condition = scope.condition else { return [] }
        // A row whose last complaint was closed stays, with 0.
        let sql = "SELECT DISTINCT region FROM desk_counts WHERE n >= ? AND \(condition.sql)"
        return Set(
            try database.prepare(sql).all([.integer(isOpen ? 1 : 0)] + condition.values) {
                RegionID($0.text(0))
            }.compactMap(\.self))
    }

    func deskCounts(
        _ scope: DeskPerson.Scope, own: Set<String>, person: String, today: Range<Instant>,
        _ registry: Registry
    ) throws -> DeskCounts {
        var counts = DeskCounts()
        var inRegion: [String: Int] = [:]
        let condition = scope.condition
        let sql = """
            SELECT status, category, owner, overdue, supervised, n, river, region FROM desk_counts
            WHERE n > 0 \(condition.map { "AND \($0.sql)" } ?? "")
            """
        try database.prepare(sql).forEach(condition?.values ?? []) { row in
            let count = Int(row.integer(5))
            counts.all += count
            counts.statuses[row.text(0), default: 0] += count
            counts.categories[row.text(1), default: 0] += count
            if own.contains(row.text(2)) { counts.mine += count }
            if row.integer(3) != 0 { counts.overdue += count }
            if row.integer(4) != 0 { counts.supervised += count }
            counts.rivers[row.text(6), default: 0] += count
            inRegion[row.text(7), default: 0] += count
        }
        for (id, count) in inRegion {
            for region in RegionID(id).map({ registry.regionChain(from: $0) }) ?? [] {
                counts.regions[region.id.rawValue, default: 0] += count
            }
        }
        counts.rivers[""] = nil
        var due = DeskFilter(scope: scope, limit: 1)
        due.due = today
        let today = due.condition
        counts.dueToday =
            try database.prepare("SELECT count(*) FROM desk WHERE \(today.sql)").all(today.values) {
                Int($0.integer(0))
            }.first ?? 0
        var unread = DeskFilter(scope: scope, owners: own, limit: DeskCounts.most)
        unread.unreadBy = person
        let new = unread.condition
        counts.unread =
            try database.prepare("SELECT count(*) FROM (SELECT 1 FROM desk WHERE \(new.sql) LIMIT ?)").all(
                new.values + [.integer(DeskCounts.most)]
            ) { Int($0.integer(0)) }.first ?? 0
        return counts
    }

    func isUnread(_ code: TrackingCode, by person: String) throws -> Bool {
        try database.prepare("SELECT news > \(DeskFilter.openedAt) FROM desk WHERE code = ?").first(
            .text(person), .text(code.compact)
        ) { $0.integer(0) != 0 } ?? false
    }

    func isAnonymous(_ code: TrackingCode) throws -> Bool {
        // Of a complaint that is not known nothing may be told.
        try database.prepare("SELECT anonymous FROM desk WHERE code = ?").first(.text(code.compact)) {
            $0.integer(0) != 0
        } ?? true
    }
}
