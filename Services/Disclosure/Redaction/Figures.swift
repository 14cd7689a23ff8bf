/// Whether digits read as figures: a date, a sum, a list of measured values.
///
/// A number in odd groups (13 8001 38000) and a list of figures can be the same text. The rules lean to the
/// number: a published number harms somebody, and the figures stay readable for the officials. So a text that
/// has exactly as many digits as a number, and begins like one, is a number unless one of these cases shows
/// figures:
///
/// 1. A date, with its year first or last.
/// 2. Two groups or more have a decimal point: 18.5 17.2 19.1 20.0.
/// 3. Thousands or round figures with a unit behind them or a word for a sum before them: 合计 13 800 138 000
///    元. Without these words the same digits are a number: people seldom write sums of thirteen milliards,
///    and seldom without a unit.
/// 4. Four groups or more, each of at most three digits and none with a zero at its start, that go up, go
///    down, or are round.
/// 5. More than six groups, none with a zero at its start.
/// 6. Further digits directly before or behind it that are no date and no time, unless a group begins with a
///    zero or has more than four digits.
extension NumberRun {
    func isOfFigures(_ first: Int, _ count: Int) -> Bool {
        let groups = groups(first, count)
        let sizes = groups.map(\.count)
        if isDate(first, count) || isOfDecimals(first, count) { return true }
        if isSum(first, groups) { return true }
        if Self.usualShapes.contains(sizes) { return false }
        let isZeroed = groups.dropFirst().contains { $0.count > 1 && digits[$0.lowerBound] == 0 }
        if isZeroed { return false }
        if sizes.count > Self.leastOfLong { return true }
        if sizes.count >= Self.leastOfList, sizes.allSatisfy({ $0 <= 3 }),
            isOrdered(groups) || isRound(groups)
        {
            return true
        }
        return sizes.allSatisfy { $0 <= 4 } && isPartOfList(first + count)
    }

    private static let leastOfList = 4
    private static let leastOfLong = 6

    /// Groupings in which people usually write eleven digits as one number with blanks.
    private static let usualShapes: Set<[Int]> = [
        [3, 8], [3, 3, 5], [3, 5, 3], [4, 4, 3], [4, 3, 4], [4, 7], [5, 6], [5, 3, 3], [7, 4],
        [3, 2, 2, 2, 2], [3, 4, 2, 2], [3, 2, 3, 3], [3, 3, 3, 2], [3, 2, 2, 4], [3, 2, 4, 2],
    ]

    // MARK: Dates

    /// 1998 03 15 120, 15/11/2026 120
    func isDate(_ first: Int, _ count: Int) -> Bool {
        let groups = groups(first, count)
        guard groups.count > 2, groups[1].count <= 2 else { return false }
        let (year, day) = groups[0].count == 4 ? (groups[0], groups[2]) : (groups[2], groups[0])
        return year.count == 4 && day.count <= 2 && isYear(number(year.lowerBound, 4))
            && (1...12).contains(number(groups[1].lowerBound, groups[1].count))
            && (1...31).contains(number(day.lowerBound, day.count))
    }

    /// Nobody complains about a day before 1950.
    private func isYear(_ year: Int) -> Bool { (1950...2100).contains(year) }

    // MARK: Decimals

    /// Whether two groups or more have a decimal point. A figure with a point in it does not begin with two
    /// zeros or with a zero and a digit.
    private func isOfDecimals(_ first: Int, _ count: Int) -> Bool {
        var (figures, points, isPlain) = (0, 0, true)
        func end() { if points == 1 { figures += 1 } }
        for index in first..<first + count {
            if index > first, isSeparated(index) {
                if case .dot = gaps[index] {
                    points += 1
                    if points > 1 { return false }
                    continue
                }
                end()
                points = 0
            }
            let isStart = index == first || points == 0 && isSeparated(index)
            if isStart, digits[index] == 0, index + 1 < first + count, !isSeparated(index + 1) {
                isPlain = false
            }
        }
        end()
        return figures > 1 && isPlain
    }

