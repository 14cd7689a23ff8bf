import Crypto
import Dispatch
import Foundation
import HTTP
import Host
import Links
import Models
import Processing
import Synchronization

@main
enum Program: HostedService {
    struct Settings {
        var address: String
        var port: UInt16
        var threads: Int
        var allowedOrigin: String?
        var officerToken: String?
        var links: LinkWriter?
        var localOffset: Duration
        var spoolRecords: Int
    }

    static let name = "dayu-intake"
    static let summary = "takes complaints, actions and readings from outside, and never loses one"
    static let adminPort = 9101

    static func settings(from reader: inout SettingsReader) -> Settings {
        Settings(
            address: reader.text("DAYU_INTAKE_ADDRESS", preset: "127.0.0.1", help: "where the API listens"),
            port: reader.port("DAYU_INTAKE_PORT", preset: 8080, help: "its port"),
            threads: reader.integer(
                "DAYU_INTAKE_THREADS", preset: 2, in: 1...64, help: "threads that serve it"),
            allowedOrigin: reader.optionalText(
                "DAYU_INTAKE_ORIGIN", help: "the web site whose pages may post here (CORS), or *"),
            officerToken: reader.optionalText(
                "DAYU_INTAKE_OFFICER_TOKEN",
                help:
                    "the bearer token of chiefs' and offices' gateways; without it their actions are refused"
            ),
            links: reader.links(),
            localOffset: .seconds(
                60
                    * reader.integer(
                        "DAYU_UTC_OFFSET_MINUTES", preset: 480, in: -720...840,
                        help: "the city's time, for tables whose times name no offset")),
            spoolRecords: reader.integer(
                "DAYU_INTAKE_SPOOL_RECORDS", preset: 1_000_000, in: 0...1_000_000_000,
                help: "records that wait on disk while Kafka is away; beyond it 503"))
    }

    static func workers(_ settings: Settings, _ context: HostContext) throws -> [Worker] {
        context.log.tell(of: settings.links)
        let copy = RegistryCopy()
        let writerStop = StopFlag()
        let writer = RecordWriter(context, spoolLimit: settings.spoolRecords, stop: writerStop)
        return [
            Worker("registry") { try copy.run(context) },
            Worker("writer") { try writer.run() },
            Worker("outcomes") { Outcomes.follow(context) },
            Worker("http") {
                // The writer outlives the server: requests in flight are answered by its reports.
                defer { writerStop.raise() }
                try Gate(settings, context, copy, writer).run()
            },
        ]
    }
}

/// The registry as it is now, for the threads of the server.
///
/// While Kafka is away it is the one that was read last, from disk: a place is in the city and a category is
/// known as they were then, and the spool takes the complaint. Only where there never was one nothing can be
/// checked, and every complaint is answered with 503.
final class RegistryCopy: Sendable {
    private let current = Mutex(Atlas())

    var atlas: Atlas { current.withLock { $0 } }
    private var registry: Registry { atlas.registry }

    func run(_ context: HostContext) throws {
        let health = context.health.part("registry")
        let snapshot = try RegistrySnapshot(context)
        adopt(try snapshot.registry())
        tell(health, unread: "not read yet")
        while !context.stop.isRaised {
            do {
                try follow(try RegistryReplica(context, snapshot: snapshot), health, context.stop)
            } catch {
                guard !context.stop.isRaised else { return }
                context.log.warning("the registry can't be read", ["reason": .text("\(error)")])
                tell(health, unread: "\(error)")
                context.stop.wait(for: Self.pause)
            }
        }
    }

    private static let pause = DispatchTimeInterval.seconds(1)

    private func follow(_ replica: RegistryReplica, _ health: Health.Part, _ stop: StopFlag) throws {
        while !stop.isRaised {
            adopt(replica.registry)
            if registry.isEmpty { health.notReady("nothing is published yet") } else { health.ready() }
            while !(try replica.refresh()), !stop.wait(for: .milliseconds(100)) {}
        }
    }

    /// The indexes are made beside those in use; nobody waits for them.
    private func adopt(_ registry: Registry) {
        var fresh = atlas
        fresh.adopt(registry)
        current.withLock { $0 = fresh }
    }

    private func tell(_ health: Health.Part, unread reason: String) {
        if registry.isEmpty {
            health.notReady("it was never read, and now: \(reason)")
        } else {
            health.ready("as it was last read: \(reason)")
        }
    }
}

