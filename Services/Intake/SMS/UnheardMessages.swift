import Host
import Synchronization

/// Tells of messages of phones that go nowhere: those that were taken and passed over, where the gateway
/// gets a yes and nobody else says that there was one, and those that were refused, also before any route saw
/// them.
final class UnheardMessages: Sendable {
    private let log: Log
    private let counters: [MessageDialect.PassedOver: Metrics.Counter]
    /// One for each reason of which the operator can do something, and one for all others.
    private let refusals: [Int: Metrics.Counter]
    private let line = Mutex(Line())

    private struct Line {
        var last: Duration?
        var count = 0
    }

    /// Anybody can send what is refused, so the log has a line a minute at most. The metric counts each.
    static let linesApart = Duration.seconds(60)
    private static let statuses = [400, 401, 403, 405, 413, 414, 415, 422, 429, 431, 503]
    private static let others = 0

    init(_ log: Log, _ metrics: Metrics) {
        self.log = log
        counters = Dictionary(
            uniqueKeysWithValues: MessageDialect.PassedOver.allCases.map { why in
                (
                    why,
                    metrics.counter(
                        "dayu_messages_passed_over_total", ["because": why.rawValue],
                        help: "Messages of phones that were taken and go nowhere.")
                )
            })
        refusals = Dictionary(
            uniqueKeysWithValues: (Self.statuses + [Self.others]).map { status in
                (
                    status,
                    metrics.counter(
                        "dayu_messages_refused_total",
                        ["status": status == Self.others ? "other" : "\(status)"],
                        help: "Messages of phones that a gateway was refused, by the status of the answer.")
                )
            })
    }

    /// - Parameter now: since some moment that stays the same.
    /// - Returns: whether the log got a line.
    @discardableResult func refused(_ status: Int, at now: Duration) -> Bool {
        (refusals[status] ?? refusals[Self.others])?.add()
        let count: Int? = line.withLock { line in
            line.count += 1
            if let last = line.last, now - last < Self.linesApart { return nil }
            defer { line = Line(last: now) }
            return line.count
        }
        guard let count else { return false }
        log.warning(
            "messages of phones are refused; the gateway may lose them",
            ["status": .of(status), "count": .of(count)])
        return true
    }

    /// A line for each request, without the numbers and the texts.
    func note(_ passedOver: API.Plan.PassedOver) {
        for (why, counter) in counters {
            let count = passedOver.why.count { $0 == why }
            guard count > 0 else { continue }
            counter.add(count)
            log.warning(
                "messages of phones are passed over",
                ["gateway": .text("\(passedOver.by)"), "count": .of(count), "reason": .text(why.told)])
        }
    }
}

extension MessageDialect.PassedOver {
    fileprivate var told: String {
        switch self {
        case .number: "the sender's number is a short one, or not a phone number"
        case .text: "the text is empty or too long"
        case .charset: "the text is not in the charset that the gateway names, or names none"
        }
    }
}
