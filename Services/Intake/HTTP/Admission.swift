import HTTP
import Host
import Models
import Synchronization

/// Whether a request is let in. It is decided from the request's head, so that nobody's body is read who has
/// no key where one is needed, or who asks too often.
final class Admission: Sendable {
    /// Nil: no limit.
    struct Rates: Sendable {
        /// Of an address, for what comes without a gateway's key.
        var address: Rate?
        /// Of a gateway for which the registry names none.
        var gateway: Rate?
    }

    enum Audience {
        /// The public, and gateways with their keys.
        case everybody
        /// Whoever holds a link or a complaint's id; a key counts for nothing.
        case holders
        case gateways
    }

    private enum Limit {
        static let addresses = 50_000
        static let gateways = 10_000
    }

    private let rates: Rates
    private let addresses = Mutex(Buckets<IPAddress>(limit: Limit.addresses))
    private let gateways = Mutex(Buckets<GatewayID>(limit: Limit.gateways))
    private let limited: [Limited: Metrics.Counter]

    private enum Limited: String, CaseIterable {
        case address, gateway
    }

    init(_ rates: Rates, _ metrics: Metrics) {
        self.rates = rates
        let counters = Limited.allCases.map { whose in
            (
                whose,
                metrics.counter(
                    "dayu_requests_limited_total", ["of": whose.rawValue], help: "Requests refused with 429.")
            )
        }
        limited = Dictionary(uniqueKeysWithValues: counters)
    }

    /// - Parameters:
    ///   - request: its address is the client's, whatever proxies are between.
    ///   - now: see `TokenBucket`.
    func check(
        _ request: Request, for audience: Audience, _ api: API, at now: Duration
    ) throws(Problem) {
        var gateway: Gateway?
        if audience != .holders {
            do throws(Problem) { gateway = try api.key(of: request) } catch {
                // Trying keys counts as well.
                try take(of: request, at: now)
                throw error
            }
        }
        guard let gateway else {
            try take(of: request, at: now)
            if audience == .gateways { throw Problem(turnedAway: .unproved("a gateway's key is needed")) }
            return
        }
        guard let rate = gateway.requestsPerMinute.map({ Rate(perMinute: max(1, $0)) }) ?? rates.gateway
        else { return }
        let wait = gateways.withLock { $0.take(from: gateway.id, rate, at: now) }
        if let wait { throw refusal(.gateway, rate, wait) }
    }

    private func take(of request: Request, at now: Duration) throws(Problem) {
        guard let rate = rates.address, let address = IPAddress(request.peerAddress) else { return }
        let wait = addresses.withLock { $0.take(from: address.network, rate, at: now) }
        if let wait { throw refusal(.address, rate, wait) }
    }

    /// 429 that says when to come again (RFC 6585 §4).
    private func refusal(_ whose: Limited, _ rate: Rate, _ wait: Duration) -> Problem {
        limited[whose]?.add()
        let seconds = wait.components.seconds + 1
        return Problem(
            status: 429, detail: "\(rate.perMinute) requests a minute are the limit of one \(whose.rawValue)",
            headers: [("Retry-After", "\(seconds)")])
    }
}
