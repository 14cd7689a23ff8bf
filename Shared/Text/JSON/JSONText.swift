/// A parsed JSON text (RFC 8259) that knows where each of its values is. A value is made only when it is
/// asked for, so a value that nobody asks for costs no more than its bytes.
final class JSONText: Sendable {
    enum Kind: UInt8 {
        case null, no, yes, number, string, array, object
    }

    /// Where a value is. For a string, the bytes between the quotes.
    struct Place {
        let kind: Kind
        /// A string that contains `\`.
        var isEscaped = false
        let start: Int32
        var end: Int32
        /// The index of the place after this one and everything in it.
        var next: Int32
    }

    let bytes: [UInt8]
    /// In the order in which they begin: an object before its members, and for each member its name before
    /// its value.
    let places: [Place]

    /// Refuses text that is not UTF-8 (§8.1), that breaks the grammar, or that is nested deeper than any
    /// record of ours.
    init(_ bytes: [UInt8]) throws(JSONFault) {
        guard bytes.count <= Int32.max else { throw JSONFault(offset: 0, what: "the text is too long") }
        do { _ = try UTF8Span(validating: bytes.span) } catch {
            throw JSONFault(offset: error.byteOffsets.lowerBound, what: "this is not UTF-8")
        }
        var scanner = Scanner(bytes)
        try scanner.whole()
        self.bytes = bytes
        places = scanner.places
    }

    static let depth = 64

    /// Whether a member of an object has a name, as written, that is too long to be hashed.
    var hasLongName: Bool {
        places.indices.contains { index in
            guard places[index].kind == .object else { return false }
            var name = index + 1
            while name < Int(places[index].next) {
                if places[name].end - places[name].start > Limit.wordBytes { return true }
                name = Int(places[name + 1].next)
            }
            return false
        }
    }
}

/// Why bytes are not JSON, and where.
public struct JSONFault: Error, Hashable, Sendable {
    /// The number of bytes before the fault.
    public let offset: Int
    public let what: String
}

extension Malformed {
    init(_ fault: JSONFault) {
        self.init("", "is not JSON at byte \(fault.offset): \(fault.what)")
    }
}

