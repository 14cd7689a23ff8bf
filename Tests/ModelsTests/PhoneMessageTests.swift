import Models
import Testing

@Suite("A message of a phone")
struct PhoneMessageTests {
    private func message(_ text: String) -> PhoneMessage {
        PhoneMessage(
            handle: NumberHandle([UInt8](0..<16)), gateway: GatewayID(literal: "sms"), id: "1", text: text)
    }

    @Test(
        "asks for no more messages in the words that the gateways tell people to send",
        arguments: ["STOP", "stop", " Stop. ", "T", "t", "TD", "ＴＤ", "退订", "退訂。", "\u{200B}T\u{200B}"])
    func ends(_ text: String) { #expect(message(text).asksForNoMore) }

    @Test(
        "asks for nothing of that kind in other words",
        arguments: [
            "", "1", "不要退订", "T 恤在河里", "Stop the factory", "TDD", String(repeating: " ", count: 99) + "T",
        ])
    func goesOn(_ text: String) { #expect(!message(text).asksForNoMore) }
}
