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

    static let schema = [
        "CREATE TABLE links (handle BLOB PRIMARY KEY, link BLOB NOT NULL) WITHOUT ROWID"
    ]

    private let upsert: Statement
    private let delete: Statement

    init(_ database: borrowing Database) throws {
        upsert = try database.prepare(
            "INSERT INTO links VALUES (?, ?) ON CONFLICT (handle) DO UPDATE SET link = excluded.link")
        delete = try database.prepare("DELETE FROM links WHERE handle = ?")
    }

    func apply(_ record: Record) throws {
        guard let key = try? record.keyText(), let handle = LinkHandle(key) else { return }
        guard let data = record.value else { return try delete.run(.blob(Self.hash(handle))) }
        guard (try? JSON.decode(ActionLink.self, from: data)) != nil else { return }
        try upsert.run(.blob(Self.hash(handle)), .blob(data))
    }

    static func hash(_ handle: LinkHandle) -> [UInt8] { SHA256.hash(handle.text) }
}

/// Asks the book from the threads of the server.
final class LinkReader: Sendable {
    private let file: ProjectionReader
    /// Whether the topic was read to the end that it had in the loop's last turn.
    private let isCurrent = Atomic<Bool>(false)
    private let doubts = Mutex(Doubts())

    init(path: String) { file = ProjectionReader(path: path) }

    func note(isCurrent: Bool) { self.isCurrent.store(isCurrent, ordering: .relaxed) }

    /// - Throws: `.notValid` for a handle that nobody wrote, `.notReadYet` where it may have been written and
    ///   not been read, also because the file can't be read.
    func link(_ handle: LinkHandle, at now: Instant) throws(LinkRefusal) -> ActionLink {
        let stored: ActionLink?
        do { stored = try self.stored(handle) } catch { throw .notReadYet }
        if let stored { return stored }
        guard isCurrent.load(ordering: .relaxed),
            doubts.withLock({ $0.isOver(LinkBook.hash(handle), at: now) })
        else { throw .notReadYet }
        throw .notValid
    }

    private func stored(_ handle: LinkHandle) throws -> ActionLink? {
        try file.read { database in
            try database.prepare("SELECT link FROM links WHERE handle = ?")
                .first(.blob(LinkBook.hash(handle))) { $0.blob(0) }
                .map { try JSON.decode(ActionLink.self, from: $0) }
        }
    }
}

/// Since when unknown handles have been asked for.
///
/// The reader knows the end of the topic from its last fetch. A link that was written since then is on its
/// way, so an unknown handle is called invalid only when it is still unknown some seconds later.
struct Doubts {
    private var since: [[UInt8]: Instant] = [:]

    /// Several times longer than a fetch waits (`fetch.wait.max.ms`, 500 ms).
    static let time: Duration = .seconds(3)
    /// Whoever tries handles by chance makes doubts; beyond this number they are all forgotten.
    static let limit = 10_000

    mutating func isOver(_ hash: [UInt8], at now: Instant) -> Bool {
        if let first = since[hash] { return now >= first + Self.time }
        if since.count >= Self.limit { since.removeAll(keepingCapacity: true) }
        since[hash] = now
        return false
    }
}

extension LinkBook {
    static func loop(_ context: HostContext, _ reader: LinkReader) -> ProjectionLoop<LinkBook> {
        ProjectionLoop(
            context, name: name, topics: [.links], sharing: .everything, isVital: false,
            onTurn: { reader.note(isCurrent: $0) }, make: { try LinkBook($0) })
    }
}
