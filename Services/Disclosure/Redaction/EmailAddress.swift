import Text

/// An address in the plain form that people use. Also with `(at)` for `@`, with 点 for the full stop, with
/// blanks around them, and with its local part in quotes (RFC 5322 §3.4.1).
enum EmailAddress {
    /// The whole address around the sign at this index that stands for `@`.
    static func range(in text: FoldedText, at index: Int) -> Range<Int>? {
        disguised(in: text, at: index) ?? plain(in: text, at: index)
    }

    private static func plain(in text: FoldedText, at index: Int) -> Range<Int>? {
        guard let (sign, strength) = EmailSign.at(index, in: text),
            let start = start(in: text, before: index, isWord: strength > .word)
        else { return nil }
        let first = sign + blanks(in: text, at: sign)
        let end =
            domainEnd(in: text, from: first, strength) ?? spelledDomainEnd(in: text, from: first)
            ?? (strength == .spoken && isName(in: text, start..<index)
                ? domainEnd(in: text, from: first, .weak) : nil)
        return end.map { start..<$0 }
    }

    /// Whether ` at ` and a domain with its dots make an address of this word: `foo at example.com`. After
    /// words like "meet" and "posted" they make a sentence.
    private static func isName(in text: FoldedText, _ range: Range<Int>) -> Bool {
        let word = text.text(range).lowercased()
        return word.unicodeScalars.contains { !$0.isASCIILetter }
            || word.utf8.count >= leastOfName && !wordsBeforeAt.contains(word)
    }

    private static let leastOfName = 3
    private static let wordsBeforeAt = Set(
        """
        meet met meeting look looked looking see seen saw view viewed visit visited find found read post posted publish \
        published available more info information here there page pages site map maps photo photos picture pictures \
        report reports reported complain complained complaint complaints check checked buy get got them out live hosted \
        online now only also written done start started end ended shown listed down back help ask asked work working \
        works stay stayed data result results news shop open opened located download downloaded register registered \
        login sign apply applied and time times point arrive arrived are was were has had not but all this that river \
        water standing hosting everything something anything someone people stored kept given hers his him you
        """.split(separator: " ").map(String.init))

    /// `lilei#qq.com`: another sign stands for the `@`, and the domain belongs to a mail service for people.
    private static func disguised(in text: FoldedText, at index: Int) -> Range<Int>? {
        guard let mark = text[index]?.mark, isSign(mark) else { return nil }
        let sign = index + text.run(at: index, atMost: longestSign) { isSign($0.mark) }
        let first = sign + blanks(in: text, at: sign)
        if let address = marked(in: text, at: index, sign) { return address }
        guard let provider = providers.first(where: { isLabel($0, in: text, at: first) }),
            let next = dotEnd(in: text, at: first + provider.utf8.count, isLoose: true, isWord: false),
            (providers + providersDomains).contains(where: { isLabel($0, in: text, at: next) }),
            let start = start(in: text, before: index, isWord: true)
        else { return nil }
        return domainEnd(in: text, from: first, .mark).map { start..<$0 }
    }

    /// `foo#example.com`, with any domain that ends in a usual way: name, sign and domain in one piece, and
    /// not within a web address.
    private static func marked(in text: FoldedText, at index: Int, _ sign: Int) -> Range<Int>? {
        let isStrict = text[index].map { !$0.mark.isASCII || strictSigns.contains($0.mark) } ?? false
        let length = text.run(before: index, atMost: .max, where: isLocal)
        guard isStrict, length >= leastOfMarked, text[sign]?.isASCIILetterOrDigit == true,
            text[index - length - 1].map({ !beforeNoName.contains($0.mark) }) ?? true
        else { return nil }
        return domainEnd(in: text, from: sign, .weak).map { index - length..<$0 }
    }

    private static let strictSigns = Set("#*^".unicodeScalars)
    private static let leastOfMarked = 2
    private static let beforeNoName = Set("/:?&=#@".unicodeScalars)

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

    // MARK: Before the sign

    private static func start(in text: FoldedText, before index: Int, isWord: Bool) -> Int? {
        let end = index - text.run(before: index, atMost: blankLimit, where: \.isBlank)
        if let quoted = quoted(in: text, before: end) { return quoted }
        var start = end - text.run(before: end, atMost: .max, where: isLocal)
        if start == end, end == index, !isWord {
            start -= text.run(before: end, atMost: hanLimit, where: \.isLetter)
        }
        // z h a n g
        if end - start == 1 {
            while end - start < spelledLimit, text[start - 1]?.isBlank == true,
                text.run(before: start - 1, atMost: 2, where: isLocal) == 1
            {
                start -= 2
            }
        }
        return start < end ? start : nil
    }

    /// The longest name before `@qq.com`; a longer run of Chinese is a sentence and not part of the address.
    private static let hanLimit = 6
    private static let spelledLimit = 80

