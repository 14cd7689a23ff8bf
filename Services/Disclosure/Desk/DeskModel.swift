import Host
import Links
import Models
import Processing
import Store
import Text

/// What officials are told: everything that the public is, the words as they were written, the notes between
/// offices, contacts and the links to desks.
final class DeskModel: Projection {
    static let topics: [Topic] = ReadModel.topics + [.contacts, .links, .noticeEvents, .access]
    /// The first number is the public model's.
    static let version = ReadModel.version * 1000 + 3
    static var schema: [String] {
        ReadModel.schema + [DeskTable.schema, DeskMessages.schema, DeskSteps.schema]
    }

    private let model: ReadModel
    private let messages: DeskMessages
    private let desk: DeskTable
    private let putContact: Statement
    private let removeContact: Statement
    private let eraseContact: Statement
    private let selectLink: Statement
    private let putLink: Statement
    private let removeLink: Statement
    private let onSkip: (Record, Malformed) -> Void

    convenience init(_ database: borrowing Database) throws {
        try self.init(database, onSkip: { _, _ in }, onUncompacted: { _ in })
    }

    init(
        _ database: borrowing Database, onSkip: @escaping (Record, Malformed) -> Void,
        onUncompacted: @escaping (StoreError) -> Void
    ) throws {
        model = try ReadModel(database, for: .officials, onSkip: onSkip, onUncompacted: onUncompacted)
        messages = try DeskMessages(database)
        desk = try DeskTable(database)
        putContact = try database.prepare(
            """
            INSERT INTO contacts SELECT ?1, ?2, ?3, ?4
                WHERE NOT EXISTS (SELECT 1 FROM erasures WHERE code = ?1 AND until >= ?3)
            ON CONFLICT (code) DO UPDATE SET contact = excluded.contact, at = excluded.at,
                phone = excluded.phone
            """)
        removeContact = try database.prepare("DELETE FROM contacts WHERE code = ?")
        eraseContact = try database.prepare(
            """
            DELETE FROM contacts
            WHERE code = ?1 AND at <= (SELECT until FROM erasures WHERE code = ?1)
            """)
        selectLink = try database.prepare("SELECT link FROM desk_links WHERE name = ?")
        putLink = try database.prepare(
            "INSERT INTO desk_links VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET link = excluded.link")
        removeLink = try database.prepare("DELETE FROM desk_links WHERE name = ?")
        self.onSkip = onSkip
    }

    func pending() throws -> [Outgoing] { try model.pending() }

    func apply(_ record: Record) throws {
        do {
            switch record.topic {
            case .contacts: try take(contact: record)
            case .links: try take(link: record)
            case .noticeEvents: try messages.take(record)
            case .access: try take(access: record)
            default: try model.apply(record)
            }
            if record.topic == .events { try take(event: record) }
        } catch let malformed as Malformed {
            onSkip(record, malformed)
        }
    }

    private func take(contact record: Record) throws {
        guard let code = TrackingCode(try record.keyText()) else { throw Malformed("key", "is not a code") }
        guard let data = record.value else {
            try removeContact.run(.text(code.compact))
            return try model.noteErasure()
        }
        let contact = try JSON.decode(Contact.self, from: data)
        let at = try record.cloudEvent().time
        try putContact.run(
            .text(code.compact), .blob(data), .integer(at.millisecondsSince1970),
            .text(orNull: contact.phone?.plain))
    }

    /// A contact that was given until the moment of an erasure is dropped, and not taken again: the topic may
    /// come from a backup.
    private func take(event record: Record) throws {
        let event = try record.cloudEvent()
        guard try EventType(event.type) == EventType("complaint", "erased") else { return }
        try eraseContact.run(.text(try record.keyText()))
        try model.noteErasure()
    }

    /// What somebody has opened is no longer new to him. The views of contacts are for the operator.
    private func take(access record: Record) throws {
        let event = try record.cloudEvent()
        guard event.type == ComplaintOpened.type.description, let data = event.data else { return }
        let opened = try JSON.decode(ComplaintOpened.self, from: data)
        guard let person = opened.by.deskPerson else { throw Malformed("by", "is nobody with a desk") }
        try desk.note(person, opened: opened.complaint, at: event.time)
    }

    /// Links to single complaints are no matter of the desk's.
    private func take(link record: Record) throws {
        guard let handle = LinkHandle(try record.keyText()) else { return }
        let name: Value = .blob(DeskProof.name(of: handle))
        guard let data = record.value else { return try removeLink.run(name) }
        guard let link = try? JSON.decode(DeskLink.self, from: data) else { return }
        // Whoever wrote a link may write it again. A revoked link stays revoked.
        let known = try selectLink.first(name) { try JSON.decode(DeskLink.self, from: $0.blob(0)) }
        if link.revokedAt == nil, known?.revokedAt != nil { return }
        try putLink.run(name, .blob(data))
    }
}

extension Reader {
    func deskLink(_ name: [UInt8]) throws -> DeskLink? {
        try database.prepare("SELECT link FROM desk_links WHERE name = ?").first(.blob(name)) {
            try JSON.decode(DeskLink.self, from: $0.blob(0))
        }
    }

    func contact(of code: TrackingCode) throws -> Contact? {
        try database.prepare("SELECT contact FROM contacts WHERE code = ?").first(.text(code.compact)) {
            try JSON.decode(Contact.self, from: $0.blob(0))
        }
    }

    /// The complaints that somebody with this number made: open ones first, and the newest first.
    func complaints(of number: CallableNumber) throws -> [TrackingCode] {
        try database.prepare(
            """
            SELECT c.code FROM contacts c JOIN desk d ON d.code = c.code WHERE c.phone = ?
            ORDER BY d.open DESC, d.received DESC, c.code
            """
        )
        .all(.text(number.plain)) { TrackingCode($0.text(0)) }.compactMap(\.self)
    }

    func hasContact(_ code: TrackingCode) throws -> Bool {
        try database.prepare("SELECT 1 FROM contacts WHERE code = ?").first(.text(code.compact)) { _ in true }
            ?? false
    }
}
