public import Text

/// A phone number that was read as people write it.
public enum CallableNumber: Hashable, Sendable {
    case number(PhoneNumber)
    /// Six digits or fewer, such as 110 or 12345. Everybody in the country can call it, nobody outside, and
    /// it can't receive messages. It has no form in E.164, so it stays as written, digits only.
    case short(String)

    /// - Parameter country: the country of a number without a country code; nil: such a number is refused.
    /// - Throws: what is wrong, without the number.
    public init(_ text: String, country: CallingCode?) throws(Malformed) {
        let written = try Written(text)
        if let digits = written.international {
            self = .number(try Self.international(digits))
        } else if written.digits.count <= Self.shortDigits {
            guard written.digits.count >= 3 else {
                throw Malformed("", "is too short for a phone number", .phoneTooShort)
            }
            self = .short(written.digits)
        } else if let country {
            self = .number(try Self.national(written.digits, in: country))
        } else {
            throw Malformed("", "has no country code, such as +86", .phoneWithoutCountry)
        }
    }

    static let shortDigits = 6

    private static func international(_ digits: String) throws(Malformed) -> PhoneNumber {
        let china = CallingCode.china.digits
        if digits.hasPrefix(china) {
            return try national(String(digits.dropFirst(china.count)), in: .china)
        }
        guard let number = PhoneNumber(digits: digits) else {
            throw Malformed("", "is not a phone number: a country code and at most 15 digits", .notAPhone)
        }
        return number
    }

    private static func national(_ digits: String, in country: CallingCode) throws(Malformed) -> PhoneNumber {
        let significant =
            country == .china ? try China.significant(digits) : withoutTrunk(digits, in: country)
        guard let number = PhoneNumber(digits: country.digits + significant) else {
            throw Malformed("", "is not a phone number: a country code and at most 15 digits", .notAPhone)
        }
        return number
    }

    /// The prefix dialled before an area code inside the country is not part of the number. Most countries
    /// with such a prefix use 0. Italy's 0 belongs to the number. North America's 1 and Russia's 8 are
    /// recognised by the number's length.
    private static func withoutTrunk(_ digits: String, in country: CallingCode) -> String {
        let hasTrunk =
            switch country.digits {
            case "1", "7": digits.utf8.count == 11
            case "39": false
            default: digits.hasPrefix("0")
            }
        return hasTrunk ? String(digits.dropFirst()) : digits
    }
}

/// China's numbering plan (信息产业部《电信网编号计划》), as far as it decides what a number means.
///
/// The plan's own text was not available. The lengths and beginnings are those of the patterns for CN in
/// Google's libphonenumber (resources/PhoneNumberMetadata.xml): area codes 10, 20 to 29 but 26, and those of
/// three digits from 310 to 999.
enum China {
    /// A mobile number has eleven digits and begins with 13 to 19.
    static func isMobile(_ national: String) -> Bool {
        national.utf8.count == 11 && beginsAsMobile(national)
    }

    private static func beginsAsMobile(_ digits: String) -> Bool {
        digits.utf8.starts(with: [0x31]) && digits.utf8.dropFirst().first.map { $0 >= 0x33 } == true
    }

    /// The number as it follows +86.
    ///
    /// An area code has two or three digits without its 0, and a number in the area seven or eight; a mobile
    /// number has eleven digits. So more than eleven digits can only mean a country code without its plus
    /// sign.
    static func significant(_ written: String) throws(Malformed) -> String {
        var digits = Substring(written)
        if digits.utf8.count > 11, digits.hasPrefix("86") { digits = digits.dropFirst(2) }
        // No area code begins with 0, so two zeros before a number are not a trunk prefix. The numbers in our
        // samples have three.
        if digits.hasPrefix("0"), !digits.hasPrefix("00") { digits = digits.dropFirst() }
        let national = String(digits)
        let count = national.utf8.count
        if (7...8).contains(count) { throw Malformed("", "has no area code", .phoneWithoutArea) }
        guard count == 11 || count == 10 && !beginsAsMobile(national) else {
            throw Malformed(
                "", "is not a number of China: it has too many or too few digits", .phoneDigits)
        }
        return national
    }
}

