import Host

/// Whether the gateway's yes is understood.
///
/// A gateway that answers 200 in other words than the settings expect takes every message, and each is sent
/// again until its attempts are over. So this is said at once: in the log, in `/readyz` and as a figure.
struct Understanding {
    /// What answers lack that sound like a yes.
    enum Lack: Equatable, CustomStringConvertible {
        case text(String)
        case status(ClosedRange<Int>)

        var description: String {
            switch self {
            case .text(let text):
                "have the status of a yes and not the text \"\(text)\" (DAYU_SMS_SUCCESS_BODY)"
            case .status(let expected):
                "have a status of 2xx and not one from \(expected.lowerBound) to \(expected.upperBound) "
                    + "(DAYU_SMS_SUCCESS_FROM, DAYU_SMS_SUCCESS_TO)"
            }
        }
    }

    private let context: HostContext
    private let name: String
    private let figure: Metrics.Gauge
    /// Answers that sound like a yes and lack its status or its text, since the last whole yes.
    private(set) var missed = 0
    private var saidAt: ContinuousClock.Instant?

    private static let sayEvery: Duration = .seconds(3600)

    /// - Parameter pusher: each has a session of its own.
    init(_ context: HostContext, pusher: String) {
        self.context = context
        name = "sms gateway, \(pusher)"
        figure = context.metrics.gauge(
            "dayu_sms_answers_not_understood", ["pusher": pusher],
            help: "Answers that sound like a yes and lack its status or text, since the last whole yes.")
    }

    /// - Parameter missing: nil for a whole yes. What an answer held instead is not shown: it may repeat the
    ///   number.
    mutating func note(missing: Lack?, at now: ContinuousClock.Instant = .now) {
        if let missing {
            missed += 1
            let what = "answers \(missing)"
            context.health.note(name, "the last \(missed) \(what)")
            if saidAt.map({ now - $0 >= Self.sayEvery }) ?? true {
                saidAt = now
                context.log.error("the gateway's yes is not understood", ["reason": .text(what)])
            }
        } else if missed > 0 {
            missed = 0
            context.health.note(name, nil)
        }
        figure.set(missed)
    }
}
