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

    private init(units: Int128) { self.units = units }

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
    /// Larger numbers are refused, so that adding what was read never overflows.
    private static let most = Int128.max / 1000
    private static let textBytes = 48
}

extension ExactSum: CustomStringConvertible {
    /// A decimal number, `51.23`: exact, and readable by every program.
    public var description: String {
        let digits = String(units.magnitude)
        let full = String(repeating: "0", count: max(0, Self.decimals + 1 - digits.count)) + digits
        var fraction = full.suffix(Self.decimals)
        while fraction.last == "0" { fraction.removeLast() }
        let point = fraction.isEmpty ? "" : "."
        return (units < 0 ? "-" : "") + full.dropLast(Self.decimals) + point + fraction
    }

    /// Nil if the text is no decimal number with at most 18 decimals, or too large.
    public init?(_ text: String) {
        guard text.utf8.count <= Self.textBytes else { return nil }
        var rest = text.utf8[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative { rest.removeFirst() }
        let parts = rest.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard let whole = parts.first, !whole.isEmpty, parts.count <= 2 else { return nil }
        let fraction = parts.count == 2 ? Array(parts[1]) : []
        guard fraction.isEmpty == (parts.count == 1), fraction.count <= Self.decimals else { return nil }
        let padding = Array(repeating: UInt8(ascii: "0"), count: Self.decimals - fraction.count)
        var units: Int128 = 0
        for digit in Array(whole) + fraction + padding {
            guard (0x30...0x39).contains(digit), units <= Self.most / 10 else { return nil }
            units = units * 10 + Int128(digit - 0x30)
        }
        self.units = isNegative ? -units : units
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
        guard let sum = ExactSum(try json.string()) else { throw Malformed("", "is not a decimal number") }
        self = sum
    }

    public func write(to json: inout JSONWriter) { json.text(description) }
}
