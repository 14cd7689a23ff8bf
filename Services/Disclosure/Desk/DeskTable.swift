import Models
import Store
import Text

/// What the desk finds complaints by: who has to do something, until when, and the words to search.
///
/// Its counts are kept with every change (triggers), because a desk with 100,000 open complaints asks for
/// them with every list.
final class DeskTable {
    /// What supervisors count.
    let steps: DeskSteps
    private let upsert: Statement
    private let update: Statement
    private let selectWords: Statement
    private let setAnonymous: Statement
    private let arrive: Statement
    private let trim: Statement
    private let open: Statement

    static let schema = """
        CREATE TABLE desk (
            code TEXT PRIMARY KEY,
            -- 1 while somebody has to do something.
            open INTEGER NOT NULL,
            -- When the next step is due, in milliseconds since 1970; far away where nothing is due.
            due INTEGER NOT NULL,
            -- The owner does the next step. While it is checked that is the checker, and the holder, who
            -- resolved it, still sees it (`DeskPerson.Scope.condition`).
            region TEXT NOT NULL, owner TEXT NOT NULL, holder TEXT NOT NULL, status TEXT NOT NULL,
            category TEXT NOT NULL, river TEXT NOT NULL, overdue INTEGER NOT NULL,
            supervised INTEGER NOT NULL,
            -- The key of the complaint's own words, and what they say, folded; NULL: nothing, or erased.
            words TEXT, text TEXT,
            -- 1: who complained wished to stay anonymous.
            anonymous INTEGER NOT NULL DEFAULT 0,
            received INTEGER NOT NULL,
            -- When the last thing happened to it that its owner should see.
            news INTEGER NOT NULL
        );
        CREATE INDEX desk_by_due
            ON desk (due, code, region, owner, holder, status, category, river, overdue, supervised, text)
            WHERE open = 1;
        CREATE INDEX desk_by_owner ON desk (owner, due, code, news) WHERE open = 1;
        CREATE INDEX desk_by_words ON desk (words) WHERE words IS NOT NULL;

        -- When a person last opened a complaint, or last did something to it.
        CREATE TABLE desk_opened (
            person TEXT NOT NULL, code TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (person, code)
        ) WITHOUT ROWID;

        -- Each time a complaint came to somebody, in the order in which this file learnt of it. Another file
        -- has another order, so each has a name of its own.
        CREATE TABLE desk_arrivals (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            code TEXT NOT NULL, region TEXT NOT NULL, owner TEXT NOT NULL, holder TEXT NOT NULL
        );
        CREATE TABLE desk_file (name TEXT NOT NULL);
        INSERT INTO desk_file VALUES (lower(hex(randomblob(6))));

        -- How many open complaints there are of each kind.
        CREATE TABLE desk_counts (
            region TEXT NOT NULL, owner TEXT NOT NULL, holder TEXT NOT NULL, status TEXT NOT NULL,
            category TEXT NOT NULL, river TEXT NOT NULL, overdue INTEGER NOT NULL,
            supervised INTEGER NOT NULL, n INTEGER NOT NULL,
            PRIMARY KEY (region, owner, holder, status, category, river, overdue, supervised)
        ) WITHOUT ROWID;
        CREATE TRIGGER desk_came AFTER INSERT ON desk WHEN new.open = 1 BEGIN
            INSERT INTO desk_counts VALUES (new.region, new.owner, new.holder, new.status, new.category,
                new.river, new.overdue, new.supervised, 1) ON CONFLICT DO UPDATE SET n = n + 1;
        END;
        CREATE TRIGGER desk_left AFTER UPDATE OF status, open ON desk WHEN old.open = 1 BEGIN
            UPDATE desk_counts SET n = n - 1 WHERE region = old.region AND owner = old.owner
                AND holder = old.holder AND status = old.status AND category = old.category AND river = old.river
                AND overdue = old.overdue AND supervised = old.supervised;
        END;
        CREATE TRIGGER desk_moved AFTER UPDATE OF status, open ON desk WHEN new.open = 1 BEGIN
            INSERT INTO desk_counts VALUES (new.region, new.owner, new.holder, new.status, new.category,
                new.river, new.overdue, new.supervised, 1) ON CONFLICT DO UPDATE SET n = n + 1;
        END;

        -- What is erased can't be found either.
        CREATE TRIGGER desk_words_removed AFTER DELETE ON words BEGIN
            UPDATE desk SET text = NULL WHERE words = old.key;
        END;
        CREATE TRIGGER desk_words_blocked AFTER UPDATE OF said ON words WHEN new.said IS NULL BEGIN
            UPDATE desk SET text = NULL WHERE words = old.key;
        END;

        -- Who complained, as the topic `complaints.contacts` has it.
        CREATE TABLE contacts (
            code TEXT PRIMARY KEY, contact BLOB NOT NULL, at INTEGER NOT NULL, phone TEXT
        ) WITHOUT ROWID;
        CREATE INDEX contacts_by_phone ON contacts (phone) WHERE phone IS NOT NULL;

        -- The links to desks, by the hash of the handle.
        CREATE TABLE desk_links (name BLOB PRIMARY KEY, link BLOB NOT NULL) WITHOUT ROWID
        """

