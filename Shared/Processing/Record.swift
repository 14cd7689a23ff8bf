public import Models

/// One entry of a partition, as it was read.
public struct Record: Hashable, Sendable {
    public struct Header: Hashable, Sendable {
        public let name: String
        public let value: [UInt8]

        public init(name: String, value: [UInt8]) {
            self.name = name
            self.value = value
        }
    }

    public let topic: Topic
    public let partition: Int32
    public let offset: Int64
    /// The broker's or the producer's clock.
    public let timestamp: Instant
    public let key: [UInt8]?
    /// Nil is a tombstone: the key is removed.
    public let value: [UInt8]?
    public let headers: [Header]

    public init(
        topic: Topic, partition: Int32, offset: Int64, timestamp: Instant, key: [UInt8]?, value: [UInt8]?,
        headers: [Header]
    ) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.timestamp = timestamp
        self.key = key
        self.value = value
        self.headers = headers
    }

    /// The key as text; every key of ours is.
    public func keyText() throws(Malformed) -> String {
        guard let key, let text = String(validating: key, as: UTF8.self), !text.isEmpty else {
            throw Malformed("key", "is not text")
        }
        return text
    }

    public func cloudEvent() throws(Malformed) -> CloudEvent {
        try CloudEvent(
            headers: headers.map { ($0.name, String(decoding: $0.value, as: UTF8.self)) }, data: value)
    }

    /// The trace that the record belongs to, as far as it can be read; none where it is longer than any
    /// header may be.
    public var traceparent: String? {
        headers.first { $0.name == "traceparent" && $0.value.count <= Limit.headerBytes }
            .map { String(decoding: $0.value, as: UTF8.self) }
    }
}

/// A record to be written.
public struct Outgoing: Hashable, Sendable {
    public let topic: Topic
    public let key: String
    public let event: CloudEvent

    public init(topic: Topic, key: String, event: CloudEvent) {
        self.topic = topic
        self.key = key
        self.event = event
    }
}
