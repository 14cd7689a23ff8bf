import HTTP
import Models
import Store
import Synchronization

/// The public's questions and their answers (JSON, read only). Each answer comes from one snapshot of the
/// model.
final class API: Sendable {
    /// What an answer needs besides the model.
    struct Facts: Sendable {
        let city: Name
        /// The address to which complaints are posted.
        let intake: String
        var tiles: AboutAnswer.Tiles?
        /// A notice at the top of every page, for example that all data are invented.
        var notice: Name?
    }

    struct Endpoint: Sendable {
        let pattern: String
        let type: String
        /// Makes the body of the answer from the model.
        let answer: @Sendable (Asked) throws -> [UInt8]
    }

    /// A request and the data to answer it from.
    struct Asked {
        let request: Request
        let reader: Reader
        let state: Reader.State
        let gazetteer: Gazetteer
        let facts: Facts
    }

    let facts: Facts
    private let readers: Readers
    private let cache = AnswerCache()
    private let onFailure: @Sendable (any Error) -> Void
    /// Distinguishes the entity tags of this process from those of others: a newer program may answer
    /// differently from the same model, and another replica may have reached the same version in another way.
    private let process = String(UInt64.random(in: 0 ... .max), radix: 36)

    init(_ readers: Readers, _ facts: Facts, onFailure: @escaping @Sendable (any Error) -> Void = { _ in }) {
        self.readers = readers
        self.facts = facts
        self.onFailure = onFailure
    }

    func register(in router: inout Router) {
        for endpoint in Self.endpoints {
            router.on(.get, endpoint.pattern) { request in .now(self.response(to: request, from: endpoint)) }
        }
    }

    func response(to request: Request, from endpoint: Endpoint) -> Response {
        do {
            return try readers.read { reader, state, gazetteer in
                let tag = "W/\"\(self.process)-\(state.version)\""
                // The server compares the tags again; comparing here saves the work of the answer.
                if request.headers["If-None-Match"] == tag {
                    return self.reply([], endpoint.type, tag, status: 304)
                }
                let asked = Asked(
                    request: request, reader: reader, state: state, gazetteer: gazetteer, facts: self.facts)
                let body = try self.cache.body(of: request, at: state.version) { try endpoint.answer(asked) }
                return self.reply(body, endpoint.type, tag)
            }
        } catch let problem as Problem {
            return problem.response
        } catch {
            onFailure(error)
            var response = Problem(status: 503, detail: "The published data can't be read now.").response
            response.headers["Retry-After"] = "5"
            return response
        }
    }

    private func reply(_ body: [UInt8], _ type: String, _ tag: String, status: Int = 200) -> Response {
        let headers: Headers = [
            ("Content-Type", type), ("ETag", tag), ("Cache-Control", "no-cache"),
            ("X-Content-Type-Options", "nosniff"),
        ]
        return Response(status: status, headers: headers, body: body)
    }
}

/// The bodies of one version of the model. Pages poll, and between two changes everybody gets the same
/// answers.
final class AnswerCache: Sendable {
    private struct Bodies {
        var version: Int64 = -1
        /// By the bytes of the question: the time to hash a text with many combining marks grows with the
        /// square of its length.
        var byTarget: [[UInt8]: [UInt8]] = [:]
        var bytes = 0
    }

    private static let byteLimit = 16_777_216
    private let bodies = Mutex(Bodies())

    func body(of request: Request, at version: Int64, make: () throws -> [UInt8]) rethrows -> [UInt8] {
        let target = Self.target(of: request)
        let known = bodies.withLock { $0.version == version ? $0.byTarget[target] : nil }
        if let known { return known }
        let body = try make()
        bodies.withLock { bodies in
            // A request that began earlier must not bring an old version back.
            guard bodies.version <= version else { return }
            // The question's bytes count too, because anybody can send long questions.
            let bytes = target.count + body.count
            if bodies.version < version || bodies.bytes + bytes > Self.byteLimit {
                bodies = Bodies(version: version)
            }
            bodies.bytes += bytes
            bodies.byTarget[target] = body
        }
        return body
    }

    private static func target(of request: Request) -> [UInt8] {
        let query = request.query.sorted { $0.key < $1.key }.map { "\n\($0.key)=\($0.value)" }
        return Array((request.path + query.joined()).utf8)
    }
}
