import FoundationEssentials

/// The only way in which values become bytes and bytes become values. A type with its own JSON code uses
/// that, also in a generic function that knows only `Codable`; every other type uses `Codable`.
public enum JSON {
    public static func encode(_ value: some Encodable) -> [UInt8] {
        if let own = value as? any JSONWritable { return written(own) }
        return encodeByCodable(value)
    }

    public static func encode(_ value: some JSONWritable) -> [UInt8] { written(value) }
    public static func encode(_ value: some JSONWritable & Encodable) -> [UInt8] { written(value) }

    public static func decode<Value: Decodable>(
        _ type: Value.Type, from bytes: [UInt8]
    ) throws(Malformed) -> Value {
        guard let own = type as? any JSONReadable.Type else { return try decodeByCodable(type, from: bytes) }
        guard let value = try read(own, from: bytes) as? Value else {
            preconditionFailure("\(type) reads itself as something else")
        }
        return value
    }

    public static func decode<Value: JSONReadable>(
        _ type: Value.Type, from bytes: [UInt8]
    ) throws(Malformed) -> Value {
        try Value(JSONNode.whole(bytes))
    }

    /// The fields of an object without its brackets, for `JSONWriter.fields(written:)`.
    ///
    /// - Parameter members: writes at least one field.
    public static func fields(_ members: (inout JSONWriter) -> Void) -> [UInt8] {
        var json = JSONWriter()
        members(&json)
        return json.bytes
    }

    private static func written(_ value: some JSONWritable) -> [UInt8] {
        var json = JSONWriter()
        value.write(to: &json)
        return json.bytes
    }

    private static func read(
        _ type: (some JSONReadable).Type, from bytes: [UInt8]
    ) throws(Malformed) -> any JSONReadable {
        try type.init(JSONNode.whole(bytes))
    }

    // MARK: Codable

    /// As the code that the compiler generates writes it. Names are sorted, so the same event always has the
    /// same bytes.
    package static func encodeByCodable(_ value: some Encodable) -> [UInt8] {
        do {
            return [UInt8](try encoder.encode(value))
        } catch {
            // Our own values hold no infinite number and no key twice, which are the two things that JSON
            // can't encode.
            preconditionFailure("a value of ours does not encode: \(error)")
        }
    }

    /// As the code that the compiler generates reads it.
    package static func decodeByCodable<Value: Decodable>(
        _ type: Value.Type, from bytes: [UInt8]
    ) throws(Malformed) -> Value {
        // Foundation's decoder hashes the names of an object, which takes long for a long name.
        if let text = try? JSONText(bytes), text.hasLongName {
            throw Malformed("", "holds a name longer than \(Limit.wordBytes) bytes")
        }
        do {
            return try decoder.decode(type, from: Data(bytes))
        } catch let error as DecodingError {
            throw Malformed([FieldFault(error)])
        } catch {
            throw Malformed("", "not JSON")
        }
    }

    private static let encoder: JSONEncoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }()

    private static let decoder = JSONDecoder()
}

extension FieldFault {
    init(_ error: DecodingError) {
        switch error {
        case .keyNotFound(let key, let context):
            self.init(Self.path(context.codingPath + [key]), "is missing")
        case .valueNotFound(_, let context):
            self.init(Self.path(context.codingPath), "is null")
        case .typeMismatch(let type, let context):
            self.init(Self.path(context.codingPath), "is not of type \(type)")
        case .dataCorrupted(let context):
            // The library's message repeats the value, which may be anything.
            let isValue = context.debugDescription.hasPrefix("Cannot initialize")
            self.init(
                Self.path(context.codingPath),
                isValue ? "is not a known value" : context.debugDescription)
        @unknown default:
            self.init("", "can't be decoded")
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
    }
}

/// Reads a word of an enumeration with `JSONDecoder`. A text that is longer than any word is not compared: in
/// Swift the time to compare a text with many combining marks grows with the square of its length.
extension RawRepresentable where Self: CaseIterable & Decodable, RawValue == String {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let word = try container.decode(String.self)
        guard word.utf8.count <= Limit.wordBytes, let value = Self(rawValue: word) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "is not a known value")
        }
        self = value
    }
}
