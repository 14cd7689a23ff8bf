/// A value that reads itself from a JSON text, with the result of `JSONDecoder`, in a tenth of the time.
///
/// `Codable` needs boxes, casts and look-ups for every field. That is nothing for a page or a setting, but it
/// was most of the cost of a record. So the few types that make all the traffic have their own code. The
/// tests compare it with what the compiler generates.
///
/// One list of the fields for both directions, names and key paths in a parameter pack, was tried (Swift 6.3,
/// `-O`): writing six fields took 6.1 times as long as by hand, reading them 8.1 times. So there are two
/// lists.
public protocol JSONReadable: Decodable {
    init(_ json: JSONNode) throws(Malformed)
}

/// One value of a JSON text.
public struct JSONNode {
    private let text: JSONText
    private let index: Int

    public init(_ bytes: [UInt8]) throws(JSONFault) {
        self.init(try JSONText(bytes), 0)
    }

    /// The value of a whole text; throws if there is none.
    static func whole(_ bytes: [UInt8]) throws(Malformed) -> JSONNode {
        do { return try JSONNode(bytes) } catch { throw Malformed(error) }
    }

    private init(_ text: JSONText, _ index: Int) {
        self.text = text
        self.index = index
    }

    private var place: JSONText.Place { text.places[index] }

    /// The index of its first byte in the text.
    public var offset: Int { Int(place.start) }
    /// Its bytes as written; for a string the bytes between the quotes.
    public var bytes: ArraySlice<UInt8> { text.bytes[Int(place.start)..<Int(place.end)] }

    var kind: JSONText.Kind { place.kind }
    private var isNull: Bool { kind == .null }

    /// The elements of an array; for an object its names and values in turn.
    var children: some Sequence<JSONNode> {
        sequence(state: index + 1) { [text, end = Int(place.next)] child in
            guard child < end else { return nil }
            defer { child = Int(text.places[child].next) }
            return JSONNode(text, child)
        }
    }

    // MARK: Objects

    /// A field that must be present.
    public func field<Value: JSONReadable>(_ name: StaticString) throws(Malformed) -> Value {
        guard let node = try member(name) else { throw Malformed(name.description, "is missing") }
        guard !node.isNull else { throw Malformed(name.description, "is null") }
        return try node.read(name)
    }

    /// A field that may be absent or null.
    public func field<Value: JSONReadable>(_ name: StaticString) throws(Malformed) -> Value? {
        guard let node = try member(name), !node.isNull else { return nil }
        return try node.read(name) as Value
    }

    public func field<Value: JSONReadable>(
        _ name: StaticString, default missing: @autoclosure () -> Value
    ) throws(Malformed) -> Value {
        try field(name) ?? missing()
    }

    private func read<Value: JSONReadable>(_ name: StaticString) throws(Malformed) -> Value {
        do { return try Value(self) } catch { throw error.within(name.description) }
    }

    /// Nil if the object has no member of that name.
    public func member(_ name: StaticString) throws(Malformed) -> JSONNode? {
        guard kind == .object else { throw Malformed("", "is not an object") }
        let end = Int(place.next)
        var key = index + 1
        while key < end {
            if isKey(text.places[key], name) { return JSONNode(text, key + 1) }
            key = Int(text.places[key + 1].next)
        }
        return nil
    }

    /// All members of an object, in the order of the text.
    package func eachMember(
        _ read: (_ name: String, _ value: JSONNode) throws(Malformed) -> Void
    ) throws(Malformed) {
        guard kind == .object else { throw Malformed("", "is not an object") }
        let end = Int(place.next)
        var key = index + 1
        while key < end {
            try read(try JSONNode(text, key).word(), JSONNode(text, key + 1))
            key = Int(text.places[key + 1].next)
        }
    }

    package func members() throws(Malformed) -> [(name: String, value: JSONNode)] {
        var members: [(name: String, value: JSONNode)] = []
        try eachMember { members.append(($0, $1)) }
        return members
    }

    private func isKey(_ key: JSONText.Place, _ name: StaticString) -> Bool {
        if key.isEscaped {
            // Compared as bytes and not as text: see `Limit.wordBytes`.
            let written = Escape.undo(text.bytes[Int(key.start)..<Int(key.end)])
            return name.withUTF8Buffer { written.utf8.elementsEqual($0) }
        }
        return Int(key.end - key.start) == name.utf8CodeUnitCount
            && name.stands(in: text.bytes, at: Int(key.start))
    }