/// Reads the grammar of RFC 8259 §2 to §7 once, from left to right.
private struct Scanner {
    private let bytes: [UInt8]
    private var at = 0
    private(set) var places: [JSONText.Place] = []

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        places.reserveCapacity(bytes.count / 8)
    }

    mutating func whole() throws(JSONFault) {
        try value(depth: 0)
        skipBlanks()
        guard at == bytes.count else { throw fault("there is text after the end") }
    }

    private func fault(_ what: String) -> JSONFault { JSONFault(offset: at, what: what) }

    private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

    private mutating func skipBlanks() {
        while let next, next == 0x20 || next == 0x0A || next == 0x0D || next == 0x09 { at += 1 }
    }

    private mutating func skip(_ mark: Unicode.Scalar) -> Bool {
        skipBlanks()
        guard next == UInt8(ascii: mark) else { return false }
        at += 1
        return true
    }

    private mutating func value(depth: Int) throws(JSONFault) {
        skipBlanks()
        guard let next else { throw fault("the text ends too soon") }
        switch next {
        case UInt8(ascii: "{"):
            try nested(.object, depth, until: "}") { scanner throws(JSONFault) in
                scanner.skipBlanks()
                guard scanner.next == UInt8(ascii: "\"") else {
                    throw scanner.fault("a quoted name is expected here")
                }
                try scanner.text()
                guard scanner.skip(":") else { throw scanner.fault("a colon is expected here, after a name") }
                try scanner.value(depth: depth + 1)
            }
        case UInt8(ascii: "["):
            try nested(.array, depth, until: "]") { scanner throws(JSONFault) in
                try scanner.value(depth: depth + 1)
            }
        case UInt8(ascii: "\""): try text()
        case UInt8(ascii: "-"), 0x30...0x39: try number()
        case UInt8(ascii: "t"): try word("true", .yes)
        case UInt8(ascii: "f"): try word("false", .no)
        case UInt8(ascii: "n"): try word("null", .null)
        default: throw fault("a value is expected here")
        }
    }

    /// The elements between two brackets, separated by commas.
    private mutating func nested(
        _ kind: JSONText.Kind, _ depth: Int, until end: Unicode.Scalar,
        _ element: (inout Self) throws(JSONFault) -> Void
    ) throws(JSONFault) {
        guard depth < JSONText.depth else {
            throw fault("this is nested deeper than \(JSONText.depth) levels")
        }
        let place = places.count
        note(kind, from: at, to: at)
        at += 1
        if !skip(end) {
            repeat { try element(&self) } while skip(",")
            guard skip(end) else { throw fault("a comma or the end of the list is expected here") }
        }
        places[place].end = Int32(at)
        places[place].next = Int32(places.count)
    }

    private mutating func note(_ kind: JSONText.Kind, from start: Int, to end: Int, isEscaped: Bool = false) {
        places.append(
            .init(
                kind: kind, isEscaped: isEscaped, start: Int32(start), end: Int32(end),
                next: Int32(places.count + 1)))
    }

    private mutating func word(_ word: StaticString, _ kind: JSONText.Kind) throws(JSONFault) {
        guard word.stands(in: bytes, at: at) else { throw fault("a value is expected here") }
        note(kind, from: at, to: at + word.utf8CodeUnitCount)
        at += word.utf8CodeUnitCount
    }

    private mutating func number() throws(JSONFault) {
        let start = at
        if next == UInt8(ascii: "-") { at += 1 }
        if next == UInt8(ascii: "0") { at += 1 } else { try digits() }
        if next == UInt8(ascii: ".") {
            at += 1
            try digits()
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            at += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { at += 1 }
            try digits()
        }
        note(.number, from: start, to: at)
    }

    private mutating func digits() throws(JSONFault) {
        let start = at
        while let next, (0x30...0x39).contains(next) { at += 1 }
        guard at > start else { throw fault("a digit is expected here") }
    }

    private mutating func text() throws(JSONFault) {
        at += 1
        let start = at
        var isEscaped = false
        while let next, next != UInt8(ascii: "\"") {
            guard next >= 0x20 else { throw fault("a quoted text does not end on its line") }
            at += 1
            if next == UInt8(ascii: "\\") {
                isEscaped = true
                try escape()
            }
        }
        guard at < bytes.count else { throw fault("a quoted text does not end") }
        note(.string, from: start, to: at, isEscaped: isEscaped)
        at += 1
    }

    /// The characters after a `\`. Half of a surrogate pair is not a character.
    private mutating func escape() throws(JSONFault) {
        let unknown = fault("this is not a valid character code")
        guard let mark = next else { throw unknown }
        at += 1
        guard mark == UInt8(ascii: "u") else {
            guard Escape.meaning(of: mark) != nil else { throw unknown }
            return
        }
        guard let unit = Escape.unit(in: bytes, at: at) else { throw unknown }
        at += 4
        if UTF16.isTrailSurrogate(unit) { throw unknown }
        guard UTF16.isLeadSurrogate(unit) else { return }
        guard StaticString("\\u").stands(in: bytes, at: at), let trail = Escape.unit(in: bytes, at: at + 2),
            UTF16.isTrailSurrogate(trail)
        else { throw unknown }
        at += 6
    }
}

/// The escapes of RFC 8259 §7.
enum Escape {
    static func meaning(of mark: UInt8) -> UInt8? {
        switch mark {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): mark
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: nil
        }
    }

    /// Four hexadecimal digits.
    static func unit(in bytes: [UInt8], at start: Int) -> UInt16? {
        guard start + 4 <= bytes.count else { return nil }
        var unit: UInt16 = 0
        for byte in bytes[start..<start + 4] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
            unit = unit << 4 | UInt16(digit)
        }
        return unit
    }

    /// The text that a valid string with escapes stands for.
    static func undo(_ escaped: ArraySlice<UInt8>) -> String {
        var units: [UInt16] = []
        var text = ""
        var bytes = escaped
        func flush() {
            text += String(decoding: units, as: UTF16.self)
            units.removeAll()
        }
        while let mark = bytes.firstIndex(of: UInt8(ascii: "\\")) {
            if mark > bytes.startIndex {
                flush()
                text += String(decoding: bytes[..<mark], as: UTF8.self)
            }
            if bytes[mark + 1] == UInt8(ascii: "u") {
                units += unit(in: Array(bytes[(mark + 2)..<(mark + 6)]), at: 0).map { [$0] } ?? []
                bytes = bytes[(mark + 6)...]
            } else {
                units += meaning(of: bytes[mark + 1]).map { [UInt16($0)] } ?? []
                bytes = bytes[(mark + 2)...]
            }
        }
        flush()
        return text + String(decoding: bytes, as: UTF8.self)
    }
}

extension StaticString {
    /// Whether the bytes hold this word at that index.
    func stands(in bytes: [UInt8], at start: Int) -> Bool {
        withUTF8Buffer { word in
            guard start + word.count <= bytes.count else { return false }
            for index in word.indices where bytes[start + index] != word[index] { return false }
            return true
        }
    }
}