    /// `"zhang san"`: the text between two quotes on one line is no longer than a local part may be (RFC 5321
    /// §4.5.3.1.1).
    private static func quoted(in text: FoldedText, before end: Int) -> Int? {
        guard isQuote(text[end - 1]) else { return nil }
        let length = text.run(before: end - 1, atMost: longestLocal) { !isQuote($0) && $0.mark != "\n" }
        let start = end - 2 - length
        return length > 0 && isQuote(text[start]) ? start : nil
    }

    private static let longestLocal = 64

    private static func isQuote(_ symbol: FoldedText.Symbol?) -> Bool {
        switch symbol?.mark {
        case "\"", "'", "“", "”", "‘", "’", "„": true
        default: false
        }
    }

    private static func isLocal(_ symbol: FoldedText.Symbol) -> Bool {
        if symbol.isASCIILetterOrDigit { return true }
        return switch symbol.mark {
        case ".", "_", "%", "+", "-": true
        default: false
        }
    }

    // MARK: Behind the sign

    /// The end of `example.org`: labels with dots between, the last one of letters (RFC 3696 §2).
    private static func domainEnd(
        in text: FoldedText, from start: Int, _ strength: EmailSign.Strength
    ) -> Int? {
        var end: Int?
        var at = start
        var isApart = false
        // Then only a dot that is written as a word shows that this is an address.
        let isWord = strength == .spoken
        while true {
            let label = text.run(at: at) { $0.isASCIILetterOrDigit || $0.mark == "-" }
            if label == 0, at > start, let name = domains.first(where: { text.has($0, at: at) }) {
                return at + name.unicodeScalars.count
            }
            let other = label > 0 ? label : labelOfHan(in: text, at: at)
            guard other > 0 else { return end }
            let isUsual = usualDomains.contains { $0.utf8.count == label && text.has($0, at: at) }
            let isAny = !isApart && strength != .weak
            if at > start, label >= 2, text[at]?.isASCIILetter == true, isUsual || isAny {
                end = at + label
            }
            at += other
            guard let next = dotEnd(in: text, at: at, isLoose: end == nil, isWord: isWord) else { return end }
            isApart = (at..<next).contains { text[$0]?.isBlank == true }
            at = next
        }
    }

    /// In Chinese a label can be any word; only the domain after it shows that it is a label.
    private static func labelOfHan(in text: FoldedText, at index: Int) -> Int {
        let length = text.run(at: index, atMost: labelLimit) { $0.isLetter || $0.isASCIILetterOrDigit }
        let isLabel = domains.contains { text.has("." + $0, at: index + length) }
        return isLabel ? length : 0
    }

    private static let labelLimit = 20
    /// The usual domains. After a full stop and a blank, any other word begins a sentence.
    private static let usualDomains = ["com", "cn", "net", "org", "edu", "gov", "me", "cc", "io"]
    private static let domains = ["中国", "中國", "公司", "网络", "網絡", "政务", "手机", "香港"]

    /// `q q . c o m`: only for the known mail services.
    private static func spelledDomainEnd(in text: FoldedText, from first: Int) -> Int? {
        guard text[first + 1]?.isBlank == true else { return nil }
        for provider in providers {
            guard let label = Spelling.end(of: provider, in: text, at: first) else { continue }
            let next = label + text.run(at: label, atMost: 1, where: \.isBlank)
            guard let top = dotEnd(in: text, at: next, isLoose: true, isWord: false) else { continue }
            for domain in providersDomains {
                if let end = Spelling.end(of: domain, in: text, at: top) { return end }
                if isLabel(domain, in: text, at: top) { return top + domain.utf8.count }
            }
        }
        return nil
    }

    /// - Parameter isLoose: blanks may stand around the dot. After a complete address, a dot with blanks ends
    ///   the sentence.
    private static func dotEnd(in text: FoldedText, at index: Int, isLoose: Bool, isWord: Bool) -> Int? {
        if !isWord, let dot = dots.first(where: { text.has($0, at: index) }) {
            let end = index + dot.unicodeScalars.count
            return isLoose ? end + blanks(in: text, at: end) : end
        }
        guard isLoose else { return nil }
        // lilei@qq，com
        if !isWord, let mark = text[index]?.mark, mistypedDots.contains(mark),
            usualDomains.contains(where: { isLabel($0, in: text, at: index + 1) })
        {
            return index + 1
        }
        let start = index + blanks(in: text, at: index)
        let words = isWord ? spokenDots : spokenDots + dots
        guard let dot = words.first(where: { text.has($0, at: start) }) else { return nil }
        let end = start + dot.unicodeScalars.count
        return end + blanks(in: text, at: end)
    }

    private static let dots = [
        "(dot)", "[dot]", "{dot}", "<dot>", "【dot】", "(.)", "[.]", "{.}", "(点)", "[点]", "【点】", "..", ".", "。",
        "｡",
    ]
    private static let mistypedDots = Set(",·•".unicodeScalars)
    private static let spokenDots = ["dot ", "点", "點"]
}
