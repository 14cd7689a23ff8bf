import Host
import Links
import Models
import Processing
import Store
import Synchronization
import Text

/// Remembers what each link's handle stands for, read from the topic `links`.
///
/// The file holds the hash of a handle and not the handle, so whoever reads the file can't act with it.
final class LinkBook: Projection {
    static let name = "dayu-intake.links"
    static let topics: [Topic] = [.links]
    static let version = 3

    static let schema = [
        "CREATE TABLE links (handle BLOB PRIMARY KEY, link BLOB NOT NULL) WITHOUT ROWID",
        // The links to the officials' desk.
        "CREATE TABLE desk_links (handle BLOB PRIMARY KEY, link BLOB NOT NULL) WITHOUT ROWID",
        // The complaints whose citizen's link was revoked.
        "CREATE TABLE taken_back (complaint TEXT PRIMARY KEY) WITHOUT ROWID",
    ]

    private let select: Statement
    private let upsert: Statement
    private let delete: Statement
    private let takeBack: Statement
    private let selectDesk: Statement
    private let upsertDesk: Statement
    private let deleteDesk: Statement

    init(_ database: borrowing Database) throws {
        select = try database.prepare("SELECT link FROM links WHERE handle = ?")
        upsert = try database.prepare(
            "INSERT INTO links VALUES (?, ?) ON CONFLICT (handle) DO UPDATE SET link = excluded.link")
        delete = try database.prepare("DELETE FROM links WHERE handle = ?")
        takeBack = try database.prepare("INSERT OR IGNORE INTO taken_back VALUES (?)")
        selectDesk = try database.prepare("SELECT link FROM desk_links WHERE handle = ?")
        upsertDesk = try database.prepare(
            "INSERT INTO desk_links VALUES (?, ?) ON CONFLICT (handle) DO UPDATE SET link = excluded.link")
        deleteDesk = try database.prepare("DELETE FROM desk_links WHERE handle = ?")
    }

    func apply(_ record: Record) throws {
        guard let key = try? record.keyText(), let handle = LinkHandle(key) else { return }
        guard let data = record.value else {
            try delete.run(.blob(Self.hash(handle)))
            return try deleteDesk.run(.blob(Self.hash(handle)))
        }
        if let link = try? JSON.decode(DeskLink.self, from: data) { return try put(link, data, handle) }
        guard let link = try? JSON.decode(ActionLink.self, from: data) else { return }
        // The service that wrote a link may write it again when it repeats its work. A revoked link stays
        // revoked.
        if link.revokedAt == nil, try isRevoked(handle) { return }
        try upsert.run(.blob(Self.hash(handle)), .blob(data))
        if link.revokedAt != nil, link.actor == .citizen {
            try takeBack.run(.text(link.complaint.compact))
        }
    }

    private func put(_ link: DeskLink, _ data: [UInt8], _ handle: LinkHandle) throws {
        let known = try selectDesk.first(.blob(Self.hash(handle))) {
            try JSON.decode(DeskLink.self, from: $0.blob(0))
        }
        if link.revokedAt == nil, known?.revokedAt != nil { return }
        try upsertDesk.run(.blob(Self.hash(handle)), .blob(data))
    }

    private func isRevoked(_ handle: LinkHandle) throws -> Bool {
        let stored = try select.first(.blob(Self.hash(handle))) { $0.blob(0) }
        return try stored.map { try JSON.decode(ActionLink.self, from: $0).revokedAt != nil } ?? false
    }

    static func hash(_ handle: LinkHandle) -> [UInt8] { DeskProof.name(of: handle) }
}

/// Lets the threads of the server ask the book.
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

    /// - Throws: `.notValid` for a handle that nobody wrote; `.notReadYet` if it may have been written but
    ///   was not read yet, or if the file can't be read.
    func link(_ handle: LinkHandle, at now: Instant) throws(LinkRefusal) -> ActionLink {
        // Ask this before the file. Everything that was read before the doubt was settled is then in the
        // file.
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

    /// Whether a citizen's link to the complaint was revoked, as far as the topic has been read.
    ///
    /// - Throws: `.notReadYet` if the file can't be read. A new file gets its name only when the topic was
    ///   read to its end, so a lost folder revives nobody's proof.
    func isTakenBack(from complaint: TrackingCode) throws(LinkRefusal) -> Bool {
        do {
            let found = try file.read { database in
                try database.prepare("SELECT 1 FROM taken_back WHERE complaint = ?")
                    .first(.text(complaint.compact)) { _ in true }
            }
            return found ?? false
        } catch {
            throw .notReadYet
        }
    }

    /// - Parameter name: `DeskProof.link`. The desk has read the link, so if it is unknown here, it was not
    ///   read yet.
    func deskLink(_ name: [UInt8]) throws(LinkRefusal) -> DeskLink {
        let stored: DeskLink?
        do {
            stored = try file.read { database in
                try database.prepare("SELECT link FROM desk_links WHERE handle = ?")
                    .first(.blob(name)) { try JSON.decode(DeskLink.self, from: $0.blob(0)) }
            }
        } catch {
            throw .notReadYet
        }
        guard let stored else { throw .notReadYet }
        return stored
    }

    private func stored(_ handle: LinkHandle) throws -> ActionLink? {
        try file.read { database in
            try database.prepare("SELECT link FROM links WHERE handle = ?")
                .first(.blob(LinkBook.hash(handle))) { $0.blob(0) }
                .map { try JSON.decode(ActionLink.self, from: $0) }
        }
    }
}

/// Handles that somebody asked for and that were not known.
///
/// A link may have been written after the topic was last read, or may wait in the spool while the cluster is
/// away. So an unknown handle is called invalid only after the topic was read to an end that it had after the
/// question.
struct Doubts {
    private var unsettled: [[UInt8]: Instant] = [:]
    private var settled: Set<[UInt8]> = []

    /// A client that tries random handles creates doubts. When there are more than this, all are forgotten.
    static let limit = 10_000

    var areOpen: Bool { !unsettled.isEmpty }

    func isSettled(_ hash: [UInt8]) -> Bool { settled.contains(hash) }

    mutating func open(_ hash: [UInt8], at now: Instant) {
        if unsettled.count >= Self.limit { unsettled.removeAll(keepingCapacity: true) }
        unsettled[hash] = unsettled[hash] ?? now
    }

    /// Call it when the topic was read to the end that it had at this moment, or further.
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
