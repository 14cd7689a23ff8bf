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

    /// The text as an order or an answer is read: with narrow Latin letters and digits. Phones with a Chinese
    /// keyboard write the wide forms (Unicode, Halfwidth and Fullwidth Forms).
    public var plain: String {
        let narrow = text.visible.unicodeScalars.map { scalar -> Unicode.Scalar in
            switch scalar.value {
            case 0xFF01...0xFF5E: return Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar
            case 0x3000: return " "
            default: return scalar
            }
        }
        return String(String.UnicodeScalarView(narrow))
    }

    /// Whether the sender wants no more messages: STOP, T, TD, 退订. Such a message must not lead to more of
    /// them.
    public var asksForNoMore: Bool { isOrder(of: ["STOP", "T", "TD", "退订", "退訂"]) }

    /// Whether he wants them again.
    public var asksForMore: Bool { isOrder(of: ["START", "恢复", "恢復"]) }

    private func isOrder(of orders: Set<String>) -> Bool {
        guard text.utf8.count <= Self.longestOrder else { return false }
        return orders.contains(plain.uppercased().filter { $0.isLetter || $0.isNumber })
    }

    private static let longestOrder = 64
}
