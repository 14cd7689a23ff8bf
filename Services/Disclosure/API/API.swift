import Gzip
import HTTP
import Models
import Open311
import Store
import Synchronization

/// The public's questions and their answers (JSON, read only). Each answer comes from one snapshot of the
/// model.
final class API: Sendable {
    /// What an answer needs besides the model.
    struct Facts: Sendable {
        /// What the operator calls the city; nil: as its registry does.
        var city: Name?
        /// The public address of the site, without a slash at its end; empty if no setting tells it.
        var site = ""
        /// The address to which complaints are posted.
        let intake: String
        var tiles: AboutAnswer.Tiles?
        /// Whether Intake takes links to pictures on other sites.
        var takesMediaLinks = true
        /// A notice at the top of every page, for example that all data are invented.
        var notice: Name?
        /// The language in which the site begins.
        var language = Language.zh
        /// How months, rivers and cities are judged.
        var rules = EvaluationRules()
        /// Whether single jumps of one parameter are marked (`Spike`).
        var marksSpikes = true
    }

    struct Endpoint: Sendable {
        let pattern: String
        /// The media type of the answer.
        let type: @Sendable (Request) -> String
        /// The names that its query may have. Others are refused: who misspells a filter must not get
        /// everything.
        let parameters: [String]
        /// How it says why it gives no answer.
        let refuse: @Sendable (Problem, Request) -> Response
        /// Makes the body of the answer from the model.
        let answer: @Sendable (Asked) throws -> [UInt8]

        init(
            pattern: String, type: String, parameters: [String] = [],
            answer: @escaping @Sendable (Asked) throws -> [UInt8]
        ) {
            self.init(
                pattern: pattern, type: { _ in type }, parameters: parameters,
                refuse: { problem, _ in problem.response }, answer: answer)
        }

        init(
            pattern: String, type: @escaping @Sendable (Request) -> String, parameters: [String],
            refuse: @escaping @Sendable (Problem, Request) -> Response,
            answer: @escaping @Sendable (Asked) throws -> [UInt8]
        ) {
            self.pattern = pattern
            self.type = type
            self.parameters = parameters
            self.refuse = refuse
            self.answer = answer
        }
    }

    /// A request and the data to answer it from.
    struct Asked {
        let request: Request
        let reader: Reader
        let state: Reader.State
        let gazetteer: Gazetteer
        let facts: Facts

        /// What the site calls the city.
        var city: Name { facts.city ?? gazetteer.city }
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

    /// The desk has no Open311: its clients are programs of the public.
    func register(in router: inout Router, for audience: Audience = .everybody) {
        let isPublic = audience == .everybody
        for endpoint in Self.endpoints + (isPublic ? Open311API.endpoints : []) {
            router.on(.get, endpoint.pattern) { request in .now(self.response(to: request, from: endpoint)) }
        }
        if isPublic { router.refuse(under: GeoReport.folder, Open311API.refusal) }
        for path in isPublic ? GeoReport.posted : [] {
            // Before the body is read: it is not for us.
            router.on(.post, path, admission: { Open311API.redirect($0, to: self.facts.intake) }) {
                .now(Open311API.redirect($0, to: self.facts.intake))
            }
        }
    }

    func response(to request: Request, from endpoint: Endpoint) -> Response {
        let type = endpoint.type(request)
        do {
            try Self.refuseUnknown(request.query.keys, endpoint.parameters)
            return try readers.read { reader, state, gazetteer in
                let tag = "W/\"\(self.process)-\(state.version)\""
                // The server compares the tags again; comparing here saves the work of the answer.
                if request.headers["If-None-Match"] == tag {
                    return self.reply(Answer(plain: []), type, tag, status: 304)
                }
                let asked = Asked(
                    request: request, reader: reader, state: state, gazetteer: gazetteer, facts: self.facts)
                let answer = try self.cache.answer(to: request, at: state.version) {
                    try endpoint.answer(asked)
                }
                return self.reply(answer, type, tag)
            }
        } catch let problem as Problem {
            return endpoint.refuse(problem, request)
        } catch {
            onFailure(error)
            return endpoint.refuse(
                Problem(
                    status: 503, detail: "The published data can't be read now.",
                    headers: [("Retry-After", "5")]), request)
        }
    }

    private static func refuseUnknown(
        _ names: some Collection<String>, _ known: [String]
    ) throws(Problem) {
        let unknown = names.filter { !known.contains($0) }.sorted()
        guard !unknown.isEmpty else { return }
        let list =
            known.isEmpty ? "there are no parameters here" : "known are " + known.joined(separator: ", ")
        throw Problem(
            status: 400, detail: "A parameter is unknown.",
            errors: unknown.map { Problem.FieldFault($0, "is unknown; \(list)") })
    }

    private func reply(_ answer: Answer, _ type: String, _ tag: String, status: Int = 200) -> Response {
        let headers: Headers = [
            ("Content-Type", type), ("ETag", tag), ("Cache-Control", "no-cache"),
            ("X-Content-Type-Options", "nosniff"),
        ]
        var response = Response(status: status, headers: headers, body: answer.plain)
        response.gzipped = answer.gzipped
        return response
    }
}

/// The body of an answer.
struct Answer: Sendable {
    /// Shorter ones fit into the same packets with or without compression.
    private static let worthwhileBytes = 1000

    let plain: [UInt8]
    /// Nil until a client takes it.
    var gzipped: [UInt8]?

    func compressed() -> Answer {
        guard gzipped == nil, plain.count >= Self.worthwhileBytes else { return self }
        return Answer(plain: plain, gzipped: Gzip.compress(plain, effort: .fast))
    }

    var count: Int { plain.count + (gzipped?.count ?? 0) }
}

/// The bodies of one version of the model. Pages poll, and between two changes everybody gets the same
/// answers.
final class AnswerCache: Sendable {
    private struct Answers {
        var version: Int64 = -1
        /// By the bytes of the question: the time to hash a text with many combining marks grows with the
        /// square of its length.
        var byTarget: [[UInt8]: Answer] = [:]
        var bytes = 0
    }

    private static let byteLimit = 16_777_216
    private let answers = Mutex(Answers())

    func answer(to request: Request, at version: Int64, make: () throws -> [UInt8]) rethrows -> Answer {
        let target = Self.target(of: request)
        let known = answers.withLock { $0.version == version ? $0.byTarget[target] : nil }
        let takesGzip = request.headers.takeGzip
        if let known, !takesGzip || known.gzipped != nil { return known }
        let plain = try known ?? Answer(plain: make())
        let answer = takesGzip ? plain.compressed() : plain
        keep(answer, of: target, at: version)
        return answer
    }

    private func keep(_ answer: Answer, of target: [UInt8], at version: Int64) {
        answers.withLock { answers in
            // A request that began earlier must not bring an old version back.
            guard answers.version <= version else { return }
            // The question's bytes count too, because anybody can send long questions.
            let bytes = target.count + answer.count
            if answers.version < version || answers.bytes + bytes > Self.byteLimit {
                answers = Answers(version: version)
            }
            answers.bytes += bytes
            answers.byTarget[target] = answer
        }
    }

    private static func target(of request: Request) -> [UInt8] {
        let query = request.query.sorted { $0.key < $1.key }.map { "\n\($0.key)=\($0.value)" }
        return Array((request.path + query.joined()).utf8)
    }
}
