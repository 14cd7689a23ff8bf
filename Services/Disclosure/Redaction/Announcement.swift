import Text

/// A word that says what follows it: 微信号, QQ, 电话, 车牌. No other rule would find that.
enum Announcement {
    /// The text that the word announces; the word itself stays.
    static func ranges(in text: FoldedText, at index: Int, _ kind: Redaction.Kind) -> [Range<Int>] {
        guard var (what, at) = AnnouncingWord.at(index, in: text) else { return [] }
        let isSpelled = Spelling.isSpelled(in: text, at: index, to: at)
        var naming = Naming(isOwn: text[index - 1].map { owners.contains($0.mark) } ?? false)
        // line号, line @, 微：
        if let last = text[at - 1]?.mark, last == "号" || last == "@" || what == .initial {
            _ = naming.take(text, at - 1)
        }
        // Tel.87654321
        if what == .number, text[at]?.mark == ".", text[at + 1]?.digit != nil { at += 1 }
        for _ in 0..<connectiveLimit {
            // 微信号：qq88
            let isName = naming.isNamed && what.isOfNames
            if let (other, end) = AnnouncingWord.at(at, in: text),
                !isName || text[end - 1]?.isASCIILetter != true || text[end]?.digit == nil
            {
                if other.isOfNames { what = other }
                (at, naming.isApart) = (end, false)
            } else if let length = naming.take(text, at) {
                at += length
            } else {
                break
            }
        }
        // A capability has a rule of its own, which knows its whole length.
        if Capability.range(in: text, at: at, kind) != nil { return [] }
        switch what {
        case .number: return numbers(in: text, at: at, 7...12)
        case .account:
            return number(in: text, at: at, 12...19).map { [$0] } ?? name(in: text, at: at, kind, naming)
        case .plate: return plate(in: text, at: at).map { [$0] } ?? []
        case .name: return name(in: text, at: at, kind, naming)
        case .initial: return kind == .address ? [] : initial(in: text, at: at, naming)
        case .messenger, .handle, .profile:
            if kind == .address { return [] }
            // If the word is Chinese and no blank follows it, the name may stand directly beside it.
            naming.isBeside = text[index]?.isASCIILetter == false && !naming.isApart
            let usual = handle(in: text, at: at, what, naming)
            guard naming.isNamed || isSpelled, let spelled = Spelling.handle(in: text, at: at),
                spelled.upperBound > usual.last?.upperBound ?? 0
            else { return usual }
            return [spelled]
        }
    }

    /// As in 我的 before the word, or in 加他微信.
    private static let owners = Set("的我他她".unicodeScalars)
    private static let connectiveLimit = 12

    // MARK: What they announce

    /// The numbers that follow a person's number without an area code of their own: 0571-87654321、87654322.
    static func others(in text: FoldedText, after range: Range<Int>) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var at = range.upperBound
        while text[at].map({ listMarks.contains($0.mark) }) == true,
            let number = NumberRun(text.from(at + 1), at: at + 1)?.announced(7...8),
            number.count <= 9, !Unit.stands(in: text, at: number.upperBound)
        {
            ranges.append(number)
            at = number.upperBound
        }
        return ranges
    }

    private static let listMarks = Set("、/或".unicodeScalars)

    /// One number, or several numbers of this kind.
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

    /// Even without the word a person's number may be found here, and it may be longer.
    private static func number(
        in text: FoldedText, at index: Int, _ lengths: ClosedRange<Int>
    ) -> Range<Int>? {
        guard let run = NumberRun(text.from(index), at: index) else { return nil }
        let tailed = run.tailed
        let ranges = [
            run.personal, run.acrossWords?.interrupted, run.announced(lengths), tailed?.personal,
            tailed?.announced(lengths),
        ]
        return ranges.compactMap(\.self)
            .max { $0.upperBound < $1.upperBound }
    }

    private static func name(
        in text: FoldedText, at index: Int, _ kind: Redaction.Kind, _ naming: Naming
    ) -> [Range<Int>] {
        guard kind == .text, text[index]?.isASCIILetter == true else { return [] }
        return Handle.end(in: text, at: index, isNamed: naming.isTitled).map { [index..<$0] } ?? []
    }

    private static func initial(
        in text: FoldedText, at index: Int, _ naming: Naming
    ) -> [Range<Int>] {
        if text[index]?.isASCIILetter == true {
            let end =
                Handle.end(in: text, at: index, isNamed: true)
                ?? Handle.endOfShort(in: text, at: index, naming)
            return end.map { [index..<$0] } ?? []
        }
        return numbers(in: text, at: index, 5...12).filter { !Unit.stands(in: text, at: $0.upperBound) }
    }

    private static func handle(
        in text: FoldedText, at index: Int, _ what: AnnouncingWord.What, _ naming: Naming
    ) -> [Range<Int>] {
        let letters = text.run(at: index) { $0.isASCIILetterOrDigit || $0.mark == "_" }
        if letters == 0 {
            return naming.tellsName ? Handle.endOfHan(in: text, at: index).map { [index..<$0] } ?? [] : []
        }
        if (index..<index + letters).allSatisfy({ text[$0]?.isASCIILetter == false }) {
            return what == .profile ? [] : numbers(in: text, at: index, 5...12)
        }
        let usual = Handle.end(in: text, at: index, isNamed: naming.isNamed || naming.isBeside)
        let end = usual ?? (what == .messenger ? Handle.endOfShort(in: text, at: index, naming) : nil)
        return end.map { [index..<$0] } ?? []
    }

    /// A plate with or without its province.
    private static func plate(in text: FoldedText, at index: Int) -> Range<Int>? {
        NumberRun(text.from(index), at: index)?.personal ?? LicencePlate.range(in: text, at: index)
            ?? LicencePlate.number(in: text, at: index, 5...8).map { index..<$0 }
    }
}

