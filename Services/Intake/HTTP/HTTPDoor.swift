import Foundation
import HTTP
import Host
import Links
import Models
import Open311
import Pictures
import Processing

/// The HTTP door's limits and routes, one closure for each route, and its orderly stop.
struct HTTPDoor {
    private let context: HostContext
    private let server: Server

    /// An SMS gateway sends what a phone sent in the query of a GET. Ten segments are 670 units of UTF-16,
    /// and one of them takes nine bytes at most (three of UTF-8, percent-encoded); the rest is for the path
    /// and the other fields. A proxy's buffer for a request line, 8 KB in ours, has room for it, and so have
    /// 8 KB for the whole head.
    private static let targetBytes = 7_168
    private static let complaintBytes = 65_536
    private static let readingsBytes = 8_388_608
    /// One picture, in a form or by itself.
    private static let pictureBytes = PictureLimit.bytes + 65_536
    /// A complaint or an action with its pictures: nine of 5 MB, as phones take them, and less than all
    /// bodies may hold together by preset.
    private static let multipartBytes = 52_428_800
    private static let drainSeconds = 8
    private static let retryAfterSeconds = 10

    init(
        _ settings: Program.Settings, _ context: HostContext, _ registry: RegistryCopy,
        _ writer: RecordWriter, _ links: LinkReader, _ outcomes: OutcomeReader, _ security: SecurityLog,
        _ pictures: PictureDesk, _ access: AccessDoor?, reception: @escaping @Sendable (Atlas) -> Reception
    ) throws {
        self.context = context
        let answered = context.metrics.histogram("dayu_request_seconds", help: "Time from request to answer.")
        let admission = Admission(settings.rates, context.metrics)
        let unheard = UnheardMessages(context.log, context.metrics)
        let started = ContinuousClock.now
        let api = { @Sendable in
            API(
                reception: reception(registry.atlas),
                circumstances: Circumstances(
                    now: .now, identity: UUID(), trace: UUID(), span: .random(in: 0 ... .max)),
                country: settings.country, localOffset: settings.localOffset, gateways: settings.gateways,
                link: { handle throws(LinkRefusal) in try links.link(handle, at: .now) },
                deskLink: { name throws(LinkRefusal) in try links.deskLink(name) },
                isErased: outcomes.isErased,
                isTakenBack: { code throws(LinkRefusal) in try links.isTakenBack(from: code) },
                outcome: outcomes.outcome)
        }
        /// Behind a proxy the client is not the one that connected.
        let ofClient = settings.proxies.seenThrough
        let note = { @Sendable (request: Request, route: String, answer: SecurityEntry.Answer) in
            let request = ofClient(request)
            let entry = SecurityEntry(
                request, route: route, answer, registry: registry.atlas.registry,
                link: { try? links.link($0, at: .now) },
                pass: { token in settings.links.flatMap { DeskProof(token, .pass, $0.key) } }, at: .now)
            if let entry { security.note(entry, from: IPAddress(request.peerAddress)) }
        }
        var router = Router()
        /// - Parameter read: what the body holds, and the request as the plan shall see it.
        func route<Read>(
            _ method: Method, _ pattern: String, limit: Int, multipart: Int? = nil, anyCharset: Bool = false,
            for audience: Admission.Audience,
            check: @escaping @Sendable (Request) throws(Problem) -> Void = { _ in },
            read: @escaping @Sendable (Request) throws(Problem) -> (Request, Read),
            refusal: @escaping @Sendable (Problem, Request) -> Response,
            _ plan: @escaping @Sendable (API, Request, Read) throws(Problem) -> API.Plan
        ) {
            let admit = { @Sendable (request: Request) -> Response? in
                do throws(Problem) {
                    let request = ofClient(request)
                    try admission.check(
                        request, for: audience, api(), at: started.duration(to: .now))
                    try check(request)
                    return nil
                } catch {
                    note(request, pattern, SecurityEntry.Answer(status: error.status, detail: error.detail))
                    return Self.patient(refusal(error, request))
                }
            }
            let handle = { @Sendable (request: Request) -> Answer in
                var request = request
                do throws(Problem) {
                    let form: Read
                    (request, form) = try read(request)
                    let plan = try plan(api(), ofClient(request), form)
                    if plan.stages.isEmpty, !plan.needsStore {
                        note(request, pattern, SecurityEntry.Answer(status: plan.answer.status, plan: plan))
                        return .now(plan.answer)
                    }
                    return .later { [request] promise in
                        let end = { @Sendable (answer: Response) in
                            context.log.info(
                                answer.status < 400 ? "accepted" : "turned away",
                                [
                                    "type": .text(plan.type), "status": .of(answer.status),
                                    "trace": .text(plan.trace),
                                ])
                            note(request, pattern, SecurityEntry.Answer(status: answer.status, plan: plan))
                            promise.answer(answer)
                        }
                        let write = { @Sendable in
                            Self.carryOut(plan.stages[...], plan.answer, writer, then: end)
                        }
                        guard plan.needsStore else { return write() }
                        let owner = IPAddress(ofClient(request).peerAddress)?.network
                        let isTaken = pictures.bench.add(of: owner) {
                            do throws(Problem) {
                                try pictures.prepare(plan, of: owner, at: .now)
                                write()
                            } catch {
                                end(Self.patient(refusal(error, request)))
                            }
                        }
                        if !isTaken { end(Self.patient(refusal(.tooManyPictures, request))) }
                    }
                } catch {
                    note(request, pattern, SecurityEntry.Answer(status: error.status, detail: error.detail))
                    return .now(Self.patient(refusal(error, request)))
                }
            }
            router.on(
                method, pattern, limit: limit, multipart: multipart, anyCharset: anyCharset, admission: admit,
                handler: handle)
        }
        func route(
            _ method: Method, _ pattern: String, limit: Int, multipart: Int? = nil, anyCharset: Bool = false,
            for audience: Admission.Audience,
            check: @escaping @Sendable (Request) throws(Problem) -> Void = { _ in },
            _ plan: @escaping @Sendable (API, Request) throws(Problem) -> API.Plan
        ) {
            route(
                method, pattern, limit: limit, multipart: multipart, anyCharset: anyCharset, for: audience,
                check: check,
                read: { request throws(Problem) in (request, ()) },
                refusal: { problem, _ in problem.response }
            ) { api, request, _ throws(Problem) in try plan(api, request) }
        }
        let (json, parts) = (Self.complaintBytes, Self.multipartBytes)
        route(.post, "/v1/complaints", limit: json, multipart: parts, for: .everybody) {
            api, request throws(Problem) in
            try api.complaint(request)
        }
        let ofOfficials = "/v1/complaints/{complaint}/actions"
        route(.post, ofOfficials, limit: json, multipart: parts, for: .deputies) {
            api, request throws(Problem) in
            try api.action(request)
        }
        let many = API.ManyActions.bodyBytes
        route(.post, API.ManyActions.route, limit: many, for: .deputiesOfMany) {
            api, request throws(Problem) in
            let plan = try api.actions(request)
            let codes = plan.stages.last?.count ?? 0
            try admission.take(forMore: codes - 1, request, api, at: started.duration(to: .now))
            return plan
        }
        route(.post, API.ManyActions.outcomesRoute, limit: many, for: .deputiesOfMany) {
            api, request throws(Problem) in
            try api.outcomes(request)
        }
        route(.post, "/v1/actions", limit: json, multipart: parts, for: .holders) {
            api, request throws(Problem) in
            try api.ownAction(request)
        }
        let hasRoom = { @Sendable (request: Request) throws(Problem) in
            let owner = IPAddress(request.peerAddress)?.network
            if let refusal = pictures.unused.refusal(of: owner) { throw refusal }
        }
        route(.post, "/v1/pictures", limit: Self.pictureBytes, for: .everybody, check: hasRoom) {
            api, request throws(Problem) in
            try api.picture(request)
        }
        route(.get, "/v1/complaints/{complaint}/actions/{action}", limit: 0, for: .readers) {
            api, request throws(Problem) in
            try api.outcome(request)
        }
        route(.get, "/v1/actions/{action}", limit: 0, for: .readers) {
            api, request throws(Problem) in
            try api.ownOutcome(request)
        }
        route(.get, "/v1/link", limit: 0, for: .readers) {
            api, request throws(Problem) in
            try api.heldLink(request)
        }
        route(.post, "/v1/confirmations", limit: Self.complaintBytes, for: .linkHolders) {
            api, request throws(Problem) in
            try api.confirmation(request)
        }
        route(.post, "/v1/access", limit: Self.complaintBytes, for: .everybody) {
            api, request throws(Problem) in
            guard let access else {
                throw Problem(
                    status: 503, detail: "links to desks are not sent here: DAYU_DESK_SITE is not set")
            }
            let asked = try api.askedFor(request)
            try access.ask(asked, from: IPAddress(request.peerAddress), at: started.duration(to: .now))
            return API.Plan(answer: Response(status: 202))
        }
        route(.post, "/v1/follows", limit: Self.complaintBytes, for: .everybody) {
            api, request throws(Problem) in
            try api.follow(request)
        }
        route(.post, "/v1/unfollows", limit: Self.complaintBytes, for: .linkHolders) {
            api, request throws(Problem) in
            try api.unfollow(request)
        }
        for method in [Method.get, .post] {
            // The words of an SMSC, and of phones, come in its charset.
            route(
                method, SecurityEntry.receiptsRoute, limit: Self.complaintBytes, anyCharset: true,
                for: .reporters
            ) { api, request throws(Problem) in
                try api.receipts(request)
            }
            route(
                method, SecurityEntry.messagesRoute, limit: Self.complaintBytes, anyCharset: true,
                for: .messengers
            ) { api, request throws(Problem) in
                let plan = try api.messages(request)
                if let passedOver = plan.passedOver { unheard.note(passedOver) }
                return plan
            }
        }
        route(.post, "/v1/readings", limit: Self.readingsBytes, for: .gateways) {
            api, request throws(Problem) in
            try api.readings(request)
        }
        route(.post, "/v1/reviews", limit: Self.readingsBytes, for: .gateways) {
            api, request throws(Problem) in
            try api.reviews(request)
        }
        route(.post, "/v1/publications", limit: Self.complaintBytes, for: .gateways) {
            api, request throws(Problem) in
            try api.publications(request)
        }
        // The key is in the body, so the gateway's rate is judged when the body is there.
        for pattern in GeoReport.posted {
            let isUpdate = GeoReport.postedUpdates.contains(pattern)
            route(
                .post, pattern, limit: json, multipart: parts, for: .forms,
                read: Open311API.read, refusal: Open311API.refusal
            ) { api, request, form throws(Problem) in
                try admission.checkForm(request, api, at: started.duration(to: .now))
                return try isUpdate ? api.open311Update(request, form) : api.open311Request(request, form)
            }
        }
        for pattern in GeoReport.read {
            router.on(.get, pattern) { .now(Open311API.redirect($0, to: settings.links?.site)) }
        }
        router.refuse(under: GeoReport.folder, Open311API.refusal)
        var serverSettings = settings.server
        serverSettings.admission = { request in
            admission.checkStray(ofClient(request), at: started.duration(to: .now))
        }
        serverSettings.targetBytes = max(serverSettings.targetBytes, Self.targetBytes)
        serverSettings.access = { access in
            answered.observe(access.duration)
            if access.route == SecurityEntry.messagesRoute, access.status >= 400 {
                unheard.refused(access.status, at: started.duration(to: .now))
            }
        }
        serverSettings.noRoom = context.metrics.noRoom()
        serverSettings.obstruction = { [obstruction = context.obstruction] in obstruction.response }
        let server = try Server(serverSettings, router)
        self.server = server
        context.health.watch("http") { server.longestWork }
        context.health.part("http").ready()
        context.log.info("listening", ["address": .text(settings.server.address), "port": .of(server.port)])
    }

