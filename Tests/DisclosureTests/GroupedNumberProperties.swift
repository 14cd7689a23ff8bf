import Support
import Testing

@testable import Disclosure

/// A number in groups that are drawn at random, as they stand between other words.
private struct Grouped {
    enum Kind: CaseIterable { case mobile, landline, identityCard, bankCard }

    let kind: Kind
    let groups: [String]
    let written: String
    private let gaps: [String]

    init(_ random: inout SplitMix64) {
        kind = random.one(of: Kind.allCases)
        let number = Self.number(kind, &random)
        groups = Self.groups(number, &random)
        let isUniform = random.once(in: 2)
        let uniform = random.one(of: Self.separators)
        var gaps: [String] = []
        for _ in groups.dropFirst() { gaps.append(isUniform ? uniform : random.one(of: Self.separators)) }
        self.gaps = gaps
        let isMarked = random.once(in: 4)
        var scripts = [random.one(of: Self.scripts)]
        if random.once(in: 4) { scripts = Self.scripts }
        let bracketed = random.once(in: 4) ? Int.random(in: 0..<groups.count, using: &random) : nil
        var written = ""
        for (index, group) in groups.enumerated() {
            var spelled = group.map { digit in
                let written = digit.wholeNumberValue.map { String(random.one(of: scripts)[$0]) }
                return (written ?? String(digit)) + (isMarked ? random.one(of: Self.unseen) : "")
            }.joined()
            // The last digits as people say them.
            if index == groups.count - 1, random.once(in: 3), let said = Self.said(group, &random) {
                spelled = said
            }
            if index == bracketed, groups.count > 1 { spelled = "(" + spelled + ")" }
            written += (index > 0 ? gaps[index - 1] : "") + spelled
        }
        self.written = written
    }

    private static let separators = [
        " ", "  ", "    ", "\u{3000}", "-", "－", "—", " - ", "--", "·", ".", "．", "/", "／", " / ", "\\", "|",
        ") (", "]", "【", "\n", "\r\n", "\u{200B} ", "\u{2060}-\u{2060}", "\t", "_", "~",
    ]
    private static let unseen = ["", "", "\u{200B}", "\u{FE0F}\u{20E3}", "\u{2060}", "\u{336}"]
    private static let scripts: [[Character]] = [
        "0123456789", "０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗", "⓪①②③④⑤⑥⑦⑧⑨", "零一二三四五六七八九",
        "〇壹贰叁肆伍陆柒捌玖",
    ].map { Array($0) }

    private static func digits(_ count: Int, _ random: inout SplitMix64) -> String {
        (0..<count).map { _ in String(Int.random(in: 0...9, using: &random)) }.joined()
    }

    private static func number(_ kind: Kind, _ random: inout SplitMix64) -> String {
        switch kind {
        case .mobile:
            // Round endings are usual in numbers that people choose.
            let end = random.one(of: ["", "000", "8000", "50000"])
            return "1\(Int.random(in: 3...9, using: &random))" + digits(9 - end.count, &random) + end
        case .landline:
            let area = random.one(of: ["0571", "0579", "0898", "010", "021"])
            return area + "\(Int.random(in: 2...8, using: &random))" + digits(7, &random)
        case .identityCard:
            let month = random.one(of: ["01", "07", "10", "12"])
            let day = random.one(of: ["01", "09", "17", "31"])
            return "330106\(Int.random(in: 1930...2019, using: &random))\(month)\(day)\(digits(3, &random))"
                + random.one(of: ["0", "5", "9", "X", "x"])
        case .bankCard:
            let body =
                random.one(of: ["62", "4", "52"]) + digits(Int.random(in: 13...15, using: &random), &random)
            let sum = body.reversed().enumerated().reduce(0) { sum, digit in
                let value = (digit.element.wholeNumberValue ?? 0) * (digit.offset % 2 == 0 ? 2 : 1)
                return sum + (value > 9 ? value - 9 : value)
            }
            return body + "\((10 - sum % 10) % 10)"
        }
    }

    /// From one group to six.
    private static func groups(_ number: String, _ random: inout SplitMix64) -> [String] {
        let characters = Array(number)
        var ends = Set<Int>()
        let count = Int.random(in: 1...6, using: &random)
        while ends.count < count - 1 { ends.insert(Int.random(in: 1..<characters.count, using: &random)) }
        let edges = [0] + ends.sorted() + [characters.count]
        return zip(edges, edges.dropFirst()).map { String(characters[$0..<$1]) }
    }

    /// 八千 for 8000. Nil for what nobody can say like that.
    private static func said(_ group: String, _ random: inout SplitMix64) -> String? {
        guard let value = Int(group), (3...8).contains(group.count), group.first != "0" else { return nil }
        let digits = random.one(of: [Array("零一二三四五六七八九"), Array("0123456789")])
        let upper = value / 10_000
        return (upper > 0 ? section(upper, digits, leads: true) + "万" : "")
            + section(value % 10_000, digits, leads: upper == 0)
    }

