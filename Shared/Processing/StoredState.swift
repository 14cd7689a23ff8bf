import Models
public import Text

/// A state as a store keeps it: bytes that only its own processor reads.
public protocol StoredState: Equatable, Sendable {
    init(stored bytes: [UInt8]) throws(Malformed)
    var stored: [UInt8] { get }
}

extension StoredState where Self: Codable {
    public init(stored bytes: [UInt8]) throws(Malformed) {
        self = try JSON.decode(Self.self, from: bytes)
    }

    public var stored: [UInt8] { JSON.encode(self) }
}

/// Reads and writes with the faster of the two JSON codecs.
extension StoredState where Self: Codable & JSONReadable & JSONWritable {
    public init(stored bytes: [UInt8]) throws(Malformed) {
        self = try JSON.decode(Self.self, from: bytes)
    }

    public var stored: [UInt8] { JSON.encode(self) }
}

/// The state of a processor that keeps no state.
extension Never: StoredState {}