    // MARK: Arrays

    /// Nil if the value is not an array.
    public var list: [JSONNode]? { kind == .array ? Array(children) : nil }

    public func elements<Value: JSONReadable>() throws(Malformed) -> [Value] {
        guard place.kind == .array else { throw Malformed("", "is not an array") }
        var values: [Value] = []
        for element in children {
            do { values.append(try Value(element)) } catch { throw error.within(String(values.count)) }
        }
        return values
    }

    // MARK: Leaves

    public func string() throws(Malformed) -> String {
        guard place.kind == .string else { throw Malformed("", "is not text") }
        return place.isEscaped ? Escape.undo(bytes) : String(decoding: bytes, as: UTF8.self)
    }

    /// The bytes of a text. For a text of digits: no `String` is made of it.
    public func utf8() throws(Malformed) -> ArraySlice<UInt8> {
        guard place.kind == .string else { throw Malformed("", "is not text") }
        return place.isEscaped ? Array(Escape.undo(bytes).utf8)[...] : bytes
    }

    /// A text that may be hashed and compared (`Limit.wordBytes`).
    func word() throws(Malformed) -> String {
        let word = try string()
        guard word.utf8.count <= Limit.wordBytes else {
            throw Malformed("", "holds a name or a word longer than \(Limit.wordBytes) bytes")
        }
        return word
    }

    public func number() throws(Malformed) -> Double {
        guard place.kind == .number else { throw Malformed("", "is not a number") }
        let digits = String(decoding: bytes, as: UTF8.self)
        guard let number = Double(digits), number.isFinite else {
            throw Malformed("", "is too large for a number")
        }
        return number
    }

    public func integer() throws(Malformed) -> Int {
        guard place.kind == .number else { throw Malformed("", "is not a number") }
        let written = bytes
        if written.count <= Self.shortDigits, let integer = Self.digits(written) { return integer }
        let digits = String(decoding: written, as: UTF8.self)
        if let integer = Int(digits) { return integer }
        // 3.0 and 3e2 are whole numbers, too.
        guard let integer = Int(exactly: try number()) else { throw Malformed("", "is not a whole number") }
        return integer
    }

    /// A number of so many digits always fits into an `Int`.
    private static let shortDigits = 18

    /// Nil if anything else than digits is among them.
    private static func digits(_ bytes: ArraySlice<UInt8>) -> Int? {
        var number = 0
        for byte in bytes {
            guard (0x30...0x39).contains(byte) else { return nil }
            number = number * 10 + Int(byte - 0x30)
        }
        return number
    }

    public func truth() throws(Malformed) -> Bool {
        switch place.kind {
        case .yes: return true
        case .no: return false
        default: throw Malformed("", "is neither true nor false")
        }
    }
}

extension Malformed {
    /// The same faults, with the name of the field in front.
    package func within(_ field: String) -> Malformed {
        Malformed(faults.map { FieldFault($0.field.isEmpty ? field : "\(field).\($0.field)", $0.detail) })
    }
}

extension String: JSONReadable {
    public init(_ json: JSONNode) throws(Malformed) { self = try json.string() }
}

extension Double: JSONReadable {
    public init(_ json: JSONNode) throws(Malformed) { self = try json.number() }
}

extension Int: JSONReadable {
    public init(_ json: JSONNode) throws(Malformed) { self = try json.integer() }
}

extension Bool: JSONReadable {
    public init(_ json: JSONNode) throws(Malformed) { self = try json.truth() }
}

extension Array: JSONReadable where Element: JSONReadable {
    public init(_ json: JSONNode) throws(Malformed) { self = try json.elements() }
}

/// Only for elements that are always short, because they are hashed.
extension Set: JSONReadable where Element: JSONReadable {
    public init(_ json: JSONNode) throws(Malformed) { self = Set(try json.elements()) }
}

extension JSONReadable where Self: RawRepresentable<String> & CaseIterable {
    public init(_ json: JSONNode) throws(Malformed) {
        let word = try json.string()
        guard word.utf8.count <= Limit.wordBytes, let value = Self(rawValue: word) else {
            throw Malformed("", "is none of \(Self.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        self = value
    }
}
