import Dispatch
import FoundationEssentials
import HTTP
import Host
import Models
import Processing
import Readings
import Text

/// The door that Intake opens by itself: it asks the sources of the registry for their readings, and hands
/// what is new to the reception.
struct SourcesDoor: SharedWork {
    private var asking: Asking
    private let calls: Calls
    private let atOnce: Int
    private let registry: RegistryCopy
    private let reception: @Sendable (Atlas) -> Reception
    private let localZone: Zone
    private let log: Log
    private let figures: SourceFigures
    private let security: SecurityLog
    private var questions: [Int: Asking.Question] = [:]
    private var lastToken = 0
    /// Questions that can't even be asked.
    private var hindered: [Asking.Answered] = []

    /// A source that needs longer is asked again later.
    private static let timeout: Duration = .seconds(30)

    init(
        _ settings: SourceSettings, localZone: Zone, _ context: HostContext, _ registry: RegistryCopy,
        _ security: SecurityLog, reception: @escaping @Sendable (Atlas) -> Reception
    ) {
        asking = Asking(credentials: settings.credentials)
        atOnce = settings.atOnce
        self.registry = registry
        self.reception = reception
        self.localZone = localZone
        self.security = security
        log = context.log
        figures = SourceFigures(context.metrics)
        calls = Calls(
            Client(
                timeout: Self.timeout, replyBytes: Asking.Limit.bodyBytes,
                connectionsPerHost: Asking.Limit.questionsPerHost))
    }

    var isBusy: Bool { !questions.isEmpty }

    mutating func own(_ share: Share) {
        calls.cancel()
        questions = [:]
        hindered = []
        asking.own(share)
    }

    mutating func recall(_ record: Record) { asking.recall(record) }

    mutating func turn(within wait: Duration, at now: Instant) -> [Asking.Answered] {
        asking.adopt(registry.atlas.registry.sources)
        // Before the registry is known nothing can be checked.
        if !registry.atlas.registry.isEmpty { begin(at: now) }
        figures.show(asking, at: now)
        defer { hindered = [] }
        return hindered
            + calls.ended(within: wait).compactMap { token, result in
                questions.removeValue(forKey: token).map { answered($0, result) }
            }
    }

    private mutating func begin(at now: Instant) {
        for question in asking.due(at: now, atMost: atOnce - questions.count) {
            if let hindrance = asking.hindrance(question.source) {
                hindered.append(asking.failed(question, .failed, hindrance, at: now))
                continue
            }
            lastToken += 1
            questions[lastToken] = question
            calls.begin(
                lastToken, .get, question.source.address.description, headers: question.headers)
        }
    }

    private func answered(
        _ question: Asking.Question, _ result: Result<Client.Reply, ClientError>
    ) -> Asking.Answered {
        let (source, atlas, now) = (question.source, registry.atlas, Instant.now)
        return asking.answered(question, result, at: now) { (reply) throws(Malformed) in
            try SourceDocument(
                reply.body, contentType: reply.headers["content-type"], source, registry: atlas.registry,
                sections: SectionBook(atlas.registry, otherwise: localZone), now: now)
        } take: { (reports) throws(TurnedAway) in
            try Self.records(of: reports, source, reception(atlas), at: now)
        }
    }

    /// What a source brings counts as sent by its gateway, with that gateway's scopes.
    static func records(
        of reports: [Report], _ source: Source, _ reception: Reception, at now: Instant
    ) throws(TurnedAway) -> [Outgoing] {
        guard let gateway = reception.atlas.registry.gateways[source.gateway] else {
            throw .forbidden("gateway \(source.gateway) is not in the registry")
        }
        let sender = Sender(
            proof: .key(gateway), channel: gateway.channel, idempotencyKey: nil, content: [],
            traceparent: nil)
        let circumstances = Circumstances(
            now: now, identity: UUID(), trace: UUID(), span: .random(in: 0 ... .max))
        return try reception.take(.readings(reports), from: sender, in: circumstances).stages.flatMap(\.self)
    }

