import Geo
import Models
import Store

/// Which complaints to list, newest first. What is empty or nil does not restrict the list.
struct ComplaintFilter: Equatable, Sendable {
    var statuses: Set<ComplaintStatus> = []
    var categories: Set<CategoryCode> = []
    var river: RiverID?
    var reach: ReachID?
    /// A region includes those below it; whoever asks has added them.
    var regions: Set<RegionID> = []
    var assignee: Official?
    /// Whether a deadline has passed and the complaint is still open.
    var isOverdue: Bool?
    /// When it was received, and when the public last heard something new of it.
    var received = Span()
    var updated = Span()
    var within: Rectangle?
    /// Only complaints that come after this place in the list.
    var before: Cursor?
    /// So many that come first are left out.
    var offset = 0
    var limit: Int

    /// From a moment, which belongs to it, to a moment, which does not.
    struct Span: Equatable, Sendable {
        var from: Instant?
        var to: Instant?
    }

    /// In degrees (WGS 84), edges included. If west is greater than east, it crosses the 180th meridian
    /// (RFC 7946 §5.2).
    struct Rectangle: Equatable, Sendable {
        let west, south, east, north: Double
    }
}

// MARK: In the table

extension ComplaintFilter {
    /// The columns of `complaints` that only filters use.
    static let columns = "region, assignee, overdue, updated_at, longitude, latitude"

    static func values(of complaint: PublicComplaint) -> [Value] {
        [
            .text(orNull: complaint.region?.rawValue), .text(orNull: complaint.assignee?.key),
            .integer(complaint.isLate ? 1 : 0), .integer(complaint.updatedAt.millisecondsSince1970),
            complaint.place.map { .real($0.longitude) } ?? .null,
            complaint.place.map { .real($0.latitude) } ?? .null,
        ]
    }

    /// The condition of a query on `complaints`, beginning with `WHERE` unless it is empty, and its values.
    var condition: (sql: String, values: [Value]) {
        var terms: [(sql: String, values: [Value])] = []
        func require(_ column: String, in words: some Sequence<String>) {
            let words = words.sorted()
            guard !words.isEmpty else { return }
            let places = Array(repeating: "?", count: words.count).joined(separator: ", ")
            terms.append(("\(column) IN (\(places))", words.map { .text($0) }))
        }
        func require(_ column: String, in span: Span) {
            if let from = span.from {
                terms.append(("\(column) >= ?", [.integer(from.millisecondsSince1970)]))
            }
            if let to = span.to { terms.append(("\(column) < ?", [.integer(to.millisecondsSince1970)])) }
        }
        require("status", in: statuses.map(\.rawValue))
        require("category", in: categories.map(\.rawValue))
        require("river", in: [river].compactMap { $0?.rawValue })
        require("reach", in: [reach].compactMap { $0?.rawValue })
        require("region", in: regions.map(\.rawValue))
        require("assignee", in: [assignee].compactMap { $0?.description })
        if let isOverdue { terms.append(("overdue = ?", [.integer(isOverdue ? 1 : 0)])) }
        require("received_at", in: received)
        require("updated_at", in: updated)
        if let within { terms.append(within.condition) }
        if let before {
            terms.append(
                (
                    "(received_at, code) < (?, ?)",
                    [.integer(before.receivedAt.millisecondsSince1970), .text(before.code.compact)]
                ))
        }
        let sql = terms.isEmpty ? "" : "WHERE " + terms.map(\.sql).joined(separator: " AND ")
        return (sql, terms.flatMap(\.values))
    }
}

extension ComplaintFilter.Rectangle {
    fileprivate var condition: (sql: String, values: [Value]) {
        let longitudes =
            west <= east ? "longitude BETWEEN ? AND ?" : "(longitude >= ? OR longitude <= ?)"
        return ("\(longitudes) AND latitude BETWEEN ? AND ?", [west, east, south, north].map { .real($0) })
    }
}

extension PublicComplaint {
    /// It is open, and a deadline has passed.
    var isLate: Bool { status.isOpen && isOverdue }
}

extension Assignee {
    /// As `Official` writes itself.
    fileprivate var key: String { "\(kind.rawValue)/\(id)" }
}
