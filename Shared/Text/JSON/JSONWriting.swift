/// A value that writes itself as JSON, without blanks. `JSONReadable` says why.
public protocol JSONWritable {
    func write(to json: inout JSONWriter)
}

/// A value on the log or in a store. It writes the same bytes that `JSON.encodeByCodable` writes: names
/// sorted, nil fields left out.
public typealias JSONCoded = JSONReadable & JSONWritable

/// Writes JSON from left to right.
public struct JSONWriter {
    public private(set) var bytes: [UInt8] = []
    private var needsComma = false

    public init() {
        bytes.reserveCapacity(1024)
    }

    /// - Parameter members: writes the fields, their names in the order of their bytes.
    public mutating func object(_ members: (inout JSONWriter) -> Void) {
        open(UInt8(ascii: "{"))
        members(&self)
        close(UInt8(ascii: "}"))
    }

    public mutating func field(_ name: StaticString, _ value: some JSONWritable) {
        begin(name)
        value.write(to: &self)
    }

    private mutating func begin(_ name: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// A field whose name is known only at run time.
    package mutating func member(_ name: String, _ value: some JSONWritable) {
        text(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
        value.write(to: &self)
    }

    /// Writes nothing if the value is nil.
    public mutating func field(_ name: StaticString, _ value: (some JSONWritable)?) {
        if let value { field(name, value) }
    }

    /// Writes `null` if the value is nil.
    public mutating func field(_ name: StaticString, orNull value: (some JSONWritable)?) {
        if let value { field(name, value) } else { field(name, written: Array("null".utf8)) }
    }

    /// A field whose value is JSON already.
    public mutating func field(_ name: StaticString, written value: [UInt8]) {
        begin(name)
        bytes += value
        needsComma = true
    }

    /// Fields that are JSON already (`JSON.fields`).
    public mutating func fields(written fields: [UInt8]) {
        separate()
        bytes += fields
        needsComma = true
    }

    public mutating func array(_ values: some Sequence<some JSONWritable>) {
        open(UInt8(ascii: "["))
        for value in values { value.write(to: &self) }
        close(UInt8(ascii: "]"))
    }

    public mutating func text(_ text: String) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { utf8 in
            if utf8.contains(where: Self.mustBeEscaped) {
                utf8.forEach { escape($0) }
            } else {
                bytes.append(contentsOf: utf8)
            }
        }
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    /// A text in which nothing must be escaped, such as a decimal number.
    public mutating func plain(_ text: Span<UInt8>) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        for index in text.indices { bytes.append(text[index]) }
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    public mutating func whole(_ number: Int) {
        separate()
        if number < 0 { bytes.append(UInt8(ascii: "-")) }
        let start = bytes.count
        var rest = number.magnitude
        repeat {
            bytes.append(0x30 + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
        needsComma = true
    }

    /// A number or word that needs no quotes.
    public mutating func bare(_ text: String) {
        separate()
        bytes.append(contentsOf: text.utf8)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    /// RFC 8259 §7: quotation mark, reverse solidus, and the control characters.
    private static func mustBeEscaped(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func escape(_ byte: UInt8) {
        guard Self.mustBeEscaped(byte) else { return bytes.append(byte) }
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        case 0..<0x20:
            bytes.append(contentsOf: "u00\(byte < 0x10 ? "0" : "1")\(String(byte & 15, radix: 16))".utf8)
        default: bytes.append(byte)
        }
    }
}

extension String: JSONWritable {
    public func write(to json: inout JSONWriter) { json.text(self) }
}

extension Double: JSONWritable {
    /// The shortest text that reads back as the same number; 3 and not 3.0.
    public func write(to json: inout JSONWriter) {
        if let whole = Int(exactly: self), abs(whole) < 1_000_000_000, !(self == 0 && sign == .minus) {
            json.whole(whole)
        } else {
            let text = description
            json.bare(text.hasSuffix(".0") ? String(text.dropLast(2)) : text)
        }
    }
}

extension Int: JSONWritable {
    public func write(to json: inout JSONWriter) { json.whole(self) }
}

extension Bool: JSONWritable {
    public func write(to json: inout JSONWriter) { json.bare(self ? "true" : "false") }
}

extension Array: JSONWritable where Element: JSONWritable {
    public func write(to json: inout JSONWriter) { json.array(self) }
}

extension JSONWritable where Self: RawRepresentable<String> {
    public func write(to json: inout JSONWriter) { json.text(rawValue) }
}
