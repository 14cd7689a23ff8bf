import Crypto
import Host
import Links
import Models
import Processing
import Store
import Synchronization

/// Remembers what each link's handle stands for, read from the topic `links`.
///
/// The file holds the hash of a handle and not the handle: whoever reads the file can't act by it.
final class LinkBook: Projection {
    static let name = "dayu-intake.links"
    static let topics: [Topic] = [.links]
    static let version = 2

    static let schema = [
        "CREATE TABLE links (handle BLOB PRIMARY KEY, link BLOB NOT NULL) WITHOUT ROWID",
        // The complaints of which a citizen's link was taken back.
        "CREATE TABLE taken_back (complaint TEXT PRIMARY KEY) WITHOUT ROWID",
    ]

    private let select: Statement
    private let upsert: Statement
    private let delete: Statement
    private let takeBack: Statement

    init(_ database: borrowing Database) throws {
        select = try database.prepare("SELECT link FROM links WHERE handle = ?")
        upsert = try database.prepare(
            "INSERT INTO links VALUES (?, ?) ON CONFLICT (handle) DO UPDATE SET link = excluded.link")
        delete = try database.prepare("DELETE FROM links WHERE handle = ?")
        takeBack = try database.prepare("INSERT OR IGNORE INTO taken_back VALUES (?)")
    }

    func apply(_ record: Record) throws {
        guard let key = try? record.keyText(), let handle = LinkHandle(key) else { return }
        guard let data = record.value else { return try delete.run(.blob(Self.hash(handle))) }
        guard let link = try? JSON.decode(ActionLink.self, from: data) else { return }
        // Whoever wrote a link may write it again, when he does his work a second time. It stays revoked.
        if link.revokedAt == nil, try isRevoked(handle) { return }
        try upsert.run(.blob(Self.hash(handle)), .blob(data))
        if link.revokedAt != nil, link.actor == .citizen {
            try takeBack.run(.text(link.complaint.compact))
        }
    }

    private func isRevoked(_ handle: LinkHandle) throws -> Bool {
        let stored = try select.first(.blob(Self.hash(handle))) { $0.blob(0) }
        return try stored.map { try JSON.decode(ActionLink.self, from: $0).revokedAt != nil } ?? false
    }

    static func hash(_ handle: LinkHandle) -> [UInt8] { SHA256.hash(handle.text) }
}

/// Asks the book from the threads of the server.
final class LinkReader: Sendable {
    private let file: ProjectionReader
    private let doubts = Mutex(Doubts())

    init(path: String) { file = ProjectionReader(path: path) }

    /// Called in each turn of the loop that reads the topic.
    ///
    /// - Parameters:
    ///   - isWritten: whether all that Intake has given out is on the log, and none in its spool.
    ///   - isCurrent: asks the cluster whether the topic was read to its end.
    func turn(at now: Instant = .now, isWritten: Bool, isCurrent: () -> Bool) {
        guard isWritten, doubts.withLock({ $0.areOpen }), isCurrent() else { return }
        doubts.withLock { $0.settle(at: now) }
    }

    /// - Throws: `.notValid` for a handle that nobody wrote, `.notReadYet` where it may have been written and
    ///   not been read, also because the file can't be read.
    func link(_ handle: LinkHandle, at now: Instant) throws(LinkRefusal) -> ActionLink {
        // Before the file is asked: what was read until the doubt was settled is in the file then.
        let isSettled = doubts.withLock { $0.isSettled(LinkBook.hash(handle)) }
        let stored: ActionLink?
        do { stored = try self.stored(handle) } catch { throw .notReadYet }
        if let stored { return stored }
        guard isSettled else {
            doubts.withLock { $0.open(LinkBook.hash(handle), at: now) }
            throw .notReadYet
        }
        throw .notValid
    }

    /// Whether a citizen's link to the complaint is known to be taken back. What can't be read is not known.
    func isTakenBack(from complaint: TrackingCode) -> Bool {
        let found = try? file.read { database in
            try database.prepare("SELECT 1 FROM taken_back WHERE complaint = ?")
                .first(.text(complaint.compact)) { _ in true }
        }
        return found == .some(true)
    }

    private func stored(_ handle: LinkHandle) throws -> ActionLink? {
        try file.read { database in
            try database.prepare("SELECT link FROM links WHERE handle = ?")
                .first(.blob(LinkBook.hash(handle))) { $0.blob(0) }
                .map { try JSON.decode(ActionLink.self, from: $0) }
        }
    }
}

/// The handles that somebody asked for and nobody knew.
///
/// A link may have been written since the topic was last read, or wait in the spool while the cluster is
/// away. So an unknown handle is called invalid only when the topic was read to an end that it had after the
/// question.
struct Doubts {
    private var unsettled: [[UInt8]: Instant] = [:]
    private var settled: Set<[UInt8]> = []

    /// Whoever tries handles by chance makes doubts; beyond this number they are all forgotten.
    static let limit = 10_000

    var areOpen: Bool { !unsettled.isEmpty }

    func isSettled(_ hash: [UInt8]) -> Bool { settled.contains(hash) }

    mutating func open(_ hash: [UInt8], at now: Instant) {
        if unsettled.count >= Self.limit { unsettled.removeAll(keepingCapacity: true) }
        unsettled[hash] = unsettled[hash] ?? now
    }

    /// The topic was read to the end that it had at this moment, or later.
    mutating func settle(at moment: Instant) {
        if settled.count >= Self.limit { settled.removeAll(keepingCapacity: true) }
        for (hash, since) in unsettled where since < moment {
            settled.insert(hash)
            unsettled[hash] = nil
        }
    }
}

extension LinkBook {
    static func loop(
        _ context: HostContext, _ reader: LinkReader, _ writer: RecordWriter
    ) -> ProjectionLoop<LinkBook> {
        ProjectionLoop(
            context, name: name, topics: topics, sharing: .everything, isVital: false,
            onTurn: { isCurrent in reader.turn(isWritten: writer.hasNothingSpooled, isCurrent: isCurrent) },
            make: { try LinkBook($0) })
    }
}
