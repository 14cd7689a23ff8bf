public import Text

/// A phone number in the form that is the same everywhere: country code and number, at most 15 digits (ITU-T
/// E.164 §6.2.1).
public struct PhoneNumber: Hashable, Sendable {
    /// The country code and the number, as "8657187654321".
    public let digits: String

    /// With the plus sign, as "+8657187654321".
    public var e164: String { "+" + digits }

    /// Reads only `e164`; `init(_:country:)` reads what people write.
    public init?(e164 text: String) {
        guard text.utf8.first == UInt8(ascii: "+") else { return nil }
        self.init(digits: String(text.dropFirst()))
    }

    /// Reads what people write: `+` or `00`, blanks, hyphens, dots, parentheses, full-width digits.
    ///
    /// - Parameter country: the country of a number without a country code; nil: such a number is refused.
    public init(_ text: String, country: CallingCode?) throws(Malformed) {
        guard case .number(let number) = try CallableNumber(text, country: country) else {
            throw Malformed(
                "", "is a short number: it can be called, but it can't get a message",
                .phoneWithoutMessages)
        }
        self = number
    }

    init?(digits: String) {
        let bytes = digits.utf8
        guard Self.lengths.contains(bytes.count), bytes.first != UInt8(ascii: "0"),
            bytes.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        self.digits = digits
    }

    /// The number without its country code and without a trunk prefix; nil if it belongs to another country.
    public func national(in country: CallingCode) -> String? {
        digits.hasPrefix(country.digits) ? String(digits.dropFirst(country.digits.count)) : nil
    }

    /// The shortest full number of any country has seven digits.
    private static let lengths = 7...15
}

extension PhoneNumber: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let number = PhoneNumber(e164: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "not a phone number: + and 7 to 15 digits")
        }
        self = number
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(e164)
    }
}

extension PhoneNumber: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Hidden, so that no log and no error text can show it by accident.
    public var description: String { "number withheld" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// The digits before a country's numbers in a call from outside: "86" (ITU-T E.164, Annex D).
public struct CallingCode: Hashable, Sendable, CustomStringConvertible {
    public let digits: String

    public static let china = CallingCode(literal: "86")
    public static let hongKong = CallingCode(literal: "852")
    public static let macau = CallingCode(literal: "853")
    public static let taiwan = CallingCode(literal: "886")

    /// One to three digits, the first not 0, with or without a plus sign.
    public init?(_ text: String) {
        let digits = text.hasPrefix("+") ? text.dropFirst() : Substring(text)
        guard (1...3).contains(digits.utf8.count), digits.first != "0",
            digits.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        self.digits = String(digits)
    }

    private init(literal: String) { digits = literal }

    public var description: String { "+" + digits }
}

/// Which numbers get short messages: the mobile numbers of the countries that the city writes to.
///
/// A landline gets no message, and a gateway may charge for the attempt. `MobilePlan` tells mobile numbers
/// from others for its countries. For any other country every number counts as mobile: whoever names that
/// country in the setting must accept what the gateway does with landlines.
public struct MobileNumbers: Sendable {
    /// Why a number gets no message.
    public enum Obstacle: String, CaseIterable, Error, Sendable {
        /// Six digits or fewer, such as 12345.
        case short
        case landline
        /// The city sends no messages to its country.
        case country
        /// It is not a number.
        case unreadable
    }

    private let countries: [CallingCode]
    /// Beginnings of numbers that count as mobile, whatever the plan says.
    private let allowed: [String]

    /// - Parameters:
    ///   - countries: calling codes with commas between, such as "86,852".
    ///   - also: beginnings with commas between, such as "+86000,+86 1064". They are for numbers that no plan
    ///     knows: those of a demonstration, or of machines.
    public init(countries: String = CallingCode.china.digits, also: String = "") throws(Malformed) {
        var codes: [CallingCode] = []
        for part in countries.split(separator: ",") {
            guard let code = CallingCode(part.filter { !$0.isWhitespace }) else {
                throw Malformed("", "\"\(part)\" is not a country code such as 86")
            }
            codes.append(code)
        }
        var allowed: [String] = []
        for part in also.split(separator: ",") {
            let digits = part.filter { !$0.isWhitespace && $0 != "+" }
            guard (1...15).contains(digits.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) })
            else { throw Malformed("", "\"\(part)\" is not the beginning of a number, such as +86000") }
            allowed.append(digits)
        }
        self.countries = codes
        self.allowed = allowed
    }

    private init() { (countries, allowed) = ([.china], []) }

    /// The countries whose mobile numbers can be told from others; for any other country every number counts
    /// as mobile.
    public static var knownPlans: [String] { MobilePlan.codes }

    /// Only China's mobile numbers.
    public static let presets = MobileNumbers()

    public func check(_ number: PhoneNumber) throws(Obstacle) {
        if allowed.contains(where: number.digits.hasPrefix) { return }
        // No country code is the beginning of another one (ITU-T E.164, Annex D).
        guard countries.contains(where: { number.digits.hasPrefix($0.digits) }) else { throw .country }
        if MobilePlan.isMobile(number) == false { throw .landline }
    }

    public func number(_ callable: CallableNumber) throws(Obstacle) -> PhoneNumber {
        guard let number = callable.phoneNumber else { throw .short }
        try check(number)
        return number
    }

    /// - Parameter country: the country of a number without a country code.
    public func number(_ text: String, country: CallingCode) throws(Obstacle) -> PhoneNumber {
        guard let callable = try? CallableNumber(text, country: country) else { throw .unreadable }
        return try number(callable)
    }
}
