public import Models
import Text

/// A record of the log as one line of a file: its bytes as text, because every value of ours is text.
public struct LoggedRecord: Hashable, Codable, Sendable {
    public let topic: Topic
    public let key: String
    /// Pairs of name and value, in their order.
    public let headers: [[String]]
    /// Nil is a tombstone.
    public let value: String?

    public init(_ outgoing: Outgoing) {
        topic = outgoing.topic
        key = outgoing.key
        headers = outgoing.event.headers.map { [$0.name, $0.value] }
        value = outgoing.event.data.map { String(decoding: $0, as: UTF8.self) }
    }

    /// A JSON object with `topic`, `key`, `headers` and `value`, without a line feed.
    public var line: [UInt8] { JSON.encode(self) }

    public var data: [UInt8]? { value.map { Array($0.utf8) } }

    /// The record as a service gets it.
    public func record(offset: Int64 = 0, at timestamp: Instant) -> Record {
        Record(
            topic: topic, partition: 0, offset: offset, timestamp: timestamp, key: Array(key.utf8),
            value: data,
            headers: headers.map { Record.Header(name: $0[0], value: Array($0[1].utf8)) })
    }

    /// - Throws: if the headers are not those of a CloudEvent.
    public func event() throws -> CloudEvent {
        try CloudEvent(headers: headers.map { (name: $0[0], value: $0[1]) }, data: data)
    }
}
