/// A word that says what follows it: 微信号, QQ, 电话, 车牌. What follows would be found by no other rule.
enum Announcement {
    enum What {
        /// A phone number, perhaps without its area code.
        case number
        /// A name in a messenger, or a number there.
        case handle
        /// Such a name where the word has other meanings, too: it begins with a letter and is no word.
        case name
        /// The number of an account, of an identity card, or such a name.
        case account
        case plate
    }

    /// What the words announce; the words themselves stay.
    static func ranges(in text: FoldedText, at index: Int, _ kind: Redaction.Kind) -> [Range<Int>] {
        guard var (what, at) = word(in: text, at: index) else { return [] }
        var isNamed = false
        var isApart = false
        let isSpelled = Spelling.isSpelled(in: text, at: index, to: at)
        for _ in 0..<connectiveLimit {
            if let (other, end) = word(in: text, at: at) {
                if case .handle = other { what = other }
                (at, isNamed, isApart) = (end, isNamed, false)
            } else if let (length, names) = connective(in: text, at: at) {
                isApart = isApart || text[at]?.isBlank == true
                isNamed = isNamed || names
                at += length
            } else {
                break
            }
        }
        // Its own rule knows its whole length.
        if Capability.range(in: text, at: at, kind) != nil { return [] }
        switch what {
        case .number: return numbers(in: text, at: at, 7...12)
        case .account:
            return number(in: text, at: at, 12...19).map { [$0] } ?? name(in: text, at: at, kind)
        case .plate: return plate(in: text, at: at).map { [$0] } ?? []
        case .name: return name(in: text, at: at, kind)
        case .handle where kind == .address: return []
        case .handle:
            // In Chinese nothing stands between the word and the name.
            let isChinese = text[index]?.isASCIILetter == false
            let usual = handle(in: text, at: at, isNamed: isNamed || isChinese && !isApart)
            guard isNamed || isSpelled, let spelled = Spelling.handle(in: text, at: at),
                spelled.upperBound > usual.last?.upperBound ?? 0
            else { return usual }
            return [spelled]
        }
    }

    // MARK: The words

    private static func word(in text: FoldedText, at index: Int) -> (What, end: Int)? {
        guard let first = text[index]?.mark, let candidates = words[first.lowercased] else { return nil }
        for (word, what) in candidates {
            guard
                let end = end(of: word, in: text, at: index)
                    ?? Spelling.end(of: word, in: text, at: index)
            else { continue }
            let isLatin = word.last.map { $0.isASCII && $0.isLetter } ?? false
            let beginsInside = text[index]?.isASCIILetter == true && text[index - 1]?.isASCIILetter == true
            if beginsInside || isLatin && text[end]?.isASCIILetter == true { continue }
            return (what, end)
        }
        return nil
    }

    /// In Chinese a blank or a picture may stand between two characters of a word: 微❤️信.
    private static func end(of word: String, in text: FoldedText, at index: Int) -> Int? {
        var at = index
        for scalar in word.unicodeScalars {
            if at > index, !scalar.isASCII { at += text.run(at: at, atMost: fillerLimit, where: isFiller) }
            guard text[at]?.mark.lowercased == scalar else { return nil }
            at += 1
        }
        return at
    }

    private static let fillerLimit = 3

    private static func isFiller(_ symbol: FoldedText.Symbol) -> Bool {
        if symbol.isBlank || fillers.contains(symbol.mark) { return true }
        guard !symbol.mark.isASCII else { return false }
        return switch symbol.mark.properties.generalCategory {
        case .otherSymbol, .modifierSymbol: true
        default: false
        }
    }

    private static let fillers = Set("*.-_~|/\\+·•".unicodeScalars)

