/// A number below a hundred million as people say it: 八千, 三万八千, 四千三百二十一, 8千.
///
/// People end a phone number like that. It does not count if a unit follows: 八千米 is a length.
struct CountedNumeral {
    let digits: [UInt8]
    let end: Int

    /// Nil if no such numeral begins here, or if more digits follow it.
    init?(in text: FoldedText, at start: Int) {
        var reading = Reading()
        var at = start
        while at - start < Self.limit, let digit = text[at]?.digit {
            guard let unit = Self.unit(in: text, at: at + 1) else {
                if digit == 0, reading.hasUnit {
                    reading.skipZero()
                    at += 1
                    continue
                }
                // 八千八 is 8800, 八千零八 is 8008.
                guard digit > 0, reading.hasUnit, text[at + 1]?.digit == nil else { break }
                reading.finish(Int(digit))
                at += 1
                break
            }
            guard digit > 0, reading.take(Int(digit), unit) else { return nil }
            at += 2
            // 三十万
            if unit < Self.wan, Self.unit(in: text, at: at) == Self.wan, reading.closeSection() { at += 1 }
        }
        guard reading.hasUnit, !reading.endsWithZero, text[at]?.digit == nil, text[at]?.mark != "亿",
            !Unit.stands(in: text, at: at)
        else { return nil }
        digits = String(reading.value).utf8.map { $0 - 0x30 }
        end = at
    }

    static func hasUnit(in text: FoldedText, at index: Int) -> Bool { unit(in: text, at: index) != nil }

    private static func unit(in text: FoldedText, at index: Int) -> Int? {
        switch text[index]?.mark {
        case "十", "拾": 10
        case "百", "佰": 100
        case "千", "仟": 1_000
        case "万", "萬": wan
        default: nil
        }
    }

    private static let wan = 10_000
    /// More symbols than the longest numeral has.
    private static let limit = 20

    /// What has been read so far.
    private struct Reading {
        /// What stands before 万.
        private var upper = 0
        private var section = 0
        /// The last unit; the next one is smaller.
        private var unit = CountedNumeral.wan
        private(set) var hasUnit = false
        private(set) var endsWithZero = false
        private var hasUpper = false

        var value: Int { upper + section }

        mutating func take(_ digit: Int, _ unit: Int) -> Bool {
            if unit == CountedNumeral.wan {
                guard !hasUpper else { return false }
                section += digit
                _ = closeSection()
            } else {
                guard unit < self.unit else { return false }
                section += digit * unit
                self.unit = unit
            }
            (hasUnit, endsWithZero) = (true, false)
            return true
        }

        /// At 万.
        mutating func closeSection() -> Bool {
            guard !hasUpper else { return false }
            (upper, section, unit, hasUpper) = (section * CountedNumeral.wan, 0, CountedNumeral.wan, true)
            return true
        }

        mutating func skipZero() { endsWithZero = true }

        mutating func finish(_ digit: Int) {
            section += endsWithZero ? digit : digit * unit / 10
            endsWithZero = false
        }
    }
}
