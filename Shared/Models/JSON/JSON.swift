import FoundationEssentials

/// The one way values become bytes and bytes become values.
public enum JSON {
    /// Keys are sorted, so that the same event is the same bytes whoever writes it.
    public static func encode(_ value: some Encodable) -> [UInt8] {
        do {
            return [UInt8](try encoder.encode(value))
        } catch {
            // Our own values hold no infinite number and no key twice, the two things JSON refuses.
            preconditionFailure("a value of ours does not encode: \(error)")
        }
    }

    public static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws(Malformed)
        -> Value
    {
        // Foundation's decoder hashes the names of an object.
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

    /// By the value's own way of writing itself.
    public static func encode(_ value: some JSONWritable) -> [UInt8] {
        var json = JSONWriter()
        value.write(to: &json)
        return json.bytes
    }

    /// By its own way, too: one who can do both does what is quicker.
    public static func encode(_ value: some JSONWritable & Encodable) -> [UInt8] {
        let own: any JSONWritable = value
        return encode(own)
    }

    /// By the value's own way of reading itself.
    public static func decode<Value: JSONReadable>(
        _ type: Value.Type, from bytes: [UInt8]
    ) throws(Malformed) -> Value {
        try Value(JSONNode.whole(bytes))
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
            // The library's own words repeat the value, and that may be anything.
            let isValue = context.debugDescription.hasPrefix("Cannot initialize")
            self.init(
                Self.path(context.codingPath),
                isValue ? "is none of the values that are known" : context.debugDescription)
        @unknown default:
            self.init("", "can't be decoded")
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
    }
}

/// A word of an enumeration, by `JSONDecoder`. One that is longer than any word is not compared: Swift takes
/// the square of its length to compare a text of piled-up marks.
extension RawRepresentable where Self: CaseIterable & Decodable, RawValue == String {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let word = try container.decode(String.self)
        guard word.utf8.count <= Limit.wordBytes, let value = Self(rawValue: word) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "is none of the values that are known")
        }
        self = value
    }
}
