import Links
import Models
import Support
import Testing
import Text

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
            ("微信abc13000000000xyz", "微信▇▇▇"),
            ("编号abc13000000000xyz", "编号abc▇▇▇xyz"),
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
            ("0571-87654321转8001", "▇▇▇转8001"),
            ("57187654321", "▇▇▇"), ("571-87654321。", "▇▇▇。"), ("打571 87654321找我", "打▇▇▇找我"),
            ("571-8765-4321", "▇▇▇"), ("57987654321 李", "▇▇▇ 李"),
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
        "the same in what people write to get past a filter, or by another keyboard",
        arguments: [
            ("1️⃣3️⃣8️⃣0️⃣0️⃣1️⃣3️⃣8️⃣0️⃣0️⃣0️⃣", "▇▇▇"), ("138_0013_8000", "▇▇▇"),
            ("电话一三八零零一三八零零零", "电话▇▇▇"), ("138/0013/8000", "▇▇▇"), ("138\n0013\n8000", "▇▇▇"),
            ("138、0013、8000", "▇▇▇"), ("壹叁捌〇〇壹叁捌〇〇〇", "▇▇▇"), ("①③⑧⓪⓪①③⑧⓪⓪⓪。", "▇▇▇。"),
            ("𝟏𝟑𝟖𝟎𝟎𝟏𝟑𝟖𝟎𝟎𝟎", "▇▇▇"), ("١٣٨٠٠١٣٨٠٠٠", "▇▇▇"), ("1三8零零1三8零零零", "▇▇▇"),
            ("138OO138OOO", "▇▇▇"), ("1 - 3 - 8 - 0 - 0 - 1 - 3 - 8 - 0 - 0 - 0", "▇▇▇"),
            ("13-80-0138-000", "▇▇▇"), ("第一13800138000", "第一▇▇▇"), ("13800138000一次", "▇▇▇一次"),
            ("1.13800138000", "1.▇▇▇"),
            ("1\u{336}3\u{336}8\u{336}00138000", "▇▇▇"), ("138\u{202E}0013\u{2066}8000", "▇▇▇"),
            ("13 80 01 38 000", "▇▇▇"), ("138 00 138 000", "▇▇▇"), ("138 001 380 00", "▇▇▇"),
            ("138,00,13,8000", "▇▇▇"),
            ("①13800138000", "①▇▇▇"), ("138<br>0013<br>8000", "▇▇▇"), ("138&nbsp;0013&nbsp;8000", "▇▇▇"),
            ("壹參捌零零壹叄捌零零零", "▇▇▇"), ("壹柒貳陸零零零壹贰叁肆", "▇▇▇"), ("幺三八洞洞么三八洞洞洞", "▇▇▇"), ("一五两零零一三八零零零", "▇▇▇"),
            ("什么一三八零零一三八零零零", "什么▇▇▇"), ("138\u{2800}0013\u{2800}8000", "▇▇▇"), ("5%13800138000", "5%▇▇▇"),
            ("138转0013转8000", "▇▇▇"), ("138杠0013杠8000", "▇▇▇"), ("138空格0013空格8000", "▇▇▇"),
            ("一三八转零零一三转八零零零", "▇▇▇"), ("0571转87654321", "▇▇▇"),
            ("电话87654321转8001", "电话▇▇▇转8001"),
            ("010.87654321", "▇▇▇"), ("0571.87654321", "▇▇▇"), ("0571  87 65 43 21", "▇▇▇"),
            ("身份证330106900307561", "身份证▇▇▇"), ("身份证号：330106199003075。", "身份证号：▇▇▇。"),
            ("330106,19900307,5615", "▇▇▇"),
            ("零五七一八七六五四三二一", "▇▇▇"), ("0571/8765-4321", "▇▇▇"),
            ("电话87654321", "电话▇▇▇"), ("电话：8765 4321、87654322", "电话：▇▇▇、▇▇▇"), ("tel 8765-4321", "tel ▇▇▇"),
            ("33010619900101123*", "▇▇▇"), ("33010619900101123-X", "▇▇▇"), ("33010619900101123Y。", "▇▇▇。"),
            ("33010619900101123", "▇▇▇"), ("330106 1990 01 01 123Ｘ", "▇▇▇"), ("三三〇一〇六一九九〇〇一〇一一二三X", "▇▇▇"),
            ("6222 0200 0000 0000 000", "▇▇▇"), ("6222020000000000000", "▇▇▇"),
            ("4111-1111-1111-1111", "▇▇▇"),
            ("电话+86 000 0000 7999，急", "电话▇▇▇，急"), ("电话0086 138 0013 8000", "电话▇▇▇"),
            ("手机4111 1111 1111 1111", "手机▇▇▇"), ("QQ 123456@qq.com", "QQ ▇▇▇"),
            ("电话12345678-1234-8708-8910-111213141516", "电话▇▇▇"), ("卡号622202000000000001", "卡号▇▇▇"),
        ])
    func hidesInDisguise(_ text: String, _ expected: String) {
        #expect(Redaction.redacted(text) == expected)
    }

    @Test(
        "so are addresses and names by which somebody is found elsewhere",
        arguments: [
            ("lilei @example.com", "▇▇▇"), ("李雷@qq.com", "▇▇▇"), ("lilei@qq。com", "▇▇▇"),
            ("lilei(at)qq.com", "▇▇▇"),
            ("lilei@qq点com", "▇▇▇"), ("lilei@qq .com", "▇▇▇"), ("lilei @ qq . com", "▇▇▇"),
            ("lilei@\nqq.com", "▇▇▇"),
            ("lilei @ 163 点 com", "▇▇▇"), ("lilei@example.中国", "▇▇▇"), ("lilei@例子.中国", "▇▇▇"),
            ("lilei(@)qq.com", "▇▇▇"),
            ("lilei{at}qq.com", "▇▇▇"), ("lilei艾特qq.com", "▇▇▇"),
            ("Write to lilei at qq dot com.", "Write to ▇▇▇."),
            ("Mail lilei@qq.com. Thanks", "Mail ▇▇▇. Thanks"),
            ("微信\nriverli88", "微信\n▇▇▇"), ("微信：\n\nriverli88", "微信：\n\n▇▇▇"), ("微 信：wxid_ab12", "微 信：▇▇▇"),
            ("加微riverli88", "加微▇▇▇"), ("加我微 riverli88", "加我微 ▇▇▇"), ("V：riverli88", "V：▇▇▇"),
            ("➕V riverli88", "➕V ▇▇▇"),
            ("QQ群123456789", "QQ群▇▇▇"), ("企鹅123456789", "企鹅▇▇▇"), ("Line: riverli88", "Line: ▇▇▇"),
            ("telegram @riverli", "telegram @▇▇▇"), ("账号riverli88", "账号▇▇▇"),
            ("lilei#qq.com", "▇▇▇"), ("发到lilei * 163.com。", "发到▇▇▇。"), ("lilei＃qq点com", "▇▇▇"),
            ("li_lei88😀vip.qq.com", "▇▇▇"), ("lileiⓐsina.com.cn", "▇▇▇"), ("lilei#qq。com，谢谢", "▇▇▇，谢谢"),
            ("薇❤️信riverli88", "薇❤️信▇▇▇"), ("微❤信：riverli88", "微❤信：▇▇▇"), ("微.信 riverli88", "微.信 ▇▇▇"),
            ("加💚微riverli88", "加💚微▇▇▇"),
            ("w e i x i n : a b c 123", "w e i x i n : ▇▇▇"), ("W X a b c d e f", "W X ▇▇▇"),
            ("微信：r i v e r l i，谢谢", "微信：▇▇▇，谢谢"), ("q q : 1 2 3 4 5 6", "q q : ▇▇▇"),
            ("w e c h a t riverli88", "w e c h a t ▇▇▇"),
            ("lilei（at）qq(dot)com", "▇▇▇"), ("13800138000 @ 139.com", "▇▇▇"),
            ("微信号wxid_ab12cd34", "微信号▇▇▇"), ("加V：river_li88", "加V：▇▇▇"), ("加V信river_li88。", "加V信▇▇▇。"),
            ("QQ123456789", "QQ▇▇▇"), ("qq 号是 123456", "qq 号是 ▇▇▇"), ("我的微信是lileihangzhou，谢谢", "我的微信是▇▇▇，谢谢"),
            ("微信WeChat ID: lilei888", "微信WeChat ID: ▇▇▇"), ("My WeChat is li_lei", "My WeChat is ▇▇▇"),
            ("微信同号13800138000", "微信同号▇▇▇"), ("邮箱：lilei.hz#qq", "邮箱：▇▇▇#qq"),
            ("车牌浙A12345", "车牌▇▇▇"), ("白色货车浙A·D12345倾倒", "白色货车▇▇▇倾倒"), ("浙 a 12345", "▇▇▇"),
            ("沪A1234挂", "▇▇▇"),
            ("车牌号：A12345", "车牌号：▇▇▇"),
        ])
    func hidesNames(_ text: String, _ expected: String) {
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
        var random = SplitMix64(seed: 42)
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
        var random = SplitMix64(seed: 7)
        let alphabet = Array("0123456789 13-+.()（）@xX河a\u{200B}０９²٣\n")
        for _ in 0..<5000 {
            let text = String(
                (0..<Int.random(in: 0...40, using: &random)).compactMap { _ in
                    alphabet.randomElement(using: &random)
                })
            let once = Redaction.redacted(text)
            #expect(once.isEmpty == text.visible.isEmpty)
            #expect(Redaction.redacted(once) == once, "\(text)")
        }
    }

    @Test(
        "so do words that only look like what is hidden",
        arguments: [
            "131.05, 30.3205", "15:00、17:00、9:00", "合计 138 000 000，20", "流速V：3.5m/s", "V：1500m3",
            "Line: broken",
            "Look at the river. Com 5", "We met at noon dot", "请@河长 看点东西", "桥洞3个，什么1次，两2", "企鹅很多", "账号被盗",
            "没有身份证",
            "我看见微 信不过", "0.0571", "Meet at qq.com", "10²", "①②③三项", "lilei@河长。请看", "请问@lilei. Please look",
            "微信群里有照片", "在微信 WeChat 上说过", "拨打电话12345", "电话没人接，2026-11-23 又打", "QQ群里发过", "一条一条说，三三两两",
            "二〇二六年十一月二十三日",
            "一九九八年三月十五日", "新K12+350", "京A座1楼", "总计1、3、5、7、9号楼", "COD 35 mg/L，O2 7", "4111 1111 1111 1112",
            "2026-01-19 19:05:07.123", "π=3.1415", "lol", "👨‍👩‍👧 看", "water-quality-control", "见#投诉#",
            "943fe2d6-1792-45f8-981b-3e6f",
            "57187654321元", "共 57187654321 m3", "流量57187654321立方米", "57112345678", "60087654321",
            "571 8765 4321",
            "571.87654321", "1571876543", "350 2000 3000", "坐138转0013路", "拨打12345转2", "12345转101", "空格5个",
            "150米1200米1500米", "细微.信不信", "微❤信不过", "I am a b c d e f", "Q Q 群里 a b c", "w e see a b c d 1",
            "见 https://qq.com", "https://example.org/#qq", "价格*163元", "见#qq.com", "163!com", "lilei#example",
            "https://example.org/news/2026/11/river-of-the-year.html", "dayu_intake", "1500m²，10²",
        ])
    func keepsOthers(_ text: String) {
        #expect(Redaction.redacted(text) == text)
    }

    @Test("what lets somebody act is hidden, in a link or by itself; the rest of the text stays")
    func capabilities() throws {
        let handle = "Zq3-_xT0aB9cD8eF7gH6iA"
        #expect(LinkHandle(handle) != nil)
        let key = GatewayKeyText(secret: [UInt8](repeating: 7, count: 32)).text
        let id = "a1b2c3d4-e5f6-8708-8910-111213141516"
        let cases = [
            (
                "打不开：https://rivers.example.org/complaints/7KQ29XM4T1H0C#\(handle)，急",
                "打不开：https://rivers.example.org/complaints/7KQ29XM4T1H0C#▇▇▇，急"
            ),
            ("请协助：/act#\(handle)", "请协助：/act#▇▇▇"), ("请协助 /act%23\(handle)", "请协助 /act%23▇▇▇"),
            // What is cut off can be found by trying.
            ("请点 /act#\(handle.dropLast()) 办理", "请点 /act#▇▇▇ 办理"), ("/act#\(handle.dropLast(6))", "/act#▇▇▇"),
            ("编号943fe2d6-1792-85f8-981b-3e6fa8e2107", "编号▇▇▇"), ("943fe2d6-1792-85f8-981b-3e6f", "▇▇▇"),
            ("凭\(handle)可办", "凭▇▇▇可办"), ("_\(handle)_", "_▇▇▇_"), ("?t=\(handle)&x", "?t=▇▇▇&x"),
            ("key \(key).", "key ▇▇▇."), ("key \(key.dropLast(20))", "key ▇▇▇"),
            ("补充我的投诉 \(id)", "补充我的投诉 ▇▇▇"), ("\(id.uppercased())号", "▇▇▇号"),
            (id.replacing("-", with: ""), "▇▇▇"), (id.replacing("-", with: "－"), "▇▇▇"),
            (id.replacing("-", with: " "), "▇▇▇"),
            ("投诉号 7KQ2-9XM4-T1H0-C，\(id)", "投诉号 7KQ2-9XM4-T1H0-C，▇▇▇"),
        ]
        for (text, expected) in cases { #expect(Redaction.redacted(text) == expected) }
    }

    @Test("so it is where a program broke it over lines, wrote it in another way, or put more beside it")
    func brokenCapabilities() {
        let handle = "Zq3-_xT0aB9cD8eF7gH6iA"
        let halves = "Zq3-_xT0aB9\ncD8eF7gH6iA"
        let key = GatewayKeyText(secret: (0..<32).map { $0 * 7 }).text
        let id = "a1b2c3d4-e5f6-8708-8910-111213141516"
        let cases = [
            (halves, "▇▇▇"), ("凭 \(halves) 可办", "凭 ▇▇▇ 可办"),
            ("Bearer Zq3-_xT 0aB9cD8\r\neF7gH6iA.", "Bearer ▇▇▇."),
            ("https://rivers.example.org/act#\(halves)。", "https://rivers.example.org/act#▇▇▇。"),
            ("/act# Zq3- _xT0 aB9c D8eF 7gH6 iA", "/act# ▇▇▇"),
            (handle.map { "\($0)" }.joined(separator: " "), "▇▇▇"),
            ("#abcdefghijk\n3mnopqrstug", "#▇▇▇"), ("/act abcdefghijk\n3mnopqrstug", "/act ▇▇▇"),
            ("abcdefghijk\n3mnopqrstug", "abcdefghijk\n3mnopqrstug"),
            ("Zq3-_xT0aB9<br>cD8eF7gH6iA", "▇▇▇"), ("%5Aq3-_xT0aB9cD8eF7gH6iA", "▇▇▇"),
            ("token\(handle)", "▇▇▇"), ("\(handle)\(handle)", "▇▇▇"),
            ("https://example.org/\(handle).jpg", "https://example.org/▇▇▇.jpg"),
            (id.replacing("-", with: "\n-"), "▇▇▇"), (id.replacing("-", with: "_"), "▇▇▇"),
            (id.replacing("-", with: "/"), "▇▇▇"), (id.replacing("-", with: ":"), "▇▇▇"),
            ("a1b2\nc3d4-e5f6-8708-8910-11121314 1516", "▇▇▇"),
            (id.map { "\($0)" }.joined(separator: " "), "▇▇▇"),
            (id.utf8.map { "%" + String($0, radix: 16) }.joined(), "▇▇▇"),
            ("key \(key.prefix(20))\n\(key.dropFirst(20))。", "key ▇▇▇。"),
            ("key \(key.prefix(40)) \(key.dropFirst(40))。", "key ▇▇▇。"),
        ]
        for (text, expected) in cases {
            #expect(Redaction.redacted(text) == expected)
            #expect(Redaction.redacted(expected) == expected)
        }
    }

    @Test(
        "words and figures with blanks between are no handle and no identity",
        arguments: [
            // Twenty-two characters that a handle could have.
            "the River near us is g", "On 23 May we saw 5 dog", "Please Clean The River g",
            "#river Smells very bad, g",
            "#river Please help us, w", "and/or Please Help Us Ming", "/act Please help us with g",
            "COD 35 BOD 7 DO 2 pH 7 g",
            "IMG_20260709_210012 now", "Water_Quality_Report_2026_Final", "WATER-QUALITY-REPORT-2026-FINAL",
            "20 30 40 50 60 10 20 30 80 50 60 70 80 90 10 11", "95%20次", "<br>", "100% a&nbsp;b",
        ])
    func keepsBroken(_ text: String) {
        #expect(Redaction.redacted(text) == text)
    }

    @Test("of the address of a picture that holds something to hide only the host is left")
    func addresses() {
        let hidden = [
            "https://example.org/photo_13800138000.jpg", "https://example.org/%31%33800138000.jpg",
            "https://lilei:secret@example.org/lilei@qq.com/1.jpg", "https://example.org/?by=lilei@qq.com",
            "https://example.org/complaints/a1b2c3d4-e5f6-8708-8910-111213141516/1.jpg",
            "https://example.org/act#Zq3-_xT0aB9cD8eF7gH6iA", "https://example.org/浙A12345.jpg",
            "https://example.org?phone=87654321", "https://example.org/Zq3-_xT0aB9cD8eF7gH6iA.png",
            "https://example.org/act/Zq3-_xT0aB9cD8eF7gH6iA",
            "https://example.org/Zq3-_xT0aB9cD8eF7gH6i%41/1.jpg",
            "https://example.org/Zq3-_xT0aB9%0AcD8eF7gH6iA",
            "https://example.org/a1b2c3d4_e5f6_8708_8910_111213141516.jpg",
        ]
        for address in hidden {
            #expect(Redaction.redacted(address: address) == "https://example.org/▇▇▇", "\(address)")
        }
        #expect(Redaction.redacted(address: "https://13800138000.com/1.jpg") == "https://▇▇▇/▇▇▇")
    }

    @Test(
        "the names that programs give to pictures stay",
        arguments: [
            "https://example.org/1.jpg", "https://example.org/IMG_20260709_210012.jpg",
            "https://example.org/mmexport1690000000000.jpg",
            "https://cdn.example.org/550e8400-e29b-41d4-a716-446655440000.jpg",
            "https://cdn.example.org/9e107d9d372bb6826bd81d3542a419d6",
            "http://example.org/wechat_image-20260709.jpg",
            "https://example.org/the-river-before-thaw.jpg",
            "https://example.org/Zq3-_xT0aB9cD8eF7gH6iAzz.jpg",
            "https://example.org/%E6%B2%B3.jpg?w=1080&h=1920",
        ])
    func keepsAddress(_ address: String) {
        #expect(Redaction.redacted(address: address) == address)
    }
}
