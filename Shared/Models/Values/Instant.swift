/// A moment in milliseconds since 1970-01-01T00:00:00Z.
///
/// A whole number and not a `Date`, because a moment that went through JSON must compare equal to the one
/// that did not: decode ∘ encode is the identity only where nothing is rounded.
public struct Instant: Hashable, Comparable, Sendable {
    public let millisecondsSince1970: Int64

    public init(millisecondsSince1970: Int64) {
        self.millisecondsSince1970 = millisecondsSince1970
    }

    public static func < (left: Instant, right: Instant) -> Bool {
        left.millisecondsSince1970 < right.millisecondsSince1970
    }

    public static func + (left: Instant, right: Duration) -> Instant {
        Instant(millisecondsSince1970: left.millisecondsSince1970 &+ right.wholeMilliseconds)
    }

    public static func - (left: Instant, right: Instant) -> Duration {
        .milliseconds(left.millisecondsSince1970 &- right.millisecondsSince1970)
    }
}

extension Duration {
    /// Rounded towards zero.
    public var wholeMilliseconds: Int64 {
        components.seconds &* 1000 &+ components.attoseconds / 1_000_000_000_000_000
    }

    public var wholeSeconds: Int64 { components.seconds }
}

// MARK: - RFC 3339

extension Instant: CustomStringConvertible {
    /// RFC 3339 in UTC, always with milliseconds: `2026-11-23T05:41:35.120Z`. One form only, so texts sort as
    /// times do.
    public var description: String {
        let (day, inDay) = millisecondsSince1970.dividedDownward(by: 86_400_000)
        let date = CivilDate(daysSince1970: day)
        let seconds = inDay / 1000
        return "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))"
            + "T\(padded(seconds / 3600, 2)):\(padded(seconds / 60 % 60, 2)):\(padded(seconds % 60, 2))"
            + ".\(padded(inDay % 1000, 3))Z"
    }

    /// Reads an RFC 3339 date-time (§5.6) with any offset and any number of fraction digits.
    ///
    /// A time without an offset is taken only where the caller knows the zone: a table from a station says
    /// local time and never says where.
    public init?(rfc3339 text: some StringProtocol, defaultOffset: Duration? = nil) {
        var scanner = DigitScanner(text.utf8)
        guard let year = scanner.number(digits: 4), scanner.skip("-"), let month = scanner.number(digits: 2),
            scanner.skip("-"), let day = scanner.number(digits: 2),
            scanner.skip("T") || scanner.skip("t") || scanner.skip(" "),
            let hour = scanner.number(digits: 2), scanner.skip(":"), let minute = scanner.number(digits: 2)
        else { return nil }
        var second: Int64 = 0
        var milliseconds: Int64 = 0
        if scanner.skip(":") {
            guard let value = scanner.number(digits: 2) else { return nil }
            second = value
            if scanner.skip(".") {
                guard let fraction = scanner.fraction() else { return nil }
                milliseconds = fraction
            }
        } else if defaultOffset == nil {
            return nil
        }
        let offset: Int64
        if scanner.skip("Z") || scanner.skip("z") {
            offset = 0
        } else if let sign: Int64 = scanner.skip("+") ? 1 : scanner.skip("-") ? -1 : nil {
            guard let hours = scanner.number(digits: 2), scanner.skip(":"),
                let minutes = scanner.number(digits: 2), hours < 24, minutes < 60
            else { return nil }
            offset = sign * (hours * 60 + minutes) * 60_000
        } else if let defaultOffset {
            offset = defaultOffset.wholeMilliseconds
        } else {
            return nil
        }
        // A leap second is a time that happened; it is counted as the second after it (RFC 3339 §5.7).
        guard scanner.isAtEnd, hour < 24, minute < 60, second <= 60,
            let date = CivilDate(year: year, month: month, day: day)
        else { return nil }
        let local =
            date.daysSince1970 * 86_400_000 + (hour * 3600 + minute * 60 + second) * 1000 + milliseconds
        // An offset or a leap second can lead out of the years that four digits write; what is read must be
        // writable.
        guard Self.writable.contains(local - offset) else { return nil }
        self.init(millisecondsSince1970: local - offset)
    }

