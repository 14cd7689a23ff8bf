import Models

/// A time as a table has it: a day, and, if the table says them, the time of day and the offset from UTC.
struct TableTime: Equatable {
    var day: Day
    /// The time since midnight, as the clocks show it; nil for a day alone.
    var milliseconds: Int64?
    var offset: Duration?

    /// `2026-07-09 21:00` and similar forms: `2026/7/9 9:00`, `2026.7.9`, `2026年7月9日9时30分`, `202607090900`;
    /// with seconds or without, with `T` or a blank, with an offset (`Z`, `+08:00`, `+0800`, `+08`) or
    /// without.
    ///
    /// An offset west of Greenwich needs the `T`: without it `08:00-09:00` is rather an hour from eight to
    /// nine.
    ///
    /// 24:00 is the next day's midnight (ISO 8601:2004, 4.2.3). A year has four digits and comes first: what
    /// `7/9/26` means depends on who wrote it.
    init?(_ folded: String) {
        var scanner = TimeScanner(folded)
        guard let day = scanner.day() else { return nil }
        self.day = day
        if scanner.isAtEnd { return }
        guard let time = scanner.timeOfDay(compact: scanner.isCompact) else { return nil }
        if !scanner.isAtEnd {
            guard let offset = scanner.offset(), scanner.isAtEnd else { return nil }
            self.offset = offset
        }
        set(time)
    }

    /// A day, and a time of day from another column.
    init?(_ day: Day, timeOfDay folded: String) {
        var scanner = TimeScanner(folded)
        guard let time = scanner.timeOfDay(compact: false), scanner.isAtEnd else { return nil }
        self.day = day
        set(time)
    }

    private mutating func set(_ time: Int64) {
        if time == Self.wholeDay {
            day = day.adding(days: 1)
            milliseconds = 0
        } else {
            milliseconds = time
        }
    }

    fileprivate static let wholeDay: Int64 = 86_400_000
}

private struct TimeScanner {
    private let bytes: [UInt8]
    private var index = 0
    /// Whether the day was written without separators; then the time is, too.
    private(set) var isCompact = false
    /// Whether a `T` stands between the day and the time (RFC 3339).
    private var hasT = false

    init(_ text: String) {
        bytes = text.utf8.allSatisfy { $0 < 0x80 } ? Array(text.utf8) : Self.marked(text)
    }

    /// 年, 月, 日, 时, 分 and 秒 each become one letter. No other character beyond ASCII is part of a time.
    private static func marked(_ text: String) -> [UInt8] {
        text.unicodeScalars.compactMap { scalar -> UInt8? in
            switch scalar {
            case "年": UInt8(ascii: "Y")
            case "月": UInt8(ascii: "M")
            case "日", "号": UInt8(ascii: "D")
            case "时", "点": UInt8(ascii: "h")
            case "分": UInt8(ascii: "m")
            case "秒": UInt8(ascii: "s")
            case "整": nil
            default: scalar.isASCII ? UInt8(scalar.value) : 0
            }
        }
    }

    var isAtEnd: Bool { index == bytes.count }

    private mutating func skip(_ mark: Unicode.Scalar) -> Bool {
        guard !isAtEnd, UInt32(bytes[index]) == mark.value else { return false }
        index += 1
        return true
    }

    /// Skips blanks and the mark. If the mark does not follow, skips nothing.
    private mutating func skipBlanks(before mark: Unicode.Scalar) -> Bool {
        let start = index
        skipBlanks()
        if skip(mark) { return true }
        index = start
        return false
    }

    private mutating func skipBlanks() { while skip(" ") {} }

    private mutating func number(_ digits: ClosedRange<Int>) -> Int? {
        var value = 0
        let start = index
        while !isAtEnd, index - start < digits.upperBound, (0x30...0x39).contains(bytes[index]) {
            value = value * 10 + Int(bytes[index] - 0x30)
            index += 1
        }
        return index - start < digits.lowerBound ? nil : value
    }

    // MARK: Parts

    mutating func day() -> Day? {
        isCompact = bytes.prefix(8).count == 8 && bytes.prefix(8).allSatisfy { (0x30...0x39).contains($0) }
        guard let year = number(4...4) else { return nil }
        if isCompact {
            guard let month = number(2...2), let day = number(2...2) else { return nil }
            // Seconds since 1970 have ten digits.
            guard [8, 12, 14].contains(bytes.count) else { return nil }
            return Day(year: year, month: month, day: day)
        }
        skipBlanks()
        guard !isAtEnd else { return nil }
        let mark = Unicode.Scalar(bytes[index])
        guard "-/.Y".unicodeScalars.contains(mark), skip(mark) else { return nil }
        if mark == "Y" { skipBlanks() }
        guard let month = number(1...2) else { return nil }
        if mark == "Y" { skipBlanks() }
        guard skip(mark == "Y" ? "M" : mark) else { return nil }
        if mark == "Y" { skipBlanks() }
        guard let day = number(1...2) else { return nil }
        if mark == "Y" {
            skipBlanks()
            guard skip("D") else { return nil }
        } else if !isAtEnd, bytes[index] != 0x20, bytes[index] | 0x20 != UInt8(ascii: "t") {
            return nil
        }
        hasT = skip("T") || skip("t")
        if hasT {
            guard !isAtEnd else { return nil }
        } else {
            skipBlanks()
        }
        return Day(year: year, month: month, day: day)
    }

    /// In milliseconds; 24:00 is a whole day, and later times are refused.
    mutating func timeOfDay(compact: Bool) -> Int64? {
        guard let hour = number(compact ? 2...2 : 1...2) else { return nil }
        var (minute, second, fraction) = (0, 0, 0)
        if compact {
            guard let value = number(2...2) else { return nil }
            minute = value
            if !isAtEnd {
                guard let value = number(2...2) else { return nil }
                second = value
            }
        } else if skipBlanks(before: "h") {
            skipBlanks()
            if let value = number(1...2) {
                minute = value
                if skip("m"), let value = number(1...2) {
                    second = value
                    guard skip("s") else { return nil }
                }
            }
        } else {
            guard skip(":"), let value = number(1...2) else { return nil }
            minute = value
            if skip(":") {
                guard let value = number(1...2) else { return nil }
                second = value
                if skip(".") {
                    guard let value = thousandths() else { return nil }
                    fraction = value
                }
            }
        }
        // A leap second is counted as the second after it (RFC 3339, 5.7).
        guard minute < 60, second <= 60 else { return nil }
        let time = Int64((hour * 60 + minute) * 60 + second) * 1000 + Int64(fraction)
        return hour < 24 || time == TableTime.wholeDay ? time : nil
    }

    /// Digits past the third are dropped.
    private mutating func thousandths() -> Int? {
        let start = index
        guard var value = number(1...3) else { return nil }
        for _ in (index - start)..<3 { value *= 10 }
        while !isAtEnd, (0x30...0x39).contains(bytes[index]) { index += 1 }
        return value
    }

    mutating func offset() -> Duration? {
        skipBlanks()
        if skip("Z") || skip("z") { return .zero }
        let sign = skip("+") ? 1 : skip("-") ? -1 : 0
        guard sign > 0 || sign < 0 && hasT, let hours = number(2...2), hours < 24 else { return nil }
        let minutes = isAtEnd ? 0 : (skip(":"), number(2...2)).1
        guard let minutes, minutes < 60 else { return nil }
        return .seconds(sign * (hours * 60 + minutes) * 60)
    }
}
