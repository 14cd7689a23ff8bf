import Links
import Testing

@testable import Disclosure

@Suite("Redaction finds what somebody wrote to get past it")
struct DisguiseTests {
    @Test(
        "an address in quotes, with another sign, or with blanks between its letters",
        arguments: [
            ("发到\"zhang san\"@qq.com。", "发到▇▇▇。"), ("“zhang san”@qq.com", "▇▇▇"),
            ("＂zhang san＂＠qq.com", "▇▇▇"), ("&quot;zhang san&quot;&commat;qq&period;com", "▇▇▇"),
            ("他说“水臭”，'li lei'@example.org", "他说“水臭”，▇▇▇"),
            ("zhangsan圈aqq.com", "▇▇▇"), ("zhangsan 圈 A qq.com", "▇▇▇"), ("zhangsan圈Ａ163点com", "▇▇▇"),
            ("邮箱zhangsan（ａ）qq.com", "邮箱▇▇▇"), ("zhangsan(a)qq.com", "▇▇▇"), ("zhangsan (A) qq.com", "▇▇▇"),
            ("zhangsan [at] example.org", "▇▇▇"), ("zhangsan［ａｔ］qq．com", "▇▇▇"),
            ("zhangsan ( a t ) qq.com", "▇▇▇"),
            ("zhangsan【at】qq.com", "▇▇▇"), ("zhangsan <at> qq.com", "▇▇▇"), ("zhangsan(艾特)qq.com", "▇▇▇"),
            ("zhangsan 艾特 qq.com", "▇▇▇"), ("zhangsan爱特qq点com", "▇▇▇"), ("zhangsan小老鼠qq.com", "▇▇▇"),
            ("zhangsanⓐexample.com", "▇▇▇"), ("𝐳𝐡𝐚𝐧𝐠@𝐪𝐪.𝐜𝐨𝐦", "▇▇▇"),
            ("发到 z h a n g 8 8 @ q q . c o m，", "发到 ▇▇▇，"), ("zhang88@ 1 6 3 . com", "▇▇▇"),
        ])
    func addresses(_ text: String, _ expected: String) {
        #expect(Redaction.redacted(text) == expected)
    }

    @Test(
        "a name behind any usual word for a messenger or a network",
        arguments: [
            ("微x：zhang88", "微x：▇▇▇"), ("微xzhang88", "微x▇▇▇"), ("微 X zhang88", "微 X ▇▇▇"),
            ("薇x zhang88", "薇x ▇▇▇"),
            ("威x:zhang88", "威x:▇▇▇"), ("V x zhang88", "V x ▇▇▇"), ("V.X zhang88", "V.X ▇▇▇"),
            ("v-x：zhang88", "v-x：▇▇▇"),
            ("𝐕𝐗 zhang88", "𝐕𝐗 ▇▇▇"), ("加薇zhang88", "加薇▇▇▇"), ("➕微 zhang88", "➕微 ▇▇▇"),
            ("微❤️：zhang88", "微❤️：▇▇▇"),
            ("绿泡泡zhang88", "绿泡泡▇▇▇"), ("加 V zhang88", "加 V ▇▇▇"),
            ("扣扣12345678", "扣扣▇▇▇"), ("扣 扣：12345678", "扣 扣：▇▇▇"), ("Q.Q 12345678", "Q.Q ▇▇▇"),
            ("球球12345678", "球球▇▇▇"),
            ("Facebook: river.li", "Facebook: ▇▇▇"), ("my instagram is river_li", "my instagram is ▇▇▇"),
            ("FB river_li88", "FB ▇▇▇"), ("signal river_li88", "signal ▇▇▇"),
            ("Signal @riverli", "Signal @▇▇▇"),
            ("WhatsApp ID: riverli", "WhatsApp ID: ▇▇▇"), ("line号riverli88", "line号▇▇▇"),
            ("Line @riverli", "Line @▇▇▇"),
            ("TikTok @riverli", "TikTok @▇▇▇"), ("ins：river_li88", "ins：▇▇▇"), ("抖音号：riverli88", "抖音号：▇▇▇"),
            ("小红书号 95270001", "小红书号 ▇▇▇"), ("快手号是95270001", "快手号是▇▇▇"), ("微博@riverli", "微博@▇▇▇"),
            ("抖音名：河边老李，谢谢", "抖音名：▇▇▇，谢谢"), ("微博@河边老李 见过", "微博@▇▇▇ 见过"), ("我的快手叫河边老李。", "我的快手叫▇▇▇。"),
            ("微信昵称河边老李", "微信昵称▇▇▇"),
            ("微信 ab12", "微信 ▇▇▇"), ("微信：a12", "微信：▇▇▇"), ("微信号lili", "微信号▇▇▇"), ("VX ab1，", "VX ▇▇▇，"),
            ("微信：zhang.san，88", "微信：▇▇▇"), ("微信zhang…san88。", "微信▇▇▇。"), ("微信：zhang*san", "微信：▇▇▇"),
            ("加微信 zhangsan、8899，急", "加微信 ▇▇▇，急"), ("QQ 123…456", "QQ ▇▇▇"),
            ("微信zhang88|QQ 12345678", "微信▇▇▇|QQ ▇▇▇"),
        ])
    func names(_ text: String, _ expected: String) {
        #expect(Redaction.redacted(text) == expected)
    }

