import Foundation
import Links
import Models
import Testing

@Suite("The token in an address that an SMS gateway calls")
struct GatewayTokenTests {
    private let key: NumberKey
    private let other: NumberKey
    private let handle: NumberHandle

    init() throws {
        key = try NumberKey(String(repeating: "5a", count: 32))
        other = try NumberKey(String(repeating: "5b", count: 32))
        handle = key.handle(of: try PhoneNumber("+86 000 0000 0101", country: nil))
    }

    private var job: GatewayToken {
        .job(gateway: "kannel-1", handle: handle, reference: "7KQ29XM4T1H0C.2/chief/wang", attempt: 3)
    }

    @Test("names what it was made for, and needs no escape in an address")
    func whole() {
        for token in [job, .gateway("aliyun-2"), .messages("kannel-1")] {
            let text = token.text(key)
            #expect(GatewayToken(text, key) == token)
            #expect(text.utf8.allSatisfy { UInt8(ascii: "%") != $0 && $0 > 0x20 && $0 < 0x7F })
            #expect(text.utf8.count < 250, "Aliyun takes 256 bytes")
        }
        #expect(job.gateway == "kannel-1" && GatewayToken.messages("kannel-1").gateway == "kannel-1")
    }

    @Test("is not made without the key, and no other can be made from it")
    func forged() {
        let text = job.text(key)
        #expect(GatewayToken(text, other) == nil)
        for index in text.indices {
            var changed = text
            changed.replaceSubrange(index...index, with: text[index] == "A" ? "B" : "A")
            #expect(GatewayToken(changed, key) == nil)
        }
        for wrong in ["", "A", text + "A", String(text.dropLast()), String(repeating: "A", count: 20_000)] {
            #expect(GatewayToken(wrong, key) == nil)
        }
    }

    @Test("a number's handle is no token, and the token of reports is not that of messages")
    func apart() {
        #expect(GatewayToken(handle.text, key) == nil)
        let (reports, messages) = (GatewayToken.gateway("kannel-1"), GatewayToken.messages("kannel-1"))
        #expect(reports.text(key) != messages.text(key))
    }
}
