/// Digits that are written together: in one piece, or in groups with something between them.
struct NumberRun {
    let text: FoldedText
    let start: Int
    let hasPlus: Bool
    private(set) var digits: [UInt8] = []
    /// The index after each digit.
    private(set) var ends: [Int] = []
    /// What stands between each digit and the one before it.
    private(set) var gaps: [NumberGap] = []
    /// Whether words may stand between the digits.
    let crossesWords: Bool
    /// Whether the last digits may be written with 千 and the like.
    private let readsTail: Bool

    /// More digits than the longest number with its prefix has.
    private static let digitLimit = 24
    /// The most separators in one gap. The same one several times in a row counts once, however often.
    static let separatorLimit = 6
    /// The most letters of words in one gap: a longer text is a part of a sentence.
    private static let letterLimit = 3

    /// Nil if no number begins here: inside a group of digits, or after a decimal point.
    init?(_ text: FoldedText, at start: Int, crossesWords: Bool = false, readsTail: Bool = false) {
        guard let first = text[start] else { return nil }
        hasPlus = first.mark == "+"
        guard hasPlus || first.digit != nil else { return nil }
        if let before = text[start - 1] {
            if before.digit != nil, hasPlus || before.style == first.style { return nil }
            if before.mark == ".", Self.isPoint(text, start - 1) { return nil }
        }
        self.text = text
        self.start = start
        self.crossesWords = crossesWords
        self.readsTail = readsTail
        collect(from: hasPlus ? start + 1 : start)
        guard !digits.isEmpty else { return nil }
    }

    /// Whether a full stop is a decimal point. It is not if it follows the number of a list item, `1.` to
    /// `99.`
    private static func isPoint(_ text: FoldedText, _ index: Int) -> Bool {
        guard text[index - 1]?.digit != nil else { return false }
        let length = (1...3).first { text[index - $0]?.digit == nil }.map { $0 - 1 } ?? 3
        return length > 2 || text[index - length]?.digit == 0
    }

    private mutating func collect(from first: Int) {
        digits.reserveCapacity(Self.digitLimit)
        ends.reserveCapacity(Self.digitLimit)
        gaps.reserveCapacity(Self.digitLimit)
        var index = first
        var separators = 0
        var last: Unicode.Scalar?
        var gap = NumberGap.none
        var style: FoldedText.Style?
        while let symbol = text[index], digits.count < Self.digitLimit, separators <= Self.separatorLimit {
            if let digit = symbol.digit {
                let isEdge = separators == 0 && style != symbol.style
                gaps.append(digits.isEmpty ? .none : isEdge ? .edge : gap)
                if readsTail, let tail = CountedNumeral(in: text, at: index) {
                    gaps += tail.digits.dropFirst().map { _ in .none }
                    digits += tail.digits
                    ends += tail.digits.map { _ in tail.end }
                    return
                }
                digits.append(digit)
                ends.append(index + 1)
                (separators, last, gap, style) = (0, nil, .none, symbol.style)
            } else if let separation = symbol.separates {
                let isFirst = separators == 0
                if symbol.mark != last { separators += 1 }
                last = symbol.mark
                gap = isFirst && symbol.mark == "." ? .dot : gap.widened(by: separation)
            } else if crossesWords, symbol.isLetter, gap.letters < Self.letterLimit {
                separators += 1
                last = nil
                gap = gap.widened(byLetterAt: index)
            } else {
                return
            }
            index += 1
        }
    }

    /// The same run with words between its digits. Nil if too few digits follow, or if no number that
    /// `interrupted` knows begins with the first ones.
    var acrossWords: NumberRun? {
        guard var at = ends.last, digits.count >= 4 || [0, 1, 8].contains(digits[0]) else { return nil }
        var (count, letters, separators) = (digits.count, 0, 0)
        var last: Unicode.Scalar?
        while count < Self.leastAcrossWords {
            guard let symbol = text[at], separators <= Self.separatorLimit, letters <= Self.letterLimit else {
                return nil
            }
            if let digit = symbol.digit {
                if count == 1, digits[0] == 1, digit < 3 { return nil }
                (count, letters, separators, last) = (count + 1, 0, 0, nil)
            } else if symbol.separates != nil {
                if symbol.mark != last { separators += 1 }
                last = symbol.mark
            } else if symbol.isLetter {
                letters += 1
            } else {
                return nil
            }
            at += 1
        }
        return NumberRun(text, at: start, crossesWords: true)
    }

    /// As many as a mobile number has.
    static let leastAcrossWords = 11

    /// The same run with its last digits read as one numeral: 1380013八千. Nil if it does not end like that.
    var tailed: NumberRun? {
        guard let end = ends.last, CountedNumeral.hasUnit(in: text, at: end) else { return nil }
        return NumberRun(text, at: start, readsTail: true)
    }

    // MARK: Its groups

    func isSeparated(_ index: Int) -> Bool { index < gaps.count && gaps[index].isSeparation }

    /// Whether a number may end after this many digits.
    func isWhole(_ count: Int) -> Bool {
        guard count < digits.count else { return count == digits.count && count < Self.digitLimit }
        if case .none = gaps[count] { return false }
        return true
    }

    /// Whether the only separator within this many digits is one full stop.
    func isDecimal(_ count: Int) -> Bool {
        let separations = gaps[1..<max(1, min(count, gaps.count))].filter(\.isSeparation)
        if separations.count == 1, case .dot = separations[0] { return true }
        return false
    }

    func gapsAreWeak(_ first: Int, _ count: Int) -> Bool {
        gapsAre(first, count) { $0 < .strong }
    }

    func isJoined(_ first: Int, _ count: Int) -> Bool { gapsAre(first, count) { $0 < .weak } }

    func gapsAre(_ first: Int, _ count: Int, _ isSuch: (FoldedText.Separation) -> Bool) -> Bool {
        gaps[(first + 1)..<(first + count)].allSatisfy { gap in
            switch gap {
            case .separation(let separation): isSuch(separation)
            case .words: false
            case .none, .edge, .dot: true
            }
        }
    }

    /// The sizes of the groups in which a stretch of digits is written.
    func sizes(_ first: Int, _ count: Int) -> [Int] {
        var sizes: [Int] = []
        for index in first..<min(first + count, digits.count) {
            if index == first || isSeparated(index) { sizes.append(0) }
            sizes[sizes.count - 1] += 1
        }
        return sizes
    }

    /// The indices of the digits in each group of a stretch.
    func groups(_ first: Int, _ count: Int) -> [Range<Int>] {
        var start = first
        return sizes(first, count).map { size in
            defer { start += size }
            return start..<start + size
        }
    }

    /// Whether each digit stands by itself.
    static func isSingle(_ sizes: [Int]) -> Bool { sizes.allSatisfy { $0 == 1 } }

    func number(_ first: Int, _ count: Int) -> Int {
        digits[first..<(first + count)].reduce(0) { $0 * 10 + Int($1) }
    }
}
