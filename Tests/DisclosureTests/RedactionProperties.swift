import Glibc
import Links
import Models
import Support
import Testing

@testable import Disclosure

/// Any text with a secret in it, written in one of the ways in which people write such things.
private struct Written {
    let text: String
    /// What must not be found in what is published, once both are written plainly.
    let secret: String
    /// What a program wrote for a character, and the character.
    private let escapes: [(written: String, meant: String)]

    init(_ random: inout SplitMix64) {
        let (secret, groups) = Self.secret(&random)
        self.secret = secret
        // What Intake reads of a link or an identity is ASCII; these forms of it are the nearest.
        let scripts = groups.isEmpty ? Array(Self.scripts.prefix(6)) : Self.scripts
        let script = random.one(of: scripts)
        let isMixed = random.once(in: 4)
        let isMarked = random.once(in: 4)
        let escape = random.once(in: 4) ? random.one(of: Self.escapes) : nil
        let isMobile = groups.suffix(3) == [3, 4, 4]
        let separators = random.one(of: Self.separators + (isMobile ? Self.words : []))
        var spelled: [String] = []
        var escapes: [(written: String, meant: String)] = []
        var rest = Substring(secret)
        for size in groups.isEmpty ? [secret.count] : groups {
            spelled.append(
                rest.prefix(size).map { character in
                    let digits = isMixed ? random.one(of: scripts) : script
                    // Not ⅹ, whose value is ten.
                    let value = character.wholeNumberValue.flatMap { $0 < 10 ? $0 : nil }
                    let plain = value.map { String(digits[$0]) } ?? String(character)
                    let written = plain.utf8.count == 1 ? escape.map { $0(plain.utf8.first ?? 0) } : nil
                    if let written { escapes.append((written, plain)) }
                    return (written ?? plain)
                        + (isMarked && !groups.isEmpty ? random.one(of: Self.unseen) : "")
                }.joined())
            rest = rest.dropFirst(size)
        }
        var joined = spelled.dropFirst().reduce(spelled[0]) { $0 + random.one(of: separators) + $1 }
        self.escapes = escapes
        if secret.utf8.count == 36, escapes.isEmpty, random.once(in: 3) {
            joined = Self.regrouped(joined, &random)
        } else if groups.isEmpty, escapes.isEmpty, random.once(in: 2) {
            joined = Self.broken(joined, &random)
        }
        text = Self.surroundings(&random, before: true) + joined + Self.surroundings(&random, before: false)
    }

    private static let scripts: [[Character]] = [
        "0123456789", "０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗", "⓪①②③④⑤⑥⑦⑧⑨",
        "零一二三四五六七八九", "〇壹贰叁肆伍陆柒捌玖", "〇㊀㊁㊂㊃㊄㊅㊆㊇㊈", "〇㈠㈡㈢㈣㈤㈥㈦㈧㈨", "〇〡〢〣〤〥〦〧〨〩",
    ].map { Array($0) }

    private static let separators = [
        [""], [" "], ["-"], ["－", "-"], ["_"], ["·"], [" ", "  ", " - "], ["—", "–", ""], ["\u{3000}"],
        ["\n"], ["\n", " "], ["<br>"], ["转"], ["杠"], ["---------"], ["................"], ["————————————"],
    ]
    /// An identity in other groups than its own.
    private static func regrouped(_ text: String, _ random: inout SplitMix64) -> String {
        let digits = Array(text.filter { !"-－".contains($0) })
        let (size, separator) = (
            random.one(of: [2, 4, 8, 16]), random.one(of: [" ", "-", "_", "/", ":", " - "])
        )
        return stride(from: 0, to: digits.count, by: size).map {
            String(digits[$0..<min($0 + size, digits.count)])
        }
        .joined(separator: separator)
    }

    /// As a program that wraps lines leaves it.
    private static func broken(_ text: String, _ random: inout SplitMix64) -> String {
        var pieces = Array(text).map(String.init)
        for _ in 0..<Int.random(in: 1...2, using: &random) {
            pieces.insert(
                random.one(of: [" ", "\n", "\r\n", "\n  ", "<br>"]),
                at: Int.random(in: 1..<pieces.count, using: &random))
        }
        return pieces.joined()
    }

