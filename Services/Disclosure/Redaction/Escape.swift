/// The forms that programs write for a character when they put a text into an address, a page or a line of
/// code.
enum Escape {
    typealias Placed = (place: Int, scalar: Unicode.Scalar)

    /// The characters that are meant, each with the place where it is written. Text that was escaped twice
    /// (`&amp;#49;`, `%2531`) is read twice. Nil if nothing is escaped.
    static func read(_ scalars: [Unicode.Scalar]) -> [Placed]? {
        guard scalars.contains(where: mayBegin) else { return nil }
        var text = scalars.enumerated().map { (place: $0, scalar: $1) }
        for _ in 0..<depth {
            let read = once(text)
            // An escape is longer than its character, so an equal count means that nothing was escaped.
            if read.count == text.count { break }
            text = read
        }
        return text.count == scalars.count ? nil : text
    }

    private static let depth = 3

    private static func mayBegin(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "%", "<", "&", "\\", "％", "＜", "＆", "＼": true
        default: false
        }
    }

    private static func once(_ text: [Placed]) -> [Placed] {
        var result: [Placed] = []
        result.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            let scalar = text[index].scalar
            let meant =
                mayBegin(scalar)
                ? escaped(text, index) ?? codeUnit(text, index) ?? reference(text, index)
                    ?? lineBreak(text, index) : nil
            result.append((text[index].place, meant?.scalar ?? scalar))
            index += meant?.length ?? 1
        }
        return result
    }

    private typealias Meant = (scalar: Unicode.Scalar, length: Int)

    /// The ASCII character at this index, in any width and case.
    private static func mark(_ text: [Placed], _ index: Int) -> Unicode.Scalar? {
        guard index < text.count else { return nil }
        return text[index].scalar.narrow.lowercased
    }

    // MARK: In an address, and in code

    /// `%E6%B2%B3` (RFC 3986 §2.1). A `%` that begins no escape stays.
    private static func escaped(_ text: [Placed], _ index: Int) -> Meant? {
        guard let first = octet(text, index) else { return nil }
        // The first octet tells how many octets there are (RFC 3629 §3).
        let count = first < 0x80 ? 1 : max(2, (~first).leadingZeroBitCount)
        guard count <= 4 else { return nil }
        let octets = (0..<count).compactMap { octet(text, index + octetLength * $0) }
        guard let decoded = String(validating: octets, as: UTF8.self)?.unicodeScalars, decoded.count == 1
        else { return nil }
        return decoded.first.map { ($0, octetLength * count) }
    }

    private static let octetLength = 3

    private static func octet(_ text: [Placed], _ index: Int) -> UInt8? {
        guard mark(text, index) == "%" else { return nil }
        return number(text, index + 1, digits: 2).map { UInt8($0) }
    }

    /// `\u0031`, `%u0031` and `\x31`.
    private static func codeUnit(_ text: [Placed], _ index: Int) -> Meant? {
        let digits: Int
        switch mark(text, index + 1) {
        case "u": digits = 4
        case "x" where mark(text, index) == "\\": digits = 2
        default: return nil
        }
        guard mark(text, index) == "\\" || mark(text, index) == "%",
            let scalar = number(text, index + 2, digits: digits).flatMap({ Unicode.Scalar($0) })
        else { return nil }
        return (scalar, digits + 2)
    }

    /// The value of this many hexadecimal digits.
    private static func number(_ text: [Placed], _ index: Int, digits: Int) -> UInt32? {
        (index..<index + digits).reduce(0) { value, index in
            guard let value, let digit = digit(text, index, radix: 16) else { return nil }
            return value << 4 | digit
        }
    }

    private static func digit(_ text: [Placed], _ index: Int, radix: UInt32) -> UInt32? {
        switch mark(text, index) {
        case let mark? where ("0"..."9").contains(mark): mark.value - 0x30
        case let mark? where radix == 16 && ("a"..."f").contains(mark): mark.value - 0x61 + 10
        default: nil
        }
    }

    // MARK: In a page

    /// `&#49;`, `&#x31;`, `&amp;` (HTML Living Standard §13.2.5.72). Browsers read a number without its
    /// semicolon, too.
    private static func reference(_ text: [Placed], _ index: Int) -> Meant? {
        guard mark(text, index) == "&" else { return nil }
        if mark(text, index + 1) == "#" { return numbered(text, index) }
        let first = index + 1
        var end = first
        while end - first < longestName, let mark = mark(text, end), ("a"..."z").contains(mark) { end += 1 }
        guard mark(text, end) == ";" else { return nil }
        let name = String(String.UnicodeScalarView(text[first..<end].map { $0.scalar.narrow.lowercased }))
        return names[name].map { ($0, end + 1 - index) }
    }

    private static func numbered(_ text: [Placed], _ index: Int) -> Meant? {
        let isHexadecimal = mark(text, index + 2) == "x"
        let radix: UInt32 = isHexadecimal ? 16 : 10
        let first = index + (isHexadecimal ? 3 : 2)
        var (end, value) = (first, UInt32(0))
        while let digit = digit(text, end, radix: radix) {
            value = min(value * radix + digit, beyondUnicode)
            end += 1
        }
        guard end > first, let scalar = Unicode.Scalar(value) else { return nil }
        if mark(text, end) == ";" { end += 1 }
        return (scalar, end - index)
    }

    private static let beyondUnicode: UInt32 = 0x110000
    private static let longestName = 6

    /// Of the 2,231 names only those of blanks, of invisible characters, and of marks that occur in what is
    /// hidden.
    private static let names: [String: Unicode.Scalar] = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": " ", "ensp": " ", "emsp": " ",
        "thinsp": " ", "shy": "\u{AD}", "zwj": "\u{200D}", "zwnj": "\u{200C}", "commat": "@", "period": ".",
        "num": "#", "percnt": "%", "plus": "+", "hyphen": "-", "dash": "-", "ndash": "-", "mdash": "-",
        "lowbar": "_", "colon": ":", "equals": "=", "sol": "/", "lpar": "(", "rpar": ")", "middot": "·",
        "hellip": "…",
    ]

    private static func lineBreak(_ text: [Placed], _ index: Int) -> Meant? {
        guard mark(text, index) == "<" else { return nil }
        return lineBreaks.first { tag in
            zip(index..., tag.unicodeScalars).allSatisfy { mark(text, $0) == $1 }
        }.map { (" ", $0.utf8.count) }
    }

    private static let lineBreaks = ["<br>", "<br/>", "<br />"]
}

extension Unicode.Scalar {
    /// Full-width forms of ASCII become ASCII, which has the same order.
    var narrow: Unicode.Scalar {
        (0xFF01...0xFF5E).contains(value) ? Unicode.Scalar(UInt8(value - 0xFF01 + 0x21)) : self
    }
}
