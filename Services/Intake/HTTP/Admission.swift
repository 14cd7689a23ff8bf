import HTTP
import Host
import Links
import Models
import Processing
import Synchronization
import Text

/// Decides whether a request is let in. It needs only the request's head. So no body is read if a needed
/// proof is missing or wrong, or if the client asks too often.
final class Admission: Sendable {
    /// Nil: no limit.
    struct Rates: Sendable {
        /// For an address that posts without a gateway's key.
        var address: Rate?
        /// For an address that reads without a gateway's key.
        var reader: Rate?
        /// For a gateway whose limit the registry does not name.
        var gateway: Rate?
    }

    enum Audience {
        /// The public, and gateways with their keys.
        case everybody
        case gateways
        /// Gateways and officials at the desk, on a complaint that the path names.
        case deputies
        /// The same, on many complaints that the body names.
        case deputiesOfMany
        /// Whoever holds a link or a complaint's id; keys are ignored.
        case holders
        /// Whoever holds a link.
        case linkHolders
        /// SMS gateways that report, with a token in the address or with a key. Without either they count as
        /// the public does: a report may have its token in the body.
        case reporters
        /// SMS gateways that hand over what phones sent, with a token in the address or with a key.
        case messengers
        /// Gateways whose key is in the body. Until it is read, they count as readers do.
        case forms
        /// Whoever reads, with any proof. The route itself checks it: there is no body to wait for.
        case readers
    }

    private enum Limit {
        static let gateways = 10_000
    }

    /// A gateway's reads and posts are counted separately, each with the same limit.
    private struct Asker: Hashable {
        let gateway: GatewayID
        let isReading: Bool
    }

    private let posts: AddressLimit
    private let reads: AddressLimit
    private let gatewayRate: Rate?
    private let gateways = Mutex(Buckets<Asker>(limit: Limit.gateways))
    private let officials = Mutex(Buckets<Actor>(limit: Limit.gateways))
    private let gatewayLimited: Metrics.Counter

    init(_ rates: Rates, _ metrics: Metrics) {
        posts = AddressLimit(rates.address, metrics)
        reads = AddressLimit(rates.reader, of: "reader", metrics)
        gatewayRate = rates.gateway
        gatewayLimited = metrics.requestsLimited(of: "gateway")
    }

    /// - Parameters:
    ///   - request: its address is the client's, whatever proxies are between.
    ///   - now: see `TokenBucket`.
    func check(
        _ request: Request, for audience: Audience, _ api: API, at now: Duration
    ) throws(Problem) {
        switch audience {
        case .readers, .forms: return try checkReader(request, api, at: now)
        case .reporters: return try checkReporter(request, api, at: now)
        case .messengers: return try checkMessenger(request, api, at: now)
        case .holders, .linkHolders: try take(from: posts, request, at: now)
        case .deputies where API.isOfDesk(request), .deputiesOfMany where API.isOfDesk(request):
            try checkDesk(request, api, at: now)
        case .everybody, .gateways, .deputies, .deputiesOfMany: try checkKey(request, api, at: now)
        }
        // Without its proof a request is refused here, before its body is read.
        switch audience {
        case .everybody, .readers, .forms, .reporters, .messengers: break
        case .gateways:
            if try api.key(of: request) == nil {
                throw Problem(turnedAway: .unproved("a gateway's key is needed"))
            }
        case .deputies: _ = try api.named(request)
        case .deputiesOfMany: _ = try api.deputy(request)
        case .holders: _ = try api.held(request)
        case .linkHolders: _ = try api.link(of: request)
        }
    }

    /// The second check of a form, with the key that was in its body. With a valid key the request counts for
    /// its gateway and no longer for a reader.
    func checkForm(_ request: Request, _ api: API, at now: Duration) throws(Problem) {
        guard let gateway = try api.key(of: request) else {
            throw Problem(turnedAway: .unproved("a gateway's key is needed"))
        }
        reads.giveBack(to: IPAddress(request.peerAddress))
        try take(of: gateway, isReading: false, at: now)
    }

    private func checkKey(_ request: Request, _ api: API, at now: Duration) throws(Problem) {
        let gateway: Gateway?
        do throws(Problem) { gateway = try api.key(of: request) } catch {
            // A wrong key counts as a request, too.
            try take(from: posts, request, at: now)
            throw error
        }
        if let gateway {
            try take(of: gateway, isReading: false, at: now)
        } else {
            try take(from: posts, request, at: now)
        }
    }

    /// A clerk who works off a list acts more often than an address may; so each person has the limit of a
    /// gateway. A pass that is not valid counts for its address.
    private func checkDesk(_ request: Request, _ api: API, at now: Duration) throws(Problem) {
        let person: Actor?
        do throws(Problem) { person = try api.official(of: request) } catch {
            try take(from: posts, request, at: now)
            throw error
        }
        guard let person, let rate = gatewayRate,
            let wait = officials.withLock({ $0.take(from: person, rate, at: now) })
        else { return }
        gatewayLimited.add()
        throw Problem(moreThan: rate, of: "official", wait)
    }