    /// Words that somebody puts between the groups of a number.
    private static let words = [["河"], ["哈哈"], ["啊", "啊"], [" 中 "], ["a"], ["b", "c"], ["e", "a", "q"]]

    /// What programs write for an ASCII character.
    private static let escapes: [@Sendable (UInt8) -> String] = [
        { "&#\($0);" }, { "&#x\(String($0, radix: 16));" }, { "&amp;#\($0);" }, { "&#00\($0);" },
        { "%\(String($0, radix: 16))" }, { "%25\(String($0, radix: 16))" },
        { "\\u00\(String($0, radix: 16))" },
    ]

    /// A text with the characters that were escaped.
    func unescaped(_ text: String) -> String {
        escapes.reduce(text) { $0.replacing($1.written, with: $1.meant) }
    }

    private static let unseen = ["", "\u{200B}", "\u{FE0F}\u{20E3}", "\u{202E}", "\u{2060}", "\u{336}"]

    /// What stands beside it must not continue it: that would be another number.
    private static func surroundings(_ random: inout SplitMix64, before: Bool) -> String {
        let text = random.text(0...20)
        let edge = random.one(of: ["，", "。", "是", "\n", "「", "（", "水", "；"])
        let announcement = random.one(of: ["", "", "电话", "微信：", "QQ ", "tel: ", "账号", "车牌", "邮箱是"])
        return before ? text + edge + announcement : edge + text
    }

    private static func digits(_ count: Int, _ random: inout SplitMix64) -> String {
        (0..<count).map { _ in String(Int.random(in: 0...9, using: &random)) }.joined()
    }

    /// A secret and the sizes of the groups in which it may stand.
    private static func secret(_ random: inout SplitMix64) -> (String, [Int]) {
        switch Int.random(in: 0..<8, using: &random) {
        case 0, 1:
            let number = "1\(Int.random(in: 3...9, using: &random))" + digits(9, &random)
            let shapes = [[11], [3, 4, 4], [3, 8], [4, 4, 3], [5, 6], Array(repeating: 1, count: 11)]
            let country = random.one(of: ["", "", "86", "0086"])
            return (country + number, random.one(of: shapes).groups(after: country))
        case 2:
            let area = random.one(of: ["0571", "0579", "0898"])
            return (area + "8" + digits(7, &random), random.one(of: [[12], [4, 8], [4, 4, 4]]))
        case 3:
            let card =
                "330106"
                + "19\(Int.random(in: 40...99, using: &random))0\(Int.random(in: 1...9, using: &random))1"
                + digits(1, &random) + digits(3, &random)
            let check = random.one(of: ["X", "0", "7", "x", "Ｘ", "𝐗", "ⅹ", "х", "Ⓧ", "✖"])
            return (card + check, random.one(of: [[18], [6, 8, 4], [6, 4, 4, 4]]))
        case 4:
            let body = "62" + digits(16, &random)
            let sum = body.reversed().enumerated().reduce(0) { sum, digit in
                let value = (digit.element.wholeNumberValue ?? 0) * (digit.offset % 2 == 0 ? 2 : 1)
                return sum + (value > 9 ? value - 9 : value)
            }
            return (body + "\((10 - sum % 10) % 10)", random.one(of: [[19], [4, 4, 4, 4, 3], [6, 13]]))
        case 5:
            // Ours are of version 8 (RFC 9562 §5.8).
            var bytes = random.bytes(16)
            bytes[6] = bytes[6] & 0x0F | 0x80
            bytes[8] = bytes[8] & 0x3F | 0x80
            let hex = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            let parts = [8, 4, 4, 4, 12].reduce(into: (text: "", at: hex.startIndex)) { parts, size in
                let end = hex.index(parts.at, offsetBy: size)
                parts = (parts.text + (parts.text.isEmpty ? "" : "-") + hex[parts.at..<end], end)
            }
            return (parts.text, [])
        case 6: return (GatewayKeyText(secret: random.bytes(32)).text, [])
        default:
            // Base64url of sixteen bytes: the last character holds two bits.
            let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
            let last = random.one(of: Array("AQgw"))
            return (String((0..<21).map { _ in random.one(of: letters) }) + String(last), [])
        }
    }
}

