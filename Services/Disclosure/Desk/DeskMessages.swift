import Models
import Processing
import Store
import Text

/// What became of each message about a complaint: the fold of `notices.events`, without numbers and texts.
final class DeskMessages {
    static let schema = """
        CREATE TABLE messages (
            reference TEXT PRIMARY KEY,
            code TEXT NOT NULL, recipient TEXT, about TEXT NOT NULL,
            -- The last thing that is known of it (`NoticeEvent.Kind`), why it failed, and when that was.
            state TEXT NOT NULL, why TEXT, at INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX messages_by_complaint ON messages (code, at)
        """

    private let attempt: Statement
    private let update: Statement

    init(_ database: borrowing Database) throws {
        attempt = try database.prepare(
            """
            INSERT INTO messages VALUES (?, ?, ?, ?, ?, NULL, ?)
            ON CONFLICT (reference) DO UPDATE SET state = excluded.state, why = NULL, at = excluded.at
            """)
        update = try database.prepare("UPDATE messages SET state = ?, why = ?, at = ? WHERE reference = ?")
    }

    func take(_ record: Record) throws {
        let event = try record.cloudEvent()
        let type = try EventType(event.type)
        // The topic also says which numbers were confirmed. A newer version may know more kinds.
        guard type.subject == "notice", let kind = NoticeEvent.Kind(rawValue: type.name),
            let data = event.data
        else { return }
        let notice = try NoticeEvent(kind: kind, data: data)
        let at: Value = .integer(event.time.millisecondsSince1970)
        switch notice {
        case .attempted(let attempted):
            try attempt.run(
                .text(attempted.reference), .text(attempted.complaint.compact),
                .text(orNull: attempted.recipient?.rawValue), .text(attempted.about.rawValue),
                .text(kind.rawValue), at)
        case .failed(let failed):
            try update.run(.text(kind.rawValue), .text(failed.why.rawValue), at, .text(failed.reference))
        default:
            try update.run(.text(kind.rawValue), .null, at, .text(notice.reference))
        }
    }
}

/// A message about a complaint, as officials see it.
struct DeskMessage: JSONWritable, Equatable, Sendable {
    let recipient: String?
    let about: String
    let state: String
    let why: String?
    let at: Instant

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("recipient", orNull: recipient)
            json.field("about", about)
            json.field("state", state)
            json.field("why", orNull: why)
            json.field("at", at)
        }
    }
}

extension Reader {
    /// The oldest first.
    func messages(about code: TrackingCode) throws -> [DeskMessage] {
        try database.prepare(
            "SELECT recipient, about, state, why, at FROM messages WHERE code = ? ORDER BY at, reference"
        ).all(.text(code.compact)) { row in
            DeskMessage(
                recipient: row.textIfPresent(0), about: row.text(1), state: row.text(2),
                why: row.textIfPresent(3), at: Instant(millisecondsSince1970: row.integer(4)))
        }
    }
}
