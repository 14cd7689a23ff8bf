import Models
import Store
import Text

/// The newest decision about each publication.
final class PublicationTable {
    private let select: Statement
    private let upsert: Statement
    private let delete: Statement

    init(_ database: borrowing Database) throws {
        select = try database.prepare("SELECT publication FROM publications WHERE key = ?")
        upsert = try database.prepare(
            """
            INSERT INTO publications VALUES (?, ?)
            ON CONFLICT (key) DO UPDATE SET publication = excluded.publication
            """)
        delete = try database.prepare("DELETE FROM publications WHERE key = ?")
    }

    /// Returns whether it was news.
    func put(_ new: Publication) throws -> Bool {
        let former = try select.first(.text(new.key)) {
            try JSON.decode(Publication.self, from: $0.blob(0))
        }
        guard former != new else { return false }
        try upsert.run(.text(new.key), .blob(JSON.encode(new)))
        return true
    }

    func remove(_ key: String) throws -> Bool {
        guard try select.first(.text(key), read: { _ in true }) != nil else { return false }
        try delete.run(.text(key))
        return true
    }
}

extension Reader {
    /// By month.
    func publications(_ kind: Publication.Kind) throws -> [String: Publication] {
        let all = try database.prepare("SELECT publication FROM publications")
            .all([]) { try JSON.decode(Publication.self, from: $0.blob(0)) }
        return all.filter { $0.kind == kind }.reduce(into: [:]) { $0[$1.month] = $1 }
    }

    /// The months in which anything was measured, newest first.
    func summarisedMonths() throws -> [Month] {
        try database.prepare("SELECT DISTINCT month FROM month_summaries ORDER BY month DESC")
            .all([]) { MonthNumber(rawValue: Int($0.integer(0))).month }
    }
}
