public import Text

/// A message that a phone sent to the city's number, as a gateway delivered it.
///
/// Intake writes it, keyed by the sender's handle, and Dispatch reads it beside everything else about that
/// number. It does not hold the number: who may answer is known by the handle. The sender's number can be
/// forged, so a message is a weaker proof than a link.
public struct PhoneMessage: Hashable, Sendable, Codable {
    /// Also the record's key.
    public let handle: NumberHandle
    public let gateway: GatewayID
    /// The gateway's own name of the message; the same one again is the same message.
    public let id: String
    public let text: String
    /// When the gateway got it, by the gateway's clock.
    public let receivedAt: Instant?

    public static let type = EventType("sms", "message")

    public init(
        handle: NumberHandle, gateway: GatewayID, id: String, text: String, receivedAt: Instant? = nil
    ) {
        self.handle = handle
        self.gateway = gateway
        self.id = id
        self.text = text
        self.receivedAt = receivedAt
    }

    public var faults: [FieldFault] {
        TextRule.text("text", text) + TextRule.short("id", id, characters: Limit.idempotencyKeyBytes)
    }

    /// Whether the sender wants no more messages: STOP, T, TD, 退订. Such a message must not lead to more of
    /// them.
    public var asksForNoMore: Bool {
        guard text.utf8.count <= Self.longestOrder else { return false }
        // Phones with a Chinese keyboard write the wide forms of Latin letters (Unicode, Halfwidth and
        // Fullwidth Forms).
        let narrow = text.visible.unicodeScalars.map { scalar in
            (0xFF01...0xFF5E).contains(scalar.value)
                ? Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar : scalar
        }
        let folded = String(String.UnicodeScalarView(narrow)).uppercased()
        return Self.orders.contains(folded.filter { $0.isLetter || $0.isNumber })
    }

    private static let orders: Set<String> = ["STOP", "T", "TD", "退订", "退訂"]
    private static let longestOrder = 64
}
