/// Which person's number a run of digits is, if it is one.
extension NumberRun {
    /// The range of a person's number, if it is one.
    var personal: Range<Int>? {
        let end = international ?? identityCard ?? bankCard ?? mobile ?? landline ?? landlineWithoutZero
        return end.map(range)
    }

    /// The range of a number with one of these counts of digits, however they are grouped. A word before it
    /// has said what it is.
    func announced(_ lengths: ClosedRange<Int>) -> Range<Int>? {
        let length = lengths.reversed().first { count in
            // An extension follows 转.
            isWhole(count) && !isDecimal(count) && gapsAre(0, count) { $0 != .spoken }
        }
        guard let count = length else { return nil }
        // 2026-11-23
        return sizes(0, count) == [4, 2, 2] ? nil : range(to: ends[count - 1])
    }

    /// The range of a person's number with words between its digits, if it is one: 138中0013间8000.
    ///
    /// Any text with figures has words between digits. So the digits must make a number in its usual groups,
    /// and the words must look inserted. For words that count or compare (米, 路, 到) and for Latin letters
    /// there must be no doubt: the same word stands in each gap, and a group begins with a zero, which
    /// figures never do. For other words one of these conditions is enough:
    ///
    /// 1. The same word stands in each gap, and it does not also stand before the first group (河150河1300
    ///    lists figures).
    /// 2. A group begins with a zero.
    /// 3. A word that usually precedes a number stands before it: 电话, 打, 我.
    /// 4. No letter stands before it, and each gap has one letter.
    ///
    /// Latin letters that differ from gap to gap (138a0013b8000) are put in where `isLettered` says so.
    ///
    /// Identity cards need none of these: region, date and length are proof enough.
    var interrupted: Range<Int>? {
        guard crossesWords, digits.count >= Self.leastAcrossWords else { return nil }
        if let end = identityCard { return hasWords(before: end) ? range(to: end) : nil }
        guard let end = bankCard ?? mobile ?? landline, isPutIn(before: end) else { return nil }
        return range(to: end)
    }

    private func hasWords(before end: Int) -> Bool { !fillers(before: end).isEmpty }

    /// The words in the gaps before this end.
    private func fillers(before end: Int) -> [Range<Int>] {
        gaps.compactMap { if case .words(let range) = $0, range.lowerBound < end { range } else { nil } }
    }

    private func isPutIn(before end: Int) -> Bool {
        let ranges = fillers(before: end)
        guard let first = ranges.first else { return false }
        let words = Set(ranges.map(text.text))
        let isRepeated = ranges.count > 1 && words.count == 1
        let hasZero = digits.indices.dropFirst().contains { index in
            ends[index] < end && digits[index] == 0 && isSeparated(index) && !isSeparated(index + 1)
        }
        if words.contains(where: { $0.unicodeScalars.contains(where: Unit.mayCount) }) {
            return isRepeated && hasZero || isLettered(before: end, ranges, words, hasZero)
        }
        let before = text.run(before: start, atMost: Self.separatorLimit) { $0.separates != nil }
        let lead = text[start - 1 - before]?.mark
        if hasZero || lead.map(Self.leads.contains) ?? false { return true }
        if isRepeated { return text[start - 1]?.mark != text[first.upperBound - 1]?.mark }
        return text[start - 1]?.isLetter != true && ranges.allSatisfy { $0.count == 1 }
    }

    /// Whether Latin letters stand directly between the digits of a number that is otherwise written in its
    /// usual groups, or digit by digit. A model or a measure (A138B1500C2000, 138x1500x2000) has such groups,
    /// too, but no group that begins with a zero.
    private func isLettered(
        before end: Int, _ ranges: [Range<Int>], _ words: Set<String>, _ hasZero: Bool
    ) -> Bool {
        let isBeside = ranges.allSatisfy { range in
            text[range.lowerBound - 1]?.digit != nil && text[range.upperBound]?.digit != nil
                && range.allSatisfy { text[$0]?.isASCIILetter == true }
        }
        let count = ends.prefix { $0 <= end }.count
        let sizes = sizes(0, count)
        let isAlone = text[start - 1]?.isASCIILetter != true
        guard isBeside, ranges.count == sizes.count - 1 else { return false }
        if Self.isSingle(sizes) { return isAlone }
        // A country's code may stand before it.
        guard sizes.suffix(3) == [3, 4, 4], sizes.count < 5 else { return false }
        return hasZero || isAlone && words.allSatisfy { $0.utf8.count == 1 && !Self.measures.contains($0) }
    }

    /// Letters that stand between the figures of a measure.
    private static let measures: Set<String> = ["x", "X", "m", "M", "k", "K", "t", "T", "g", "l", "L"]

    /// The last characters of words that usually precede a number: 电话, 手机, 联系人, 请打.
    private static let leads = Set("话機机号號码碼系是为打拨我找加信式人给呼叫".unicodeScalars)