    func records(of answered: Asking.Answered) -> [Outgoing] {
        answered.records(Trail(at: answered.standing.askedAt))
    }

    mutating func written(_ answered: Asking.Answered) {
        let (now, before) = (answered.standing, asking.standings[answered.standing.source])
        asking.written(answered)
        figures.count(now.outcome, readings: answered.readings.count)
        SecurityEntry(answered, of: asking.sources[now.source], at: .now).map { security.note($0) }
        tell(now, before)
    }

    mutating func dropped(_ answered: Asking.Answered, at now: Instant) {
        asking.dropped(answered, at: now)
    }

    /// One line for news, and none for the same failure again.
    private func tell(_ now: SourceStanding, _ before: SourceStanding?) {
        let source: [String: Log.Field] = ["source": .of(now.source)]
        let why: [String: Log.Field] = now.reason.map { ["reason": .text($0)] } ?? [:]
        switch now.outcome {
        case .taken:
            log.info("a source brought readings", source.merging(["readings": .of(now.brought ?? 0)]) { $1 })
        case .unchanged where before?.failingSince != nil: log.info("a source answers again", source)
        case .unchanged: break
        case .refused, .failed:
            if before?.reason != now.reason || before?.failingSince == nil {
                log.warning("a source brings nothing", source.merging(why) { $1 })
            }
        }
        if now.failingSince == nil, now.reason != before?.reason, !why.isEmpty {
            log.warning("a source's document was not taken whole", source.merging(why) { $1 })
        }
    }
}

/// Runs the door while the registry has sources. As at the Kafka door, a failure neither ends the process
/// nor makes it unready.
struct SourcesLoop {
    static let name = Asking.Answered.writer

    let settings: SourceSettings
    let localZone: Zone
    let context: HostContext
    let registry: RegistryCopy
    let security: SecurityLog
    let reception: @Sendable (Atlas) -> Reception

    private static let pause = DispatchTimeInterval.seconds(2)

    private var hasSources: Bool { !registry.atlas.registry.sources.isEmpty }

    func run() {
        context.health.part(Self.name).ready()
        while !context.stop.isRaised {
            guard hasSources else {
                context.stop.wait(for: Self.pause)
                continue
            }
            do {
                let door = SourcesDoor(
                    settings, localZone: localZone, context, registry, security, reception: reception)
                try SharedWorkLoop(door, context.dispensable, name: Self.name, topic: .sources)
                    .run { hasSources }
            } catch {
                context.log.warning("sources can't be asked", ["reason": .text("\(error)")])
                context.stop.wait(for: Self.pause)
            }
        }
    }
}

/// The figures of the sources that this instance asks.
struct SourceFigures {
    private let answers: [SourceStanding.Outcome: Metrics.Counter]
    private let readings: Metrics.Counter
    private let own: Metrics.Gauge
    private let failing: Metrics.Gauge

    init(_ metrics: Metrics) {
        let counters = SourceStanding.Outcome.allCases.map { outcome in
            (
                outcome,
                metrics.counter(
                    "dayu_source_answers_total", ["what": outcome.rawValue],
                    help: "Answers of sources, by what came of them.")
            )
        }
        answers = Dictionary(uniqueKeysWithValues: counters)
        readings = metrics.counter(
            "dayu_source_readings_total", help: "New readings of sources that the log has.")
        own = metrics.gauge("dayu_sources", help: "Sources that this instance asks.")
        failing = metrics.gauge(
            "dayu_sources_failing",
            help: "Sources of this instance that have brought nothing for three intervals and an hour.")
    }

    func count(_ outcome: SourceStanding.Outcome, readings count: Int) {
        answers[outcome]?.add()
        readings.add(count)
    }

    func show(_ asking: Asking, at now: Instant) {
        let sources = asking.own
        own.set(sources.count)
        failing.set(
            sources.count { asking.standings[$0.id]?.failsForLong($0.interval, at: now) ?? false })
    }
}
