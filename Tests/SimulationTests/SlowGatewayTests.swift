import Kafka
import Links
import Models
import Processing
import Support
import Testing
import Text

@testable import Host
@testable import Notification

/// Dispatch and the pusher on one log, moved by hand: from requests to what the gateway receives.
final class Letterbox {
    let cluster: SimulatedCluster
    private let context: HostContext
    private let dispatch: Stage
    private var pushers = 0

    private struct Stage {
        let log: SimulatedLog
        let member: Member<FaultyDispatch, SimulatedLog>
    }

    struct Pusher {
        let log: SimulatedLog
        let member: OutsideMember<Pushing, SimulatedLog>

        func turn() throws { try member.turn(log) }
        func end() throws { try member.end(log) }
    }

    init(bug: Bug? = nil) {
        let partitions = Dictionary(uniqueKeysWithValues: Topic.allCases.map { ($0, Int32(1)) })
        cluster = SimulatedCluster(partitions: partitions, prng: SplitMix64(seed: 1), marks: Marks())
        cluster.makeGroup(Dispatch().name, Dispatch().inputs)
        for kind in Pushing.Kind.allCases {
            cluster.makeGroup(kind.name, [kind.input, Pushing.Kind.followed])
        }
        context = Self.context(StopFlag())
        let log = Self.log(cluster, Dispatch().name, "1")
        let cluster = cluster
        let member = Member<FaultyDispatch, SimulatedLog>(
            FaultyDispatch(bug: bug), context, clock: { Self.now(cluster) },
            openStore: { _ in
                SimulatedStore(Disk(), Marks(), bug: nil, isRestoring: { false }, meet: { _ in })
            })
        dispatch = Stage(log: log, member: member)
        cluster.sendHeartbeats = { log.heartbeat() }
    }

    /// - Parameter stop: raised when this process is asked to stop.
    func pusher(
        _ gateway: any SMSGateway, _ kind: Pushing.Kind = .ordinary, city: SendLimit = .none,
        stop: StopFlag = StopFlag()
    ) -> Pusher {
        pushers += 1
        let log = Self.log(cluster, kind.name, "\(pushers)")
        let former = cluster.sendHeartbeats
        cluster.sendHeartbeats = {
            former()
            log.heartbeat()
        }
        let context = Self.context(stop)
        let cluster = cluster
        return Pusher(
            log: log,
            member: OutsideMember(
                Pushing(kind, gateway: gateway, city: city, log: context.log), context, name: kind.name,
                following: Pushing.Kind.followed, clock: { Self.now(cluster) }))
    }

    func turnDispatch() throws {
        try dispatch.member.turn(dispatch.log)
        cluster.markAll()
    }

    private func request(_ number: Int, bare: String? = nil, isUrgent: Bool = false) throws -> NoticeRequest {
        // Many numbers, and several notices to each.
        let phone = try #require(PhoneNumber(e164: "+86000000\(10_000 + number % 300)"))
        let recipient = Recipient(
            kind: .chief, id: "chief-\(number)", phone: phone, handle: Town.numbers.handle(of: phone))
        return NoticeRequest(
            reference: isUrgent ? "urgent-\(number)" : "notice-\(number)", recipient: recipient,
            complaint: code, about: .assigned, text: "New complaint", bare: bare, isUrgent: isUrgent)
    }

    /// What `dayu erase` writes about the notices up to this number.
    func withdraw(_ count: Int) throws {
        for number in 1...count {
            let request = try request(number)
            let withdrawal = NoticeWithdrawal(
                reference: request.reference, handle: request.recipient.handle, complaint: code)
            send(withdrawal, about: request, NoticeWithdrawal.type)
        }
    }

    private func send(_ value: some Encodable, about request: NoticeRequest, _ type: EventType) {
        cluster.append(
            Outgoing(
                .noticeRequests, key: request.recipient.handle.text, id: request.reference,
                source: "addressing", type: type, trail: Trail(at: Self.now(cluster)),
                data: JSON.encode(value)))
    }

    func ask(_ count: Int, bare: String? = nil, isUrgent: Bool = false) throws {
        for number in 1...count {
            let request = try request(number, bare: bare, isUrgent: isUrgent)
            send(request, about: request, EventType("notice", "requested"))
        }
    }

    var ended: [String: NoticeEvent.Kind] {
        var ended: [String: NoticeEvent.Kind] = [:]
        for record in cluster.committedRecords(.noticeEvents) {
            guard let event = try? record.cloudEvent(), let type = try? EventType(event.type),
                let kind = NoticeEvent.Kind(rawValue: type.name), let data = event.data,
                let happened = try? NoticeEvent(kind: kind, data: data)
            else { continue }
            if [.accepted, .failed].contains(kind) { ended[happened.reference] = kind }
        }
        return ended
    }

    var receipts: [SMSReceipt] {
        cluster.committedRecords(.receipts).compactMap {
            $0.value.flatMap { try? JSON.decode(SMSReceipt.self, from: $0) }
        }
    }

    var committed: Int64 {
        cluster.groups[Pushing.Kind.ordinary.name]?.committed[TopicPartition(.jobs, 0)]?.next ?? 0
    }

    private let code = TrackingCode(digest: Array("letterbox".utf8))