    /// The number with a bracket before it or behind it that belongs to it: (0571) 87654321, 138 0013 (8000).
    private func range(to end: Int) -> Range<Int> {
        let brackets = (start..<end).compactMap { text[$0]?.mark }.filter { Self.brackets.contains($0) }
        let opens =
            brackets.first.map(Self.closing.contains) == true && hasBracket(Self.opening, at: start - 1)
        let closes = brackets.last.map(Self.opening.contains) == true && hasBracket(Self.closing, at: end)
        return (opens ? start - 1 : start)..<(closes ? end + 1 : end)
    }

    private func hasBracket(_ brackets: Set<Unicode.Scalar>, at index: Int) -> Bool {
        text[index].map { brackets.contains($0.mark) } ?? false
    }

    private static let opening = Set("([{【〔".unicodeScalars)
    private static let closing = Set(")]}】〕".unicodeScalars)
    private static let brackets = opening.union(closing)

    /// With a plus sign, up to 15 digits (E.164 §6.2). Fewer than nine digits are more often a sum than a
    /// phone number.
    private var international: Int? {
        guard hasPlus else { return nil }
        return (9...15).reversed().first { isWhole($0) && !isDecimal($0) }.map { ends[$0 - 1] }
    }

    /// Region, date of birth, serial number, check character (GB 11643-1999 §4). The check character is not
    /// verified: a mistyped number still leads to the same person.
    private var identityCard: Int? {
        guard digits.count >= 17, Self.provinces.contains(number(0, 2)),
            (1880...2100).contains(number(6, 4)), (1...12).contains(number(10, 2)),
            (1...31).contains(number(12, 2))
        else { return nil }
        for count in [18, 17] where isWhole(count) {
            let sizes = sizes(0, count)
            // Region and date are proof enough for any groups, unless marks of lists stand between them.
            let isUsual =
                Self.isSingle(sizes) || sizes.dropLast().elementsEqual([6, 4, 2, 2])
                || sizes.dropLast().elementsEqual([6, 8]) || gapsAreWeak(0, count)
            guard isUsual else { continue }
            return count == 18 ? ends[17] : checkCharacter(after: ends[16])
        }
        return nil
    }

    /// The end of a possible check character, or `end` itself.
    private func checkCharacter(after end: Int) -> Int {
        let blanks = text.run(at: end, atMost: Self.separatorLimit) {
            $0.separates.map { $0 < .strong } ?? false
        }
        for at in [end, end + blanks] {
            guard let symbol = text[at], text[at + 1]?.isASCIILetterOrDigit != true else { continue }
            let isNear = at == end && symbol.isASCIILetter
            if isNear || Self.crosses.contains(symbol.mark) { return at + 1 }
        }
        return end
    }

    private static let crosses = Set("XxХхΧχ×✕✖❌⨯╳*Ⅹⅹˣₓ叉".unicodeScalars)
    /// The codes of GB/T 2260, and 91 for foreigners.
    private static let provinces = Set(
        [11...15, 21...23, 31...37, 41...46, 50...54, 61...65, 71...71, 81...83, 91...91].joined())

    /// Begins with digits that payment cards have (ISO/IEC 7812-1); the last digit checks the others. One
    /// list of figures in ten does the same, so more groups than `groupLimit` need to be joined by hyphens.
    private var bankCard: Int? {
        guard digits.count >= 15, [3, 4, 5, 6, 9].contains(digits[0]) || (22...27).contains(number(0, 2))
        else { return nil }
        return (15...19).reversed().first { count in
            guard isWhole(count), isLuhn(count) else { return false }
            let sizes = sizes(0, count)
            let isInFours = sizes.dropLast().allSatisfy { $0 == 4 } && (sizes.last ?? 0) <= 4
            return sizes.count == 1 || isInFours || Self.isSingle(sizes) || isJoined(0, count)
                || sizes.dropLast() == [4, 6]
                || sizes.count <= Self.groupLimit && gapsAreWeak(0, count) && !isDecimal(count)
                    && !isOfFigures(0, count)
        }.map { ends[$0 - 1] }
    }

    private func isLuhn(_ count: Int) -> Bool {
        let sum = digits.prefix(count).reversed().enumerated().reduce(0) { sum, digit in
            let value = Int(digit.element) * (digit.offset % 2 == 1 ? 2 : 1)
            return sum + (value > 9 ? value - 9 : value)
        }
        return sum.isMultiple(of: 10)
    }

    /// 1[3-9] and nine more digits, possibly after 86, 0086 or a trunk zero, in any groups that do not read
    /// as figures.
    ///
    /// Commas, colons and 、 are marks of lists. Between groups with such marks one must begin with a zero.
    private var mobile: Int? {
        for prefix in Self.mobilePrefixes where digits.starts(with: prefix) {
            let first = prefix.count
            guard isWhole(first + 11), digits[first] == 1, digits[first + 1] >= 3,
                !(isDecimal(first + 11) && (first > 0 || isFigureWithPoint(11)))
            else { continue }
            let sizes = sizes(first, 11)
            let isUsual = sizes == [3, 4, 4] || sizes == [11] || Self.isSingle(sizes)
            let isInTwo = crossesWords && (sizes == [3, 8] || sizes == [7, 4])
            if isUsual || isInTwo || isJoined(first, 11) || sizes[0] == 3 && hasZeroedGroup(first)
                || gapsAreWeak(first, 11) && (isDialled || !isOfFigures(first, 11))
            {
                return ends[first + 10]
            }
        }
        return nil
    }

