import Models
import Store
import Synchronization

/// A connection that only reads. Everything that one request reads belongs to one state of the model.
///
/// Statements are prepared for each use: that takes microseconds, and a cache of them would need care.
final class Reader {
    let database: Database
    let openness: Openness

    init(path: String, _ openness: Openness = Openness()) throws {
        self.openness = openness
        database = try Database(path: path, access: .readOnly)
    }

    /// Runs `body` on one snapshot (<https://www.sqlite.org/isolation.html>), whatever is written meanwhile.
    func snapshot<Result>(_ body: () throws -> Result) throws -> Result {
        try database.execute("BEGIN")
        defer { try? database.execute("COMMIT") }
        return try body()
    }

    struct State: Equatable, Sendable {
        /// Grows with every record that changed something.
        let version: Int64
        let registry: Int64
        let updatedAt: Instant?
    }

    func state() throws -> State {
        let state = try database.prepare("SELECT version, registry, updated_at FROM model").first { row in
            State(
                version: row.integer(0), registry: row.integer(1),
                updatedAt: row.integerIfPresent(2).map(Instant.init(millisecondsSince1970:)))
        }
        return state ?? State(version: 0, registry: 0, updatedAt: nil)
    }

    func gazetteer() throws -> Gazetteer {
        var registry = Registry()
        try database.prepare("SELECT kind, entity FROM registry").forEach { row in
            guard let kind = RegistryEntity.Kind(rawValue: row.text(0)) else { return }
            registry.put(try RegistryEntity(kind: kind, data: row.blob(1)))
        }
        return Gazetteer(registry)
    }
}

/// The connections that the threads of the HTTP server share; each serves one request at a time.
final class Readers: Sendable {
    /// A connection and its lock. The connection is made when it is first needed, and again after any
    /// failure: the file exists only after the projection has made it.
    private final class Desk: Sendable {
        let reader = Mutex<Reader?>(nil)
    }

    private let path: String
    private let openness: Openness
    private let desks: [Desk]
    private let next = Atomic<Int>(0)
    /// The registry seldom changes and every answer needs it, so all connections share one copy.
    private let gazetteer = Mutex<(version: Int64, gazetteer: Gazetteer)?>(nil)

    init(path: String, count: Int, _ openness: Openness = Openness()) {
        precondition(count > 0, "\(count) readers")
        self.path = path
        self.openness = openness
        desks = (0..<count).map { _ in Desk() }
    }

    /// The result of `body` on one snapshot of the model.
    func read<Result: Sendable>(
        _ body: @Sendable (Reader, Reader.State, Gazetteer) throws -> Result
    ) throws -> Result {
        let turn = next.wrappingAdd(1, ordering: .relaxed).oldValue & .max
        for index in desks.indices {
            let desk = desks[(turn + index) % desks.count]
            if let result = try desk.reader.withLockIfAvailable({ try serve(&$0, body) }) { return result }
        }
        return try desks[turn % desks.count].reader.withLock { try serve(&$0, body) }
    }

    private func serve<Result: Sendable>(
        _ place: inout sending Reader?, _ body: @Sendable (Reader, Reader.State, Gazetteer) throws -> Result
    ) throws -> Result {
        do {
            let reader = try place ?? Reader(path: path, openness)
            place = reader
            return try reader.snapshot {
                let state = try reader.state()
                return try body(reader, state, try gazetteer(reader, state))
            }
        } catch let error as StoreError {
            place = nil
            throw error
        }
    }

    private func gazetteer(_ reader: Reader, _ state: Reader.State) throws -> Gazetteer {
        if let known = gazetteer.withLock({ $0 }), known.version == state.registry { return known.gazetteer }
        let fresh = try reader.gazetteer()
        gazetteer.withLock { known in
            // Another thread may have read a newer registry meanwhile.
            if known.map({ $0.version < state.registry }) ?? true { known = (state.registry, fresh) }
        }
        return fresh
    }
}
