import Models
import Text

/// What the rows of `gateways.csv` and `gateway-keys.csv` mean.
extension RowReading {
    private static let requestsPerMinute = 1...1_000_000

    mutating func gateway() -> RegistryEntity? {
        let id: GatewayID? = identifier()
        let name = name()
        let channel = choice("channel", of: Channel.allCases)
        let scopes = scopes()
        let requests = optionalWholeNumber("requests_per_minute", in: Self.requestsPerMinute)
        let addresses = list(
            "addresses", as: { AddressBlock($0) }, example: "an IP address or a block such as 10.1.0.0/16")
        if let id, id.rawValue.hasPrefix(Self.ownPrefix) {
            fault("id \"\(id)\" begins with \"\(Self.ownPrefix)\", which is for the suite's own services")
        }
        if channel == .station, scopes.contains(.complaints) {
            fault("channel station is for the suite's own alarms: a gateway can't use it")
        }
        guard let id, let name, let channel else { return nil }
        return .gateway(
            Gateway(
                id: id, name: name, channel: channel, scopes: scopes, requestsPerMinute: requests,
                addresses: addresses))
    }

    /// No gateway's id may begin with this: a complaint may also come from a service of the suite, such as
    /// Analytics for alarms.
    private static let ownPrefix = "dayu-"

    private mutating func scopes() -> [Gateway.Scope] {
        if value("scopes").isEmpty { fault("scopes is empty: the gateway would have no rights") }
        let scopes = list(
            "scopes", as: { Gateway.Scope($0) },
            example: "complaints, readings, readings:section/…, readings:station/…, actions:chief/…, "
                + "actions:office/…, actions:department/…, receipts or messages")
        for key in scopes.compactMap(\.target) {
            // Readings of an enterprise's outfall have its scope in the same words.
            let outfall = key.kind == .section ? RegistryKey(kind: .outfall, id: key.id) : nil
            refer(to: key, or: outfall, column: "scopes")
        }
        return scopes
    }

    mutating func gatewayKey() -> RegistryEntity? {
        let gateway: GatewayID? = reference("gateway", to: .gateway)
        if value("key_sha256").isEmpty { fault("key_sha256 is empty") }
        let hash = optional(
            "key_sha256", as: { KeyHash($0) },
            example: "a SHA-256 of 64 lower-case hexadecimal digits; dayu key new prints it")
        let end = optional(
            "valid_until", as: { Instant(rfc3339: $0) },
            example: "a moment such as 2027-01-01T00:00:00+08:00")
        guard let gateway, let hash else { return nil }
        return .gatewayKey(GatewayKey(gateway: gateway, sha256: hash, validUntil: end))
    }
}

extension Gateway.Scope {
    /// The entity that the scope names.
    fileprivate var target: RegistryKey? {
        switch self {
        case .readingsOfSection(let id): RegistryKey(kind: .section, id: id.rawValue)
        case .readingsOfStation(let id): RegistryKey(kind: .station, id: id.rawValue)
        case .actions(.chief(let id)): RegistryKey(kind: .chief, id: id.rawValue)
        case .actions(.office(let id)): RegistryKey(kind: .region, id: id.rawValue)
        case .actions(.department(let id)): RegistryKey(kind: .department, id: id.rawValue)
        case .complaints, .readings, .receipts, .messages: nil
        }
    }
}
