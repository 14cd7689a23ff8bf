import Models
import Store

/// What became of the words that an event may refer to.
enum Said: Equatable, Sendable {
    /// Nothing was said.
    case nothing
    case words(Words)
    /// They are not to be shown.
    case withheld
    /// There were words, and there are none any more. While a new store is being filled, or for the moment
    /// that lies between two topics, it also means that they have not been read yet.
    case erased
}

/// Something of the model with the words that belong to it, as far as they are shown.
struct WithWords<Value: Equatable & Sendable>: Equatable, Sendable {
    let value: Value
    let said: Said
    /// What of them the public does not see.
    let hidden: [Hidden]
}

/// What people wrote, under the keys of its topic.
///
/// It is redacted before it is stored. What is not in the file can't be shown by a mistake in an answer, and
/// can't be read by whoever gets hold of the file. Nobody here needs what was taken out: better rules of
/// redaction come with a new `ReadModel.version`, which reads the topic again.
///
/// Words of which no event tells are kept and shown nowhere: their event is still to come, or their action
/// was refused.
final class WordsTable {
    private let database: Changes
    private let upsert: Statement
    private let delete: Statement
    private let block: Statement
    private let eraseUntil: Statement
    private let noteErasure: Statement
    private let selectWithholding: Statement
    private let upsertWithholding: Statement

    init(_ database: borrowing Database) throws {
        self.database = try Changes(database)
        upsert = try database.prepare(
            """
            INSERT INTO words SELECT ?1, ?2, ?3
                WHERE NOT EXISTS (
                    SELECT 1 FROM erasures WHERE code = ?4 AND (until >= ?3
                        OR ?1 IN (SELECT words FROM complaints WHERE code = ?4 AND received_at <= until)
                        OR ?1 IN (SELECT words FROM timeline WHERE code = ?4 AND at <= until)))
            ON CONFLICT (key) DO UPDATE SET said = excluded.said, at = excluded.at
                WHERE said IS NOT NULL AND said <> excluded.said
            """)
        delete = try database.prepare("DELETE FROM words WHERE key = ? AND said IS NOT NULL")
        block = try database.prepare(
            """
            INSERT INTO words VALUES (?, NULL, 0) ON CONFLICT (key) DO UPDATE SET said = NULL, at = 0
                WHERE said IS NOT NULL
            """)
        // The keys of a complaint stand between its code with `/` behind it and with the character after `/`.
        eraseUntil = try database.prepare(
            """
            DELETE FROM words WHERE key > ?1 || '/' AND key < ?1 || '0' AND at <= ?2 AND said IS NOT NULL
            """)
        noteErasure = try database.prepare(
            """
            INSERT INTO erasures VALUES (?, ?)
            ON CONFLICT (code) DO UPDATE SET until = max(until, excluded.until)
            """)
        selectWithholding = try database.prepare("SELECT withholding FROM withholdings WHERE key = ?")
        upsertWithholding = try database.prepare(
            """
            INSERT INTO withholdings VALUES (?, ?)
            ON CONFLICT (key) DO UPDATE SET withholding = excluded.withholding
            """)
    }

    /// Whether it was news. What was erased before it could be read is none.
    func put(_ key: WordsKey, _ words: Words, at moment: Instant) throws -> Bool {
        try upsert.run(
            .text(key.description), .blob(JSON.encode(words.redacted)),
            .integer(moment.millisecondsSince1970), .text(key.complaint.compact))
        return try database.changed()
    }

    /// Whether there was anything to erase.
    func erase(_ key: WordsKey) throws -> Bool {
        try delete.run(.text(key.description))
        return try database.changed()
    }

    /// Removes the words, and drops what comes under the key from now on.
    func remove(_ key: String) throws {
        try block.run(.text(key))
    }

    /// Erases what was said of a complaint until a moment, also where it comes again later: from a topic that
    /// was restored from a backup, from one whose tombstones were removed before this file read them, or from
    /// somebody who sends the same again.
    ///
    /// - Returns: whether there was anything to erase.
    func erase(_ complaint: TrackingCode, until moment: Instant) throws -> Bool {
        try noteErasure.run(.text(complaint.compact), .integer(moment.millisecondsSince1970))
        try eraseUntil.run(.text(complaint.compact), .integer(moment.millisecondsSince1970))
        return try database.changed()
    }

    /// Notes what an office says about showing the words of a key. They stay: it may say otherwise later.
    func judge(_ key: String, _ verdict: Withholding.Verdict, on part: Passage.Part) throws {
        var withholding =
            try selectWithholding.first(.text(key)) { try JSON.decode(Withholding.self, from: $0.blob(0)) }
            ?? Withholding()
        withholding.take(verdict, on: part)
        try upsertWithholding.run(.text(key), .blob(JSON.encode(withholding)))
    }
}

extension Words {
    fileprivate var redacted: Words {
        Words(
            text: text.map(Redaction.redacted(_:)), media: media.map(Redaction.redacted(address:)),
            address: address.map(Redaction.redacted(_:)))
    }
}
