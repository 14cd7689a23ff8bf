/// The person who got a link by SMS has opened its page, so the number belongs to the complainant.
///
/// Intake writes one each time a link is opened; Dispatch repeats it once on its own log, where it is kept
/// for ever. A message from the number (`PhoneMessage`) leads to the same record there.
public struct NumberConfirmed: Hashable, Sendable, Codable {
    /// Also the record's key.
    public let handle: NumberHandle

    public static let type = EventType("number", "confirmed")

    public init(handle: NumberHandle) {
        self.handle = handle
    }
}
