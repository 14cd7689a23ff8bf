/// Whoever was told of a link by SMS has opened its page, so the number is his who complained.
///
/// Intake writes it as it comes; Dispatch repeats it once on its own log, where it is kept for ever.
public struct NumberConfirmed: Hashable, Sendable, Codable {
    /// Also the record's key.
    public let handle: NumberHandle

    public static let type = EventType("number", "confirmed")

    public init(handle: NumberHandle) {
        self.handle = handle
    }
}
