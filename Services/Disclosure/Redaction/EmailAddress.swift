/// An address of the plain form that people use, with `(at)` for `@`, 点 for the full stop or blanks around
/// them; quoted local parts (RFC 5322 §3.4.1) nobody writes into a complaint.
enum EmailAddress {
    /// The whole address, asked for at its `@`.
    static func range(in text: FoldedText, at index: Int) -> Range<Int>? {
        disguised(in: text, at: index) ?? plain(in: text, at: index)
    }

    private static func plain(in text: FoldedText, at index: Int) -> Range<Int>? {
        guard let at = signs.first(where: { text.has($0, at: index) }) else { return nil }
        // A word that stands in other sentences, too.
        let isWord = at == " at "
        guard let start = start(in: text, before: index, isWord: isWord) else { return nil }
        let sign = index + at.unicodeScalars.count
        return domainEnd(in: text, from: sign + blanks(in: text, at: sign), isWord: isWord).map { start..<$0 }
    }

    private static let signs = ["@", "(at)", "[at]", "{at}", "(@)", "[@]", "艾特", " at "]

    /// `lilei#qq.com`: another sign stands for the `@`, and the domain is one that gives people addresses.
    private static func disguised(in text: FoldedText, at index: Int) -> Range<Int>? {
        guard let mark = text[index]?.mark, isSign(mark) else { return nil }
        let sign = index + text.run(at: index, atMost: longestSign) { isSign($0.mark) }
        let first = sign + blanks(in: text, at: sign)
        guard let provider = providers.first(where: { isLabel($0, in: text, at: first) }),
            let next = dotEnd(in: text, at: first + provider.utf8.count, isLoose: true, isWord: false),
            (providers + providersDomains).contains(where: { isLabel($0, in: text, at: next) }),
            let start = start(in: text, before: index, isWord: true)
        else { return nil }
        return domainEnd(in: text, from: first, isWord: false).map { start..<$0 }
    }

    private static func isLabel(_ label: String, in text: FoldedText, at index: Int) -> Bool {
        let end = index + label.utf8.count
        return text.has(label, at: index) && text[end]?.isASCIILetterOrDigit != true
    }

    private static func isSign(_ mark: Unicode.Scalar) -> Bool {
        otherSigns.contains(mark) || !mark.isASCII && mark.properties.generalCategory == .otherSymbol
    }

    private static let providersDomains = ["com", "cn", "net", "me"]
    private static let longestSign = 2
    private static let otherSigns = Set("#*&$^~!|=?圈".unicodeScalars)
    private static let providers = [
        "qq", "vip", "163", "126", "yeah", "139", "189", "wo", "sina", "sohu", "tom", "21cn", "foxmail",
        "aliyun", "gmail", "outlook", "hotmail", "live", "msn", "icloud", "yahoo", "proton", "protonmail",
    ]

    private static func blanks(in text: FoldedText, at index: Int) -> Int {
        text.run(at: index, atMost: blankLimit, where: \.isBlank)
    }

    private static let blankLimit = 3
    /// A name before `@qq.com`; more of a sentence without blanks is not part of it.
    private static let hanLimit = 6

    private static func start(in text: FoldedText, before index: Int, isWord: Bool) -> Int? {
        var end = index
        while index - end < blankLimit, text[end - 1]?.isBlank == true { end -= 1 }
        var start = end
        while let symbol = text[start - 1], isLocal(symbol) { start -= 1 }
        if start == end, end == index, !isWord {
            while end - start < hanLimit, let symbol = text[start - 1], symbol.isLetter { start -= 1 }
        }
        return start < end ? start : nil
    }

    /// The end of `example.org`: labels with dots between, the last one of letters (RFC 3696 §2).
    /// - Parameter isWord: only a dot that is a word shows that this is an address.
    private static func domainEnd(in text: FoldedText, from start: Int, isWord: Bool) -> Int? {
        var end: Int?
        var at = start
        var isApart = false
        while true {
            let label = text.run(at: at) { $0.isASCIILetterOrDigit || $0.mark == "-" }
            if label == 0, at > start, let name = domains.first(where: { text.has($0, at: at) }) {
                return at + name.unicodeScalars.count
            }
            let other = label > 0 ? label : labelOfHan(in: text, at: at)
            guard other > 0 else { return end }
            let isUsual = usualDomains.contains { $0.utf8.count == label && text.has($0, at: at) }
            if at > start, label >= 2, text[at]?.isASCIILetter == true, isUsual || !isApart {
                end = at + label
            }
            at += other
            guard let next = dotEnd(in: text, at: at, isLoose: end == nil, isWord: isWord) else { return end }
            isApart = (at..<next).contains { text[$0]?.isBlank == true }
            at = next
        }
    }

    /// In Chinese a label is any word; only a domain behind it shows that it is one.
    private static func labelOfHan(in text: FoldedText, at index: Int) -> Int {
        let length = text.run(at: index, atMost: labelLimit) { $0.isLetter || $0.isASCIILetterOrDigit }
        let isLabel = domains.contains { text.has("." + $0, at: index + length) }
        return isLabel ? length : 0
    }

    private static let labelLimit = 20
    /// Behind a full stop and a blank any other word begins a sentence.
    private static let usualDomains = ["com", "cn", "net", "org", "edu", "gov", "me", "cc", "io"]
    private static let domains = ["中国", "中國", "公司", "网络", "網絡", "政务", "手机", "香港"]

    /// - Parameter isLoose: blanks may stand around it. Behind a whole address they end the sentence.
    private static func dotEnd(in text: FoldedText, at index: Int, isLoose: Bool, isWord: Bool) -> Int? {
        if !isWord, let dot = dots.first(where: { text.has($0, at: index) }) {
            let end = index + dot.unicodeScalars.count
            return isLoose ? end + blanks(in: text, at: end) : end
        }
        guard isLoose else { return nil }
        let start = index + blanks(in: text, at: index)
        let words = isWord ? spokenDots : spokenDots + dots
        guard let dot = words.first(where: { text.has($0, at: start) }) else { return nil }
        let end = start + dot.unicodeScalars.count
        return end + blanks(in: text, at: end)
    }

    private static let dots = ["(dot)", "[dot]", "{dot}", ".", "。", "｡"]
    private static let spokenDots = ["dot ", "点", "點"]

    private static func isLocal(_ symbol: FoldedText.Symbol) -> Bool {
        symbol.isASCIILetterOrDigit || "._%+-".unicodeScalars.contains(symbol.mark)
    }
}
