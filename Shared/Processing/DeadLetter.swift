import FoundationEssentials
public import Models

/// A record that was set aside: its bytes as they came, where from, and why.
public struct DeadLetter: Hashable, Sendable, Codable {
    public struct Origin: Hashable, Sendable, Codable, CustomStringConvertible {
        public let topic: Topic
        public let partition: Int32
        public let offset: Int64

        public var description: String { "\(topic.rawValue)/\(partition)/\(offset)" }
    }

    public struct Header: Hashable, Sendable, Codable {
        public let name: String
        /// Base64, as are key and value: what could not be understood may be any bytes.
        public let value: String
    }

    public let origin: Origin
    public let key: String?
    public let value: String?
    public let headers: [Header]
    public let reason: String
    public let refusedBy: String
    public let refusedAt: Instant

    public init(_ record: Record, reason: String, refusedBy: String, at now: Instant) {
        func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }
        origin = Origin(topic: record.topic, partition: record.partition, offset: record.offset)
        key = record.key.map(base64)
        value = record.value.map(base64)
        headers = record.headers.map { Header(name: $0.name, value: base64($0.value)) }
        self.reason = reason
        self.refusedBy = refusedBy
        refusedAt = now
    }

    /// The origin is the key, so that the same record refused twice is one dead letter.
    public func outgoing(traceparent: String?) -> Outgoing {
        Outgoing(
            topic: .deadLetters, key: origin.description,
            event: CloudEvent(
                id: "\(refusedBy)/\(origin)", source: refusedBy,
                type: EventType("dead-letter", "refused").description, subject: origin.description,
                time: refusedAt, traceparent: traceparent, data: JSON.encode(self)))
    }
}
