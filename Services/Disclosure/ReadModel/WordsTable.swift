import Models
import Store
import Text

/// What became of the words that an event may mention.
enum Said: Equatable, Sendable {
    /// Nothing was said.
    case nothing
    case words(Words)
    /// They must not be shown.
    case withheld
    /// There were words, and they no longer exist. While a new store is being filled, and for a moment
    /// between the reading of two topics, it can also mean that they have not been read yet.
    case erased
}

/// A part of the model with its words, as far as they are shown.
struct WithWords<Value: Equatable & Sendable>: Equatable, Sendable {
    let value: Value
    let said: Said
    /// The parts of the words that the public does not see.
    let hidden: [Hidden]

    func map<Other>(_ transform: (Value) -> Other) -> WithWords<Other> {
        WithWords<Other>(value: transform(value), said: said, hidden: hidden)
    }
}

/// What people wrote, under the keys of the topic `complaints.words`.
///
/// It is redacted before it is stored. So a mistake in an answer can't show the removed text, and whoever
/// gets hold of the file can't read it. Disclosure never needs that text: better rules of redaction come with
/// a new `ReadModel.version`, which reads the topic again.
///
/// Words that no event mentions are stored but never shown: either their event is still to come, or their
/// action was refused.
final class WordsTable {
    /// Nil for the public. Officials read the words as they were written.
    private let desk: DeskTable?
    private let database: Changes
    private let upsert: Statement
    private let delete: Statement
    private let insertPicture: Statement
    private let block: Statement
    private let eraseUntil: Statement
    private let noteErasure: Statement
    private let selectWithholding: Statement
    private let upsertWithholding: Statement

    init(_ database: borrowing Database, _ desk: DeskTable? = nil) throws {
        self.desk = desk
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
        insertPicture = try database.prepare("INSERT OR IGNORE INTO pictures VALUES (?, ?)")
        delete = try database.prepare("DELETE FROM words WHERE key = ? AND said IS NOT NULL")
        block = try database.prepare(
            """
            INSERT INTO words VALUES (?, NULL, 0) ON CONFLICT (key) DO UPDATE SET said = NULL, at = 0
                WHERE said IS NOT NULL
            """)
        // In the order of keys, the keys of a complaint lie between its code with `/` and its code with the
        // character after `/`.
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

    /// Returns whether the words were news. Words that were erased before they arrived are not.
    func put(_ key: WordsKey, _ words: Words, at moment: Instant) throws -> Bool {
        try upsert.run(
            .text(key.description), .blob(JSON.encode(desk == nil ? words.redacted : words)),
            .integer(moment.millisecondsSince1970), .text(key.complaint.compact))
        guard try database.changed() else { return false }
        try desk?.say(key.description, words)
        for picture in words.pictures {
            try insertPicture.run(.text(picture.name.text), .text(key.description))
        }
        return true
    }

    /// Returns whether there was anything to erase.
    func erase(_ key: WordsKey) throws -> Bool {
        try delete.run(.text(key.description))
        return try database.changed()
    }

    /// Removes the words, and ignores later words under the key.
    func remove(_ key: String) throws {
        try block.run(.text(key))
    }

    /// Erases the words of a complaint that were said until a moment. Words that arrive again later are
    /// erased, too: from a topic that was restored from a backup, from one whose tombstones were removed
    /// before this file read them, or from somebody who sends the same again.
    ///
    /// - Returns: whether there was anything to erase.
    func erase(_ complaint: TrackingCode, until moment: Instant) throws -> Bool {
        try noteErasure.run(.text(complaint.compact), .integer(moment.millisecondsSince1970))
        try eraseUntil.run(.text(complaint.compact), .integer(moment.millisecondsSince1970))
        return try database.changed()
    }

    /// Notes an office's decision about showing the words of a key. The words are kept, because the office
    /// may change the decision later.
    func judge(_ key: String, _ verdict: Withholding.Verdict, on part: Passage.Part) throws {
        var withholding =
            try selectWithholding.first(.text(key)) { try JSON.decode(Withholding.self, from: $0.blob(0)) }
            ?? Withholding()
        withholding.take(verdict, on: part)
        try upsertWithholding.run(.text(key), .blob(JSON.encode(withholding)))
    }
}

extension Words {
    var redacted: Words {
        Words(
            text: text.map(Redaction.redacted(_:)),
            // The name of a stored picture is random, and a part of it may look like something else.
            media: media.map { PictureName($0) == nil ? Redaction.redacted(address: $0) : $0 },
            address: address.map(Redaction.redacted(_:)))
    }
}