/// The text between a word and what it announces, and what that text tells us.
struct Naming {
    /// The word belongs to somebody: 我的微信.
    let isOwn: Bool
    /// The text between contains something that only stands before a name: a colon, 号, 是.
    private(set) var isNamed = false
    /// A word says that a name follows: 号, 名, 昵称, id.
    private(set) var isTitled = false
    /// The text between ends with something that leads directly to the name: a colon, 是, `@`.
    private var leads = false
    var isApart = false
    var isBeside = false

    init(isOwn: Bool) { self.isOwn = isOwn }

    /// Whether Chinese words that follow are a name, and not the rest of a sentence.
    var tellsName: Bool { leads && (isTitled || isOwn) }

    /// Takes in the symbol or word at this index.
    ///
    /// - Returns: its length; nil if it belongs to what follows.
    mutating func take(_ text: FoldedText, _ index: Int) -> Int? {
        guard let symbol = text[index] else { return nil }
        if symbol.isBlank {
            isApart = true
            return 1
        }
        switch symbol.mark {
        case "@": (isNamed, isTitled, leads) = (true, true, true)
        case "号", "码": (isNamed, isTitled, leads) = (true, true, false)
        case ":", "=", "是", "为", "叫": (isNamed, leads) = (true, true)
        case "名": (isTitled, leads) = (true, false)
        case let mark where Self.others.contains(mark): leads = false
        case let mark where Self.points(mark): (isNamed, leads) = (true, true)
        default: return takeWord(text, index)
        }
        return 1
    }

    private mutating func takeWord(_ text: FoldedText, _ index: Int) -> Int? {
        if text.has("昵称", at: index) {
            (isNamed, isTitled, leads) = (true, true, true)
            return 2
        }
        // Skype's names.
        if text.has("live:", at: index) || text.has(".cid.", at: index) {
            (isNamed, leads) = (true, true)
            return 5
        }
        if text.has("no.", at: index) {
            (isNamed, leads) = (true, false)
            return 3
        }
        for (word, names) in Self.words {
            let end = index + word.utf8.count
            guard text.has(word, at: index), text[end]?.isASCIILetterOrDigit != true else { continue }
            if names { (isNamed, isTitled) = (true, true) }
            leads = false
            return word.utf8.count
        }
        return nil
    }

    private static let words = [("id", true), ("number", true), ("is", false)]
    /// 微信👉, QQ→
    private static func points(_ mark: Unicode.Scalar) -> Bool {
        guard !mark.isASCII, !Redaction.mark.unicodeScalars.contains(mark) else { return false }
        return switch mark.properties.generalCategory {
        case .otherSymbol, .mathSymbol, .modifierSymbol: true
        default: false
        }
    }

    private static let others = Set("-([|{「『“\"'<《〈【群我的加请打同和或搜、,;/".unicodeScalars)
}
