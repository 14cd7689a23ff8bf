/// A number with leading zeros.
package func padded(_ value: Int64, _ digits: Int) -> String {
    let text = String(value)
    return text.utf8.count >= digits ? text : String(repeating: "0", count: digits - text.utf8.count) + text
}

/// The value of a hexadecimal digit in either case.
///
/// Without a branch between digits and letters: in an identity they are random, so no processor can predict
/// the branch.
package func hexadecimal(_ character: UInt8) -> UInt8? {
    let isDigit = (0x30...0x39).contains(character)
    let isLetter = (0x61...0x66).contains(character | 0x20)
    return isDigit || isLetter ? character & 0x0F + (isLetter ? 9 : 0) : nil
}

/// The lower-case digit of a value below sixteen.
package func hexadecimal(_ value: UInt8) -> UInt8 { value < 10 ? value + 0x30 : value - 10 + 0x61 }

extension String {
    /// Bytes that are not UTF-8 are replaced, as in `String(decoding:as:)`.
    public init(_ bytes: Span<UInt8>) {
        do {
            self.init(copying: try UTF8Span(validating: bytes))
        } catch {
            self.init(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
        }
    }
}

extension Span<UInt8> {
    public func holds(_ word: String) -> Bool { word ~= self }
}

/// Lets a `switch` compare bytes with words, without making a text of the bytes first.
@inline(__always)
package func ~= (word: String, bytes: Span<UInt8>) -> Bool {
    guard word.utf8.count == bytes.count else { return false }
    let letters = word.utf8Span.span
    return bytes.indices.allSatisfy { bytes[$0] == letters[$0] }
}

/// Reads a text of digits and marks from left to right.
package struct DigitScanner<Bytes: Sequence<UInt8>> {
    private var bytes: Bytes.Iterator
    private var next: UInt8?

    package init(_ bytes: Bytes) {
        self.bytes = bytes.makeIterator()
        next = self.bytes.next()
    }

    package var isAtEnd: Bool { next == nil }

    package mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard let next, UInt32(next) == character.value else { return false }
        self.next = bytes.next()
        return true
    }

    private mutating func digit() -> Int64? {
        guard let next, (48...57).contains(next) else { return nil }
        self.next = bytes.next()
        return Int64(next - 48)
    }

    package mutating func number(digits: Int) -> Int64? {
        var value: Int64 = 0
        for _ in 0..<digits {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    /// A fraction of a second in milliseconds; digits past the third are dropped.
    package mutating func fraction() -> Int64? {
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