/// A name in a messenger behind a word for it, an address with a sign for its `@`, or a plate in pieces.
private struct Announced {
    let text: String
    let secret: String

    init(_ random: inout SplitMix64) {
        let written: String
        switch Int.random(in: 0..<4, using: &random) {
        case 0, 1: (written, secret) = Self.name(&random)
        case 2: (written, secret) = Self.address(&random)
        default: (written, secret) = Self.plate(&random)
        }
        let edges = ["，", "。", "\n", "「", "；", "！"]
        text =
            random.text(0...20) + random.one(of: edges) + written + random.one(of: edges)
            + random.text(0...20)
    }

    /// Of two no unit is made.
    private static func letters(_ count: Int, _ random: inout SplitMix64) -> String {
        let alphabet = Array(count > 2 ? "abcdefghjkmnprstuwyz" : "abrsuwyz")
        return String((0..<count).map { _ in random.one(of: alphabet) })
    }

    private static func name(_ random: inout SplitMix64) -> (String, String) {
        let isShort = random.once(in: 4)
        let name =
            letters(isShort ? 2 : Int.random(in: 3...6, using: &random), &random)
            + (isShort ? "" : random.one(of: ["", "_", ".", "-", "…", "·"]))
            + String(Int.random(in: 10...99, using: &random))
        let messengers = [
            "wei xin", "wei-xin", "威❤", "微💚", "v❤", "我的微:",
            "微信", "微x", "薇X", "威x", "V x", "vx", "V.X", "v-x", "WX", "加微", "加薇", "加V", "➕V", "+微", "微❤️",
            "微❤信",
            "V信", "wechat", "w e i x i n", "𝐕𝐗", "绿泡泡", "扣扣", "QQ", "q.q", "球球",
        ]
        let others = [
            "skype live:", "skype",
            "facebook", "FB", "Instagram", "signal", "Telegram", "tg", "WhatsApp", "line:", "TikTok", "抖音",
            "小红书", "快手", "微博",
            "ins",
        ]
        let word = random.one(of: isShort ? messengers : messengers + others)
        let link = random.one(of: [" ", "：", ": ", "号：", "号是", " id: ", "@", "=", "「"])
        return (word + (word.hasSuffix(":") ? " " : link) + name, name)
    }

    private static func address(_ random: inout SplitMix64) -> (String, String) {
        let name = letters(Int.random(in: 3...8, using: &random), &random)
        let local = random.once(in: 4) ? name.map { "\($0)" }.joined(separator: " ") : name
        let written = random.one(of: [local, local, "\"\(local)\"", "“\(local)”"])
        let sign = random.one(of: [
            "@", " @ ", "＠", "(at)", " [at] ", "（ａ）", "(a)", "圈a", " 圈 A ", "艾特", "【at】", "( a t )", "ⓐ", "#",
            "&#64;", "%40",
        ])
        let domain = random.one(of: [
            "qq.com", "qq。com", "163点com", "vip . qq . com", "q q . c o m", "sina.com.cn",
        ])
        // A sign that is no `@` needs a domain that is written in one piece.
        return (written + sign + (sign == "#" ? "qq.com" : domain), local)
    }

    private static func plate(_ random: inout SplitMix64) -> (String, String) {
        let number = (0..<5).map { _ in "\(Int.random(in: 0...9, using: &random))" }
        let separator = random.one(of: ["", " ", "-", ".", "·", "\u{3000}"])
        let digits = number.joined(separator: separator)
        let dot = random.one(of: ["", "·", " ", "●", "。", separator])
        return ("浙" + separator + "A" + dot + digits, digits)
    }
}

extension [Int] {
    /// The groups of a number with a country's code before it.
    fileprivate func groups(after country: String) -> [Int] {
        country.isEmpty ? self : [country.count] + self
    }
}

@Suite("Whatever way a secret is written in, it is not published")
struct RedactionProperties {
    private static let seeds: Range<UInt64> = 0..<1500

