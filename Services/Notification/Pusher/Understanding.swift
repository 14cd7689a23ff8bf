import Host

/// Watches whether the settings describe the gateway's yes correctly.
///
/// If a gateway answers 200 with other words than the settings expect, it takes every message, but each
/// message is sent again until its attempts are over. So this is reported at once: in the log, in `/readyz`
/// and as a metric.
struct Understanding {
    /// What an answer lacks that looks like a yes.
    enum Lack: Equatable, CustomStringConvertible {
        case text(String)
        case status(ClosedRange<Int>)

        var description: String {
            switch self {
            case .text(let text):
                "have a status that means success, but lack the text \"\(text)\" (DAYU_SMS_SUCCESS_BODY)"
            case .status(let expected):
                "have a 2xx status that is not from \(expected.lowerBound) to \(expected.upperBound) "
                    + "(DAYU_SMS_SUCCESS_FROM, DAYU_SMS_SUCCESS_TO)"
            }
        }
    }

    private let context: HostContext
    private let name: String
    private let figure: Metrics.Gauge
    /// The number of answers since the last complete yes that look like a yes and lack its status or its
    /// text.
    private(set) var missed = 0
    private var saidAt: ContinuousClock.Instant?

    private static let sayEvery: Duration = .seconds(3600)

    /// - Parameter pusher: the pusher's name. Each pusher has a session of its own.
    init(_ context: HostContext, pusher: String) {
        self.context = context
        name = "sms gateway, \(pusher)"
        figure = context.metrics.gauge(
            "dayu_sms_answers_not_understood", ["pusher": pusher],
            help: "Answers that look like success but lack its status or text, since the last success.")
    }

    /// - Parameter missing: nil for a complete yes. What an answer held instead is not shown: it may repeat
    ///   the number.
    mutating func note(missing: Lack?, at now: ContinuousClock.Instant = .now) {
        if let missing {
            missed += 1
            let what = "answers \(missing)"
            context.health.note(name, "the last \(missed) \(what)")
            if saidAt.map({ now - $0 >= Self.sayEvery }) ?? true {
                saidAt = now
                context.log.error("the gateway's answer is not understood", ["reason": .text(what)])
            }
        } else if missed > 0 {
            missed = 0
            context.health.note(name, nil)
        }
        figure.set(missed)
    }
}
