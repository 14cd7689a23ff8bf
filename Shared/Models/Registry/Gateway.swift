import Text

/// Another party's system that talks to the suite: an app, a hotline's system, an SMS gateway, a station.
public struct Gateway: Hashable, Sendable, Codable {
    public let id: GatewayID
    public let name: Name
    /// The channel of this gateway's complaints. The gateway itself can't choose it.
    public let channel: Channel
    public let scopes: [Scope]
    /// Nil: the usual limit for gateways.
    public let requestsPerMinute: Int?
    /// The addresses that the gateway may call from; empty: any.
    public let addresses: [AddressBlock]

    public init(
        id: GatewayID, name: Name, channel: Channel, scopes: [Scope], requestsPerMinute: Int? = nil,
        addresses: [AddressBlock] = []
    ) {
        self.id = id
        self.name = name
        self.channel = channel
        self.scopes = scopes
        self.requestsPerMinute = requestsPerMinute
        self.addresses = addresses
    }

    public func mayCall(from address: IPAddress) -> Bool {
        addresses.isEmpty || addresses.contains { $0.contains(address) }
    }
}

/// One of a gateway's keys; only its hash is known. A gateway has several keys while an old one is being
/// replaced.
public struct GatewayKey: Hashable, Sendable, Codable {
    public let gateway: GatewayID
    /// The hash is also the entity's identifier: 64 hexadecimal digits are just short enough for one.
    public let sha256: KeyHash
    /// From this moment on the key is refused; nil: it never expires.
    public let validUntil: Instant?

    public init(gateway: GatewayID, sha256: KeyHash, validUntil: Instant? = nil) {
        self.gateway = gateway
        self.sha256 = sha256
        self.validUntil = validUntil
    }

    public func isValid(at moment: Instant) -> Bool { validUntil.map { moment < $0 } ?? true }
}

/// The SHA-256 of a gateway's key, written as 64 lower-case hexadecimal digits.
public struct KeyHash: Hashable, Sendable, CustomStringConvertible {
    public let bytes: [UInt8]

    private static let count = 32

    /// Nil if there are not 32 bytes.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.count else { return nil }
        self.bytes = bytes
    }

    /// Only one spelling is accepted, so comparing texts is comparing hashes.
    public init?(_ text: some StringProtocol) {
        let digits = Array(text.utf8)
        guard digits.count == 2 * Self.count, !digits.contains(where: { (0x41...0x5A).contains($0) })
        else { return nil }
        let values = digits.compactMap { hexadecimal($0) as UInt8? }
        guard values.count == digits.count else { return nil }
        bytes = (0..<Self.count).map { values[2 * $0] << 4 | values[2 * $0 + 1] }
    }

    public var description: String {
        String(decoding: bytes.flatMap { [hexadecimal($0 >> 4), hexadecimal($0 & 15)] }, as: UTF8.self)
    }
}

extension KeyHash: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let hash = KeyHash(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "not a SHA-256 of 64 lower-case hexadecimal digits")
        }
        self = hash
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension Registry {
    /// The gateway whose key has this hash and is valid at this moment.
    ///
    /// The time of the look-up need not be constant: it compares hashes, and an attacker without the key
    /// can't choose its hash bit by bit.
    public func gateway(withKeyHash hash: KeyHash, at moment: Instant) -> Gateway? {
        guard let key = gatewayKeys[hash], key.isValid(at: moment) else { return nil }
        return gateways[key.gateway]
    }
}
