import CMicroHTTPD
import Glibc

/// Where libmicrohttpd left the parts of a request's head, and whether anything else lies between them.
///
/// Up to 0.9.76 libmicrohttpd parses a head in the memory where it received it, and ends each part with a
/// zero byte. It takes a zero byte that a client sent for such an end, skips a line that begins with `:`, and
/// joins a folded line to the name before it. But what it hides is still in the memory of the head. So the
/// parts that it shows us must fill the head, with nothing between them except blanks, a colon or the end of
/// a line.
@safe struct HeadLayout {
    private let start: UnsafeRawPointer
    private let count: Int
    private var at = 0
    private(set) var isWhole = true

    /// Later versions move the parts, and refuse such heads themselves.
    static let isKnown = unsafe isBefore77(String(cString: MHD_get_version()))

    init(_ line: RequestLine, _ target: RawTarget, headBytes: Int) {
        unsafe start = line.start
        count = headBytes
        unsafe take(line.start, line.methodBytes)
        skipZeros(1...1)
        unsafe take(target.bytes.baseAddress, target.bytes.count)
        skipZeros(1...1)
        unsafe take(line.version, line.versionBytes)
    }

    mutating func field(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        // The end of the previous line; a line feed alone is also an end (RFC 9112, 2.2).
        skipZeros(1...2)
        unsafe take(name.baseAddress, name.count)
        skipZeros(1...1)
        unsafe skipBlanks(before: value.baseAddress)
        unsafe take(value.baseAddress, value.count)
    }

    /// The end of the last line, and an empty line.
    mutating func finish() {
        skipZeros(2...4)
        if at != count { isWhole = false }
    }

    private mutating func take(_ part: UnsafeRawPointer?, _ bytes: Int) {
        guard let part = unsafe part, unsafe part == start + at else { return isWhole = false }
        at += bytes
    }

    private mutating func skipZeros(_ allowed: ClosedRange<Int>) {
        var found = 0
        while found < allowed.upperBound, byte == 0 {
            at += 1
            found += 1
        }
        if !allowed.contains(found) { isWhole = false }
    }

    private mutating func skipBlanks(before value: UnsafeRawPointer?) {
        guard let value = unsafe value else { return }
        while unsafe start + at < value, byte == 0x20 || byte == 0x09 { at += 1 }
    }

    private var byte: UInt8? {
        guard isWhole, at < count else { return nil }
        return unsafe start.load(fromByteOffset: at, as: UInt8.self)
    }
}

/// Whether a version of libmicrohttpd, such as `0.9.75`, is older than 0.9.77.
private func isBefore77(_ version: String) -> Bool {
    let numbers = version.split(separator: ".").map { Int($0) ?? 0 }
    return numbers.lexicographicallyPrecedes([0, 9, 77])
}

/// What RFC 9110 allows in a header field.
package enum FieldRule {
    /// A token (5.6.2): then no two programs can read different names from it.
    package static func isName(_ name: some Sequence<UInt8>) -> Bool {
        var isEmpty = true
        for byte in name {
            guard isTokenCharacter(byte) else { return false }
            isEmpty = false
        }
        return !isEmpty
    }

    /// No control characters except the tab (5.5).
    package static func isValue(_ value: some Sequence<UInt8>) -> Bool {
        value.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
    }

    /// A name or an address and perhaps a port (RFC 9110, 7.2). An empty one names no server (4.2.1).
    package static func isHost(_ text: String) -> Bool {
        let bytes = text.utf8
        let host: Substring.UTF8View
        if bytes.first == UInt8(ascii: "[") {
            guard let end = bytes.firstIndex(of: UInt8(ascii: "]")) else { return false }
            host = bytes[bytes.index(after: bytes.startIndex)..<end]
            guard host.allSatisfy({ isRegistered($0) || $0 == UInt8(ascii: ":") }) else { return false }
            return !host.isEmpty && isPort(bytes[bytes.index(after: end)...])
        }
        host = bytes.prefix { $0 != UInt8(ascii: ":") }
        return !host.isEmpty && host.allSatisfy(isRegistered) && isPort(bytes[host.endIndex...])
    }

    private static func isPort(_ rest: Substring.UTF8View) -> Bool {
        guard let colon = rest.first else { return true }
        return colon == UInt8(ascii: ":") && rest.dropFirst().allSatisfy { (0x30...0x39).contains($0) }
    }

    /// A character of a registered name (RFC 3986, 3.2.2): a token's characters without four, and five more.
    private static func isRegistered(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "="):
            true
        case UInt8(ascii: "#"), UInt8(ascii: "^"), UInt8(ascii: "`"), UInt8(ascii: "|"): false
        default: isTokenCharacter(byte)
        }
    }

    /// ISO 8859-1, which RFC 9110, 5.5 names as the historical encoding. In UTF-8 a value could hold
    /// thousands of combining marks on one letter, and comparing two texts with a thousand of them takes a
    /// million steps.
    package static func text(_ bytes: UnsafeRawBufferPointer) -> String {
        if unsafe bytes.allSatisfy({ $0 < 0x80 }) { return unsafe String(decoding: bytes, as: UTF8.self) }
        var text = String.UnicodeScalarView()
        unsafe text.append(contentsOf: bytes.map { Unicode.Scalar($0) })
        return String(text)
    }

    private static func isTokenCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
