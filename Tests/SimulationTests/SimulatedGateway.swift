import Models
import Support

@testable import Notification

// The registry has gateways, too: this says which one is meant.

/// Whoever delivers short messages, as all pushers meet it: it takes them, puts them off, refuses them, loses
/// its answer, is slow, or a pusher dies before it hears the answer.
final class SimulatedGateway {
    struct Attempt: Hashable {
        let reference: String
        let number: Int
    }

    struct Message: Hashable {
        let attempt: Attempt
        let phone: PhoneNumber
    }

    /// What it does with one message, and when it says so.
    struct Answer {
        let receipt: SMSReceipt
        let at: Int64
    }

    /// Every message that it was given and did not turn away, in order: these go to the phones.
    private(set) var received: [Message] = []
    /// When it got each of them.
    private(set) var receivedAt: [Int64] = []
    /// Whose answers were lost by its fault, or given up by a pusher that was asked to stop.
    private(set) var silenced: Set<Attempt> = []
    let window: Int
    /// Whether it says that it will report on each message. It keeps that promise now and then.
    let promisesReports: Bool
    private var prng: SplitMix64
    private let marks: Marks
    private let now: () -> Int64
    var isMoody: Bool
    var isSlow: Bool
    /// How often it will still shut. It does so also when all other faults have ended: most messages come
    /// then, and a full disk loses nothing.
    private var shutsLeft: Int
    private var shutUntil: Int64 = 0
    /// It can't take anything, and every session finds that out by itself.
    var isShut: Bool { now() < shutUntil }

    init(
        prng: SplitMix64, marks: Marks, isMoody: Bool, isSlow: Bool, shuts: Bool,
        promisesReports: Bool = false,
        now: @escaping () -> Int64
    ) {
        self.promisesReports = promisesReports
        self.prng = prng
        self.marks = marks
        self.isMoody = isMoody
        self.isSlow = isSlow
        shutsLeft = shuts ? 6 : 0
        self.now = now
        window = isSlow ? 1 : Int.random(in: 1...4, using: &self.prng)
    }

    var time: Int64 { now() }

    /// - Parameter onDeath: the pusher dies before it hears any answer.
    func send(_ job: SMSJob, onDeath: () -> Void) -> [Answer] {
        if shutsLeft > 0, !isShut, prng.once(in: 3) {
            shutsLeft -= 1
            shutUntil = now() + Int64.random(in: 1...3000, using: &prng)
        }
        if isShut {
            marks.hit(.gatewayShut)
            return [Answer(receipt: SMSReceipt(job, .unsent, reason: "disk full"), at: now())]
        }
        func answer(_ outcome: SMSReceipt.Outcome, _ reason: String? = nil) -> Answer {
            let milliseconds = isSlow ? Int64.random(in: 1000...30_000, using: &prng) : 60
            return Answer(receipt: SMSReceipt(job, outcome, reason: reason), at: now() + milliseconds)
        }
        switch isMoody ? Int.random(in: 5..<15, using: &prng) : 0 {
        case 9, 10:
            marks.hit(.gatewayDeferred)
            return [answer(.deferred, "busy")]
        case 11, 14:
            marks.hit(.gatewayRefused)
            return [answer(.refused, "no such number")]
        case 12, 13:
            marks.hit(.answerLost)
            receive(job)
            silence(job)
            return [answer(.deferred, "no answer in time")]
        case 7, 8:
            marks.hit(.gatewayDied)
            receive(job)
            onDeath()
            return []
        default:
            receive(job)
            return [answer(.accepted)] + report(job)
        }
    }

    private func receive(_ job: SMSJob) {
        received.append(Message(attempt: Attempt(job), phone: job.phone))
        receivedAt.append(now())
    }

    /// Nobody will know what became of it.
    func silence(_ job: SMSJob) { silenced.insert(Attempt(job)) }

    /// Whether the message reached the phone; it may come before the answer.
    private func report(_ job: SMSJob) -> [Answer] {
        guard prng.once(in: 3) else { return [] }
        let isDelivered = !prng.once(in: 3)
        marks.hit(isDelivered ? .delivered : .undelivered)
        let receipt = SMSReceipt(job, isDelivered ? .delivered : .undelivered, reason: "042")
        return [Answer(receipt: receipt, at: now() + Int64.random(in: 0...90_000, using: &prng))]
    }

    func noteFull() { marks.hit(.gatewayFull) }
}

extension SimulatedGateway.Attempt {
    init(_ job: SMSJob) { self.init(reference: job.reference, number: job.attempt) }
    init(_ receipt: SMSReceipt) { self.init(reference: receipt.reference, number: receipt.attempt) }
}

/// One pusher's talk with it; it ends with the process.
final class SimulatedSession: SMSGateway {
    private let gateway: SimulatedGateway
    private let onDeath: () -> Void
    /// Looks at each message that it is given.
    var onSubmit: (SMSJob) -> Void = { _ in }
    private var jobs: [SimulatedGateway.Attempt: SMSJob] = [:]
    private var answers: [SimulatedGateway.Answer] = []

    init(_ gateway: SimulatedGateway, onDeath: @escaping () -> Void) {
        self.gateway = gateway
        self.onDeath = onDeath
    }

    /// It met the gateway shut, and tries again with one message.
    private var isWary = false

    var window: Int { isWary ? gateway.isShut ? 0 : 1 : gateway.window }
    var underWay: Int { jobs.count }

    /// Its reports come within a minute and a half.
    func route(for job: SMSJob, at now: Instant) -> Route? {
        Route(reportBy: gateway.promisesReports ? now + .seconds(120) : nil)
    }

    /// When it says something next.
    var nextAnswer: Int64? { answers.map(\.at).min() }

    func submit(_ job: SMSJob) {
        onSubmit(job)
        jobs[SimulatedGateway.Attempt(job)] = job
        isWary = gateway.isShut
        answers += gateway.send(job, onDeath: onDeath)
        if underWay == gateway.window { gateway.noteFull() }
    }

    func poll(within wait: Duration) -> [SMSReceipt] {
        let time = gateway.time
        let due = answers.filter { $0.at <= time }.sorted { $0.at < $1.at }.map(\.receipt)
        answers.removeAll { $0.at <= time }
        for receipt in due where receipt.outcome != .delivered && receipt.outcome != .undelivered {
            jobs[SimulatedGateway.Attempt(receipt)] = nil
        }
        return due
    }

    func cancel() -> [SMSReceipt] {
        let left = jobs.values.sorted { ($0.reference, $0.attempt) < ($1.reference, $1.attempt) }
        for job in left { gateway.silence(job) }
        jobs.removeAll()
        answers.removeAll()
        return left.map { SMSReceipt($0, .deferred, reason: "stopped") }
    }
}
