/// An official opened a complaint at his desk, and has so seen what was new to him. Kept on the topic
/// `access` beside the views of contacts: both say who has looked at what.
public struct ComplaintOpened: Hashable, Sendable, Codable {
    public static let type = EventType("complaint", "opened")

    public let complaint: TrackingCode
    public let by: Actor

    public init(complaint: TrackingCode, by: Actor) {
        self.complaint = complaint
        self.by = by
    }
}

extension Actor {
    /// The key of this person's records on `access`: `office/xihu`. An office's clerks have the same.
    public var accessKey: String { [role.rawValue, id].compactMap(\.self).joined(separator: "/") }
}
