public import HTTP
public import Models
public import Processing
import Synchronization

/// How often one client address, or one IPv6 network, may ask.
public final class AddressLimit: Sendable {
    /// Half of the number of addresses that are remembered at most.
    private static let addresses = 50_000

    private let rate: Rate?
    private let whose: String
    private let buckets = Mutex(Buckets<IPAddress>(limit: addresses))
    private let limited: Metrics.Counter

    /// - Parameters:
    ///   - rate: nil for no limit.
    ///   - whose: what the address is called in the refusal and in `dayu_requests_limited_total`.
    public init(_ rate: Rate?, of whose: String = "address", _ metrics: Metrics) {
        self.rate = rate
        self.whose = whose
        limited = metrics.requestsLimited(of: whose)
    }

    /// The refusal of a request from this address; nil if the request is let in.
    ///
    /// - Parameters:
    ///   - client: nil where nobody knows it; such a request is let in.
    ///   - now: see `TokenBucket`.
    public func refusal(of client: IPAddress?, at now: Duration) -> Problem? {
        guard let rate, let client else { return nil }
        let wait = buckets.withLock { $0.take(from: client.network, rate, at: now) }
        guard let wait else { return nil }
        limited.add()
        return Problem(moreThan: rate, of: whose, wait)
    }

    /// A request from this address, which was let in, counts elsewhere.
    public func giveBack(to client: IPAddress?) {
        guard let rate, let client else { return }
        buckets.withLock { $0.giveBack(to: client.network, rate) }
    }

    /// For `ServerSettings.admission`.
    public func admission(behind proxies: Proxies) -> @Sendable (Request) -> Response? {
        let started = ContinuousClock.now
        return { request in
            self.refusal(of: proxies.client(of: request), at: started.duration(to: .now))?.response
        }
    }
}

extension Problem {
    /// 429 that says when to come again (RFC 6585 §4).
    public init(moreThan rate: Rate, of whose: String, _ wait: Duration) {
        self.init(
            status: 429, detail: "the limit for one \(whose) is \(rate.perMinute) requests a minute",
            headers: [("Retry-After", "\(wait.components.seconds + 1)")])
    }
}

extension Metrics {
    public func requestsLimited(of whose: String) -> Counter {
        counter("dayu_requests_limited_total", ["of": whose], help: "Requests refused with 429.")
    }

    /// For `ServerSettings.noRoom`.
    public func noRoom() -> @Sendable (NoRoom) -> Void {
        let counters = Dictionary(
            uniqueKeysWithValues: NoRoom.allCases.map { what in
                (
                    what,
                    counter(
                        "dayu_turned_away_total", ["what": what.rawValue],
                        help: "Connections that were closed and bodies that were refused for want of room.")
                )
            })
        return { counters[$0]?.add() }
    }
}

extension SettingsReader {
    /// Requests in a minute; 0 is no limit, which is nil.
    public mutating func rate(_ name: String, preset: Int, help: String) -> Rate? {
        let perMinute = integer(name, preset: preset, in: 0...1_000_000, help: "\(help); 0: no limit")
        return perMinute > 0 ? Rate(perMinute: perMinute) : nil
    }
}
