import Testing

@testable import Disclosure

@Suite("Redaction takes personal data out of free text")
struct RedactionTests {
    @Test(
        "a number or an address of a person is replaced, and nothing around it",
        arguments: [
            ("电话13000000000，请回", "电话▇▇▇，请回"),
            ("130 0000 0000", "▇▇▇"),
            ("130-0000-0000。", "▇▇▇。"),
            ("130 00000000", "▇▇▇"),
            ("1300000 0000", "▇▇▇"),
            ("13800-138000", "▇▇▇"),
            ("138.0013.8000", "▇▇▇"),
            ("1 3 8 0 0 1 3 8 0 0 0", "▇▇▇"),
            ("１３８００１３８０００", "▇▇▇"),
            ("138\u{200B}0013\u{200B}8000", "▇▇▇"),
            ("+86 130 0000 0000 找我", "▇▇▇ 找我"),
            ("+8613000000000", "▇▇▇"),
            ("(+86)13000000000", "▇▇▇"),
            ("8613000000000", "▇▇▇"),
            ("0086-130-0000-0000", "▇▇▇"),
            ("013000000000", "▇▇▇"),
            ("+86 000 0000 7003", "▇▇▇"),
            ("微信abc13000000000xyz", "微信abc▇▇▇xyz"),
            ("13000000000或13000000001", "▇▇▇或▇▇▇"),
            ("13000000000 13000000001", "▇▇▇ ▇▇▇"),
            ("13000000000/0571-87654321", "▇▇▇/▇▇▇"),
            ("2026-11-23 13000000000", "2026-11-23 ▇▇▇"),
            ("0571-87654321", "▇▇▇"),
            ("(0571) 8765 4321", "▇▇▇"),
            ("（0571）87654321", "▇▇▇"),
            ("057187654321", "▇▇▇"),
            ("010 12345678", "▇▇▇"),
            ("021-1234-5678", "▇▇▇"),
            ("0579 8234567", "▇▇▇"),
            ("+86 571 8765 4321", "▇▇▇"),
            ("0086 571 87654321", "▇▇▇"),
            ("0571-87654321-8001", "▇▇▇-8001"),
            ("330106199001011234", "▇▇▇"),
            ("身份证33010619900101123X。", "身份证▇▇▇。"),
            ("33010619900101123x", "▇▇▇"),
            ("330106 19900101 1234", "▇▇▇"),
            ("li.lei+river@example.com.cn!", "▇▇▇!"),
            ("邮箱lilei@qq.com。", "邮箱▇▇▇。"),
            ("13000000000@139.com", "▇▇▇"),
            ("lilei＠qq.com", "▇▇▇"),
            ("Mail to a_b@example.org.", "Mail to ▇▇▇."),
        ])
    func hides(_ text: String, _ expected: String) {
        #expect(Redaction.redacted(text) == expected)
    }

    @Test(
        "dates, distances, figures and names of places stay",
        arguments: [
            "2026-11-23 08:15", "20261123", "2026.11.23", "1998-03-15 120米", "1998-03-15 10:20:30",
            "距桥约1500米，宽12.5米", "K12+350", "第3河段，编号 qiantang-river.3", "120.1384, 30.3205",
            "pH 7.1，氨氮0.35 mg/L，总磷0.034", "15 20 30 40 50 6", "投诉号 7KQ2-9XM4-T1H0-C", "12345热线",
            "早上7点到11点，连续3天", "1500吨/日", "0.13812345678", "w01009", "3年5班，5号楼1单元602", "138号",
            "合计 138 000 000 元", "2026年11月23日", "5+1234567890", "1690000000000", "000000000001",
            "@河长 请看", "a@b", "速度 1.5 m/s", "100002000030000400005", "",
        ])
    func keeps(_ text: String) {
        #expect(Redaction.redacted(text) == text)
    }

    @Test("redacting twice is redacting once, and no mobile number in any usual form gets through")
    func property() {
        var random = SplitMix64(state: 42)
        let surroundings = ["", "电话", "我是李雷，", "2026-11-23 ", "请打 ", "。", "米", " x", "，谢谢", "（", "）"]
        for round in 0..<2000 {
            let digits =
                "1\(Int.random(in: 3...9, using: &random))"
                + (0..<9).map { _ in "\(Int.random(in: 0...9, using: &random))" }.joined()
            let separator = ["", " ", "-", "－", "  "].randomElement(using: &random) ?? ""
            let written = [digits.prefix(3), digits.dropFirst(3).prefix(4), digits.suffix(4)]
                .map(String.init).joined(separator: separator)
            let before = surroundings.randomElement(using: &random) ?? ""
            let after = surroundings.randomElement(using: &random) ?? ""
            // Digits right beside it would make another number of it.
            let tail = after.first?.isNumber == true ? "。" : after
            let redacted = Redaction.redacted(before + written + tail)
            #expect(redacted == before + Redaction.mark + tail, "round \(round): \(before + written + tail)")
            #expect(Redaction.redacted(redacted) == redacted)
        }
    }

    @Test("any text is redacted without a trap")
    func totality() {
        var random = SplitMix64(state: 7)
        let alphabet = Array("0123456789 13-+.()（）@xX河a\u{200B}０９²٣\n")
        for _ in 0..<5000 {
            let text = String(
                (0..<Int.random(in: 0...40, using: &random)).compactMap { _ in
                    alphabet.randomElement(using: &random)
                })
            let once = Redaction.redacted(text)
            #expect(once.isEmpty == text.isEmpty)
        }
    }
}

/// A generator whose seed makes a failure repeatable (Steele, Lea, Flood: Fast splittable pseudorandom number
/// generators).
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
