import Text

/// A moment in milliseconds since 1970-01-01T00:00:00Z.
///
/// A whole number and not a `Date`: a moment that went through JSON must equal the original, and that is
/// certain only if nothing is rounded.
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

    public static func - (left: Instant, right: Duration) -> Instant {
        Instant(millisecondsSince1970: left.millisecondsSince1970 &- right.wholeMilliseconds)
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
    /// RFC 3339 in UTC, always with milliseconds: `2026-11-23T05:41:35.120Z`. There is only one form, so
    /// texts sort like times.
    public var description: String {
        let (day, inDay) = millisecondsSince1970.dividedDownward(by: 86_400_000)
        let date = Day(daysSince1970: Int(day))
        // A computed moment may lie in a year that does not fit into four digits.
        let isWritable = (0...9999).contains(date.year)
        var text = InlineArray<24, UInt8>(repeating: 0)
        var place = 0
        func write(_ value: Int, digits: Int, _ mark: Unicode.Scalar) {
            var rest = value
            for index in stride(from: place + digits - 1, through: place, by: -1) {
                text[index] = UInt8(ascii: "0") + UInt8(rest % 10)
                rest /= 10
            }
            text[place + digits] = UInt8(ascii: mark)
            place += digits + 1
        }
        let milliseconds = Int(inDay)
        write(isWritable ? date.year : 0, digits: 4, "-")
        write(date.month, digits: 2, "-")
        write(date.day, digits: 2, "T")
        write(milliseconds / 3_600_000, digits: 2, ":")
        write(milliseconds / 60_000 % 60, digits: 2, ":")
        write(milliseconds / 1000 % 60, digits: 2, ".")
        write(milliseconds % 1000, digits: 3, "Z")
        let whole = String(text.span)
        return isWritable ? whole : padded(Int64(date.year), 4) + whole.dropFirst(4)
    }

    /// Reads an RFC 3339 date-time (§5.6) with any offset and any number of fraction digits.
    ///
    /// A time without an offset is accepted only if the caller knows the zone: a station's table has local
    /// times and never says in which zone.
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
        // A leap second is a real time; it is counted as the second after it (RFC 3339 §5.7).
        guard scanner.isAtEnd, hour < 24, minute < 60, second <= 60,
            let date = Day(year: Int(year), month: Int(month), day: Int(day))
        else { return nil }
        let local =
            Int64(date.daysSince1970) * 86_400_000 + (hour * 3600 + minute * 60 + second) * 1000
            + milliseconds
        // With an offset or a leap second the result may leave the years of four digits; what is read must be
        // writable.
        let instant = Instant(millisecondsSince1970: local - offset)
        guard (Self.earliest...Self.latest).contains(instant) else { return nil }
        self = instant
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7), without the two old forms.
    public init?(httpDate text: String) {
        guard text.utf8.count == 29 else { return nil }
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let words = text.split(separator: " ")
        guard words.count == 6, words[5] == "GMT", let month = months.firstIndex(of: String(words[2]))
        else { return nil }
        self.init(rfc3339: "\(words[3])-\(month < 9 ? "0" : "")\(month + 1)-\(words[1])T\(words[4])Z")
    }

    /// The same for a text in the memory of a record.
    public init?(rfc3339 text: Span<UInt8>) {
        if let instant = Instant(written: text) {
            self = instant
        } else {
            self.init(rfc3339: String(text))
        }
    }

    /// Reads only the form that `description` writes, which is nearly every text; nil for any other.
    private init?(written text: Span<UInt8>) {
        guard text.count == Self.form.count else { return nil }
        var numbers = InlineArray<7, Int>(repeating: 0)
        var field = 0
        for index in text.indices {
            switch (Self.form[index], text[index]) {
            case (UInt8(ascii: "0"), let digit) where (0x30...0x39).contains(digit):
                numbers[field] = numbers[field] * 10 + Int(digit - 0x30)
            case (let mark, let byte) where byte == mark: field += 1
            default: return nil
            }
        }
        guard let day = Day(year: numbers[0], month: numbers[1], day: numbers[2]), numbers[3] < 24,
            numbers[4] < 60, numbers[5] < 60
        else { return nil }
        let seconds = (numbers[3] * 60 + numbers[4]) * 60 + numbers[5]
        self.init(
            millisecondsSince1970: Int64(day.daysSince1970) * 86_400_000 + Int64(seconds * 1000 + numbers[6]))
    }

    private static let form = Array("0000-00-00T00:00:00.000Z".utf8)

    /// The first and the last millisecond that RFC 3339 can write, in UTC.
    public static let earliest = Instant(millisecondsSince1970: -62_167_219_200_000)
    public static let latest = Instant(millisecondsSince1970: 253_402_300_799_999)

    /// The calendar month in a zone with a fixed offset: the period for which indicators are counted.
    public func month(offset: Duration) -> Month {
        let local = millisecondsSince1970 + offset.wholeMilliseconds
        let date = Day(daysSince1970: Int(local.dividedDownward(by: 86_400_000).quotient))
        return Month(year: date.year, month: date.month)
    }
}

extension Instant: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let instant = Instant(rfc3339: text.utf8Span.span) else {
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
