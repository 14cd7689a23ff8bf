import HTTP
import Host
import Links
import Models
import Text

/// A recipe whose gateway can be asked what became of messages. That serves a city whose Intake the cloud
/// can't reach.
protocol AskedRecipe: Recipe {
    /// - Parameters:
    ///   - sent: nil if one question is about all messages.
    ///   - day: one of `days`.
    func question(about sent: SentMessage?, on day: Day?, _ sending: Sending) -> RecipeRequest
    /// The days to which the gateway may count a message, the likeliest first; none if it is not asked by
    /// days.
    func days(of sent: SentMessage) -> [Day]
    /// Nil for an answer that is none: then it is asked again.
    func reports(status: Int, body: String) -> [AskedReport]?
    /// The code of such an answer.
    func fault(status: Int, body: String) -> String
    /// Whether each message needs a question of its own.
    var asksAboutEach: Bool { get }
}

extension AskedRecipe {
    func days(of sent: SentMessage) -> [Day] { [] }
}

/// A message that a gateway took, and about which it is asked.
struct SentMessage: Equatable, Sendable {
    let job: SMSJob
    /// The gateway's own name of it.
    let name: String
    /// When it was given to the gateway.
    let at: Instant
}

/// What a gateway says of one message when it is asked.
struct AskedReport: Equatable, Sendable {
    enum Message: Equatable, Sendable {
        /// The token that the message took with it (`GatewayToken`).
        case token(String)
        /// The gateway's own name of it, and the number.
        case named(String, number: String)
    }

    let about: Message
    let outcome: SMSReceipt.Outcome
    let reason: String?
    var isDeclined = false
}

/// When a gateway is asked, and what its answers mean. What it is to be asked about each message is in memory
/// alone: after a restart nobody asks about the messages of before, and they end as `unknown`.
struct ReportPull {
    /// One question that is due.
    struct Due: Equatable {
        /// Nil: about all messages.
        let reference: String?
        let sent: SentMessage?
        let day: Day?
    }

    private struct Asked {
        let sent: SentMessage
        let days: [Day]
        /// The place in `days` of the one that is asked for next.
        var turn = 0
        var next: ContinuousClock.Instant
        var pause: Duration
        let end: ContinuousClock.Instant
    }

    let recipe: any AskedRecipe
    private let interval: Duration
    /// For how long a report may come.
    private let time: Duration
    private var asked: [String: Asked] = [:]
    private var nextForAll: ContinuousClock.Instant
    /// When the first of those that are not under way is to be asked about; nil if there is none. The loop
    /// that sends asks in every turn, and must not go through thousands each time.
    private var nextOfEach: ContinuousClock.Instant?
    private var underWay: Set<String?> = []
    /// More are not asked about.
    static let most = 10_000
    /// Questions of one turn of the loop.
    static let atOnce = 4
    private static let longestPause = Duration.seconds(600)
    /// Nothing is asked any more: the process ends.
    private var isOver = false

    init(_ recipe: any AskedRecipe, every interval: Duration, for time: Duration) {
        self.recipe = recipe
        self.interval = interval
        self.time = time
        nextForAll = .now + interval
    }

    /// The gateway took a message that it was given at `sentAt`, under its own name.
    mutating func note(
        _ job: SMSJob, _ name: String?, sentAt: Instant, at now: ContinuousClock.Instant = .now
    ) {
        guard recipe.asksAboutEach, let name, asked.count < Self.most else { return }
        let sent = SentMessage(job: job, name: name, at: sentAt)
        asked[job.attemptID] = Asked(
            sent: sent, days: recipe.days(of: sent), next: now + interval, pause: interval, end: now + time)
        askedNext(at: now + interval)
    }

    private mutating func askedNext(at moment: ContinuousClock.Instant) {
        nextOfEach = min(nextOfEach ?? moment, moment)
    }

    /// The questions that are to be asked now. Each is under way until `took`.
    mutating func due(at now: ContinuousClock.Instant = .now) -> [Due] {
        guard !isOver else { return [] }
        guard recipe.asksAboutEach else {
            guard nextForAll <= now, !underWay.contains(nil) else { return [] }
            underWay.insert(nil)
            return [Due(reference: nil, sent: nil, day: nil)]
        }
        guard underWay.count < Self.atOnce, let nextOfEach, nextOfEach <= now else { return [] }
        asked = asked.filter { now < $0.value.end }
        let waiting = asked.filter { !underWay.contains($0.key) }
            .sorted { ($0.value.next, $0.key) < ($1.value.next, $1.key) }
        let ready = waiting.prefix { $0.value.next <= now }.prefix(Self.atOnce - underWay.count)
        self.nextOfEach = waiting.dropFirst(ready.count).first?.value.next
        return ready.map { key, one in
            underWay.insert(key)
            return Due(reference: key, sent: one.sent, day: one.days.isEmpty ? nil : one.days[one.turn])
        }
    }

    /// The gateway's answer to a question. Nil: it gave none. What it says of no message of ours, or of
    /// another one than it was asked about, does not end the asking.
    ///
    /// - Parameter gateway: whose answer it is.
    mutating func took(
        _ reports: [AskedReport]?, to due: Due, from gateway: String, _ numbers: NumberKey,
        at now: ContinuousClock.Instant = .now
    ) -> [SMSReceipt] {
        underWay.remove(due.reference)
        let receipts = (reports ?? []).compactMap { $0.receipt(from: gateway, numbers) }
        guard let reference = due.reference else {
            // As long as there are more of them, they are fetched at once.
            nextForAll = reports?.isEmpty == false ? now : now + interval
            return receipts
        }
        for receipt in receipts {
            asked[Pushing.attemptID(receipt.reference, receipt.attempt)] = nil
        }
        askAgain(about: reference, hasAnswered: reports != nil, at: now)
        return receipts
    }

    /// The next day at once, and the first one after a pause.
    private mutating func askAgain(
        about reference: String, hasAnswered: Bool, at now: ContinuousClock.Instant
    ) {
        guard var one = asked[reference] else { return }
        if hasAnswered, one.turn + 1 < one.days.count {
            one.turn += 1
            one.next = now
        } else {
            if hasAnswered { one.turn = 0 }
            one.next = now + one.pause
            one.pause = min(one.pause * 2, Self.longestPause)
        }
        asked[reference] = one
        askedNext(at: one.next)
    }

    /// Answers that are under way are still taken.
    mutating func end() { isOver = true }

    mutating func forget() {
        underWay.removeAll()
        nextOfEach = asked.values.map(\.next).min()
    }
}

extension AskedReport {
    /// Nil if it is about no message of ours.
    func receipt(from gateway: String, _ numbers: NumberKey) -> SMSReceipt? {
        switch about {
        case .token(let text):
            guard case .job(gateway, let handle, let reference, let attempt)? = GatewayToken(text, numbers)
            else { return nil }
            return SMSReceipt(
                handle: handle, reference: reference, attempt: attempt, outcome: outcome, reason: reason,
                gateway: gateway, isDeclined: isDeclined)
        case .named(let name, let text):
            guard let number = try? PhoneNumber(text, country: nil), !name.isEmpty else { return nil }
            return SMSReceipt(
                handle: numbers.handle(of: number), reference: "", attempt: 0, outcome: outcome,
                gatewayReference: name, reason: reason, gateway: gateway, isDeclined: isDeclined)
        }
    }
}