    /// Whether the only full stop in so many digits is a decimal point, as in one of two coordinates, or
    /// before a unit.
    func isFigureWithPoint(_ count: Int) -> Bool {
        if Unit.stands(in: text, at: ends[count - 1]) { return true }
        // Another figure with a point follows.
        var next = count + 1
        while next < digits.count, !isSeparated(next) { next += 1 }
        if count < digits.count, isSeparated(count), next < gaps.count, case .dot = gaps[next] { return true }
        let before = text.run(before: start, atMost: Self.separatorLimit) { $0.separates != nil }
        guard let lead = text[start - 1 - before] else { return false }
        if lead.digit == nil { return Self.coordinates.contains(lead.mark) }
        let decimals = text.run(before: start - before, atMost: 24) { $0.digit != nil }
        return text[start - before - decimals - 1]?.mark == "."
    }

    /// The last characters of words for a coordinate: 经度, 东经, lon.
    private static let coordinates = Set("经經度纬緯东東北En".unicodeScalars)

    // MARK: Sums and lists

    private func isSum(_ first: Int, _ groups: [Range<Int>]) -> Bool {
        guard groups.count > 1, let last = groups.last else { return false }
        let isInThousands = groups.dropFirst().allSatisfy { $0.count == 3 } && groups[0].count <= 3
        guard isInThousands || groups.count < Self.leastOfList && isRound(groups) && isPlain(groups) else {
            return false
        }
        let before = text.run(before: start, atMost: Self.separatorLimit) { $0.separates != nil }
        return Unit.stands(in: text, at: ends[last.upperBound - 1])
            || text[start - 1 - before].map { Self.sums.contains($0.mark) } ?? false
    }

    /// The last characters of words and signs for a sum: 合计, 共, 投资额, ¥.
    private static let sums = Set("计計共额額资資款费費值价價¥$€".unicodeScalars)

    private func isPlain(_ groups: [Range<Int>]) -> Bool { groups.allSatisfy { digits[$0.lowerBound] != 0 } }

    /// Whether all figures but the first, or all pairs, are multiples of ten or of five.
    private func isRound(_ groups: [Range<Int>]) -> Bool {
        let pairs = pairs(groups)
        return groups.dropFirst().allSatisfy { digits[$0.upperBound - 1] == 0 && $0.count > 1 }
            || pairs.count >= Self.leastOfList && pairs.allSatisfy { $0.isMultiple(of: 5) }
    }

    private func isOrdered(_ groups: [Range<Int>]) -> Bool {
        let pairs = pairs(groups)
        let figures = pairs.count >= Self.leastOfList ? pairs : groups.map { number($0.lowerBound, $0.count) }
        let steps = zip(figures, figures.dropFirst())
        return steps.allSatisfy { $0 <= $1 } || steps.allSatisfy { $0 >= $1 }
    }

    private func pairs(_ groups: [Range<Int>]) -> [Int] {
        groups.filter { $0.count == 2 }.map { number($0.lowerBound, 2) }
    }

    // MARK: What stands beside it

    private func isPartOfList(_ end: Int) -> Bool { isPrecededByFigure || isFollowedByFigure(end) }

    /// Whether a figure stands before the run that is not the end of a date or a time.
    private var isPrecededByFigure: Bool {
        let blanks = text.run(before: start, atMost: Self.separatorLimit) {
            $0.separates.map { $0 < .strong } ?? false
        }
        var at = start - blanks
        guard blanks > 0, text[at - 1]?.digit != nil else { return false }
        var groups: [Int] = []
        while groups.count < 3 {
            let length = text.run(before: at, atMost: 5) { $0.digit != nil }
            guard length > 0 else { break }
            groups.append(length)
            at -= length
            guard let mark = text[at - 1]?.mark, "-/.:".unicodeScalars.contains(mark) else { break }
            if mark == ":" { return false }
            at -= 1
        }
        return groups != [2, 2, 4] && groups != [1, 2, 4] && groups != [2, 1, 4] && groups != [1, 1, 4]
    }

    /// Whether a figure stands behind so many digits that is not a year.
    private func isFollowedByFigure(_ end: Int) -> Bool {
        guard end < digits.count, case .separation(let separation) = gaps[end], separation < .strong else {
            return false
        }
        var next = end + 1
        while next < digits.count, !isSeparated(next) { next += 1 }
        return !(next - end == 4 && isYear(number(end, 4)))
    }
}
