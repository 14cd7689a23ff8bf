import Foundation
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

    private var lines: [Line]
    private var routes: [String: Route] = [:]
    /// The gateways that did not take a message, by its reference: its next attempt rather goes to another.
    private var passed: [String: Set<String>] = [:]
    /// More are not remembered; then a message is only tried where it failed before.
    private static let passedMost = 10_000

    init(_ lines: [Line]) {
        precondition(!lines.isEmpty, "there is a first gateway")
        self.lines = lines
    }

    var underWay: Int { lines.reduce(0) { $0 + $1.gateway.underWay } }

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
            let passed = passed[job.reference] ?? []
            line = works.first { !passed.contains($0.name) } ?? works.first
        }
        return line.map { $0.times.route($0.name, job, at: now) }
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
        // Otherwise the pusher would ask again and again while every gateway is left alone.
        if window == 0, !lines.contains(where: \.gateway.isBusy) {
            Thread.sleep(forTimeInterval: wait / .seconds(1))
        }
        for index in lines.indices {
            if lines[index].gateway.canCheck, lines[index].standing.wantsCheck() {
                lines[index].standing.begin(isMessage: false)
                lines[index].gateway.check()
            }
            // Only the last one may wait, and only if there is nothing yet.
            let isLast = index == lines.count - 1
            let isIdle = receipts.isEmpty && (isLast || lines[index].gateway.isBusy)
            for answer in lines[index].gateway.answers(within: isIdle ? wait : .zero) {
                lines[index].standing.note(answer.news, answer.reason)
                if let job = answer.job { receipts.append(receipt(job, answer.verdict, lines[index].name)) }
            }
        }
        return receipts
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
        case .accepted, .refused: passed[job.reference] = nil
        case .later, .busy, .fault:
            if passed.count >= Self.passedMost { passed.removeAll() }
            passed[job.reference, default: []].insert(name)
            if passed[job.reference]?.count == lines.count { passed[job.reference] = nil }
        case .unclear: break
        }
        return verdict.receipt(for: job, gateway: name, mayArriveUntil: route?.mayArriveUntil)
    }
}

extension Verdict {
    /// What Dispatch is told. A gateway that takes nothing costs no attempt.
    func receipt(for job: SMSJob, gateway: String? = nil, mayArriveUntil: Instant? = nil) -> SMSReceipt {
        switch self {
        case .accepted(let name): SMSReceipt(job, .accepted, gatewayReference: name, gateway: gateway)
        case .refused(let reason): SMSReceipt(job, .refused, reason: reason, gateway: gateway)
        case .later(let reason): SMSReceipt(job, .deferred, reason: reason, gateway: gateway)
        case .busy(let reason, _), .fault(let reason):
            SMSReceipt(job, .unsent, reason: reason, gateway: gateway)
        case .unclear(let reason):
            SMSReceipt(
                job, .deferred, reason: reason, gateway: gateway, mayArriveUntil: mayArriveUntil)
        }
    }

    var news: Breaker.News {
        switch self {
        case .accepted, .refused, .later: .works
        case .busy(_, let time): .busy(time)
        case .fault: .broken
        // It answered, and nobody understands it.
        case .unclear: .silent
        }
    }

    var reason: String {
        switch self {
        case .accepted: "taken"
        case .refused(let reason), .later(let reason), .busy(let reason, _), .fault(let reason),
            .unclear(let reason):
            reason
        }
    }
}