    @Test(
        "a number with words between its digits, or written as programs do",
        arguments: [
            ("138中0013间8000", "▇▇▇"), ("138河0013河8000", "▇▇▇"), ("请打139河1234河5678。", "请打▇▇▇。"),
            ("139中1234间5678", "▇▇▇"), ("电话：139中1234间5678", "电话：▇▇▇"), ("电话1390013中8000", "电话▇▇▇"),
            ("微信139中1234间5678", "微信▇▇▇"), ("139哈哈1234哈哈5678", "▇▇▇"), ("138米0013米8000", "▇▇▇"),
            ("138x0013x8000", "▇▇▇"), ("86中138中0013中8000", "▇▇▇"), ("1啊3啊8啊0啊0啊1啊3啊8啊0啊0啊0", "▇▇▇"),
            ("一三八中零零一三间八零零零", "▇▇▇"), ("138 中 0013 间 8000", "▇▇▇"), ("138中00138000", "▇▇▇"),
            ("电话0571中8765间4321", "电话▇▇▇"), ("0571中87654321", "▇▇▇"),
            ("330106中19900101间123X", "▇▇▇"), ("卡号4111中1111中1111中1111", "卡号▇▇▇"),
            ("&#49;&#51;&#56;&#48;&#48;&#49;&#51;&#56;&#48;&#48;&#48;", "▇▇▇"),
            ("电话&#x31;&#x33;&#x38;00138000。", "电话▇▇▇。"),
            ("&#49&#51&#56&#48&#48&#49&#51&#56&#48&#48&#48", "▇▇▇"),
            ("&amp;#49;&amp;#51;&amp;#56;00138000", "▇▇▇"), ("＆＃４９；3800138000", "▇▇▇"),
            ("&#0049;3800138000", "▇▇▇"),
            ("138&#8203;0013&#8203;8000", "▇▇▇"), ("138&hyphen;0013&hyphen;8000", "▇▇▇"),
            ("%31%33%38%30%30%31%33%38%30%30%30", "▇▇▇"), ("%2531%2533800138000", "▇▇▇"),
            ("\\u0031\\u0033800138000", "▇▇▇"), ("%u0031%u0033800138000", "▇▇▇"),
            ("\\x31\\x33800138000", "▇▇▇"),
            ("&#x6c;&#x69;lei&#64;qq&#46;com", "▇▇▇"),
            ("&#24494;&#20449;&#65306;zhang88", "&#24494;&#20449;&#65306;▇▇▇"),
        ])
    func numbers(_ text: String, _ expected: String) {
        #expect(Redaction.redacted(text) == expected)
    }

    @Test(
        "a plate with blanks and dots, and an identity card with any X",
        arguments: [
            ("货车浙 A 1 2 3 4 5倾倒", "货车▇▇▇倾倒"), ("浙A·12345", "▇▇▇"), ("浙A●12345", "▇▇▇"), ("浙A。12345", "▇▇▇"),
            ("浙A-1-2-3-4-5", "▇▇▇"), ("浙.A.1.2.3.4.5", "▇▇▇"), ("浙A 123 45。", "▇▇▇。"), ("浙A D 123 45", "▇▇▇"),
            ("浙 Ａ　１　２　３　４　５", "▇▇▇"), ("浙🅰️12345", "▇▇▇"),
            ("33010619900101123𝐗", "▇▇▇"), ("33010619900101123Ｘ", "▇▇▇"), ("33010619900101123ⅹ", "▇▇▇"),
            ("33010619900101123х", "▇▇▇"), ("33010619900101123Ⓧ", "▇▇▇"), ("33010619900101123✖️。", "▇▇▇。"),
            ("330106 19900101 123 𝑿", "▇▇▇"),
        ])
    func platesAndCards(_ text: String, _ expected: String) {
        #expect(Redaction.redacted(text) == expected)
    }

