import FoundationEssentials
import Geo
import HTTP
import Host
import Links
import Models
import Processing
import Testing

@testable import Intake

/// A counter in an invented city: what is handed over it, and what it makes of that.
struct Counter {
    static let now = Instant(millisecondsSince1970: 1_800_000_000_000)
    static let chance = UUID(
        uuid: (0xA1, 0xB2, 0xC3, 0xD4, 0xE5, 0xF6, 0x87, 0x08, 0x89, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16)
    )
    static let other = UUID(
        uuid: (0xA2, 0xB2, 0xC3, 0xD4, 0xE5, 0xF6, 0x87, 0x08, 0x89, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x17)
    )

    static let trace = UUID(
        uuid: (0xB1, 0xB2, 0xC3, 0xD4, 0xE5, 0xF6, 0x47, 0x08, 0x89, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x18)
    )
    static let span: UInt64 = 0x2A

    static func id<Entity>(_ text: String) -> EntityID<Entity> {
        guard let id = EntityID<Entity>(text) else { preconditionFailure("\(text) is no identifier") }
        return id
    }

    static let registry: Registry = {
        func place(_ longitude: Double, _ latitude: Double) -> Coordinate {
            Coordinate(longitude: longitude, latitude: latitude)
        }
        func name(_ text: String) -> Name { Name(zh: text, en: text) }
        let ring = [place(120, 30), place(121, 30), place(121, 31), place(120, 31), place(120, 30)]
        return Registry([
            .region(Region(id: id("city"), name: name("市"), level: .city, boundary: .polygons([[ring]]))),
            .river(River(id: id("canal"), name: name("运河"), level: .city, region: id("city"))),
            .reach(
                Reach(
                    id: id("canal-1"), river: id("canal"), name: name("运河1"), region: id("city"),
                    level: .town,
                    chiefs: [],
                    geometry: .lines([[place(120.2, 30.2), place(120.3, 30.2), place(120.4, 30.2)]]))),
            .section(
                Section(
                    id: id("bridge"), name: name("桥"), river: id("canal"), body: .river,
                    place: place(120.2, 30.2))),
            .category(
                Category(
                    code: id("odour"), name: name("异味"), group: name("g"), acceptHours: 4, resolveHours: 48)),
            .category(
                Category(
                    code: .stationAlarm, name: name("超标"), group: name("g"), acceptHours: 4, resolveHours: 48)
            ),
            .chief(Chief(id: id("wang"), name: name("王"), title: "河长", level: .town, region: id("city"))),
            .gateway(
                Gateway(
                    id: id("office"), name: name("中心"), channel: .hotline,
                    scopes: [.complaints, .readings, .actions(.office(id("city")))])),
            .gateway(Gateway(id: id("app"), name: name("应用"), channel: .app, scopes: [.complaints])),
            .gateway(
                Gateway(id: id("sms"), name: name("短信"), channel: .sms, scopes: [.messages, .receipts])),
            .gatewayKey(GatewayKey(gateway: id("sms"), sha256: Self.sms.hash)),
            .gatewayKey(GatewayKey(gateway: id("office"), sha256: Self.office.hash)),
            .gatewayKey(GatewayKey(gateway: id("app"), sha256: Self.app.hash)),
            .gatewayKey(GatewayKey(gateway: id("app"), sha256: Self.former.hash, validUntil: now)),
        ])
    }()

    var registry = Counter.registry
    var chance = Counter.chance
    var identityKey = [UInt8](repeating: 0x17, count: 32)
    /// The key that a request bears unless it says otherwise.
    var key: GatewayKeyText?
    var links: LinkWriter?
    var numbers: NumberKey?
    /// What the topic of links has told so far, and whether all of it was read.
    var book: [LinkHandle: ActionLink] = [:]
    var isCurrent = true
    var isBookReadable = true
    /// Of whom the log says that they were erased.
    var erased: Set<TrackingCode> = []
    var moment = Counter.now

    /// Keys of gateways that the city knows: one that may do everything, and one for complaints alone.
    static let office = GatewayKeyText(secret: [UInt8](repeating: 1, count: 32))
    static let app = GatewayKeyText(secret: [UInt8](repeating: 2, count: 32))
    /// Of a gateway that delivers what phones send.
    static let sms = GatewayKeyText(secret: [UInt8](repeating: 4, count: 32))
    static let former = GatewayKeyText(secret: [UInt8](repeating: 3, count: 32))

    static let gateways = SMSDialects(
        [SMSRecipe.kannel, .aliyun, .tencent, .http].enumerated().map { index, recipe in
            let (reports, messages) = (ReportDialect.preset(recipe), MessageDialect.preset(recipe))
            return (
                SMSGatewayName(place: index + 1, recipe: recipe).description,
                SMSDialect(
                    reports: ReportDialect(
                        fields: ReportDialect.fields(reports.fields) ?? [:],
                        words: ReportDialect.words(reports.words) ?? [], answer: reports.answer),
                    messages: MessageDialect(
                        fields: MessageDialect.fields(messages.fields) ?? [:], answer: messages.answer))
            )
        })

