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

/// Something of the model with the words that belong to it.
struct WithWords<Value: Equatable & Sendable>: Equatable, Sendable {
    let value: Value
    let said: Said
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

    init(_ database: borrowing Database) throws {
        self.database = try Changes(database)
        upsert = try database.prepare(
            """
            INSERT INTO words VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET said = excluded.said
                WHERE said IS NOT NULL AND said <> excluded.said
            """)
        delete = try database.prepare("DELETE FROM words WHERE key = ? AND said IS NOT NULL")
        block = try database.prepare(
            """
            INSERT INTO words VALUES (?, NULL) ON CONFLICT (key) DO UPDATE SET said = NULL
                WHERE said IS NOT NULL
            """)
    }

    /// Whether it was news.
    func put(_ key: WordsKey, _ words: Words) throws -> Bool {
        try upsert.run(.text(key.description), .blob(JSON.encode(words.redacted)))
        return try database.changed()
    }

    /// Whether there was anything to erase.
    func erase(_ key: WordsKey) throws -> Bool {
        try delete.run(.text(key.description))
        return try database.changed()
    }

    /// Removes the words, and drops what comes under the key from now on.
    func withhold(_ key: String) throws {
        try block.run(.text(key))
    }
}

extension Words {
    fileprivate var redacted: Words {
        Words(
            text: text.map(Redaction.redacted(_:)), media: media.map(Redaction.redacted(address:)),
            address: address.map(Redaction.redacted(_:)))
    }
}
