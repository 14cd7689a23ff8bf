import Models
import Processing

/// How often an address may fail to prove that a station calls from it. It is pure.
///
/// Nothing here affects a station that has proved its identity on its connection, or that calls from an
/// address of the registry.
struct StationGate: Sendable {
    struct Settings: Sendable {
        /// Failed attempts from one address, or one IPv6 network; nil: no limit.
        var attempts: Rate? = Rate(perMinute: 30)
        /// Connections at once of one address on which no station has proved its identity.
        var strangers = 100
    }

    private enum Limit {
        /// Half of the number of addresses that are remembered at most.
        static let addresses = 50_000
        static let stations = 10_000
        /// Wrong passwords for one station, from all addresses together. It is more than one address may try,
        /// so that one address alone can't keep a station away. A million passwords take 11 days.
        static let guesses = Rate(perMinute: 60)
    }

    /// A connection on which no station has proved its identity.
    private struct Stranger {
        let network: IPAddress
        var hasFailed = false
    }

    private let settings: Settings
    private var addresses = Buckets<IPAddress>(limit: Limit.addresses)
    private var stations = Buckets<StationID>(limit: Limit.stations)
    private var strangers: [Int: Stranger] = [:]
    private var countOfNetwork: [IPAddress: Int] = [:]
    /// From where each station last proved its identity with its password.
    private var homes: [StationID: IPAddress] = [:]

    init(_ settings: Settings) { self.settings = settings }

    // MARK: Connections

    /// Why the connection must be closed at once; nil if it may stay.
    mutating func open(_ line: Int, from address: IPAddress, at now: Instant) -> Refusal? {
        let network = address.network
        if isSpent(network, now) { return .attempts }
        guard countOfNetwork[network, default: 0] < settings.strangers else { return .connections }
        strangers[line] = Stranger(network: network)
        countOfNetwork[network, default: 0] += 1
        return nil
    }

    /// A connection that ends without a single frame of a station was an attempt, too, if anything came on
    /// it: proxies open and close connections to see whether somebody listens.
    mutating func close(_ line: Int, hasSpoken: Bool, at now: Instant) {
        guard let stranger = forget(line), !stranger.hasFailed, hasSpoken else { return }
        spend(stranger.network, now)
    }

    private mutating func forget(_ line: Int) -> Stranger? {
        guard let stranger = strangers.removeValue(forKey: line) else { return nil }
        let rest = countOfNetwork[stranger.network, default: 1] - 1
        countOfNetwork[stranger.network] = rest > 0 ? rest : nil
        return stranger
    }

    // MARK: Proofs

    enum Refusal: String, Sendable {
        case attempts = "too many attempts from this address"
        case guesses = "too many wrong passwords for this station"
        case connections = "too many connections from this address"
    }

    /// Why a password is not looked at now; nil if it is.
    func refusal(of station: StationID?, from address: IPAddress?, at now: Instant) -> Refusal? {
        if let address, isSpent(address.network, now) { return .attempts }
        guard let station, address == nil || homes[station] != address?.network else { return nil }
        return stations.wait(for: station, Limit.guesses, at: Self.moment(now)) == nil ? nil : .guesses
    }

    mutating func proved(_ station: StationID, on line: Int, from address: IPAddress?) {
        _ = forget(line)
        homes[station] = address?.network
    }

    /// - Parameter station: the station for which the password is wrong; nil if there is no such station.
    mutating func failed(_ station: StationID?, on line: Int, from address: IPAddress?, at now: Instant) {
        strangers[line]?.hasFailed = true
        if let address { spend(address.network, now) }
        if let station { _ = stations.take(from: station, Limit.guesses, at: Self.moment(now)) }
    }

    mutating func keep(_ known: Set<StationID>) { homes = homes.filter { known.contains($0.key) } }

    private func isSpent(_ network: IPAddress, _ now: Instant) -> Bool {
        settings.attempts.flatMap { addresses.wait(for: network, $0, at: Self.moment(now)) } != nil
    }

    private mutating func spend(_ network: IPAddress, _ now: Instant) {
        if let rate = settings.attempts { _ = addresses.take(from: network, rate, at: Self.moment(now)) }
    }

    private static func moment(_ now: Instant) -> Duration { .milliseconds(now.millisecondsSince1970) }
}