    /// The last four are those of calls over the Internet (17951 and others).
    private static let mobilePrefixes: [[UInt8]] = [
        [], [8, 6], [0, 0, 8, 6], [0], [1, 7, 9, 5, 1], [1, 7, 9, 0, 9], [1, 7, 9, 1, 1], [1, 2, 5, 9, 3],
    ]

    /// Of more groups than these a bank card or a landline number is not made, but a list is.
    private static let groupLimit = 6

    /// Whether a group shows that this is not a list: no figure begins with a zero. Exceptions are a group
    /// of thousands, and the month and day of a date. In a list of times days and minutes begin with a zero,
    /// too, and such a list has marks like `:` and `、` in it.
    private func hasZeroedGroup(_ first: Int) -> Bool {
        guard !isDate(first, 11) else { return false }
        let hasPoint = gaps[(first + 1)..<(first + 11)].contains { if case .dot = $0 { true } else { false } }
        return !hasPoint
            && groups(first, 11).dropFirst().contains {
                digits[$0.lowerBound] == 0 && ![1, 3].contains($0.count)
            }
    }

    /// Whether a word before it says that somebody is called: 打13 812 345 678 元.
    private var isDialled: Bool {
        let before = text.run(before: start, atMost: Self.separatorLimit) { $0.separates != nil }
        return text[start - 1 - before].map { Self.dials.contains($0.mark) } ?? false
    }

    private static let dials = Set("话話机機打拨撥找呼叫系".unicodeScalars)

    /// An area code (010, 02x, 0[3-9]xx), and seven or eight digits. With the area code in one piece, many
    /// ways of writing the rest are usual. In other groups the rest begins with 2 to 8, as subscribers'
    /// numbers do, and some group has more than two digits: pairs are dates or times.
    private var landline: Int? {
        let international = digits.starts(with: [0, 0, 8, 6])
        // After the country code the zero of the area code is left out.
        let first = international ? 4 : 1
        guard digits.count > first + 2, international || digits[0] == 0 else { return nil }
        let isShort = digits[first] == 2 || (digits[first] == 1 && digits[first + 1] == 0)
        guard isShort || digits[first] >= 3 else { return nil }
        let area = first + (isShort ? 2 : 3)
        let isInOne = sizes(first, area - first).count == 1 && (international || !isSeparated(1))
        // A full stop after the area code is not a decimal point: no figure begins with a zero and a digit.
        for local in isShort ? [8] : [8, 7] where isWhole(area + local) {
            let sizes = sizes(area, local)
            let isUsual = sizes.allSatisfy { $0 >= 3 } || sizes == [2, 2, 2, 2]
            let isWeak = gapsAreWeak(area, local)
            if isInOne, Self.isSingle(sizes) || isUsual && (crossesWords || isWeak) {
                return ends[area + local - 1]
            }
            if isInAnyGroups(area, local) { return ends[area + local - 1] }
        }
        return nil
    }

    private func isInAnyGroups(_ area: Int, _ local: Int) -> Bool {
        guard digits.count > area, (2...8).contains(digits[area]), gapsAreWeak(0, area + local) else {
            return false
        }
        let sizes = sizes(0, area + local)
        // 0.35
        if sizes.count > 1, isPointed(1), sizes.count == 2 || !isPointed(1 + sizes[1]) { return false }
        if Self.isSingle(sizes) { return true }
        return sizes.count <= Self.groupLimit && sizes.contains { $0 > 2 } && !isOfFigures(0, area + local)
    }

    private func isPointed(_ index: Int) -> Bool {
        if index < gaps.count, case .dot = gaps[index] { true } else { false }
    }

    /// 57187654321: an area code of three digits without its zero, and eight digits of which the first is 2
    /// to 8. It is written in one piece, or with a separator after the area code and hyphens in the rest:
    /// with blanks it may be a list of figures. With a unit after it, it is a figure.
    ///
    /// Area codes of two digits (10, 2x) need their zero: without it a number has ten digits, like the
    /// seconds since 1970.
    private var landlineWithoutZero: Int? {
        guard !hasPlus, isWhole(11), !isDecimal(11), (2...8).contains(digits[3]),
            Self.areas.contains(number(0, 2))
        else { return nil }
        let sizes = sizes(0, 11)
        guard
            sizes == [11] || sizes == [3, 8] && gapsAreWeak(0, 11) || sizes == [3, 4, 4] && isJoined(0, 11),
            !Unit.stands(in: text, at: ends[10])
        else { return nil }
        return ends[10]
    }

    /// The first two digits of the area codes with three digits (工业和信息化部《电信网编号计划》).
    private static let areas = Set(
        [
            31...31, 33...35, 37...37, 39...39, 41...48, 51...59, 63...63, 66...66, 69...69, 71...79, 81...83,
            85...85, 87...89, 91...91, 93...95, 97...97, 99...99,
        ].joined())
}