    @Test("what was cut off a handle or an identity, as long as the rest can be found by trying")
    func cut() throws {
        let handle = "Zq3-_xT0aB9cD8eF7gH6iA"
        let id = "943fe2d6-1792-85f8-981b-3e6fa8e21071"
        for length in 16..<22 {
            #expect(Redaction.redacted("凭\(handle.prefix(length))可办") == "凭▇▇▇可办", "\(length)")
            #expect(Redaction.redacted("凭\(handle.suffix(length))可办") == "凭▇▇▇可办", "\(length)")
        }
        // Fifteen years of trying, see `Capability`.
        for (rest, length) in [(handle.prefix(15), 15), (id.prefix(18), 18)] {
            #expect(Redaction.redacted("凭\(rest)可办") == "凭\(rest)可办", "\(length)")
        }
        for length in 20..<36 {
            let rest = id.prefix(length)
            let hyphen = rest.last == "-" ? "-" : ""
            #expect(Redaction.redacted("编号\(rest)。") == "编号▇▇▇\(hyphen)。", "\(rest)")
            let bare = rest.replacing("-", with: "")
            #expect(Redaction.redacted("编号\(bare)。") == "编号▇▇▇。", "\(bare)")
        }
        for length in [35, 31, 28, 27, 24, 23, 22, 20, 19] {
            let rest = id.suffix(length)
            let hyphen = rest.first == "-" ? "-" : ""
            #expect(Redaction.redacted("…\(rest)") == "…\(hyphen)▇▇▇", "\(rest)")
        }
    }

    @Test(
        "prices, codes, dates, rooms and hotlines that look like it stay",
        arguments: [
            "每亩补偿1380元，共1500亩、2000元", "138路公交站旁", "坐138路0830发车，2015末班", "长138宽1300高1500",
            "鱼150虾1300蟹1500斤", "早餐150午餐1300晚餐1500", "断面W01，pH 7.2-8.1，溶解氧5.6", "断面138至1500再到2000",
            "水深3.5米，流量1500m³/s", "3幢2单元1502室，房号138", "K138+500至K139+200段",
            "12345、12369、110都打过", "打12345说了两次，12369也说了", "请拨打110或119",
            "2026年11月23日8时30分15秒123", "1998年03月15日120米", "板尺寸1500x1300x2000",
            "河150河1300河1500", "东站150西站1300南站1500", "COD150降到1200，再到1500",
            "The price was 138 yuan in 2019 and 1500 yuan in 2026", "Bus 138 leaves at 0830, room 1502",
            "Section W01 at 120.1384, 30.3205; pH 7.2-8.1", "Signal: strong", "signal strength 3456 dBm",
            "On Facebook, 12345 people saw it", "ten inspectors (a) and (b) e.g. this", "see (a) Dr. Li",
            "商圈A区的河",
            "Line: broken at noon", "They met at noon (at the bridge).",
            "微信群A1区", "微信支付12元", "微信APP里", "微信 pH7的照片", "微信 K12+350", "微信：yes", "微博：有人举报河水发臭",
            "微信号是多少", "抖音上看到，2026年的", "微信里说，3号桥", "QQ：无", "微信：abc发的图",
            "新A 1 2 3号楼", "云A 3 km 12 m", "京A座 1 2 3", "沪A 12 345 人",
            "A&B，C&#D，R&D;", "涨了5%，降了31%33次", "C:\\users\\x\\river", "a < b & c",
            "HangzhouWaterBureau", "isJudgeOfOwnWork", "toLocaleDateString", "QiantangRiver2026Nov",
            "NH3-N_TP_TN_CODMn", "Water-Quality-2026-Q3",
            "20261123-1230-8000-9000-1", "943fe2d6-1792-45f8-981b", "deadbeefcafe",
        ])
    func keeps(_ text: String) {
        #expect(Redaction.redacted(text) == text)
    }
}