    func run() throws {
        context.waitToStopServing()
        server.drain(within: .seconds(Self.drainSeconds))
    }

    /// Writes one stage after the other, each safe before the next, and then answers. A record that only the
    /// spool has is accepted (202) and not created (201).
    private static func carryOut(
        _ stages: ArraySlice<[Outgoing]>, _ answer: Response, _ writer: RecordWriter,
        then: @escaping @Sendable (Response) -> Void
    ) {
        guard let stage = stages.first else { return then(answer) }
        writer.write(stage) { outcome in
            switch outcome {
            case .written: carryOut(stages.dropFirst(), answer, writer, then: then)
            case .spooled:
                var accepted = answer
                accepted.status = 202
                carryOut(stages.dropFirst(), accepted, writer, then: then)
            case .failed(let reason):
                let problem = Problem(
                    status: 503,
                    detail: "nothing more can be stored now (\(reason)); send the same request again later")
                then(patient(problem.response))
            case .refused:
                then(Problem(status: 413, detail: "the record would be too large for the log").response)
            }
        }
    }

    /// 503 is temporary, so it says when to try again (RFC 9110 §15.6.4).
    private static func patient(_ response: Response) -> Response {
        var response = response
        if response.status == 503, response.headers["Retry-After"] == nil {
            response.headers.add("Retry-After", "\(retryAfterSeconds)")
        }
        return response
    }
}

extension Problem {
    fileprivate static let tooManyPictures = Problem(
        status: 503, detail: "too many pictures wait to be decoded; send the same request again later")
}
