import Links
import Models
import Support
import Testing

@testable import Disclosure

/// What lets its holder act here, as attackers and careless people wrote it.
@Suite("A handle, a key or an identity is hidden however it is written")
struct CapabilityTests {
    private static let handle = "Zq3-_xT0aB9cD8eF7gH6iA"
    private static let id = "943fe2d6-1792-85f8-981b-3e6fa8e21071"
    private static let key = GatewayKeyText(secret: (0..<32).map { $0 * 7 }).text

    /// One such address ended Disclosure, and every start of it after that.
    @Test("an address that ends in any number of letters is read to its end and no further")
    func ends() {
        for name in ["river-photo-2026-11-23", Self.handle, "aB3_-aB3_-aB3_-aB3_-aB3_-aB3_-aB3_-"] {
            for length in 0...name.count {
                for lead in ["", "/", "/act%23", "/?t=", "/#", "/-"] {
                    let address = "https://example.org\(lead)\(name.prefix(length))"
                    #expect(Redaction.redacted(address: address).hasPrefix("https://example.org"))
                    #expect(!Redaction.redacted(address).isEmpty)
                }
            }
        }
    }

    @Test("random letters in any text and address end nothing")
    func random() {
        var random = SplitMix64(seed: 7)
        let letters = Array("aZ09-_./=#%，。 8b\u{301}")
        for _ in 0..<3000 {
            let text = String(
                (0..<Int.random(in: 0...60, using: &random)).map { _ in random.one(of: letters) })
            _ = Redaction.redacted(text)
            _ = Redaction.redacted(address: "https://example.org/\(text)")
        }
    }

    @Test("an identity without its last digits, whatever follows it", arguments: [Self.id, bare])
    func cutIdentity(_ whole: String) {
        for length in 24..<whole.count {
            let rest = String(whole.prefix(length))
            for next in [" 还没有回复", "\n还", ".", "/", "：", "-", "，", " and", " a", ".jpg", ".bmp"] {
                let text = Redaction.redacted("编号\(rest)\(next)")
                #expect(!text.contains(rest.prefix(19)), "\(rest)\(next): \(text)")
                #expect(text.hasPrefix("编号▇▇▇"), "\(rest)\(next): \(text)")
            }
            for next in [".jpg", "/x.jpg", "/a.jpg"] {
                let address = Redaction.redacted(address: "https://example.org/\(rest)\(next)")
                #expect(address == "https://example.org/▇▇▇", "\(rest)\(next)")
            }
        }
    }

    private static let bare = Self.id.replacing("-", with: "")

    @Test(
        "an identity with anything between its groups or digits",
        arguments: ["，", "、", "|", "*", "+", "~", "·", "…", "==", "杠", "减", " 和 ", "。"])
    func separatedIdentity(_ mark: String) {
        let other = Self.id.replacing("-", with: mark)
        #expect(Redaction.redacted("我的\(other)。") == "我的▇▇▇。")
        let half = Self.id.prefix(18) + mark + Self.id.dropFirst(18)
        #expect(Redaction.redacted("我的\(half)。") == "我的▇▇▇。", "\(half)")
        let bare = Array(Self.bare)
        let fours = stride(from: 0, to: 32, by: 4).map { String(bare[$0..<$0 + 4]) }.joined(separator: mark)
        #expect(Redaction.redacted("我的\(fours)。") == "我的▇▇▇。", "\(fours)")
    }

    @Test("a key with anything between its characters", arguments: [".", "，", " ", "|", "和"])
    func separatedKey(_ mark: String) {
        let spelled = Self.key.map(String.init).joined(separator: mark)
        #expect(Redaction.redacted("用\(spelled)。") == "用▇▇▇。")
        let key = Array(Self.key)
        let pieces = stride(from: 0, to: key.count, by: 13).map { String(key[$0..<min($0 + 13, key.count)]) }
        #expect(Redaction.redacted("用\(pieces.joined(separator: mark))。") == "用▇▇▇。")
    }

    @Test(
        "a handle in pieces, or with a mark after each of its characters",
        arguments: [".", "，", "*", "|", "/"])
    func separatedHandle(_ mark: String) {
        let spelled = "92DuWgpZTveIY1tZsqIomw".map(String.init).joined(separator: mark)
        #expect(Redaction.redacted("用\(spelled)，谢谢") == "用▇▇▇，谢谢")
        let pieces = ["92DuW", "gpZTv", "eIY1t", "ZsqIomw"].joined(separator: mark)
        #expect(Redaction.redacted("用\(pieces)，谢谢") == "用▇▇▇，谢谢")
    }

    @Test(
        "the user name in a picture's address is not shown",
        arguments: [
            ("https://lilei:secret@10.0.0.1/x.jpg", "https://10.0.0.1/▇▇▇"),
            ("https://lilei@localhost/x.jpg", "https://localhost/▇▇▇"),
            ("https://lilei88@[::1]/x.jpg", "https://[::1]/▇▇▇"),
            ("https://example.org/?t=92DuWgpZTveIY1tZsqIo", "https://example.org/▇▇▇"),
        ])
    func userNames(_ address: String, _ shown: String) {
        #expect(Redaction.redacted(address: address) == shown)
    }

    @Test(
        "numbers, cards and names in usual spellings",
        arguments: [
            ("Tel.87654321", "Tel.▇▇▇"), ("fax 87654321", "fax ▇▇▇"), ("传真：87654321", "传真：▇▇▇"),
            ("号码：87654321", "号码：▇▇▇"), ("電話：87654321", "電話：▇▇▇"), ("☎87654321", "☎▇▇▇"),
            ("请打1795113800138000", "请打▇▇▇"), ("0571-87654321、87654322。", "▇▇▇、▇▇▇。"),
            ("3782 822463 10005", "▇▇▇"), ("41-11-11-11-11-11-11-11", "▇▇▇"),
            ("lilei@qq，com", "▇▇▇"), ("lilei@@qq.com", "▇▇▇"), ("lilei@qq·com", "▇▇▇"),
            ("lilei@qq..com", "▇▇▇"),
            ("微信👉riverli88", "微信👉▇▇▇"), ("微信→riverli88", "微信→▇▇▇"), ("微信搜riverli88", "微信搜▇▇▇"),
            ("微信|riverli88", "微信|▇▇▇"), ("QQ→123456789", "QQ→▇▇▇"), ("Q：123456789", "Q：▇▇▇"),
            ("电报 @riverli88", "电报 @▇▇▇"),
        ])
    func spellings(_ text: String, _ shown: String) {
        #expect(Redaction.redacted(text) == shown)
    }

    @Test(
        "lists and codes beside them stay",
        arguments: [
            "a@qq.com,please".replacing("a@qq.com", with: "小李"), "2026,11,23、0830、1200", "0571-12345、12345",
            "A座、B座、C座，1、2、3、4、5、6、7、8号楼",
            "W01、W02、W03、W04、W05、W06、W07、W08", "pH 7.2、8.1、7.9", "门牌号码12",
        ])
    func stay(_ text: String) {
        #expect(Redaction.redacted(text) == text)
    }
}
