import HTTP
import Host
package import Processing
import Store

/// Disclosure without Kafka and without HTTP, for benchmarks: records go in, answers come out.
package final class OpenDisclosure {
    private let database: Database
    private let model: ReadModel
    private let readers: Readers
    private let api: API

    /// - Parameter path: the file for the read model; it must not exist yet.
    package init(path: String) throws {
        database = try Database(path: path)
        try database.migrate(ReadModel.steps)
        model = try ReadModel(database)
        readers = Readers(path: path, count: 1)
        api = API(readers, API.Facts(intake: ""))
    }

    package func apply(_ records: [Record]) throws {
        try database.transaction {
            for record in records where ReadModel.topics.contains(record.topic) { try model.apply(record) }
        }
        _ = try model.pending()
        try LogTidying(database, within: .zero).truncate()
    }

    /// - Parameter pattern: the pattern of an endpoint, such as `/api/complaints`.
    /// - Returns: the body.
    package func answer(_ pattern: String, query: [String: String]) -> [UInt8] {
        guard let endpoint = API.endpoints.first(where: { $0.pattern == pattern }) else {
            preconditionFailure("there is no \(pattern)")
        }
        let request = Request(segments: pattern.split(separator: "/").map(String.init), query: query)
        guard case .bytes(let body) = api.response(to: request, from: endpoint).body else {
            preconditionFailure("an answer is no file")
        }
        return body
    }

    /// Reads what a list of complaints shows, without writing an answer.
    package func readComplaints(limit: Int) throws -> Int {
        try readers.read { reader, _, _ in try reader.complaints(ComplaintFilter(limit: limit)).count }
    }
}
