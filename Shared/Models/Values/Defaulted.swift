/// A field that records written before it was thought of lack: they read as its default.
///
/// Within a version fields are only ever added; where "not told" and the default mean the same, the type
/// need not be optional.
@propertyWrapper
public struct Defaulted<Default: DefaultValue>: Hashable, Sendable, Codable {
    public var wrappedValue: Default.Value

    public init(wrappedValue: Default.Value) {
        self.wrappedValue = wrappedValue
    }

    public init(from decoder: any Decoder) throws {
        wrappedValue = try decoder.singleValueContainer().decode(Default.Value.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(wrappedValue)
    }
}

public protocol DefaultValue: Hashable, Sendable {
    associatedtype Value: Hashable, Sendable, Codable
    static var value: Value { get }
}

public enum DefaultTrue: DefaultValue {
    public static let value = true
}

public enum DefaultFalse: DefaultValue {
    public static let value = false
}

extension KeyedDecodingContainer {
    /// Found by the decoding that the compiler writes, in place of the one that insists on the key.
    public func decode<Default>(
        _ type: Defaulted<Default>.Type, forKey key: Key
    ) throws -> Defaulted<Default> {
        Defaulted(wrappedValue: try decodeIfPresent(Default.Value.self, forKey: key) ?? Default.value)
    }
}
