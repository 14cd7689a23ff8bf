import Foundation
import HTTP
import Host
import Models
import Processing
import Store
import Testing

@testable import Disclosure

/// A read model in a file of its own, and the API on top of it.
final class World {
    let folder: String
    let database: Database
    let model: ReadModel
    let api: API
    private var offset: Int64 = 0

    static let facts = API.Facts(
        city: Name(zh: "杭州", en: "Hangzhou"), site: "https://rivers.example.org",
        intake: "http://127.0.0.1:8080", tiles: nil)

    /// - Parameter interval: how often the file may be compacted.
    init(
        _ records: [Record] = Town.records, compactEvery interval: Duration = .zero,
        openness: Openness = Openness(), facts: API.Facts = World.facts
    ) throws {
        folder = NSTemporaryDirectory() + "disclosure-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let path = folder + "/model.sqlite"
        database = try Database(path: path)
        try database.migrate(ReadModel.steps)
        model = try ReadModel(
            database, compactEvery: interval, onSkip: { _, _ in },
            onUncompacted: { Issue.record("\($0)") })
        api = API(Readers(path: path, count: 2, openness), facts)
        try apply(records)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: folder)
    }

    func apply(_ records: [Record]) throws {
        try database.transaction {
            for record in records { try model.apply(record) }
        }
    }

    func apply(_ lives: Life...) throws {
        try apply(lives.flatMap(\.records))
    }

    /// What the loop does after a commit.
    func settle() throws {
        #expect(try model.pending() == [])
    }

    /// The bytes of the file and of its write-ahead log.
    func holds(_ text: String) throws -> Bool {
        try ["", "-wal"].contains { ending in
            let file = URL(fileURLWithPath: folder + "/model.sqlite" + ending)
            return try Data(contentsOf: file).range(of: Data(text.utf8)) != nil
        }
    }

    var reader: Reader {
        get throws { try Reader(path: folder + "/model.sqlite") }
    }

    var version: Int64 {
        get throws { try database.prepare("SELECT version FROM model").first { $0.integer(0) } ?? -1 }
    }

    /// Every row of every table that is not a count of changes, as one text: two equal models have equal
    /// ones.
    var contents: [String] {
        get throws {
            let tables = [
                "registry", "complaints", "timeline", "words", "erasures", "withholdings", "counts",
                "readings", "day_summaries", "month_summaries", "discharges", "breaches",
                "indicators", "follows",
            ]
            return try tables.flatMap { table in
                let columns = try database.prepare("SELECT group_concat(name) FROM pragma_table_info(?)")
                    .first(.text(table)) { $0.text(0) }
                let list = (columns ?? "").split(separator: ",").map { "quote(\($0))" }.joined(
                    separator: " || ',' || ")
                return try database.prepare("SELECT '\(table):' || \(list) FROM \(table) ORDER BY 1").all {
                    $0.text(0)
                }
            }
        }
    }

    /// What the API answers, through the closure that the server would call.
    func ask(_ target: String, headers: Headers = []) throws -> Reply {
        var request = Request(.get, target, headers: headers)
        let endpoints = (API.endpoints + Open311API.endpoints).sorted {
            !$0.pattern.contains("{") && $1.pattern.contains("{")
        }
        for endpoint in endpoints {
            guard let parameters = Self.match(endpoint.pattern, request.segments) else { continue }
            request.parameters = parameters
            return try Reply(api.response(to: request, from: endpoint))
        }
        throw NoEndpoint(target: target)
    }

    struct NoEndpoint: Error {
        let target: String
    }

    static func match(_ pattern: String, _ segments: [String]) -> [String: String]? {
        let pieces = pattern.dropFirst().split(separator: "/").map(String.init)
        guard pieces.count == segments.count else { return nil }
        var parameters: [String: String] = [:]
        for (piece, segment) in zip(pieces, segments) {
            if piece.hasPrefix("{") {
                parameters[String(piece.dropFirst().dropLast())] = segment
            } else if piece != segment {
                return nil
            }
        }
        return parameters
    }

    /// Every address that has an answer for this town, and for these complaints.
    func everything(_ lives: Life...) throws -> String {
        let targets =
            [
                "/api/about", "/api/rivers", "/api/rivers/canal", "/api/reaches/canal.east",
                "/api/reaches.geojson",
                "/api/regions.geojson", "/api/sections/bridge/readings", "/api/sections/bridge/readings.csv",
                "/api/complaints", "/api/categories", "/api/departments", "/api/parameters",
                "/api/indicators?scope=region",
                "/api/indicators?scope=chief", "/api/evaluations", "/api/evaluations?scope=section&id=bridge",
                "/api/enterprises",
            ] + lives.map { "/api/complaints/\($0.code)" }
        return try targets.map { try ask($0).text }.joined(separator: "\n")
    }
}

extension Request {
    /// As a server would read it.
    init(_ method: HTTP.Method, _ target: String, headers: Headers = [], body: String = "") {
        let parts = target.split(separator: "?", maxSplits: 1)
        var query: [String: String] = [:]
        for pair in parts.dropFirst().first?.split(separator: "&") ?? [] {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            query[String(sides[0])] = sides[1].removingPercentEncoding ?? ""
        }
        self.init(
            method: method, segments: parts[0].dropFirst().split(separator: "/").map(String.init),
            query: query,
            headers: headers, body: Array(body.utf8))
    }
}

/// An answer, looked into by paths such as `rivers.0.class`.
struct Reply {
    let status: Int
    let headers: Headers
    let text: String
    private let json: Any?

    init(_ response: Response) throws {
        status = response.status
        headers = response.headers
        let bytes: [UInt8]
        switch response.body {
        case .bytes(let body): bytes = body
        case .stream(let stream): bytes = try stream.whole()
        case .file: throw CocoaError(.fileReadUnknown)
        }
        text = String(decoding: bytes, as: UTF8.self)
        json = try? JSONSerialization.jsonObject(with: Data(bytes))
    }

    subscript(path: String) -> Any? {
        path.split(separator: ".").reduce(json) { value, key in
            if let list = value as? [Any], let index = Int(key) {
                return list.indices.contains(index) ? list[index] : nil
            }
            return (value as? [String: Any])?[String(key)]
        }
    }

    func string(_ path: String) -> String? { self[path] as? String }
    func number(_ path: String) -> Double? { (self[path] as? NSNumber)?.doubleValue }
    func isNull(_ path: String) -> Bool { self[path] is NSNull }
    func count(_ path: String) -> Int? { (self[path] as? [Any])?.count }
    func strings(_ path: String) -> [String]? { self[path] as? [String] }

    /// The value under a key of every member of a list.
    func column(_ list: String, _ key: String) -> [String] {
        (self[list] as? [[String: Any]])?.compactMap { $0[key] as? String } ?? []
    }
}