    /// No deadline comes later.
    static let never: Int64 = 253_402_300_799_000

    init(_ database: borrowing Database) throws {
        steps = try DeskSteps(database)
        upsert = try database.prepare(
            """
            INSERT INTO desk (code, open, due, region, owner, holder, status, category, river, overdue,
                supervised, words, text, received, news)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (code) DO UPDATE SET open = excluded.open, due = excluded.due,
                region = excluded.region, owner = excluded.owner, holder = excluded.holder,
                status = excluded.status,
                category = excluded.category, river = excluded.river, overdue = excluded.overdue,
                supervised = excluded.supervised, news = max(news, excluded.news)
            """)
        update = try database.prepare("UPDATE desk SET text = ? WHERE words = ?")
        setAnonymous = try database.prepare("UPDATE desk SET anonymous = 1 WHERE code = ?")
        arrive = try database.prepare(
            "INSERT INTO desk_arrivals (code, region, owner, holder) VALUES (?, ?, ?, ?)")
        trim = try database.prepare(
            "DELETE FROM desk_arrivals WHERE sequence <= (SELECT max(sequence) FROM desk_arrivals) - ?")
        open = try database.prepare(
            """
            INSERT INTO desk_opened VALUES (?, ?, ?)
            ON CONFLICT (person, code) DO UPDATE SET at = max(at, excluded.at)
            """)
        selectWords = try database.prepare("SELECT said FROM words WHERE key = ? AND said IS NOT NULL")
    }

    /// - Parameter words: the key of what the citizen wrote.
    func put(_ complaint: PublicComplaint, after fact: ComplaintFact, words: String?) throws {
        let said = try words.flatMap { key in
            try selectWords.first(.text(key)) { try JSON.decode(Words.self, from: $0.blob(0)) }
        }
        try upsert.run([
            .text(complaint.code.compact), .integer(complaint.status.isOpen ? 1 : 0),
            .integer(complaint.nextDue?.millisecondsSince1970 ?? Self.never),
            .text(complaint.region?.rawValue ?? ""), .text(complaint.owner?.description ?? ""),
            .text(complaint.holder?.description ?? ""), .text(complaint.status.rawValue),
            .text(complaint.category.rawValue),
            .text(complaint.river?.rawValue ?? ""), .integer(complaint.isLate ? 1 : 0),
            .integer(complaint.order > 0 ? 1 : 0), .text(orNull: words),
            .text(orNull: said.map(Self.folded)), .integer(complaint.receivedAt.millisecondsSince1970),
            .integer(fact.event.isNews ? fact.at.millisecondsSince1970 : 0),
        ])
        if let person = fact.event.doneBy?.deskPerson {
            try note(person, opened: complaint.code, at: fact.at)
        }
        guard fact.event.brings(complaint) else { return }
        try arrive.run(
            .text(complaint.code.compact), .text(complaint.region?.rawValue ?? ""),
            .text(complaint.owner?.description ?? ""), .text(complaint.holder?.description ?? ""))
        try trim.run(.integer(Self.arrivals))
    }

    /// Whoever was away for longer reads the list anew.
    private static let arrivals = 10_000

    func note(_ person: String, opened code: TrackingCode, at moment: Instant) throws {
        try open.run(.text(person), .text(code.compact), .integer(moment.millisecondsSince1970))
    }

    func noteAnonymous(_ code: TrackingCode) throws { try setAnonymous.run(.text(code.compact)) }

    /// The words may come before or after the complaint.
    func say(_ key: String, _ words: Words) throws {
        try update.run(.text(Self.folded(words)), .text(key))
    }

    private static func folded(_ words: Words) -> String {
        folded([words.text, words.address].compactMap(\.self).joined(separator: "\n"))
    }

    /// As a search compares: neither case nor blanks count.
    static func folded(_ text: String) -> String {
        text.lowercased().filter { $0 == "\n" || !$0.isWhitespace }
    }
}

extension PublicComplaint {
    /// Who has to do the next step: whoever has it, or while it is checked its checker.
    var owner: Official? {
        let owner = status == .verifying ? checker ?? assignee : assignee
        return owner.flatMap { Official("\($0.kind.rawValue)/\($0.id)") }
    }

    /// Who has it, also while it is checked.
    var holder: Official? { assignee.flatMap { Official("\($0.kind.rawValue)/\($0.id)") } }

    /// When the next step is due; nil if nobody has to do anything.
    var nextDue: Instant? {
        switch status {
        case .assigned: due?.accept
        case .accepted: due?.resolve
        case .verifying: verifyBy
        // It will be assigned in a moment.
        case .received, .returned: updatedAt
        case .resolved, .closed, .rejected, .merged: nil
        }
    }
}