/// The HTTP side: limits, one closure a route, an orderly end.
struct Gate {
    private let context: HostContext
    private let server: Server

    private static let complaintBytes = 65_536
    private static let readingsBytes = 8_388_608
    private static let drainSeconds = 8
    private static let retryAfterSeconds = 10

    init(_ settings: Program.Settings, _ context: HostContext, _ copy: RegistryCopy, _ writer: RecordWriter)
        throws
    {
        self.context = context
        let outcomes = OutcomeReader(
            path: ProjectionLoop<Outcomes>.path(in: context, name: Outcomes.name))
        let answered = context.metrics.histogram("dayu_request_seconds", help: "Time from request to answer.")
        var router = Router()
        func route(
            _ method: Method, _ pattern: String, limit: Int,
            _ plan: @escaping @Sendable (Intake, Request) throws(Problem) -> Intake.Plan
        ) {
            router.on(method, pattern, limit: limit) { request in
                let intake = Intake(
                    atlas: copy.atlas, now: .now, chance: UUID(),
                    isOfficer: Self.isOfficer(request, settings.officerToken), links: settings.links,
                    localOffset: settings.localOffset, outcomes: outcomes.outcome)
                do throws(Problem) {
                    let plan = try plan(intake, request)
                    if plan.stages.isEmpty { return .now(plan.answer) }
                    return .later { promise in
                        Self.carryOut(plan.stages[...], plan.answer, writer) { answer in
                            context.log.info(
                                answer.status < 400 ? "accepted" : "turned away",
                                [
                                    "type": .text(plan.type), "status": .of(answer.status),
                                    "trace": .text(plan.trace),
                                ])
                            promise.answer(answer)
                        }
                    }
                } catch {
                    return .now(Self.patient(error.response))
                }
            }
        }
        route(.post, "/v1/complaints", limit: Self.complaintBytes) { intake, request throws(Problem) in
            try intake.complaint(request)
        }
        route(.post, "/v1/complaints/{id}/actions", limit: Self.complaintBytes) {
            intake, request throws(Problem) in
            try intake.action(request)
        }
        route(.post, "/v1/actions", limit: Self.complaintBytes) { intake, request throws(Problem) in
            try intake.actionByLink(request)
        }
        route(.get, "/v1/complaints/{id}/actions/{action}", limit: Self.complaintBytes) {
            intake, request throws(Problem) in
            try intake.outcome(request)
        }
        route(.get, "/v1/actions/{action}", limit: Self.complaintBytes) { intake, request throws(Problem) in
            try intake.outcomeByLink(request)
        }
        route(.get, "/v1/link", limit: Self.complaintBytes) { intake, request throws(Problem) in
            try intake.heldLink(request)
        }
        route(.post, "/v1/readings", limit: Self.readingsBytes) { intake, request throws(Problem) in
            try intake.readings(request)
        }
        var serverSettings = ServerSettings()
        serverSettings.address = settings.address
        serverSettings.port = settings.port
        serverSettings.threads = settings.threads
        serverSettings.allowedOrigin = settings.allowedOrigin
        serverSettings.access = { answered.observe($0.duration) }
        server = try Server(serverSettings, router)
        context.health.part("http").ready()
        context.log.info("listening", ["address": .text(settings.address), "port": .of(server.port)])
    }

    func run() throws {
        context.stop.wait()
        server.drain(within: .seconds(Self.drainSeconds))
    }

    /// One stage after the other, each safe before the next; then the answer. What only the spool has is
    /// accepted, not created.
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
            case .failed:
                let problem = Problem(
                    status: 503, detail: "nothing more can be taken now; the same request again is harmless")
                then(patient(problem.response))
            case .refused:
                then(Problem(status: 413, detail: "it is larger than the log takes").response)
            }
        }
    }

    /// 503 is for a while: it says when to come again (RFC 9110 §15.6.4).
    private static func patient(_ response: Response) -> Response {
        var response = response
        if response.status == 503 { response.headers.add("Retry-After", "\(retryAfterSeconds)") }
        return response
    }

    /// Compared in constant time, so that the answer's delay tells nothing of the token.
    private static func isOfficer(_ request: Request, _ token: String?) -> Bool {
        guard let token, let given = Bearer.token(in: request.headers) else { return false }
        return ConstantTime.areEqual(Array(given.utf8), Array(token.utf8))
    }
}
