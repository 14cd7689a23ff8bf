import Foundation
import Host
import Links
import Models
import Processing
import Store
import Synchronization
import Testing
import Text

@testable import Disclosure
@testable import HTTP

/// A desk with its file, its gate and what it wrote down, on a clock of its own.
final class DeskWorld {
    let folder: String
    let database: Database
    let model: DeskModel
    let api: DeskAPI
    let gate: DeskGate
    let readers: Readers
    /// The public's answers, from the desk's file.
    let publicAPI: API
    private let clock = Clock()
    private let written = Mutex<[Outgoing]>([])
    private let isWriting = Mutex(true)

    static let key: LinkKey = {
        do { return try LinkKey(String(repeating: "7c", count: 32)) } catch {
            preconditionFailure("\(error)")
        }
    }()

    static let more: [RegistryEntity] = [
        .region(
            Region(
                id: Town.id("south"), name: Town.name("南区"), level: .district, parent: Town.id("city"),
                dutyOffice: "南区河长办")),
        .chief(
            Chief(
                id: Town.id("other"), name: Town.name("他"), title: "区级河长", level: .district,
                region: Town.id("south"), phone: "+86 000 0000 0309")),
        .clerk(Clerk(id: Town.id("clerk-1"), name: Town.name("经办"), office: Town.id("north"))),
    ]

    init(_ records: [Record] = Town.records + DeskWorld.more.map { Record($0) }) throws {
        folder = NSTemporaryDirectory() + "desk-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let path = folder + "/model.sqlite"
        database = try Database(path: path)
        try database.migrate(DeskModel.steps)
        model = try DeskModel(
            database, onSkip: { Issue.record("\($0.topic): \($1)") }, onUncompacted: { Issue.record("\($0)") }
        )
        readers = Readers(path: path, count: 2, Openness(showsHidden: true, showsInternal: true))
        publicAPI = API(
            Readers(path: path, count: 1, Openness(redacts: true)), World.facts)
        let now = { @Sendable [clock] in clock.now.withLock { $0 } }
        gate = DeskGate(Self.key, readers, isSecure: false, now: now)
        api = DeskAPI(readers, gate, country: .china, now: now) { _, then in then(true) }
        try apply(records)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func apply(_ records: [Record]) throws {
        try database.transaction { for record in records { try model.apply(record) } }
        _ = try model.pending()
    }

    func apply(_ lives: Life...) throws { try apply(lives.flatMap(\.records)) }

    func pass(_ time: Duration) { clock.now.withLock { $0 = $0 + time } }
    var now: Instant { clock.now.withLock { $0 } }

    private final class Clock: Sendable {
        let now = Mutex(Life.noon + .seconds(7200))
    }

    var views: [Outgoing] { written.withLock { $0 } }
    func stopWriting() { isWriting.withLock { $0 = false } }

    // MARK: People

    static let office = Actor(role: .office, id: "north")
    static let city = Actor(role: .office, id: "city")
    static let clerk = Actor(role: .office, id: "north", clerk: Town.id("clerk-1"))

    /// A link as an operator prints it; the same person always has the same.
    func handle(of actor: Actor, valid: Duration = .seconds(3600 * 24)) throws -> LinkHandle {
        let bytes = Array("\(actor.role) \(actor.id ?? "") \(actor.clerk?.rawValue ?? "")".utf8.prefix(16))
        let handle = LinkHandle(drawn: bytes + [UInt8](repeating: 0, count: 16 - bytes.count))
        let registry = try readers.read { _, _, gazetteer in gazetteer.registry }
        try write(DeskLink(to: actor, in: registry, expiresAt: now + valid), handle)
        return handle
    }

    func write(_ link: DeskLink, _ handle: LinkHandle) throws {
        let record = link.record(handle, id: "test", source: "dayu", trail: Trail(at: now))
        try apply([Record(.links, key: record.key, headers: record.event.headers, record.event.data)])
    }

    func signIn(_ actor: Actor) throws -> String {
        let response = try respond(
            .post, "/api/desk/session",
            headers: [("Authorization", "Bearer \(try handle(of: actor).text)"), (DeskGate.header, "1")])
        #expect(response.status == 204)
        let cookie = try #require(response.headers["Set-Cookie"])
        #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"))
        return String(cookie.prefix { $0 != ";" })
    }

    // MARK: Questions

    /// What the server would answer: the gate first, then the route.
    func respond(
        _ method: HTTP.Method, _ target: String, cookie: String? = nil, headers: Headers = [],
        body: String = ""
    ) throws -> Response {
        var headers = headers
        if let cookie { headers.add("Cookie", cookie) }
        var request = Request(method, target, headers: headers, body: body)
        if let refusal = gate.refusal(of: request) { return refusal }
        for route in api.routes where route.method == method {
            guard let parameters = World.match(route.pattern, request.segments) else { continue }
            request.parameters = parameters
            switch route.outcome(request) {
            case .now(let response): return response
            case .afterWriting(let records, let answer, let failure):
                let isSafe = isWriting.withLock { $0 }
                if isSafe { written.withLock { $0 += records } }
                return isSafe ? answer : failure
            }
        }
        return Response(status: 404)
    }

    func ask(_ target: String, as actor: Actor) throws -> Reply {
        try Reply(try respond(.get, target, cookie: try signIn(actor)))
    }

    /// The codes of a list; nil where there is none.
    func codes(_ target: String, as actor: Actor) throws -> [String]? {
        let list = try ask(target, as: actor)["complaints"] as? [[String: Any]]
        return list?.compactMap { $0["trackingCode"] as? String }
    }
}

extension BodyStream {
    /// What was written since the last time.
    func taken() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Limit.unsentBytes)
        let count = bytes.withUnsafeMutableBytes { read(into: $0) }
        return Array(bytes.prefix(max(0, count)))
    }

    struct BrokenOff: Error {}

    /// All that its source gives, as libmicrohttpd takes it: some kilobytes at once.
    func whole() throws -> [UInt8] {
        var whole: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = buffer.withUnsafeMutableBytes { read(into: $0) }
            if count == -1 { return whole }
            guard count > 0 else { throw BrokenOff() }
            whole += buffer.prefix(count)
        }
    }
}

extension Life {
    func given(_ name: String, _ phone: String, at moment: Instant = Life.noon) throws -> Record {
        let contact = Contact(name: name, phone: try CallableNumber(phone, country: .china))
        let outgoing = Outgoing(
            .contacts, key: code.compact, id: "contact", source: "dayu-intake",
            type: EventType("contact", "given"), trail: Trail(at: moment), data: JSON.encode(contact))
        return Record(.contacts, key: outgoing.key, headers: outgoing.event.headers, outgoing.event.data)
    }
}