    /// Many actions in one request count like as many requests. The first of them was counted when the
    /// request came; if the request is refused here, it costs nothing of that limit. Or else each try would
    /// spend what the next one needs, however long it waited. It counts for its address instead, so that
    /// refusals have an end, too. More than a minute's rate count as a minute's, so that nobody waits in
    /// vain.
    func take(forMore count: Int, _ request: Request, _ api: API, at now: Duration) throws(Problem) {
        if let person = try api.official(of: request) {
            guard let rate = gatewayRate, let refill = rate.refill(forMore: count),
                let wait = officials.withLock({ $0.take(from: person, refill, orGiveBack: rate, at: now) })
            else { return }
            gatewayLimited.add()
            try take(from: posts, request, at: now)
            throw Problem(moreThan: rate, of: "official", wait)
        } else if let gateway = try api.key(of: request) {
            let asker = Asker(gateway: gateway.id, isReading: false)
            guard let rate = rate(of: gateway), let refill = rate.refill(forMore: count),
                let wait = gateways.withLock({ $0.take(from: asker, refill, orGiveBack: rate, at: now) })
            else { return }
            gatewayLimited.add()
            try take(from: posts, request, at: now)
            throw Problem(moreThan: rate, of: "gateway", wait)
        }
    }

    private func checkReporter(_ request: Request, _ api: API, at now: Duration) throws(Problem) {
        let reporter: API.Reporter?
        do throws(Problem) { reporter = try api.reporter(of: request) } catch {
            try take(from: posts, request, at: now)
            throw error
        }
        switch reporter {
        case nil: try take(from: posts, request, at: now)
        case .gateway(let name): try take(reporter: name, at: now)
        case .message(let token): try take(reporter: token.gateway, at: now)
        }
    }

    private func checkMessenger(_ request: Request, _ api: API, at now: Duration) throws(Problem) {
        let messenger: API.Messenger
        do throws(Problem) { messenger = try api.messenger(of: request) } catch {
            try take(from: posts, request, at: now)
            throw error
        }
        switch messenger {
        case .ofSettings(let id): try take(reporter: id.rawValue, at: now)
        case .ofRegistry(let gateway): try take(of: gateway, isReading: false, at: now)
        }
    }

    /// Gateways that report have the usual limit of gateways, each its own.
    private func take(reporter name: String, at now: Duration) throws(Problem) {
        guard let rate = gatewayRate, let id = GatewayID(name) else { return }
        try take(Asker(gateway: id, isReading: true), rate, at: now)
    }

    /// If the key is not valid, the route answers that later.
    private func checkReader(_ request: Request, _ api: API, at now: Duration) throws(Problem) {
        if let gateway = try? api.key(of: request) {
            try take(of: gateway, isReading: true, at: now)
        } else {
            try take(from: reads, request, at: now)
        }
    }

    private func take(from limit: AddressLimit, _ request: Request, at now: Duration) throws(Problem) {
        if let problem = limit.refusal(of: IPAddress(request.peerAddress), at: now) { throw problem }
    }

    private func take(of gateway: Gateway, isReading: Bool, at now: Duration) throws(Problem) {
        guard let rate = rate(of: gateway) else { return }
        try take(Asker(gateway: gateway.id, isReading: isReading), rate, at: now)
    }

    private func rate(of gateway: Gateway) -> Rate? {
        gateway.requestsPerMinute.map { Rate(perMinute: max(1, $0)) } ?? gatewayRate
    }

    private func take(_ asker: Asker, _ rate: Rate, at now: Duration) throws(Problem) {
        guard let wait = gateways.withLock({ $0.take(from: asker, rate, at: now) }) else { return }
        gatewayLimited.add()
        throw Problem(moreThan: rate, of: "gateway", wait)
    }

    /// For requests without a route: other paths, other methods, a browser's preflight.
    func checkStray(_ request: Request, at now: Duration) -> Response? {
        reads.refusal(of: IPAddress(request.peerAddress), at: now)?.response
    }
}

extension Buckets {
    /// Takes several tokens, or gives back the one that was taken before.
    fileprivate mutating func take(
        from key: Key, _ refill: TokenBucket.Refill, orGiveBack rate: Rate, at now: Duration
    ) -> Duration? {
        guard let wait = take(from: key, refill, at: now) else { return nil }
        giveBack(to: key, rate)
        return wait
    }
}

extension Rate {
    /// With it a bucket gives this many tokens at once, beside the one that was taken before; nil for none.
    fileprivate func refill(forMore count: Int) -> TokenBucket.Refill? {
        let tokens = min(count, perMinute - 1)
        guard tokens > 0 else { return nil }
        let minute = Duration.seconds(60)
        return TokenBucket.Refill(one: minute * tokens / perMinute, all: minute)
    }
}
