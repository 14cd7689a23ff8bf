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

    @Test(
        "what got through before: odd groups, rows of dashes, letters put in, other numerals, a dot for `@` and `.`",
        arguments: [
            ("13 80 01 38 00 0", "▇▇▇"), ("电话 13 80 01 38 00 0 找我", "电话 ▇▇▇ 找我"),
            ("13 95 71 28 64 3", "▇▇▇"), ("1 38 00 13 80 00", "▇▇▇"), ("1 380 013 8000", "▇▇▇"),
            ("1380 01 38000", "▇▇▇"), ("请打13 812 345 678", "请打▇▇▇"),
            ("138---------0013---------8000", "▇▇▇"),
            ("138————————————0013————————————8000", "▇▇▇"),
            (
                "1---------3---------8---------0---------0---------1---------3---------8---------0---------0---------0",
                "▇▇▇"
            ),
            ("138...........0013...........8000", "▇▇▇"), ("138a0013b8000", "▇▇▇"),
            ("打138a0013b8000找", "打▇▇▇找"), ("139a1234b5678", "▇▇▇"),
            ("1a3b8c0d0e1f3g8h0i0j0k", "▇▇▇k"), ("138ab0013cd8000", "▇▇▇"), ("㊀㊂㊇〇〇㊀㊂㊇〇〇〇", "▇▇▇"),
            ("㈠㈢㈧〇〇㈠㈢㈧〇〇〇", "▇▇▇"), ("〡〣〨〇〇〡〣〨〇〇〇", "▇▇▇"),
            ("a1b2 c3d4 e5f6 8708 8910 1112 1314 1516", "▇▇▇"),
            ("a1b2-c3d4-e5f6-8708-8910-1112-1314-1516", "▇▇▇"),
            ("a1b2c3d4 e5f68708 89101112 13141516", "▇▇▇"),
            ("a1b2/c3d4/e5f6/8708/8910/1112/1314/1516", "▇▇▇"),
            ("凭Zq3-_xT0aB9-\ncD8eF7gH6iA可办", "凭▇▇▇可办"), ("Zq3-_xT0aB9…cD8eF7gH6iA", "▇▇▇"),
            ("Zq3-_xT0aB9，cD8eF7gH6iA", "▇▇▇"), ("Zq3-_xT0aB9 和 cD8eF7gH6iA", "▇▇▇"),
            ("Zq3-_xT0aB9然后cD8eF7gH6iA", "▇▇▇"), ("Zq3-_xT0aB9 and cD8eF7gH6iA", "▇▇▇"),
            ("Zq3-_xT……0aB9cD8e……F7gH6iA", "▇▇▇"), ("foo at example.com", "▇▇▇"),
            ("写到 foo at example.com。", "写到 ▇▇▇。"),
            ("Write to li.lei at river.example.org, please", "Write to ▇▇▇, please"),
            ("foo#example.com", "▇▇▇"), ("foo*example.com.cn", "▇▇▇"),
            ("foo(at)example(dot)com", "▇▇▇"), ("foo（at）example（dot）com", "▇▇▇"),
            ("foo [at] example [dot] com", "▇▇▇"), ("foo (at) example (dot) com", "▇▇▇"),
            ("foo AT example DOT com", "▇▇▇"), ("foo at example dot com", "▇▇▇"),
            ("foo{at}example{dot}com", "▇▇▇"), ("foo<at>example<dot>com", "▇▇▇"),
            ("wei xin：riverli88", "wei xin：▇▇▇"), ("wei-xin riverli88", "wei-xin ▇▇▇"),
            ("we chat: riverli88", "we chat: ▇▇▇"), ("威❤riverli88", "威❤▇▇▇"),
            ("威❤️：riverli88", "威❤️：▇▇▇"), ("微💚riverli88", "微💚▇▇▇"), ("v❤：riverli88", "v❤：▇▇▇"),
            ("微：riverli88", "微：▇▇▇"), ("微：riverli", "微：▇▇▇"), ("加微：riverli", "加微：▇▇▇"),
            ("扣：12345678", "扣：▇▇▇"), ("扣:1234567890", "扣:▇▇▇"), ("我的扣：riverli88", "我的扣：▇▇▇"),
            ("skype live:riverli88", "skype live:▇▇▇"),
            ("Skype：live:.cid.1a2b3c4d5e6f7a8b", "Skype：live:.cid.▇▇▇"),
        ])
    func later(_ text: String, _ expected: String) {
        #expect(Redaction.redacted(text) == expected)
        #expect(Redaction.redacted(expected) == expected)
    }

    @Test(
        "a handle with a letter or a hyphen beside it in the address of a picture",
        arguments: [
            "https://example.org/xZq3-_xT0aB9cD8eF7gH6iA.jpg",
            "https://example.org/Zq3-_xT0aB9cD8eF7gH6iAx.jpg",
            "https://example.org/photo-Zq3-_xT0aB9cD8eF7gH6iA.jpg",
            "https://example.org/Zq3-_xT0aB9cD8eF7gH6iA_1.jpg",
        ])
    func glued(_ address: String) {
        #expect(Redaction.redacted(address: address) == "https://example.org/▇▇▇")
    }

    @Test("a user name in the address of a picture is not shown, whatever mark stands on its sign")
    func users() {
        let address = "https://lilei@\u{301}example.org/13800138000.jpg"
        #expect(!Redaction.redacted(address: address).contains("lilei"))
    }

    @Test(
        "what looks like it and is none: lists, dates, measures, permits, classes, sentences with at",
        arguments: [
            "15 20 30 40 50 6", "13 14 15 16 17 8", "150 120 130 140", "1998 03 15 120",
            "1500 13 20 15", "细微：水面有油", "轻微：3处", "轻微：12345户", "扣：12345元", "罚款扣：10000 元",
            "K138+500至K139+200段", "A138B1500C2000", "138m1500m2000", "1500x1300x2000",
            "GB3838-2002 III类", "Ⅰ类、Ⅱ类、Ⅲ类、Ⅳ类、Ⅴ类、劣Ⅴ类", "Ⅱ类水体13处", "Meet at qq.com",
            "Look at example.com", "See the map at rivers.example.org", "Posted at example.com",
            "We complained at gov.cn twice", "It is at example.com", "C#example", "见#qq.com",
            "https://example.org/page#example.com", "https://example.org/?a=1&b=example.com",
            "断面W01，pH 7.2-8.1，溶解氧5.6", "编号A1，B2，C3d，E4f，G5h，I6j，K7l，M8n",
            "ABCD1234，EFGH5678，IJKL9012", "取水许可 A330110S2021-0123，排污证 91330100MA2B0W7X1K001V",
            "许可证91330100MA2B0W7X1K001Q，2026年", "2001:0db8:85a3:0000:0000:8a2e:0370:7334",
            "aa bb cc dd ee ff 00 11 22 33 44 55 66 77 88 99", "微：3.5米", "低微：无", "wei fang 路口",
            "we chat about the river every day", "we chat at noon", "18.5 17.2 19.1 20.0 16.3",
            "18 19 21 22 23 9", "流量 18 120 150 130", "水温 15 16 17 18 19 20", "live: river88",
            "Signal: strong", "合计 13 800 138 000 元", "合计13 800 138 000", "13 800 138 000立方米",
            "13,800,138,000", "1500/1300/120 mg/L", "15/11/2026 120米", "15.11.2026 8:30",
            "2026-11-15 18 25 30 120", "13.5 14.25 15.5 16.75", "131.05123456, 47.1234",
            "47.1234，131.05123456", "东经131.05123456度", "15、32、28、41、36、2", "15:04、16:05、9:00",
            "07-15 08-20 09-10", "0.35 2500 3000 1", "30.3205123 120.1384567", "投资15 三千万元",
            "18 三千二百一十五 30 12 八千米", "1500 三百万吨", "7 15 23 18 31 9 22 4",
        ])
    func keepsLater(_ text: String) {
        #expect(Redaction.redacted(text) == text)
    }
}
