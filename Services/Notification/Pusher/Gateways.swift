import Host
import Models

/// Several gateways in an order: messages go to the first one that works.
///
/// An attempt belongs to one gateway. If that gateway does not take it, the attempt ends, and the next
/// attempt goes to whichever works then. While nobody knows whether a gateway has a message, no other gateway
/// is given it: the job says so (`SMSJob.only`).
struct Gateways: SMSGateway {
    struct Line {
        let name: String
        var gateway: HTTPGateway
        let standing: GatewayStanding
        let times: Times
    }

    /// For how long a gateway may try to deliver a message, and whether it reports what became of it.
    struct Times: Equatable, Sendable {
        var validity: Duration
        /// Whether the gateway is told the validity.
        var isTold: Bool
        var reports: Bool

        /// A report takes its way, too.
        static let grace: Duration = .seconds(600)

        func validity(of job: SMSJob, at now: Instant) -> Duration { min(validity, job.expiresAt - now) }

        func route(_ name: String, _ job: SMSJob, at now: Instant) -> Route {
            let until = isTold ? now + validity(of: job, at: now) : job.expiresAt
            return Route(
                gateway: name, mayArriveUntil: until, reportBy: reports ? now + validity + Self.grace : nil)
        }
    }

    private(set) var lines: [Line]
    private var routes: [String: Route] = [:]
    /// The gateways that did not take a message: its next attempt rather goes to another.
    private var passed: [Message: Set<String>] = [:]
    /// Those that will never take it, and whether that is because of its words.
    private var declined: [Message: [String: Bool]] = [:]
    /// More are not remembered; then a message is only tried where it failed before.
    private static let rememberedMost = 10_000

    /// What all attempts of one notice have in common. A blacklist has a number: whoever has another one now
    /// may be reached by every gateway.
    private struct Message: Hashable {
        let reference: String
        let handle: NumberHandle

        init(_ job: SMSJob) { (reference, handle) = (job.reference, job.handle) }
    }

    init(_ lines: [Line]) {
        precondition(!lines.isEmpty, "there is a first gateway")
        self.lines = lines
    }

    var underWay: Int { lines.reduce(0) { $0 + $1.gateway.underWay } }
    var isAsked: Bool { lines.contains { $0.gateway.isAsked } }

    mutating func askNoMore() {
        for index in lines.indices { lines[index].gateway.askNoMore() }
    }

    /// Room at the first gateway that works, and not at those behind it: a gateway that is only full is not
    /// passed over.
    var window: Int {
        guard let line = lines.first(where: { $0.standing.isAvailable() }) else { return underWay }
        return underWay + line.standing.room(max(0, line.gateway.window - line.gateway.underWay))
    }

    /// The gateway for a job. Nil if the only one that may be given it does not work now, or none does.
    func route(for job: SMSJob, at now: Instant) -> Route? {
        let works = lines.filter { $0.standing.isAvailable() }
        let line: Line?
        if let only = job.only, now < only.until {
            line = works.first { $0.name == only.gateway }
        } else {
            let declined = declined(job)
            let passed = passed[Message(job)] ?? []
            let open = works.filter { declined[$0.name] == nil }
            line = open.first { !passed.contains($0.name) } ?? open.first
        }
        return line.map { $0.times.route($0.name, job, at: now) }
    }

    func declines(_ job: SMSJob) -> Bool {
        let declined = declined(job)
        return lines.allSatisfy { declined[$0.name] == false }
    }

    /// What said no to this message for good, in an answer or in a report, and whether because of its words.
    private func declined(_ job: SMSJob) -> [String: Bool] {
        (declined[Message(job)] ?? [:]).merging((job.declinedBy ?? []).map { ($0, false) }) { own, _ in own }
    }

    mutating func submit(_ job: SMSJob) { submit(job, by: route(for: job, at: .now)) }

    mutating func submit(_ job: SMSJob, by route: Route?) {
        guard let route, let index = lines.firstIndex(where: { $0.name == route.gateway }) else {
            preconditionFailure("\(job) has no route; Pushing gives it back")
        }
        routes[job.attemptID] = route
        lines[index].standing.begin()
        lines[index].gateway.submit(job, validity: lines[index].times.validity(of: job, at: .now))
    }

