/// An official looked at the contact of a complaint. Kept on the topic `access`, whose key is the official.
public struct ContactViewed: Hashable, Sendable, Codable {
    public static let type = EventType("contact", "viewed")

    public let complaint: TrackingCode
    public let by: Actor

    public init(complaint: TrackingCode, by: Actor) {
        self.complaint = complaint
        self.by = by
    }
}