    /// - Parameter leads: nothing stands before it. A gap behind what stands before it is said as 零.
    private static func section(_ value: Int, _ digits: [Character], leads: Bool) -> String {
        var (text, isGap, rest, isFirst) = ("", false, value, leads)
        for (unit, word) in [(1_000, "千"), (100, "百"), (10, "十"), (1, "")] {
            let digit = rest / unit
            rest %= unit
            if digit == 0 {
                isGap = !isFirst
                continue
            }
            text += (isGap ? "零" : "") + String(digits[digit]) + word
            (isGap, isFirst) = (false, false)
        }
        return text
    }

    private static func isDot(_ gap: String) -> Bool { gap == "." || gap == "．" }

    /// Whether a reader, too, would take it for figures: a short definition of its own, see `Figures`.
    var readsAsFigures: Bool {
        let values = groups.compactMap { Int($0) }
        // 1998 03 15, 15 11 2026
        if values.count > 2, groups[1].count < 3, (1...12).contains(values[1]) {
            for (year, day) in [(0, 2), (2, 0)] where groups[year].count == 4 && groups[day].count < 3 {
                if (1950...2100).contains(values[year]), (1...31).contains(values[day]) { return true }
            }
        }
        let isPlain = !groups.dropFirst().contains { $0.count > 1 && $0.first == "0" }
        let pairs = groups.filter { $0.count == 2 }.compactMap { Int($0) }
        let ordered = pairs.count > 3 ? pairs : values
        let isOrdered = ordered == ordered.sorted() || ordered == ordered.sorted(by: >)
        let isRound =
            values.dropFirst().allSatisfy { $0.isMultiple(of: 10) }
            || pairs.count > 3 && pairs.allSatisfy { $0.isMultiple(of: 5) }
        if isPlain, groups.count > 3, groups.allSatisfy({ $0.count < 4 }), isOrdered || isRound {
            return true
        }
        let dots = gaps.count(where: Self.isDot)
        if kind == .bankCard, dots == 1, gaps.count == 1 { return true }
        // 18.5 17.2
        if dots > 1, dots < gaps.count { return true }
        guard kind == .landline else { return false }
        // 0.35
        let isDecimal = groups[0] == "0" && gaps.first.map(Self.isDot) == true
        return groups.allSatisfy { $0.count < 3 } || isDecimal && (gaps.count == 1 || !Self.isDot(gaps[1]))
    }
}

@Suite("A number is found in whatever groups it is written")
struct GroupedNumberProperties {
    @Test("every number is replaced as a whole, and nothing around it")
    func groups() {
        var figures = 0
        let seeds: Range<UInt64> = 0..<6000
        for seed in seeds {
            var random = SplitMix64(seed: seed)
            let grouped = Grouped(&random)
            let before = random.one(of: ["", "我是李雷，", "请打：", "找我，", "2026-11-23 08:15，", "急。", "河水发黑；"])
            let after = random.one(of: ["", "。", "，谢谢", "！急", "；河水发黑", " 李"])
            if grouped.readsAsFigures {
                figures += 1
                continue
            }
            let redacted = Redaction.redacted(before + grouped.written + after)
            #expect(
                redacted == before + Redaction.mark + after,
                "seed \(seed): \(grouped.kind) “\(before + grouped.written + after)” → “\(redacted)”")
            #expect(Redaction.redacted(redacted) == redacted, "seed \(seed)")
        }
        // The exception must stay one.
        #expect(figures < seeds.count / 40, "\(figures)")
    }

    @Test(
        "such as these",
        arguments: [
            "13 8001 38000", "一三八 0013 八千", "1380013八千", "1380013 8千", "13 8001 三万八千", "13 800 138 000",
            "138 0013 八千零五", "1380 01 38 000", "13/8001/38000", "(13)8001(38000)", "【13】8001【38000】",
            "13800.138000", "13 95 71 28 64 3", "15 1800 12000", "05 718 7654 321", "0571 8765 四千三百二十一",
            "33 0106 1990 0101 123X", "62220 2000000 0000 000", "330106 19900101 一千二百三十四",
            "电话 13 812 345 678 元",
        ])
    func examples(_ text: String) {
        let redacted = Redaction.redacted(text)
        let expected = text.hasPrefix("电话") ? "电话 ▇▇▇ 元" : Redaction.mark
        #expect(redacted == expected)
    }

    @Test("random figures in a sentence with units, marks of lists or points are left alone")
    func figures() {
        for seed in UInt64(0)..<3000 {
            var random = SplitMix64(seed: seed)
            let count = Int.random(in: 2...8, using: &random)
            let unit = random.one(of: ["米", "吨", "户", "mg/L", "元", "次", " m3", "千克"])
            let separator = random.one(of: ["、", "，", "，又", "；", "到"])
            let figures = (0..<count).map { _ in
                let figure = "\(Int.random(in: 1...9999, using: &random))"
                return figure + (random.once(in: 2) ? ".\(Int.random(in: 1...9, using: &random))" : "") + unit
            }
            let text = "实测" + figures.joined(separator: separator) + "。"
            #expect(Redaction.redacted(text) == text, "seed \(seed)")
        }
    }
}