    var reception: Reception {
        Reception(
            atlas: Atlas(registry), identities: Identities(key: identityKey), links: links,
            isTakenBack: { [book] code in
                book.values.contains { $0.complaint == code && $0.actor == .citizen && $0.revokedAt != nil }
            },
            numbers: numbers)
    }

    var api: API {
        API(
            reception: reception,
            circumstances: Circumstances(
                now: moment, identity: chance, trace: Self.trace, span: Self.span),
            country: .china, localOffset: .seconds(8 * 3600), gateways: Self.gateways,
            link: { [book, isCurrent] handle throws(LinkRefusal) in
                if let link = book[handle] { return link }
                throw isCurrent ? .notValid : .notReadYet
            },
            isErased: erased.contains,
            isTakenBack: { [book, isBookReadable] code throws(LinkRefusal) in
                guard isBookReadable else { throw .notReadYet }
                return book.values.contains {
                    $0.complaint == code && $0.actor == .citizen && $0.revokedAt != nil
                }
            },
            outcome: { _, _ in .pending })
    }

    private func request(_ body: [UInt8], _ headers: Headers, type: String?) -> Request {
        var headers = headers
        if let type { headers.add("Content-Type", type) }
        if let key, headers["authorization"] == nil { headers.add("Authorization", "Bearer \(key.text)") }
        return Request(method: .post, headers: headers, body: body)
    }

    func complaint(
        _ body: String, _ headers: Headers = [], type: String? = "application/json"
    ) throws(Problem) -> API.Plan {
        try api.complaint(request(Array(body.utf8), headers, type: type))
    }

    func complaint(bytes: [UInt8]) throws(Problem) -> API.Plan {
        try api.complaint(request(bytes, [], type: "application/json"))
    }

    /// What a gateway does for an official, or, without a key and a name, what the citizen does by his id.
    func action(
        _ body: String, _ headers: Headers = [], on name: String? = nil
    ) throws(Problem) -> API.Plan {
        if key == nil, name == nil, headers["authorization"] == nil {
            return try ownAction(body, headers, by: Self.complaint.text)
        }
        var request = request(Array(body.utf8), headers, type: "application/json")
        request.parameters["complaint"] = name ?? Counter.complaint.code.compact
        return try api.action(request)
    }

    /// - Parameter token: a link's handle or a complaint's id.
    func ownAction(
        _ body: String, _ headers: Headers = [], by token: String? = nil
    ) throws(Problem) -> API.Plan {
        var headers = headers
        if let token { headers.add("Authorization", "Bearer \(token)") }
        return try api.ownAction(request(Array(body.utf8), headers, type: "application/json"))
    }

    func outcome(of action: String, by token: String) throws(Problem) -> API.Plan {
        var request = Request(headers: [("Authorization", "Bearer \(token)")])
        request.parameters["action"] = action
        return try api.ownOutcome(request)
    }

    func heldLink(_ headers: Headers) throws(Problem) -> API.Plan {
        try api.heldLink(Request(headers: headers))
    }

    func confirmation(_ headers: Headers) throws(Problem) -> API.Plan {
        try api.confirmation(Request(method: .post, headers: headers))
    }

    func message(_ body: String) throws(Problem) -> API.Plan {
        try api.messages(request(Array(body.utf8), [], type: "application/json"))
    }

    func readings(
        _ body: String, type: String? = "application/json", query: [String: String] = [:]
    ) throws(Problem) -> API.Plan {
        try readings(bytes: Array(body.utf8), type: type, query: query)
    }

    func readings(
        bytes: [UInt8], type: String?, query: [String: String] = [:]
    ) throws(Problem) -> API.Plan {
        var counter = self
        counter.key = counter.key ?? Self.office
        var request = counter.request(bytes, [], type: type)
        request.query = query
        return try counter.api.readings(request)
    }

    static let complaint = ComplaintID(other)
    static let id2 = ComplaintID(chance)
}

/// A JSON object whose fields are given as JSON; nil leaves one out.
func object(_ fields: KeyValuePairs<String, String?>) -> String {
    "{" + fields.compactMap { name, value in value.map { "\"\(name)\":\($0)" } }.joined(separator: ",") + "}"
}

/// A complaint without a fault, but for what is set.
func complaint(
    category: String? = #""odour""#, text: String? = #""It smells.""#,
    place: String? = #"{"longitude":120.25,"latitude":30.2}"#, more: String = ""
) -> String {
    let whole = object(["category": category, "text": text, "place": place])
    return more.isEmpty ? whole : whole.dropLast() + "," + more + "}"
}

/// What was refused, and why.
func refusal(_ body: () throws(Problem) -> API.Plan) -> Problem? {
    do throws(Problem) {
        _ = try body()
        return nil
    } catch {
        return error
    }
}

extension Problem {
    var fields: [String] { errors.map(\.field).sorted() }
}

extension API.Plan {
    var records: [Outgoing] { stages.flatMap { $0 } }
}
