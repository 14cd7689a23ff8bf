public import Text

/// What an office makes public by its decision: until then it is a draft, which the site shows as one.
public struct Publication: Hashable, Sendable, Codable {
    public enum Kind: String, CaseIterable, Sendable, Codable {
        /// The monthly bulletin of the city's waters (水质月报).
        case bulletin
    }

    public enum Verdict: String, CaseIterable, Sendable, Codable {
        case released
        /// It is a draft again.
        case withdrawn
    }

    public let kind: Kind
    public let month: String
    public let verdict: Verdict
    public let by: Actor
    public let gateway: GatewayID?
    public let at: Instant
    /// The fingerprint of the figures that the office saw. If they change later, the page says so.
    public let fingerprint: String

    public init(
        _ kind: Kind, _ month: Month, _ verdict: Verdict, by: Actor, gateway: GatewayID?, at: Instant,
        fingerprint: String
    ) {
        self.kind = kind
        self.month = month.description
        self.verdict = verdict
        self.by = by
        self.gateway = gateway
        self.at = at
        self.fingerprint = fingerprint
    }

    /// `bulletin/2026-10`: the newest decision about a bulletin is the one that holds.
    public var key: String { "\(kind.rawValue)/\(month)" }

    public static let type = EventType("publication", "decided")

    public var faults: [FieldFault] {
        var faults: [FieldFault] = []
        if Month(month) == nil { faults.append(FieldFault("month", "is not a month such as 2026-11")) }
        if !Self.isDigest(fingerprint) {
            faults.append(FieldFault("fingerprint", "is not 32 hexadecimal digits"))
        }
        return faults
    }

    public static func isDigest(_ text: String) -> Bool {
        text.utf8.count == 32
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}

extension Registry {
    /// What is about the whole city is released by the office of the city, or by one above it.
    public func mayPublish(_ office: RegionID) -> Bool {
        guard let region = regions[office] else { return false }
        return region.parent == nil || region.level >= .city
    }
}
