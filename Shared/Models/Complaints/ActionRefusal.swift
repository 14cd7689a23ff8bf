/// Why an action changed nothing, for whoever sent it.
public struct ActionRefusal: Hashable, Sendable, Codable {
    public enum Reason: String, CaseIterable, Sendable, Codable {
        /// There is no such complaint.
        case unknown
        /// No one in this role may do it.
        case role
        /// The complaint's status does not allow it.
        case status
        /// The sender is not in charge of the complaint.
        case notInCharge = "not-in-charge"
        case late
        /// It was done as often as is allowed.
        case often
        /// A photo of the outcome is required.
        case photo
        /// What the action refers to does not exist, or the complaint can't go there.
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
