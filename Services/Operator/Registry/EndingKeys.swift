import Models

/// The gateways that have no valid key any more, or will soon have none.
///
/// It does not matter that a key ends while its gateway has another key that lasts longer: this is how keys
/// are replaced.
struct EndingKeys {
    struct Ending: Equatable {
        /// The gateway's key that lasts longest.
        let key: GatewayKey
        let hasEnded: Bool
        let what: String
    }

    let endings: [Ending]

    /// Long enough to hand over a new key.
    private static let noticeDays = 14

    init(_ keys: some Sequence<GatewayKey>, at now: Instant) {
        let ofGateway = Dictionary(grouping: keys, by: \.gateway).sorted { $0.key < $1.key }
        endings = ofGateway.compactMap { gateway, keys in
            let ends = keys.compactMap { key in key.validUntil.map { (key, $0) } }
            guard ends.count == keys.count, let (key, end) = ends.max(by: { $0.1 < $1.1 }),
                end - now <= .seconds(Self.noticeDays * 86_400)
            else { return nil }
            let hasEnded = !key.isValid(at: now)
            let what =
                hasEnded
                ? "\(gateway) has no valid key: its last key ended at \(end)"
                : "\(gateway) has no valid key after \(end): make a new one with dayu key new"
            return Ending(key: key, hasEnded: hasEnded, what: what)
        }
    }
}

extension RegistryReading {
    func endingKeys(at now: Instant) -> [Finding] {
        let keys = entities.compactMap { entity in
            if case .gatewayKey(let key) = entity { key } else { nil }
        }
        return EndingKeys(keys, at: now).endings.map { ending in
            let key = RegistryEntity.gatewayKey(ending.key).key
            return Finding(key.kind.file, standing.rows[key], ending.what, weight: .warning)
        }
    }
}