    mutating func poll(within wait: Duration) -> [SMSReceipt] {
        var receipts: [SMSReceipt] = []
        let end = ContinuousClock.now + wait
        for index in lines.indices {
            if lines[index].gateway.canCheck, lines[index].standing.wantsCheck() {
                lines[index].standing.begin(isMessage: false)
                lines[index].gateway.check()
            }
            // One that is left alone is not asked anything either.
            let answers = lines[index].gateway.answers(
                within: receipts.isEmpty && mayWait(at: index) ? max(.zero, end - .now) : .zero,
                asks: !lines[index].standing.isPaused())
            for answer in answers {
                lines[index].standing.note(answer.news, answer.reason)
                guard let job = answer.job else { continue }
                let verdict = final(answer.verdict, on: job, by: lines[index].name)
                lines[index].standing.note(verdict, on: job)
                receipts.append(receipt(job, verdict, lines[index].name))
            }
            if let silence = lines[index].gateway.takeSilence() {
                lines[index].standing.note(silence: silence)
            }
            receipts += lines[index].gateway.takeReports()
        }
        return receipts
    }

    /// Whoever owes an answer to a message is waited for. If nobody does, it is whoever was asked something.
    private func mayWait(at index: Int) -> Bool {
        let isAnyBusy = lines.contains { $0.gateway.isBusy }
        return isAnyBusy ? lines[index].gateway.isBusy : lines[index].gateway.isAsked
    }

    mutating func cancel() -> [SMSReceipt] {
        lines.indices.flatMap { index -> [SMSReceipt] in
            lines[index].standing.forgetTry()
            return lines[index].gateway.giveUp().map { job in
                receipt(
                    job, .unclear("the pusher stopped before the gateway answered"), lines[index].name)
            }
        }
    }

    private mutating func receipt(_ job: SMSJob, _ verdict: Verdict, _ name: String) -> SMSReceipt {
        let route = routes.removeValue(forKey: job.attemptID)
        switch verdict {
        case .accepted, .refused: forget(job)
        case .declined, .forbidden: break
        case .later, .busy, .fault, .unfit, .limited:
            if passed.count >= Self.rememberedMost { passed.removeAll() }
            passed[Message(job), default: []].insert(name)
            if passed[Message(job)]?.count == lines.count { passed[Message(job)] = nil }
        case .unclear: break
        }
        return verdict.receipt(for: job, gateway: name, mayArriveUntil: route?.mayArriveUntil)
    }

    /// What no gateway will take is refused if each of them has the number on its blacklist. If one of them
    /// only forbids a word, the operator has to act, and nothing is said about the number.
    private mutating func final(_ verdict: Verdict, on job: SMSJob, by name: String) -> Verdict {
        let (reason, isForWords): (String, Bool)
        switch verdict {
        case .declined(let code): (reason, isForWords) = (code, false)
        case .forbidden(let code): (reason, isForWords) = (code, true)
        case .accepted, .refused, .unfit, .limited, .later, .busy, .fault, .unclear: return verdict
        }
        if declined.count >= Self.rememberedMost { declined.removeAll() }
        declined[Message(job), default: [:]][name] = isForWords
        let all = declined(job)
        guard lines.allSatisfy({ all[$0.name] != nil }) else { return verdict }
        forget(job)
        return all.values.contains(true) ? .unfit(reason) : .refused(reason)
    }

    private mutating func forget(_ job: SMSJob) {
        passed[Message(job)] = nil
        declined[Message(job)] = nil
    }
}

extension Verdict {
    /// What Dispatch is told. A gateway that takes nothing, or not this message, costs no attempt.
    func receipt(for job: SMSJob, gateway: String? = nil, mayArriveUntil: Instant? = nil) -> SMSReceipt {
        switch self {
        case .accepted(let name): SMSReceipt(job, .accepted, gatewayReference: name, gateway: gateway)
        case .refused(let reason): SMSReceipt(job, .refused, reason: reason, gateway: gateway)
        case .later(let reason): SMSReceipt(job, .deferred, reason: reason, gateway: gateway)
        case .busy(let reason, _), .fault(let reason), .declined(let reason), .forbidden(let reason),
            .unfit(let reason), .limited(let reason):
            SMSReceipt(job, .unsent, reason: reason, gateway: gateway)
        case .unclear(let reason):
            SMSReceipt(
                job, .deferred, reason: reason, gateway: gateway, mayArriveUntil: mayArriveUntil)
        }
    }

    var news: Breaker.News {
        switch self {
        case .accepted, .refused, .declined, .forbidden, .unfit, .limited, .later: .works
        case .busy(_, let time): .busy(time)
        case .fault: .broken
        // It answered, and nobody understands it.
        case .unclear: .silent
        }
    }

    var reason: String {
        switch self {
        case .accepted: "taken"
        case .refused(let reason), .declined(let reason), .forbidden(let reason), .unfit(let reason),
            .limited(let reason), .later(let reason), .busy(let reason, _), .fault(let reason),
            .unclear(let reason):
            reason
        }
    }
}
