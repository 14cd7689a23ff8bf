import Host
import Models
import Processing
import Synchronization

/// How one gateway stands, as all pushers of this process know it: what one of them learns spares the others
/// a failure, and all of them together keep to its rate.
final class GatewayStanding: Sendable {
    private struct Guarded {
        var breaker = Breaker()
        var bucket = TokenBucket(fullAt: .zero)
        /// Whether a message or a health check is trying a gateway that was left alone.
        var isTried = false
        /// The kinds of notices that its templates do not fit, and what it said.
        var unfit: [String: String] = [:]
        /// Why it does not tell what became of messages.
        var silence: String?
    }

    let name: String
    private let guarded = Mutex(Guarded())
    private let refill: TokenBucket.Refill?
    private let context: HostContext
    private let figure: Metrics.Gauge
    private let unfit: Metrics.Counter
    private let unfitKinds: Metrics.Gauge
    private let started = ContinuousClock.now

    /// A burst of one second.
    init(_ name: String, perSecond: Int?, _ context: HostContext) {
        self.name = name
        self.context = context
        refill = perSecond.map { .init(one: .seconds(1) / $0, all: .seconds(1)) }
        figure = context.metrics.gauge(
            "dayu_sms_gateway_paused", ["gateway": name],
            help: "Whether the gateway is left alone after failures.")
        unfit = context.metrics.counter(
            "dayu_sms_unfit_total", ["gateway": name],
            help: "Messages that the gateway did not take because of their template, its fields or a word.")
        unfitKinds = context.metrics.gauge(
            "dayu_sms_unfit_kinds", ["gateway": name],
            help: "Kinds of notices that the gateway does not take now because of their template or a word.")
    }

    /// Whether it is left alone now.
    func isPaused(at now: ContinuousClock.Instant = .now) -> Bool {
        guarded.withLock { guarded in
            if case .closed = guarded.breaker.door(at: now) { true } else { false }
        }
    }

    /// Whether messages may go there; a gateway that is tried takes no more than the one that tries.
    func isAvailable(at now: ContinuousClock.Instant = .now) -> Bool {
        guarded.withLock { guarded in
            switch guarded.breaker.door(at: now) {
            case .open: true
            case .ajar: !guarded.isTried
            case .closed: false
            }
        }
    }

    /// How many of `wanted` messages may go there now.
    func room(_ wanted: Int, at now: ContinuousClock.Instant = .now) -> Int {
        guarded.withLock { guarded in
            let most: Int =
                switch guarded.breaker.door(at: now) {
                case .open: wanted
                case .ajar: guarded.isTried ? 0 : min(1, wanted)
                case .closed: 0
                }
            // A message that goes takes its token in `begin`; here the tokens are only counted.
            guard let refill else { return most }
            var bucket = guarded.bucket
            return (0..<most).prefix { _ in bucket.take(refill, at: started.duration(to: now)) == nil }.count
        }
    }

    /// A message, or a health check, goes there.
    func begin(isMessage: Bool = true, at now: ContinuousClock.Instant = .now) {
        guarded.withLock { guarded in
            if guarded.breaker.door(at: now) == .ajar { guarded.isTried = true }
            if let refill, isMessage { _ = guarded.bucket.take(refill, at: started.duration(to: now)) }
        }
    }

    /// Whether it was left alone and the pause is over, so that a health check may try it.
    func wantsCheck(at now: ContinuousClock.Instant = .now) -> Bool {
        guarded.withLock { $0.breaker.door(at: now) == .ajar && !$0.isTried }
    }

    func note(_ news: Breaker.News, _ reason: String, at now: ContinuousClock.Instant = .now) {
        let (before, after) = guarded.withLock { guarded in
            let before = guarded.breaker
            guarded.breaker.note(news, reason, at: now)
            guarded.isTried = false
            return (before, guarded.breaker)
        }
        let isPaused = after.door(at: now) != .open
        figure.set(isPaused ? 1 : 0)
        guard (before.door(at: now) != .open) != isPaused else { return }
        let fields: [String: Log.Field] = ["gateway": .text(name), "reason": .text(reason)]
        if isPaused {
            context.log.warning("an SMS gateway is left alone for now", fields)
            context.health.note("sms gateway \(name)", "is left alone for now: \(reason)")
        } else {
            context.log.info("an SMS gateway works again", fields)
            context.health.note("sms gateway \(name)", nil)
        }
    }

    /// A template that does not fit, or a word that is forbidden, concerns one kind of notice: whoever keeps
    /// the templates learns which.
    func note(_ verdict: Verdict, on job: SMSJob) {
        let kind = job.about?.rawValue ?? "*"
        let news: String?
        switch verdict {
        case .unfit(let code):
            unfit.add()
            news = code
        case .accepted: news = nil
        case .refused, .declined, .forbidden, .limited, .later, .busy, .fault, .unclear: return
        }
        let (isKnown, kinds) = guarded.withLock { guarded in
            let isKnown = guarded.unfit[kind] == news
            guarded.unfit[kind] = news
            return (isKnown, guarded.unfit.count)
        }
        unfitKinds.set(kinds)
        guard !isKnown else { return }
        context.health.note(
            "sms gateway \(name), template of \(kind)", news.map { "its messages are not taken: \($0)" })
        let fields: [String: Log.Field] = [
            "gateway": .text(name), "kind": .text(kind), "reason": .text(news ?? ""),
        ]
        if news == nil {
            context.log.info("a template of an SMS gateway works again", fields)
        } else {
            context.log.error(
                "an SMS gateway does not take this kind of notice: mend its template or its words", fields)
        }
    }

    /// - Parameter silence: why it does not tell what became of messages when it is asked; nil if it tells.
    func note(silence: String?) {
        let isKnown = guarded.withLock { guarded in
            defer { guarded.silence = silence }
            return guarded.silence == silence
        }
        guard !isKnown else { return }
        context.health.note(
            "sms gateway \(name), reports", silence.map { "it does not tell what became of messages: \($0)" })
        let fields: [String: Log.Field] = ["gateway": .text(name), "reason": .text(silence ?? "")]
        if silence == nil {
            context.log.info("an SMS gateway tells again what became of messages", fields)
        } else {
            context.log.warning("an SMS gateway does not tell what became of messages", fields)
        }
    }

    /// Nobody learned anything: the one that tried was given up.
    func forgetTry() { guarded.withLock { $0.isTried = false } }
}