    /// From the first to the last millisecond that RFC 3339 has a text for, in UTC.
    private static let writable = Int64(-62_167_219_200_000)...253_402_300_799_999

    /// The calendar month in a zone with a fixed offset: the period that indicators are counted by.
    public func month(offset: Duration) -> Month {
        let local = millisecondsSince1970 + offset.wholeMilliseconds
        let date = CivilDate(daysSince1970: local.dividedDownward(by: 86_400_000).quotient)
        return Month(year: Int(date.year), month: Int(date.month))
    }
}

extension Instant: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let instant = Instant(rfc3339: text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "not an RFC 3339 date-time with an offset")
        }
        self = instant
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// A calendar month, written `2026-11`.
public struct Month: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let year: Int
    public let month: Int

    public init(year: Int, month: Int) {
        self.year = year
        self.month = month
    }

    public init?(_ text: String) {
        var scanner = DigitScanner(text.utf8)
        guard let year = scanner.number(digits: 4), scanner.skip("-"), let month = scanner.number(digits: 2),
            scanner.isAtEnd, (1...12).contains(month)
        else { return nil }
        self.init(year: Int(year), month: Int(month))
    }

    public var description: String { "\(padded(Int64(year), 4))-\(padded(Int64(month), 2))" }

    public static func < (left: Month, right: Month) -> Bool {
        (left.year, left.month) < (right.year, right.month)
    }
}

// MARK: - The proleptic Gregorian calendar

/// A day of the calendar; the two conversions count from a March-based year, so that the leap day comes last.
private struct CivilDate {
    let year: Int64
    let month: Int64
    let day: Int64

    init?(year: Int64, month: Int64, day: Int64) {
        guard (1...12).contains(month), day >= 1, day <= Self.length(of: month, in: year) else { return nil }
        self.year = year
        self.month = month
        self.day = day
    }

    init(daysSince1970 days: Int64) {
        // Day 0 of this count is 0000-03-01; an era is 400 years, of which the days always number 146,097.
        let (era, dayOfEra) = (days + 719_468).dividedDownward(by: 146_097)
        let leapDays = dayOfEra / 1460 - dayOfEra / 36_524 + dayOfEra / 146_096
        let yearOfEra = (dayOfEra - leapDays) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    var daysSince1970: Int64 {
        let (era, yearOfEra) = (month <= 2 ? year - 1 : year).dividedDownward(by: 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func length(of month: Int64, in year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

extension Int64 {
    /// Division that rounds towards minus infinity, so that moments before 1970 fall on the right day.
    fileprivate func dividedDownward(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

private func padded(_ value: Int64, _ digits: Int) -> String {
    let text = String(value)
    return text.utf8.count >= digits ? text : String(repeating: "0", count: digits - text.utf8.count) + text
}

private struct DigitScanner<Bytes: Sequence<UInt8>> {
    private var bytes: Bytes.Iterator
    private var next: UInt8?

    init(_ bytes: Bytes) {
        self.bytes = bytes.makeIterator()
        next = self.bytes.next()
    }

    var isAtEnd: Bool { next == nil }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard let next, UInt32(next) == character.value else { return false }
        self.next = bytes.next()
        return true
    }

    private mutating func digit() -> Int64? {
        guard let next, (48...57).contains(next) else { return nil }
        self.next = bytes.next()
        return Int64(next - 48)
    }

    mutating func number(digits: Int) -> Int64? {
        var value: Int64 = 0
        for _ in 0..<digits {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    /// A fraction of a second in milliseconds; digits past the third are dropped.
    mutating func fraction() -> Int64? {
        var value: Int64 = 0
        var digits = 0
        while let digit = digit() {
            if digits < 3 { value = value * 10 + digit }
            digits += 1
        }
        guard digits > 0 else { return nil }
        for _ in digits..<max(3, digits) { value *= 10 }
        return value
    }
}
