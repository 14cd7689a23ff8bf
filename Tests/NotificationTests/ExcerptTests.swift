import Testing

@testable import Notification

@Suite("What a message quotes of what somebody wrote")
struct ExcerptTests {
    @Test(
        "an excerpt holds no web address, in any spelling that a phone makes a link of",
        arguments: [
            ("看 https://bad.example/x?y=1 快来", "看 … 快来"), ("看www.bad.example。", "看…。"), ("bad.cn/abc", "…"),
            ("见HTTP://BAD.CN，水臭", "见…，水臭"), ("ｂａｄ．ｃｎ", "…"), ("bad。com", "…"), ("例子.com", "例子…"),
            ("bad.中国", "…"), ("bad。中国 快来", "… 快来"), ("bad．中国/abc", "…/abc"), ("例子.香港/abc", "例子…/abc"),
            ("例子．手机", "例子…"),
            ("bad.手机", "…"), ("例子。公司", "例子…"), ("a.政务/x", "…/x"), ("例子。com", "例子…"), ("пример.рф", "…"),
            ("bad.كوم", "…"),
            ("bád.cöm", "…"), ("cafe\u{301}.com", "…"), ("bad․com", "…"), ("xn--fsq.xn--fiqs8s", "…"),
            ("去1.2.3.4/x看", "去…看"),
            ("见(1.2.3.4/x)", "见…"),
            ("http:bad", "…"), ("看ｈｔｔｐ：bad", "看…"), ("https：／／例子", "…例子"), ("localhost:8080/x", "…"),
            ("ftp:bad", "…"),
            ("//evil.com", "…"), ("看 //evil/x", "看 …"), ("(//evil)", "…"), ("evil[.]com", "…"),
            ("evil(.)com/x", "…"),
            ("0x7f.1", "…"), ("0x7f000001", "…"), ("0X7F.0.0.1:80", "…"), ("evil:80/x", "…"),
            ("去evil：8080/x", "去…"),
            ("http://1.2.3.4/a", "…"), ("1.2.3.4:80", "…"), ("t\u{200B}.co/abc", "…"),
            ("https://rivers.example.org/act#Zq3-_xT0aB9cD8eF7gH6iA", "…"),
            ("例え.みんな", "例え…"), ("bad.コム", "…"), ("bad。みんな 見て", "… 見て"), ("예제.한국", "예제…"), ("bad.닷컴/x", "…/x"),
            ("bad.한국", "…"), ("ตัวอย่าง.ไทย", "…"), ("उदाहरण.भारत", "…"), ("მაგალითი.გე", "…"),
            ("օրինակ.հայ", "…"),
            ("דוגמה.קום", "…"), ("例子.世界", "例子…"), ("bad。游戏", "…"),
            ("打tel:110", "打…"), ("tel:+8613800000000", "…"), ("sms:10086?body=x", "…"),
            ("SMSTO:10086:x", "…"),
            ("javascript:alert(1)", "…"), ("看javascript:x", "看…"), ("mailto:a", "…"), ("weixin:x", "…"),
            ("evil dot com", "…"), ("看 evil dot com/x 吧", "看 … 吧"), ("evil DOT cn", "…"),
            ("evil (dot) com", "…"),
            ("evil(dot)com", "…"), ("evil[dot]com/x", "…"), ("evil [ dot ] com", "…"),
            ("evil点com", "…"), ("evil 点 com", "…"), ("evil . com", "…"), ("evil（dot）com", "…"),
        ])
    func addresses(_ text: String, _ expected: String) {
        #expect(Notice.excerpt(text) == expected)
    }

    @Test(
        "and all else as it was written",
        arguments: [
            "pH7.1，氨氮0.35mg/L", "2026.11.23 早上", "水很臭.请处理", "3.5km 外", "K12+350/右岸", "断面 qiantang-river.3",
            "水很臭。请处理", "水很臭。Please help", "水很臭．请处理", "水很臭。公司排污", "水很臭.公司排污", "去了3。中间断", "晚8:00/次",
            "COD:350/L", "COD:80/BOD:8", "pH:80/7", "2026//11", "上//下", "and//or", "见(3.2)节", "[.]", "a[.]b",
            "0x7f",
            "晚pm:80/次",
            "第1.2节", "2026.11.23.0800", "比例1:20/周", "时间:2026-11-23", "http很慢", "Река грязная.", "川が汚い。お願い",
            "水臭.", "川が汚い。みんな困る", "汚い.ポイントカード", "물이 더러워요. 한국어", "很臭。世界", "来自浙江。广东", "hotel:5楼",
            "We met at noon dot", "dot com", "3点到5点", "晚8点cn", "Hotels. Com", "time: 5 . 30", "见 . 见",
        ])
    func noAddress(_ text: String) {
        #expect(Notice.excerpt(text) == text)
    }
}
