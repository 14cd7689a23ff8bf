/// Web addresses in what somebody wrote, found as phones find them when they turn them into links.
enum WebAddress {
    /// Replaces each address by `…`, together with everything that is joined to it without a blank. Before a
    /// domain in Chinese, Chinese labels stay: they can't be told apart from the sentence.
    static func removed(from text: String) -> String {
        var result = String.UnicodeScalarView()
        let scalars = Array(text.unicodeScalars)
        var index = 0
        while index < scalars.count {
            let start = index
            var word: [Unicode.Scalar] = []
            while index < scalars.count, let mark = mark(scalars, index) {
                word.append(mark)
                index += 1
            }
            if word.isEmpty {
                result.append(scalars[index])
                index += 1
                continue
            }
            let before = start > 0 ? scalars[start - 1] : nil
            if let domain = ownDomain(after: word, before, scalars[index...]) {
                result.append("…")
                index += domain
            } else if holdsAddress(word, after: before) {
                result.append("…")
            } else if word.contains(where: isLetter), let end = spokenEnd(scalars, after: index) {
                result.append("…")
                index = end
            } else {
                result.append(contentsOf: scalars[start..<index])
            }
        }
        return String(result)
    }

    // MARK: The characters of an address

    /// The character of an address (RFC 3986 §2, RFC 5890 §2.3.2.3) that a scalar stands for; nil for one
    /// that ends an address.
    private static func mark(_ scalars: [Unicode.Scalar], _ index: Int) -> Unicode.Scalar? {
        let scalar = scalars[index]
        switch scalar.value {
        case 0x22, 0x3C, 0x3E: return nil
        case 0x21...0x7E: return scalar
        case 0xFF0E, 0xFF0F, 0xFF1A, 0xFF10...0xFF19, 0xFF21...0xFF3A, 0xFF41...0xFF5A:
            return Unicode.Scalar(UInt8(scalar.value - 0xFF01 + 0x21))
        case 0x2024, 0xFE52: return "."
        case 0x3002, 0xFF61: return isDot(scalars, index) ? "." : nil
        default: return isLetter(scalar) ? scalar : nil
        }
    }

    /// Whether a `。` ends a label: browsers take it for a full stop (UTS #46 §2.3), and a Chinese keyboard
    /// writes it between Latin letters. Anywhere else it ends a sentence.
    private static func isDot(_ scalars: [Unicode.Scalar], _ index: Int) -> Bool {
        guard index > 0, index + 1 < scalars.count else { return false }
        let (before, rest) = (scalars[index - 1], scalars[(index + 1)...])
        let known = isNarrow(before) ? ownDomains : usualOwnDomains
        if ownDomain(known, in: rest, isWhole: !isNarrow(before)) != nil { return isLabel(before) }
        if isNarrow(before) { return isLetter(scalars[index + 1]) }
        let label = String(String.UnicodeScalarView(rest.prefix(while: isLetter))).lowercased()
        return isLabel(before) && usualDomains.contains(label)
    }

