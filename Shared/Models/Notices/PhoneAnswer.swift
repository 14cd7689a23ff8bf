/// What Dispatch made of a message that a phone sent. It holds neither number nor text.
///
/// Dispatch writes it on its own log, where it is kept for ever: so a message that a gateway brings twice is
/// answered once.
public struct PhoneAnswer: Hashable, Sendable, Codable {
    public enum Outcome: String, CaseIterable, Sendable, Codable {
        /// An action on a complaint was written.
        case acted
        /// He was asked which complaint he means.
        case askedWhich
        /// He was told that this needs the link, or a picture.
        case needsLink
        /// He was told what he may answer.
        case notUnderstood
        /// Nothing follows: he was asked nothing, or has been told often enough.
        case passedOver
        /// He wants no more messages, or wants them again.
        case stopped, resumed
        /// No message came in time: what citizens were asked on this number is closed, and their number is
        /// forgotten.
        case closed
        /// No message: he did it, or it is no longer his (`NoticeSettlement`).
        case settled
    }

    /// Also the record's key.
    public let handle: NumberHandle
    /// The gateway and its name of the message; with `closed` the moment, with `settled` the fact.
    public let message: String
    public let outcome: Outcome
    /// The complaint that is meant.
    public let complaint: TrackingCode?
    /// What was written; with `settled` `accept`, if he has only accepted it.
    public let action: ComplaintAction.Name?
    /// With `settled`: as whom he was asked.
    public let by: Actor?

    public static let type = EventType("sms", "answered")

    public init(
        handle: NumberHandle, message: String, outcome: Outcome, complaint: TrackingCode? = nil,
        action: ComplaintAction.Name? = nil, by actor: Actor? = nil
    ) {
        by = actor
        self.handle = handle
        self.message = message
        self.outcome = outcome
        self.complaint = complaint
        self.action = action
    }
}
