public import Text

/// A sum of decimal numbers that does not depend on the order of its terms, and from which a term can be
/// taken away again without a trace.
///
/// A sum of `Double`s has neither property. So each number becomes a whole number of units of 10⁻¹⁸ once, and
/// whole numbers are added. Then parts of a month give the same month in any order, and a correction gives
/// the same figures as counting again.
public struct ExactSum: Hashable, Sendable {
    /// 128 bits hold 10⁸ values of 10¹², the largest plausible figure. A sum belongs to one section, so it
    /// never has so many.
    public private(set) var units: Int128

    init(units: Int128) { self.units = units }

    public static let zero = ExactSum(units: 0)

    /// A figure, to 10⁻⁹ of its unit: a thousandth of the smallest limit of GB 3838-2002, and less.
    public init(figure: Double) { units = Int128((figure * 1e9).rounded()) * Self.billion }

    /// Hydrogen ions in mol/L, to 10⁻¹⁸: at pH 14 there are 10⁻¹⁴ mol/L.
    public init(ions: Double) { units = Int128((ions * 1e18).rounded()) }

    public var value: Double { Double(units) / 1e18 }

    /// The mean of `count` terms, to the nearest unit.
    public func divided(by count: Int) -> ExactSum {
        let (quotient, remainder) = units.quotientAndRemainder(dividingBy: Int128(count))
        let isMore = remainder.magnitude * 2 >= Int128(count).magnitude
        return ExactSum(units: quotient + (isMore ? (units < 0 ? -1 : 1) : 0))
    }

    public static func + (left: Self, right: Self) -> Self { Self(units: left.units + right.units) }
    public static func - (left: Self, right: Self) -> Self { Self(units: left.units - right.units) }

    private static let billion: Int128 = 1_000_000_000
    private static let decimals = 18
    /// 10¹⁸, the units of one.
    private static let one: UInt64 = 1_000_000_000_000_000_000
    /// Numbers of more digits before the point are refused: a thousand sums of those that are read never
    /// overflow.
    private static let wholeDigits = 17
}

extension ExactSum: CustomStringConvertible {
    /// A decimal number, `51.23`: exact, and readable by every program.
    public var description: String {
        withText { String($0) }
    }

    /// Each summary has some twenty sums, so it is written from its last digit, and no `String` is made for a
    /// record.
    private func withText<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
        // A sign, the 21 digits that 128 bits have before the point, the point, and the decimals.
        var text = InlineArray<41, UInt8>(repeating: 0)
        var place = text.endIndex
        func put(_ byte: UInt8) {
            place -= 1
            text[place] = byte
        }
        let (whole, fraction) = units.magnitude.quotientAndRemainder(dividingBy: UInt128(Self.one))
        var rest = UInt64(fraction)
        if rest > 0 {
            var isNeeded = false
            for _ in 0..<Self.decimals {
                let digit = UInt8(rest % 10)
                rest /= 10
                isNeeded = isNeeded || digit != 0
                if isNeeded { put(0x30 + digit) }
            }
            put(UInt8(ascii: "."))
        }
        var upper = whole
        while upper > UInt64.max {
            put(0x30 + UInt8(upper % 10))
            upper /= 10
        }
        var last = UInt64(upper)
        repeat {
            put(0x30 + UInt8(last % 10))
            last /= 10
        } while last > 0
        if units < 0 { put(UInt8(ascii: "-")) }
        return body(text.span.extracting(place...))
    }

    public init?(_ text: String) { self.init(utf8: Array(text.utf8)[...]) }

    /// Nil if the text is no decimal number with at most 18 decimals, or too large.
    public init?(utf8 text: ArraySlice<UInt8>) {
        var rest = text
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative { rest.removeFirst() }
        let point = rest.firstIndex(of: UInt8(ascii: "."))
        guard let whole = Self.number(rest[..<(point ?? rest.endIndex)], atMost: Self.wholeDigits) else {
            return nil
        }
        var units = Int128(whole) * Int128(Self.one)
        if let point {
            let decimals = rest[(point + 1)...]
            guard let number = Self.number(decimals, atMost: Self.decimals) else { return nil }
            // 0.25 is 25 followed by as many zeros as make 18 digits.
            units += Int128(number) * Int128(Self.powers[Self.decimals - decimals.count])
        }
        self.units = isNegative ? -units : units
    }

    private static let powers: [UInt64] = (0...decimals).map { (0..<$0).reduce(1) { power, _ in power * 10 } }

    /// Nil if there is no digit, or anything else.
    private static func number(_ digits: ArraySlice<UInt8>, atMost most: Int) -> UInt64? {
        guard (1...most).contains(digits.count) else { return nil }
        var number: UInt64 = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            number = number * 10 + UInt64(digit - 0x30)
        }
        return number
    }
}

extension ExactSum: Codable, JSONCoded {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let sum = ExactSum(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "is not a decimal number")
        }
        self = sum
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    public init(_ json: JSONNode) throws(Malformed) {
        guard let sum = ExactSum(utf8: try json.utf8()) else {
            throw Malformed("", "is not a decimal number")
        }
        self = sum
    }

    public func write(to json: inout JSONWriter) { withText { json.plain($0) } }
}
