import Models
import Store

/// The complaints, their timelines, and how many there are of a river or a reach.
///
/// The tracking code alone is the key. Among a million complaints two share one with a probability of 4 in 10
/// million; the later of them would then be taken for a repeat. Keeping the identity would cost more: it is a
/// capability, and what is not stored can't leak.
final class ComplaintTable {
    private let select: Statement
    private let upsert: Statement
    private let insertEntry: Statement
    private let count: Statement

    init(_ database: borrowing Database) throws {
        select = try database.prepare("SELECT complaint FROM complaints WHERE code = ?")
        upsert = try database.prepare(
            """
            INSERT INTO complaints VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (code) DO UPDATE SET status = excluded.status, category = excluded.category,
                river = excluded.river, reach = excluded.reach, complaint = excluded.complaint
            """)
        insertEntry = try database.prepare("INSERT INTO timeline VALUES (?, ?, ?)")
        count = try database.prepare(
            """
            INSERT INTO counts VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (kind, id) DO UPDATE SET complaints = complaints + excluded.complaints,
                open = open + excluded.open, ratings = ratings + excluded.ratings,
                satisfied = satisfied + excluded.satisfied
            """)
    }

    /// Whether it was news.
    func take(_ fact: ComplaintFact) throws -> Bool {
        let code = TrackingCode(fact.complaint)
        let before = try select.first(.text(code.compact)) { $0.blob(0) }
            .map { try JSON.decode(PublicComplaint.self, from: $0) }
        guard let after = PublicComplaint.evolve(before, fact) else {
            throw Malformed("ce_version", "a complaint begins with what was received")
        }
        guard after != before else { return false }
        try put(after)
        if let entry = TimelineEntry(fact) {
            try insertEntry.run(.text(code.compact), .integer(fact.version), .blob(JSON.encode(entry)))
        }
        if let before { try recount(before, by: -1) }
        try recount(after, by: 1)
        return true
    }

    private func put(_ complaint: PublicComplaint) throws {
        try upsert.run(
            .text(complaint.code.compact), .integer(complaint.receivedAt.millisecondsSince1970),
            .text(complaint.status.rawValue), .text(complaint.category.rawValue),
            .text(orNull: complaint.river?.rawValue), .text(orNull: complaint.reach?.rawValue),
            .blob(JSON.encode(complaint)))
    }

    private func recount(_ complaint: PublicComplaint, by sign: Int) throws {
        let places: [(kind: RegistryEntity.Kind, id: String?)] = [
            (.river, complaint.river?.rawValue), (.reach, complaint.reach?.rawValue),
        ]
        for (kind, id) in places {
            guard let id else { continue }
            try count.run(
                .text(kind.rawValue), .text(id), .integer(sign), .integer(complaint.status.isOpen ? sign : 0),
                .integer(sign * complaint.ratings), .integer(sign * complaint.satisfied))
        }
    }
}
