import HTTP
import Host
import Links
package import Models
package import Processing
import Store
import Text

/// The desk without Kafka and without HTTP, for benchmarks: records go in, lists come out.
package final class OpenDesk {
    private let database: Database
    private let model: DeskModel
    private let readers: Readers
    private let person: Actor
    private let now: Instant

    /// - Parameter path: the file for the read model; it must not exist yet.
    package init(path: String, of person: Actor, at now: Instant) throws {
        self.person = person
        self.now = now
        database = try Database(path: path)
        try database.migrate(DeskModel.steps)
        model = try DeskModel(database)
        readers = Readers(path: path, count: 1, Openness(showsHidden: true, showsInternal: true))
    }

    package func apply(_ records: [Record]) throws {
        try database.transaction { for record in records { try model.apply(record) } }
        _ = try model.pending()
        try LogTidying(database, within: .zero).truncate()
    }

    /// The body of `/api/desk/complaints`.
    package func list(_ query: [String: String]) throws -> [UInt8] {
        try ask(query) { JSON.encode(try $0.list(most: 200, preset: 50)) }
    }

    /// The body of `/api/desk/figures`, of the last 30 days.
    package func figures() throws -> [UInt8] { try ask([:]) { JSON.encode(try $0.figures()) } }

    private func ask(
        _ query: [String: String], _ answer: @Sendable (DeskAsked) throws -> [UInt8]
    ) throws -> [UInt8] {
        let (person, now) = (person, now)
        return try readers.read { reader, _, gazetteer in
            let session = DeskProof(
                person: person, link: [UInt8](repeating: 0, count: 32), expiresAt: now + .seconds(60))
            return try answer(
                DeskAsked(
                    request: Request(query: query), reader: reader, gazetteer: gazetteer, session: session,
                    person: DeskPerson(actor: person, registry: gazetteer.registry, now: now)))
        }
    }
}
