import Text

/// A person's name in a messenger or a network, after a word that announces it.
enum Handle {
    /// The end of a name of Latin letters and digits. It has at least five of them. A word that consists only
    /// of letters counts only if it is named (`isNamed`).
    static func end(in text: FoldedText, at index: Int, isNamed: Bool) -> Int? {
        let end = wholeEnd(in: text, at: index)
        let isWord = (index..<end).allSatisfy { at in text[at].map { !isFigure($0) } ?? false }
        return end - index >= least && (isNamed || !isWord) ? end : nil
    }

    private static let least = 5

    /// Whether the symbol does not occur in the word of a sentence.
    private static func isFigure(_ symbol: FoldedText.Symbol) -> Bool {
        !symbol.isASCIILetter && !splits.contains(symbol.mark)
    }

    /// A name of three or four characters: `ab12`. With one letter before the digits it is more often a place
    /// or a figure (A12, K12+350). A word of letters only is a name only after a colon and similar marks.
    static func endOfShort(in text: FoldedText, at index: Int, _ naming: Naming) -> Int? {
        let end = wholeEnd(in: text, at: index)
        let letters = text.run(at: index, where: \.isASCIILetter)
        guard shortLengths.contains(end - index), letters > 0, text[end]?.mark != "+" else { return nil }
        let word = text.text(index..<index + letters).lowercased()
        if (index..<end).contains(where: { text[$0]?.digit != nil }) {
            let isFigure = measured.contains(word) && !naming.isTitled
            return !isFigure && (letters > 1 || naming.isNamed) ? end : nil
        }
        return naming.isNamed && !notNames.contains(word) && text[end]?.isLetter != true ? end : nil
    }

    private static let shortLengths = 3...4
    /// Words that stand before a figure.
    private static let measured: Set<String> = [
        "ph", "pm", "cod", "bod", "do", "tp", "tn", "toc", "gb", "hj", "dn", "no", "km", "kg", "mg",
    ]
    private static let notNames: Set<String> = [
        "app", "apps", "pay", "web", "pc", "ios", "bot", "the", "not", "yes", "none", "okay",
    ]

    /// A name in Chinese, after words that leave no doubt: 抖音名：河边老李, 微博@河边老李, 我的快手叫河边老李.
    ///
    /// After a colon alone, a sentence is more likely (微博：有人举报), and the text of a complaint must not be
    /// lost.
    static func endOfHan(in text: FoldedText, at index: Int) -> Int? {
        guard let first = text[index], first.isLetter, !noNames.contains(first.mark) else { return nil }
        let length = text.run(at: index, atMost: longestOfHan) {
            $0.isLetter || $0.digit != nil || $0.mark == "_" || $0.mark == "-" || $0.mark == "·"
        }
        return length > 1 ? index + length : nil
    }

    /// First characters that begin no name: 微信号是多少, 微信号：无.
    private static let noNames = Set("多什啥哪谁不没无空未已被见同这那我你您他她请如下上在有暂略保".unicodeScalars)
    private static let longestOfHan = 16

    // MARK: Its characters

    /// The end of letters, digits and marks. If a mark that no name has stands between two parts of a name,
    /// both parts belong to the name: `zhang…san88`. But punctuation usually ends a sentence. So it belongs
    /// to the name only if the part before it has no digit, and a short piece with a digit stands alone after
    /// it: `zhang.san，88`.
    private static func wholeEnd(in text: FoldedText, at index: Int) -> Int {
        var end = index + part(in: text, at: index)
        while end > index, let next = nextPart(in: text, at: end) { end = next }
        let hasDigit = (index..<end).contains { text[$0]?.digit != nil }
        return hasDigit || end == index ? end : figures(in: text, at: end) ?? end
    }

    private static func part(in text: FoldedText, at index: Int) -> Int {
        text.run(at: index) {
            $0.isASCIILetterOrDigit || $0.mark == "_" || $0.mark == "-" || $0.mark == "."
        }
    }

    private static func nextPart(in text: FoldedText, at end: Int) -> Int? {
        let next = end + text.run(at: end, atMost: splitLimit) { splits.contains($0.mark) }
        guard next > end, text[next]?.isASCIILetterOrDigit == true, AnnouncingWord.at(next, in: text) == nil
        else { return nil }
        return next + part(in: text, at: next)
    }

    private static func figures(in text: FoldedText, at end: Int) -> Int? {
        guard let mark = text[end]?.mark, punctuation.contains(mark) else { return nil }
        let length = text.run(at: end + 1, atMost: longestOfFigures + 1, where: \.isASCIILetterOrDigit)
        let next = end + 1 + length
        guard (1...longestOfFigures).contains(length), AnnouncingWord.at(end + 1, in: text) == nil,
            (end + 1..<next).contains(where: { text[$0]?.digit != nil }), !Unit.stands(in: text, at: next)
        else { return nil }
        guard let behind = text[next] else { return next }
        return behind.isBlank || stops.contains(behind.mark) ? next : nil
    }

    private static let splits = Set("…⋯‥·・•*~|^".unicodeScalars)
    private static let splitLimit = 3
    private static let punctuation = Set(",，、。;".unicodeScalars)
    private static let stops = Set(",、。;!?)".unicodeScalars)
    private static let longestOfFigures = 12
}
