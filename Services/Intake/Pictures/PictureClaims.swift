import Host
import Media
import Models
import Processing
import Store
import Synchronization
import Text

/// Which stored pictures are in use, read from the topic of words: a picture is kept as long as some words
/// name it.
final class PictureClaims: Projection {
    static let name = "dayu-intake.pictures"
    static let topics: [Topic] = [.words]

    static let schema = [
        """
        CREATE TABLE claims (
            picture TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (picture, key)
        ) WITHOUT ROWID;
        CREATE INDEX claims_by_key ON claims (key);
        """,
        // Keys whose words were erased. Who sends the same words again claims nothing with them.
        "CREATE TABLE erased (key TEXT PRIMARY KEY) WITHOUT ROWID",
        // Pictures that were in use and no longer are.
        "CREATE TABLE dropped (picture TEXT PRIMARY KEY) WITHOUT ROWID",
    ]

    private let select: Statement
    private let insert: Statement
    private let delete: Statement
    private let isClaimed: Statement
    private let noteErased: Statement
    private let isErased: Statement
    private let drop: Statement
    private let undrop: Statement
    private let news: ClaimNews

    convenience init(_ database: borrowing Database) throws { try self.init(database, news: ClaimNews()) }

    init(_ database: borrowing Database, news: ClaimNews) throws {
        self.news = news
        select = try database.prepare("SELECT picture FROM claims WHERE key = ?")
        insert = try database.prepare("INSERT OR IGNORE INTO claims VALUES (?, ?)")
        delete = try database.prepare("DELETE FROM claims WHERE key = ?")
        isClaimed = try database.prepare("SELECT 1 FROM claims WHERE picture = ? LIMIT 1")
        noteErased = try database.prepare("INSERT OR IGNORE INTO erased VALUES (?)")
        isErased = try database.prepare("SELECT 1 FROM erased WHERE key = ?")
        drop = try database.prepare("INSERT OR IGNORE INTO dropped VALUES (?)")
        undrop = try database.prepare("DELETE FROM dropped WHERE picture = ?")
    }

    /// A record that can't be read claims nothing. Its pictures could not be shown either.
    func apply(_ record: Record) throws {
        guard let text = try? record.keyText(), let key = try? WordsKey(text).description else { return }
        guard record.value != nil else {
            try noteErased.run(.text(key))
            return try replace(key, by: [])
        }
        let isOver = try isErased.first(.text(key)) { _ in true } ?? false
        guard !isOver, let data = (try? record.cloudEvent())?.data,
            let words = try? JSON.decode(Words.self, from: data)
        else { return }
        try replace(key, by: Set(words.pictures.map(\.name.text)))
    }

    private func replace(_ key: String, by pictures: Set<String>) throws {
        var former: Set<String> = []
        try select.forEach(.text(key)) { former.insert($0.text(0)) }
        guard former != pictures else { return }
        try delete.run(.text(key))
        for picture in pictures {
            try insert.run(.text(picture), .text(key))
            try undrop.run(.text(picture))
        }
        news.used(pictures.compactMap { PictureName($0) })
        for picture in former.subtracting(pictures) {
            let isInUse = try isClaimed.first(.text(picture)) { _ in true } ?? false
            guard !isInUse else { continue }
            try drop.run(.text(picture))
            news.dropped()
        }
    }

    /// Nothing is published. But this is called between transactions, which is the time to forget pictures
    /// that were removed.
    func pending() throws -> [Outgoing] {
        for name in news.takeRemoved() { try undrop.run(.text(name.text)) }
        return []
    }
}

/// What the loop that reads claims and the sweeping tell each other. Both run on the loop's thread, but one
/// has the file for writing and the other reads it.
final class ClaimNews: Sendable {
    private struct State {
        /// At the start there may be some from before.
        var hasDropped = true
        var removed: [PictureName] = []
    }

    private let state = Mutex(State())
    private let onUse: @Sendable ([PictureName]) -> Void

    init(onUse: @escaping @Sendable ([PictureName]) -> Void = { _ in }) {
        self.onUse = onUse
    }

    func used(_ names: [PictureName]) { if !names.isEmpty { onUse(names) } }
    func dropped() { state.withLock { $0.hasDropped = true } }
    var hasDropped: Bool { state.withLock { $0.hasDropped } }

    func removed(_ names: [PictureName]) {
        state.withLock { state in
            state.removed += names
            state.hasDropped = false
        }
    }

    fileprivate func takeRemoved() -> [PictureName] {
        state.withLock { state in
            defer { state.removed = [] }
            return state.removed
        }
    }
}

/// Reads the file of `PictureClaims`.
struct ClaimReader: Sendable {
    private let file: ProjectionReader

    init(path: String) { file = ProjectionReader(path: path) }

    func isClaimed(_ name: PictureName) throws -> Bool {
        try file.read { database in
            try database.prepare("SELECT 1 FROM claims WHERE picture = ? LIMIT 1")
                .first(.text(name.text)) { _ in true } ?? false
        }
    }

    func dropped() throws -> [PictureName] {
        try file.read { database in
            var found: [PictureName] = []
            try database.prepare("SELECT picture FROM dropped").forEach { row in
                if let name = PictureName(row.text(0)) { found.append(name) }
            }
            return found
        }
    }
}
