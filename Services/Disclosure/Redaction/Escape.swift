/// What programs write for a character when they put a text into an address or into a page.
enum Escape {
    /// The characters that are meant, each with the place where it is written.
    static func read(_ scalars: [Unicode.Scalar]) -> [(place: Int, scalar: Unicode.Scalar)] {
        var result: [(place: Int, scalar: Unicode.Scalar)] = []
        result.reserveCapacity(scalars.count)
        var index = 0
        while index < scalars.count {
            let (scalar, length) =
                escaped(scalars, index) ?? blank(scalars, index) ?? (scalars[index], length: 1)
            result.append((index, scalar))
            index += length
        }
        return result
    }

    /// Whether it could be read in another way than as it stands.
    static func mayStand(in scalars: [Unicode.Scalar]) -> Bool {
        scalars.contains { $0 == "%" || $0 == "<" || $0 == "&" }
    }

    /// `%E6%B2%B3` (RFC 3986 §2.1). A `%` that begins nothing stays.
    private static func escaped(
        _ scalars: [Unicode.Scalar], _ index: Int
    ) -> (Unicode.Scalar, length: Int)? {
        guard let first = octet(scalars, index) else { return nil }
        // The first octet tells how many there are (RFC 3629 §3).
        let count = first < 0x80 ? 1 : max(2, (~first).leadingZeroBitCount)
        guard count <= 4 else { return nil }
        let octets = (0..<count).compactMap { octet(scalars, index + octetLength * $0) }
        guard let text = String(validating: octets, as: UTF8.self)?.unicodeScalars, text.count == 1 else {
            return nil
        }
        return text.first.map { ($0, octetLength * count) }
    }

    private static let octetLength = 3

    private static func octet(_ scalars: [Unicode.Scalar], _ index: Int) -> UInt8? {
        guard index + 2 < scalars.count, scalars[index] == "%",
            let high = Character(scalars[index + 1]).hexDigitValue,
            let low = Character(scalars[index + 2]).hexDigitValue
        else { return nil }
        return UInt8(high << 4 | low)
    }

    /// What a page has for a line's end or a blank.
    private static func blank(_ scalars: [Unicode.Scalar], _ index: Int) -> (Unicode.Scalar, length: Int)? {
        guard scalars[index] == "<" || scalars[index] == "&" else { return nil }
        let rest = scalars[index...].lazy.map(\.lowercased)
        return blanks.first { rest.starts(with: $0.unicodeScalars) }.map { (" ", $0.utf8.count) }
    }

    private static let blanks = ["<br>", "<br/>", "<br />", "&nbsp;", "&#160;"]
}
