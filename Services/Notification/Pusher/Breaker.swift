/// Whether a gateway is given messages. It is pure: time is an argument.
///
/// A gateway that fails is left alone for a pause, which doubles with each further failure. Then a single
/// message tries it, and once that one has its answer, messages go as usual.
struct Breaker: Equatable, Sendable {
    typealias Moment = ContinuousClock.Instant

    /// What an answer, or the lack of one, says about the gateway.
    enum News: Equatable, Sendable {
        /// It answered a message, whether it took it or not.
        case works
        /// It takes nothing now.
        case busy(Duration?)
        /// Nobody listens there.
        case gone
        /// It did not answer in time.
        case silent
        /// It takes no message until somebody repairs it.
        case broken

        var endsPause: Bool { self == .works }
    }

    enum Door: Equatable, Sendable {
        case open
        /// One message may try.
        case ajar
        case closed(until: Moment)
    }

    private var closedUntil: Moment?
    private(set) var failures = 0
    private(set) var reason: String?

    /// Single messages may fail by chance. Silence and faults count only when nothing else happens.
    private static let patience = 3
    private static let first: Duration = .seconds(1)
    private static let longest: Duration = .seconds(60)
    private static let firstRepair: Duration = .seconds(10)
    private static let longestRepair: Duration = .seconds(300)
    private static let longestBusy: Duration = .seconds(3600)

    func door(at now: Moment) -> Door {
        guard let closedUntil else { return .open }
        return now < closedUntil ? .closed(until: closedUntil) : .ajar
    }

    mutating func note(_ news: News, _ reason: String, at now: Moment) {
        if isClosed(at: now), !news.endsPause {
            // It was asked before the pause began. One failure of many messages in flight is one failure.
            if case .busy(let time?) = news {
                close(for: min(max(time, Self.first), Self.longestBusy), at: now)
            }
            return
        }
        switch news {
        case .works:
            self = Breaker()
            return
        case .busy(let time?): close(for: min(max(time, Self.first), Self.longestBusy), at: now)
        case .busy(nil), .gone: close(for: pause(Self.first, Self.longest, failures), at: now)
        case .silent where failures + 1 < Self.patience && closedUntil == nil: break
        case .broken where failures + 1 < Self.patience && closedUntil == nil: break
        case .silent:
            close(for: pause(Self.first, Self.longest, failures + 1 - Self.patience), at: now)
        case .broken:
            close(for: pause(Self.firstRepair, Self.longestRepair, failures + 1 - Self.patience), at: now)
        }
        failures += 1
        self.reason = reason
    }

    private func isClosed(at now: Moment) -> Bool { closedUntil.map { now < $0 } ?? false }

    private mutating func close(for time: Duration, at now: Moment) {
        closedUntil = max(closedUntil ?? now, now + time)
    }

    private func pause(_ first: Duration, _ longest: Duration, _ doublings: Int) -> Duration {
        // More doublings than these change nothing.
        min(first * (1 << min(max(0, doublings), 10)), longest)
    }
}