    @Test("no secret comes out of any text")
    func nothingComesOut() {
        for seed in Self.seeds {
            var random = SplitMix64(seed: seed)
            let written = Written(&random)
            let redacted = Redaction.redacted(written.text)
            #expect(
                !Self.plain(written.unescaped(redacted)).contains(Self.plain(written.secret)),
                "seed \(seed): \(written.secret) in “\(written.text)” → “\(redacted)”")
            #expect(Redaction.redacted(redacted) == redacted, "seed \(seed): “\(written.text)”")
        }
    }

    @Test("no name, address or plate comes out of any text that announces it")
    func noNameComesOut() {
        for seed in Self.seeds {
            var random = SplitMix64(seed: seed)
            let announced = Announced(&random)
            let redacted = Redaction.redacted(announced.text)
            #expect(
                !redacted.contains(announced.secret),
                "seed \(seed): \(announced.secret) in “\(announced.text)” → “\(redacted)”")
            #expect(redacted.contains(Redaction.mark), "seed \(seed): “\(announced.text)”")
            #expect(Redaction.redacted(redacted) == redacted, "seed \(seed): “\(announced.text)”")
        }
    }

    /// Digits as ASCII and no more than letters and digits, so that no way of writing hides a secret from
    /// the test.
    private static func plain(_ text: String) -> String {
        String(
            text.replacing("<br>", with: "").unicodeScalars.compactMap { scalar -> Character? in
                let spelled =
                    Array("零一二三四五六七八九").firstIndex(of: Character(scalar))
                    ?? Array("〇壹贰叁肆伍陆柒捌玖").firstIndex(of: Character(scalar))
                let properties = scalar.properties
                let isNumber = [.otherNumber, .letterNumber].contains(properties.generalCategory)
                let digit =
                    properties.numericType == .decimal || properties.numericType == .digit || isNumber
                    ? properties.numericValue.flatMap { (0...9).contains($0) ? Int($0) : nil } : nil
                if let value = spelled ?? digit { return Character("\(value)") }
                return scalar.isASCII && properties.isAlphabetic ? Character(scalar) : nil
            })
    }

    @Test(
        "its time grows with the length and no faster",
        arguments: [
            "1", "1 ", "13800138000 ", "一", "@", "a@", "a(at)", "@a.", "(dot)a", "#", "_-", "a", "f", "%23",
            "微信",
            "qq:", "电话1234567、", "dayu_", "京A", "a\u{301}", "\u{200D}", "330106199001011", "550e8400-", "1O",
            "138转", "5718765432", "57187654321元", "a#qq.com", "#qq.", "#", "a*vip.", "😀163.", "微❤", "微.",
            "w e i x i n ",
            "w e i x i n:a ", "q q a b c d ",
            "圈a", "(a)", "(a)a.", "\"@", "\"a", "\"a\"@", "@ q q ", "a @ ", "微x", "V.", "fb.", "fb…", "微信a…",
            "微信a，1",
            "微信a…a，", "qq…a1", "微博@河", "&#49;", "&#49", "&#0", "&amp;", "&amp;amp;", "\\u0031", "%2531",
            "138中",
            "1中", "一中", "1 中 ", "138中0013间", "浙A 1 ", "浙 A", "943fe2d6-1792-85f8-", "3e6f-",
            "1792-85f8-981b-",
            "Zq3-_xT0aB9cD8eF ", "-", "1-", "1--------- ", "a#", "ab#cd.", "a at b.", "a at ",
            "foo at b.com ", "微:", "扣:1",
            "live:", ".cid.", "skype live:", "㊀", "1a", "1a3b8c", "138a0013b", "a1b2 ", "a1b2-", "aB1…",
            "aB1，", "aB1c-\n",
            "13 8001 ", "13/8001/", "1八千", "八千", "八千零", "13 8一千", "05 71 ", "6.2 ", "【13】",
            "aB12 and ", "13 95 ", "13 80 0 ", "打1 ", "wei xin ", "wei ", "威❤", "❤",
            "a ", "aB1 ", "a1\n", "1 a", "%41", "%", "<br>", "&", "dayu_a ", "aB1",
        ])
    func linear(_ piece: String) {
        let text = String(repeating: piece, count: 30_000 / piece.utf8.count)
        let start = Self.processorTime()
        _ = Redaction.redacted(text)
        let time = Self.processorTime() - start
        // A debug build takes 1.5 s at the most; one that looks to the end from each place takes 28 s.
        #expect(time < .seconds(5), "\(piece): \(time)")
    }

    /// What this thread has worked: what else runs on the machine does not count.
    private static func processorTime() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