    private static let spelled: [(What, String)] = [
        (.number, "电话,手机,座机,固话,联系方式,联系我,致电,tel,telephone,phone,mobile,cell,call,call me"),
        (.handle, "微信,薇信,威信,徽信,卫星号,加微,加我微,v信,加v,+v,vx,wx,wechat,weixin,qq,q号,q群,扣扣,抠抠"),
        (.handle, "企鹅,企鹅号,钉钉,飞书,陌陌,抖音,快手"),
        (.handle, "微博,小红书,支付宝,whatsapp,telegram,tg,skype,line id,邮箱,邮件,电邮,email,e-mail,mail"),
        (.name, "v:,line:"),
        (.account, "身份证,身份證,证件号,卡号,银行卡,账号,帐号,账户,帐户"),
        (.plate, "车牌,车号,plate"),
    ]

    /// By their first characters, the longer ones first.
    private static let words: [Unicode.Scalar: [(String, What)]] = {
        let all = spelled.flatMap { what, words in words.split(separator: ",").map { (String($0), what) } }
        return Dictionary(grouping: all) { $0.0.unicodeScalars[$0.0.startIndex] }
            .mapValues { $0.sorted { $0.0.utf8.count > $1.0.utf8.count } }
    }()

    /// What may stand between the word and what it announces. Some of it can't stand before anything else.
    private static func connective(in text: FoldedText, at index: Int) -> (length: Int, names: Bool)? {
        guard let mark = text[index]?.mark else { return nil }
        if namingMarks.contains(mark) { return (1, true) }
        if otherMarks.contains(mark) || text[index]?.isBlank == true { return (1, false) }
        if text.has("no.", at: index) { return (3, true) }
        for (word, names) in [("id", true), ("number", true), ("is", false)] {
            let end = index + word.utf8.count
            if text.has(word, at: index), text[end].map({ !$0.isASCIILetterOrDigit }) ?? true {
                return (word.utf8.count, names)
            }
        }
        return nil
    }

    private static let connectiveLimit = 12
    private static let namingMarks = Set(":=号码是为叫@".unicodeScalars)
    private static let otherMarks = Set("-([{「『“\"'<《〈【名群我的加请打同和或、,;/".unicodeScalars)

    // MARK: What they announce

    /// One number, or several of the kind.
    private static func numbers(
        in text: FoldedText, at index: Int, _ lengths: ClosedRange<Int>
    ) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var at = index
        while let range = number(in: text, at: at, lengths) {
            ranges.append(range)
            at = range.upperBound
            at += text.run(at: at, atMost: 3) { " 、,;/和或及".unicodeScalars.contains($0.mark) }
        }
        return ranges
    }

    /// What is a person's number without the word may be longer.
    private static func number(
        in text: FoldedText, at index: Int, _ lengths: ClosedRange<Int>
    ) -> Range<Int>? {
        guard let run = NumberRun(text.from(index), at: index) else { return nil }
        return [run.personal, run.announced(lengths)].compactMap(\.self).max { $0.upperBound < $1.upperBound }
    }

    private static func name(in text: FoldedText, at index: Int, _ kind: Redaction.Kind) -> [Range<Int>] {
        guard kind == .text, text[index]?.isASCIILetter == true else { return [] }
        return handle(in: text, at: index, isNamed: false)
    }

    /// - Parameter isNamed: a word of nothing but letters is a name, too.
    private static func handle(in text: FoldedText, at index: Int, isNamed: Bool) -> [Range<Int>] {
        let letters = text.run(at: index) { $0.isASCIILetterOrDigit || $0.mark == "_" }
        let isNumber = (index..<index + letters).allSatisfy { text[$0]?.isASCIILetter == false }
        if isNumber { return numbers(in: text, at: index, 5...12) }
        let length = text.run(at: index) { $0.isASCIILetterOrDigit || "_-.".unicodeScalars.contains($0.mark) }
        let isWord = (index..<index + length).allSatisfy { text[$0]?.isASCIILetter == true }
        guard length >= leastOfHandle, isNamed || !isWord else { return [] }
        return [index..<index + length]
    }

    private static let leastOfHandle = 5

    /// With or without its province.
    private static func plate(in text: FoldedText, at index: Int) -> Range<Int>? {
        NumberRun(text.from(index), at: index)?.personal ?? LicencePlate.range(in: text, at: index)
            ?? LicencePlate.number(in: text, at: index, 5...8).map { index..<$0 }
    }
}