    /// Whether it is a letter of a script that is written with blanks between the words.
    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        !isWide(scalar)
            && (scalar.properties.isAlphabetic || scalar.properties.generalCategory == .nonspacingMark)
    }

    /// Han, kana and hangul.
    private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x3005...0x30FF, 0x1100...0x11FF, 0x3130...0x318F, 0xAC00...0xD7AF: true
        default: scalar.properties.isIdeographic
        }
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    /// A letter or a digit that a label of such a script may end with.
    private static func isNarrow(_ scalar: Unicode.Scalar) -> Bool {
        isLetter(scalar) || scalar.properties.numericType == .decimal
    }

    /// Any letter or digit that a label may end with.
    private static func isLabel(_ scalar: Unicode.Scalar) -> Bool {
        isNarrow(scalar) || scalar.properties.isAlphabetic
    }

    // MARK: Signs of an address

    private static func holdsAddress(_ word: [Unicode.Scalar], after before: Unicode.Scalar?) -> Bool {
        for (index, scalar) in word.enumerated() {
            // In `例子.com`, the letters before the dot are not a part of `word`.
            guard let last = index > 0 ? word[index - 1] : before else { continue }
            switch scalar {
            case ":" where word[index...].starts(with: "://".unicodeScalars): return true
            case ":" where isScheme(word[..<index]) && index + 1 < word.count: return true
            case ":" where isHost(word[..<index]) && isPort(word[(index + 1)...]): return true
            case ":" where isShortHost(word[..<index]) && isWebPort(word[(index + 1)...]): return true
            // `//evil` takes its scheme from the page around it (RFC 3986 §4.2).
            case "/" where last == "/" && isAlone(word, index): return true
            case "." where opening[last] != nil:
                if isHiddenDot(word, index, before) { return true }
            case "d", "D":
                if opening[last] != nil, isHiddenDot(word, index, before) { return true }
            case "." where isLabel(last):
                if word[(index + 1)...].prefix(while: isLetter).count >= 2 { return true }
            default: break
            }
        }
        return holdsIPv4(word) || holdsHexadecimal(word)
    }

    /// Whether the two slashes begin the word or follow a character that is no part of an address, and a
    /// label follows them.
    private static func isAlone(_ word: [Unicode.Scalar], _ index: Int) -> Bool {
        let isFirst =
            index == 1 || !isLabel(word[index - 2]) && word[index - 2] != ":" && word[index - 2] != "/"
        return isFirst && index + 2 < word.count && isNarrow(word[index + 1]) && isNarrow(word[index + 2])
    }

    private static let opening: [Unicode.Scalar: Unicode.Scalar] = [
        "[": "]", "(": ")", "{": "}", "（": "）", "【": "】", "［": "］",
    ]

    /// `evil[.]com`, `evil(dot)com`: people write an address in this way so that it is no link, and the
    /// reader knows how to use it.
    private static func isHiddenDot(
        _ word: [Unicode.Scalar], _ index: Int, _ before: Unicode.Scalar?
    ) -> Bool {
        let end = index + (dotLength(word[index...]) ?? 0)
        guard end > index, end < word.count, word[end] == opening[word[index - 1]],
            let last = index > 1 ? word[index - 2] : before, isLabel(last)
        else { return false }
        return word[(end + 1)...].prefix(while: isLetter).count >= 2
    }

    /// The length of a dot, or of the word for it.
    private static func dotLength(_ rest: ArraySlice<Unicode.Scalar>) -> Int? {
        switch rest.first {
        case ".", "点", "點": 1
        default: String(String.UnicodeScalarView(rest.prefix(3))).lowercased() == "dot" ? 3 : nil
        }
    }

    // MARK: Dots as words

    /// The end of ` dot com`, ` [dot] com`, `点com` and ` . com` behind a word, with all that is joined to it.
    private static func spokenEnd(_ scalars: [Unicode.Scalar], after index: Int) -> Int? {
        func blanks(at index: Int) -> Int {
            scalars[min(index, scalars.count)...].prefix(blankLimit).prefix { $0 == " " || $0 == "\u{3000}" }
                .count
        }
        var at = index + blanks(at: index)
        let isApart = at > index
        let close = at < scalars.count ? opening[scalars[at]] : nil
        if close != nil { at += 1 + blanks(at: at + 1) }
        guard at < scalars.count, let length = dotLength(scalars[at...]), scalars[at] != "." || isApart else {
            return nil
        }
        at += length
        if let close {
            at += blanks(at: at)
            guard at < scalars.count, scalars[at] == close else { return nil }
            at += 1
        }
        at += blanks(at: at)
        var domain: [Unicode.Scalar] = []
        while at < scalars.count, let mark = mark(scalars, at), isLetter(mark) {
            domain.append(mark)
            at += 1
        }
        guard usualDomains.contains(String(String.UnicodeScalarView(domain)).lowercased()) else { return nil }
        while at < scalars.count, mark(scalars, at) != nil { at += 1 }
        return at
    }

    private static let blankLimit = 3

    /// Whether it ends with a scheme, as in `http:evil`, which browsers read as `http://evil`, or in
    /// `tel:110`, which a phone calls.
    private static func isScheme(_ start: ArraySlice<Unicode.Scalar>) -> Bool {
        schemes.contains(lastLetters(of: start))
    }

    /// Whether it ends with a host, as in `localhost:8080/x`. A short word does not count: a value also
    /// follows a unit or the short sign of a parameter.
    private static func isHost(_ start: ArraySlice<Unicode.Scalar>) -> Bool {
        lastLetters(of: start).unicodeScalars.count >= leastOfHost
    }

    private static let leastOfHost = 6

    /// Whether it ends with a short host, as in `evil:80/x`. It counts only before a usual port of the web:
    /// any other number may be a measured value.
    private static func isShortHost(_ start: ArraySlice<Unicode.Scalar>) -> Bool {
        let letters = lastLetters(of: start)
        return letters.unicodeScalars.count >= 2 && !signs.contains(letters)
    }

    /// A value or a time of day follows these.
    private static let signs: Set = [
        "cod", "bod", "do", "ph", "tp", "tn", "ss", "tds", "ec", "orp", "toc", "am", "pm",
    ]
    private static let webPorts: Set = ["80", "81", "443", "8000", "8080", "8081", "8088", "8443", "8888"]

    private static func isWebPort(_ rest: ArraySlice<Unicode.Scalar>) -> Bool {
        isPort(rest) && webPorts.contains(String(String.UnicodeScalarView(rest.prefix(while: isDigit))))
    }
    /// Those of the web, and those that phones hand to a program of theirs.
    private static let schemes: Set = [
        "http", "https", "hxxp", "hxxps", "ftp", "sftp", "ws", "wss", "javascript", "vbscript", "mailto",
        "tel", "sms",
        "smsto", "mms", "mmsto", "sip", "sips", "callto", "facetime", "geo", "intent", "market", "magnet",
        "weixin",
        "wechat", "alipay", "alipays", "taobao", "tmall", "tg", "whatsapp", "skype", "itms",
    ]
    private static let longestScheme = 12

    private static func lastLetters(of start: ArraySlice<Unicode.Scalar>) -> String {
        let letters = start.reversed().prefix(longestScheme).prefix { isLetter($0) }.reversed()
        return String(String.UnicodeScalarView(letters)).lowercased()
    }

    private static func isPort(_ rest: ArraySlice<Unicode.Scalar>) -> Bool {
        let digits = rest.prefix(while: isDigit).count
        return (2...5).contains(digits) && rest.dropFirst(digits).first == "/"
    }

    /// Four numbers with dots between, wherever in the word they stand.
    private static func holdsIPv4(_ word: [Unicode.Scalar]) -> Bool {
        word.split { !isDigit($0) && $0 != "." }.contains { host in
            let numbers = host.split(separator: ".")
            return numbers.count == 4 && numbers.allSatisfy { (1...3).contains($0.count) }
        }
    }

    /// `0x7f.1`, which browsers read as 127.0.0.1 (WHATWG URL, IPv4 parser).
    private static func holdsHexadecimal(_ word: [Unicode.Scalar]) -> Bool {
        word.split { !isDigit($0) && !isLetter($0) && $0 != "." }.contains { host in
            let numbers = host.split(separator: ".")
            guard let first = numbers.first,
                first.starts(with: "0x".unicodeScalars) || first.starts(with: "0X".unicodeScalars)
            else { return false }
            let isNumber = first.dropFirst(2).allSatisfy { $0.properties.isASCIIHexDigit }
            return isNumber && (numbers.count > 1 || first.count > leastOfHexadecimal)
        }
    }

    /// A shorter hexadecimal number alone may be a register or a colour.
    private static let leastOfHexadecimal = 8

    // MARK: Domains in Chinese, Japanese and Korean

    /// The length of a top-level domain in such a script after a word that ends with a full stop.
    private static func ownDomain(
        after word: [Unicode.Scalar], _ before: Unicode.Scalar?, _ rest: ArraySlice<Unicode.Scalar>
    ) -> Int? {
        guard word.last == ".", let last = word.dropLast().last ?? before, isLabel(last) else { return nil }
        return ownDomain(ownDomains, in: rest, isWhole: !isNarrow(last))
    }

    /// - Parameter isWhole: whether the domain must end there. After a word of such a script, the same
    ///   characters may begin the next sentence.
    private static func ownDomain(
        _ domains: [String], in rest: ArraySlice<Unicode.Scalar>, isWhole: Bool
    ) -> Int? {
        domains.lazy.map(\.unicodeScalars).first { domain in
            guard rest.starts(with: domain) else { return false }
            return !isWhole || rest.dropFirst(domain.count).first.map { !isWide($0) } ?? true
        }.map(\.count)
    }

    /// The domains that people are likely to type, with a `。`, too.
    private static let usualOwnDomains = [
        "中国", "中國", "公司", "网络", "網絡", "网址", "网店", "网站", "在线", "商城", "集团", "手机", "政务", "公益", "移动",
        "香港", "商标", "我爱你", "中文网", "测试",
    ]
    /// All of the root zone (IANA). A `。` before most of them ends a sentence.
    private static let ownDomains =
        usualOwnDomains + [
            "台湾", "台灣", "澳門", "澳门", "新加坡", "广东", "佛山", "政府", "机构", "组织机构", "企业", "信息", "世界", "商店", "购物", "游戏",
            "娱乐",
            "新闻", "微博", "健康", "餐厅", "食品", "书籍", "时尚", "珠宝", "招聘", "慈善", "点看", "八卦", "大拿", "天主教", "联通", "中信",
            "工行",
            "谷歌", "亚马逊", "诺基亚", "飞利浦", "淡马锡", "嘉里", "嘉里大酒店", "香格里拉", "盛贸饭店", "电讯盈科", "大众汽车", "家電", "通販",
            "みんな", "コム", "グーグル", "ファッション", "ストア", "セール", "クラウド", "ポイント", "アマゾン", "한국", "닷컴", "닷넷", "삼성",
        ]
    private static let usualDomains: Set = [
        "com", "cn", "net", "org", "top", "xyz", "vip", "info", "cc", "io", "me", "co", "app", "site", "shop",
        "club",
        "online", "ru", "hk", "tw", "рф", "бел", "укр",
    ]
}