    private static func now(_ cluster: SimulatedCluster) -> Instant {
        Instant(millisecondsSince1970: SimulatedCluster.beginning + cluster.now)
    }

    private static func log(_ cluster: SimulatedCluster, _ group: String, _ identity: String) -> SimulatedLog
    {
        SimulatedLog(
            cluster, group: group, identity: identity, isStatic: false, prng: SplitMix64(seed: 7),
            marks: Marks(), bug: nil)
    }

    private static func context(_ stop: StopFlag) -> HostContext {
        HostContext(
            name: "letterbox", cluster: ClusterSettings(bootstrapServers: ""), topics: TopicNames(prefix: ""),
            dataFolder: "", batch: BatchSettings(), workers: 1,
            log: Log(service: "letterbox", threshold: .error), metrics: Metrics(), health: Health(),
            stop: stop)
    }
}

/// A gateway that takes its time for each message, by the cluster's clock, and says yes to all.
final class PatientGateway: SMSGateway {
    let window: Int
    private let milliseconds: Int64
    private let now: () -> Int64
    private(set) var received: [String] = []
    private(set) var texts: [String] = []
    private var answers: [(receipt: SMSReceipt, at: Int64)] = []
    private var freeAt: Int64 = 0

    init(window: Int, milliseconds: Int64, now: @escaping () -> Int64) {
        self.window = window
        self.milliseconds = milliseconds
        self.now = now
    }

    var underWay: Int { answers.count }

    func submit(_ job: SMSJob) {
        received.append(job.reference)
        texts.append(job.text)
        freeAt = max(freeAt, now()) + milliseconds
        answers.append((SMSReceipt(job, .accepted), freeAt))
    }

    func poll(within wait: Duration) -> [SMSReceipt] {
        let due = answers.filter { $0.at <= now() }.map(\.receipt)
        answers.removeAll { $0.at <= now() }
        return due
    }

    func cancel() -> [SMSReceipt] {
        defer { answers.removeAll() }
        return answers.map { SMSReceipt($0.receipt.job, .deferred) }
    }
}

extension SMSReceipt {
    /// Enough of the job for a receipt about it.
    fileprivate var job: SMSJob {
        guard let phone = PhoneNumber(e164: "+8600000000001") else { preconditionFailure("no number") }
        return SMSJob(
            reference: reference, attempt: attempt, handle: handle, phone: phone, text: "",
            expiresAt: Instant(millisecondsSince1970: 0))
    }
}

@Suite("A slow gateway")
struct SlowGatewayTests {
    @Test(
        "jobs that were gone before a pusher had read any are told of once, and the group goes on behind them"
    )
    func gone() throws {
        let box = Letterbox()
        for _ in 1...3 { box.cluster.append(.jobs, key: [1], value: [2], headers: []) }
        box.cluster.trim(TopicPartition(.jobs, 0), below: 3)
        let pusher = box.pusher(PatientGateway(window: 1, milliseconds: 1) { box.cluster.now })
        for _ in 0..<60 {
            try pusher.turn()
            box.cluster.markAll()
        }
        let letters = try box.cluster.committedRecords(.restrictedDeadLetters).map {
            try JSON.decode(DeadLetter.self, from: $0.value ?? [])
        }
        #expect(letters.map(\.origin.description) == ["sms.jobs/0/0"])
        #expect(letters.map(\.lost?.records) == [3] && box.committed == 3)
    }

    /// The whole run; how often each reference was received.
    private func run(_ count: Int, milliseconds: Int64, window: Int, bug: Bug? = nil) throws -> [String: Int]
    {
        let box = Letterbox(bug: bug)
        let gateway = PatientGateway(window: window, milliseconds: milliseconds) { box.cluster.now }
        let pusher = box.pusher(gateway)
        for _ in 0..<20 {
            try box.turnDispatch()
            try pusher.turn()
        }
        try box.ask(count)
        let limit = box.cluster.now + Int64(count) * milliseconds * 3 + 600_000
        func isDone() -> Bool {
            gateway.received.count >= count && gateway.underWay == 0 && box.ended.count == count
        }
        while box.cluster.now < limit, !isDone() {
            for _ in 0..<50 {
                try box.turnDispatch()
                try pusher.turn()
                box.cluster.advance(milliseconds: 250)
            }
        }
        #expect(box.ended.count == count && box.ended.values.allSatisfy { $0 == .accepted })
        return Dictionary(gateway.received.map { ($0, 1) }, uniquingKeysWith: +)
    }

    @Test("a thousand notices, a second each: each arrives once, however long the last one waits")
    func aThousand() throws {
        let received = try run(1000, milliseconds: 1000, window: 1)
        #expect(received.count == 1000 && received.values.allSatisfy { $0 == 1 })
    }

    @Test("several at once: each arrives once")
    func several() throws {
        let received = try run(300, milliseconds: 5000, window: 8)
        #expect(received.count == 300 && received.values.allSatisfy { $0 == 1 })
    }

    @Test("with the time counted from the attempt, as it once was, they arrive again and again")
    func formerly() throws {
        let received = try run(200, milliseconds: 1000, window: 1, bug: .countsFromTheAttempt)
        #expect(received.values.contains { $0 > 1 })
    }
}