/// The digits of a written number, and whether it begins with a country code.
private struct Written {
    private(set) var digits = ""
    private var hasPlus = false
    /// How many digits there were at the last opening parenthesis.
    private var opened: Int?

    init(_ text: String) throws(Malformed) {
        guard text.unicodeScalars.count <= Limit.phoneCharacters else {
            throw Malformed(
                "", "is longer than \(Limit.phoneCharacters) characters", .tooLong,
                limit: Limit.phoneCharacters)
        }
        for scalar in text.unicodeScalars { try take(scalar) }
        guard !digits.isEmpty else { throw Malformed("", "is empty", .missing) }
    }

    /// The digits beginning with the country code; nil if there is no country code.
    ///
    /// `00` is dialled before a country code, and no country code begins with 0 (ITU-T E.123 §2).
    var international: String? {
        if hasPlus { return digits }
        return digits.hasPrefix("00") && !digits.hasPrefix("000") ? String(digits.dropFirst(2)) : nil
    }

    private mutating func take(_ scalar: Unicode.Scalar) throws(Malformed) {
        switch scalar.value {
        case 0x30...0x39: digits.unicodeScalars.append(scalar)
        // Full-width digits, as a Chinese keyboard writes them.
        case 0xFF10...0xFF19: digits += String(scalar.value - 0xFF10)
        case 0x2B, 0xFF0B:
            guard digits.isEmpty, !hasPlus else {
                throw Malformed("", "has a plus sign that is not at its beginning", .phonePlus)
            }
            hasPlus = true
        case 0x28, 0xFF08: opened = digits.utf8.count
        case 0x29, 0xFF09: close()
        // Full stops and the middle dot.
        case 0x2E, 0xFF0E, 0xB7: break
        default:
            switch scalar.properties.generalCategory {
            // Blanks, hyphens, and the marks of direction that a copied number brings along.
            case .spaceSeparator, .dashPunctuation, .format: break
            default:
                guard scalar == "\t" || scalar == "\u{2212}" else {
                    throw Malformed(
                        "", "may only hold digits, blanks, hyphens, dots and parentheses", .phoneCharacters)
                }
            }
        }
    }

    /// "+44 (0)20": the zero is only for calls from inside the country.
    private mutating func close() {
        let holdsZero = digits.utf8.count - 1 == opened && digits.hasSuffix("0")
        if holdsZero, opened != 0, international != nil { digits.removeLast() }
        opened = nil
    }
}

/// As text: E.164 for a number, the digits of a short one.
extension CallableNumber: JSONCoded, Encodable {
    public init(_ json: JSONNode) throws(Malformed) {
        guard let number = Self(plain: try json.string()) else {
            throw Malformed("", "is not a phone number")
        }
        self = number
    }

    public func write(to json: inout JSONWriter) { json.text(plain) }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let number = Self(plain: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "is not a phone number")
        }
        self = number
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(plain)
    }

    /// The number that can receive messages; nil for a short number.
    public var phoneNumber: PhoneNumber? {
        if case .number(let number) = self { number } else { nil }
    }

    /// As it is dialled.
    public var plain: String {
        switch self {
        case .number(let number): number.e164
        case .short(let digits): digits
        }
    }

    private init?(plain: String) {
        if let number = PhoneNumber(e164: plain) {
            self = .number(number)
        } else if (3...Self.shortDigits).contains(plain.utf8.count),
            plain.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        {
            self = .short(plain)
        } else {
            return nil
        }
    }
}

extension CallableNumber: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Hidden, so that no log and no error text can show it by accident.
    public var description: String { "number withheld" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
