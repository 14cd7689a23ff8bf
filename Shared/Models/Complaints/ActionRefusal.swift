/// Why an action led to nothing, for whoever asked for it.
public struct ActionRefusal: Hashable, Sendable, Codable {
    public enum Reason: String, CaseIterable, Sendable, Codable {
        /// There is no such complaint.
        case unknown
        /// Nobody in this role may do it.
        case role
        /// Not while the complaint stands where it does.
        case status
        /// It is not this one's complaint.
        case notInCharge = "not-in-charge"
        case late
        /// It was done as often as it may be.
        case often
        /// The outcome must be shown.
        case photo
        /// What it refers to is not there, or is no place to go.
        case target
    }

    public let complaint: TrackingCode
    /// The identity of the refused action.
    public let action: String
    public let verb: ComplaintAction.Name
    public let by: Actor
    public let reason: Reason
    public let detail: String
    public let at: Instant

    public init(
        complaint: TrackingCode, action: String, verb: ComplaintAction.Name, by: Actor, reason: Reason,
        detail: String, at: Instant
    ) {
        self.complaint = complaint
        self.action = action
        self.verb = verb
        self.by = by
        self.reason = reason
        self.detail = detail
        self.at = at
    }
}
