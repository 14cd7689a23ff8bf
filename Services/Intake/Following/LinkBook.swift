import Crypto
import Dispatch
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
    private final class Connection {
        let database: Database

        init(path: String) throws { database = try Database(path: path, access: .readOnly) }
    }

    private let path: String
    /// Nil until it is first needed, and after any failure: the file appears only when the projection has
    /// made it.
    private let connection = Mutex<Connection?>(nil)
    /// Whether the topic was read to its end a moment ago.
    private let isCurrent = Atomic<Bool>(false)

    init(path: String) { self.path = path }

    func note(isCurrent: Bool) { self.isCurrent.store(isCurrent, ordering: .relaxed) }

    /// - Throws: `.notValid` for a handle that nobody wrote, `.notReadYet` where it may have been written and
    ///   not been read.
    func link(_ handle: LinkHandle) throws(LinkRefusal) -> ActionLink {
        // Asked before the look-up: what was written before then is in the file.
        let isCurrent = isCurrent.load(ordering: .relaxed)
        if let link = stored(handle) { return link }
        throw isCurrent ? .notValid : .notReadYet
    }

    private func stored(_ handle: LinkHandle) -> ActionLink? {
        connection.withLock { place in
            do {
                let connection = try place ?? Connection(path: path)
                place = connection
                let found = try connection.database.prepare("SELECT link FROM links WHERE handle = ?")
                    .first(.blob(LinkBook.hash(handle))) { $0.blob(0) }
                return try found.map { try JSON.decode(ActionLink.self, from: $0) }
            } catch {
                place = nil
                return nil
            }
        }
    }
}

extension LinkBook {
    /// Follows the log for as long as the service runs. Intake takes complaints while Kafka is away, so this
    /// is no condition of its readiness.
    static func follow(_ context: HostContext, _ reader: LinkReader) {
        // Every worker is a part that readiness waits for; this one never keeps it waiting.
        context.health.part(name).ready()
        while !context.stop.isRaised {
            do {
                try ProjectionLoop(
                    context, name: name, topics: [.links], sharing: .everything, isVital: false,
                    onTurn: { reader.note(isCurrent: $0) }, make: { try LinkBook($0) }
                ).run()
            } catch {
                context.log.warning("links can't be read", ["reason": .text("\(error)")])
            }
            reader.note(isCurrent: false)
            if !context.stop.isRaised { context.stop.wait(for: pause) }
        }
    }

    private static let pause = DispatchTimeInterval.seconds(1)
}
