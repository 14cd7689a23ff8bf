public import Models
public import Text

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
    /// By the broker's or the producer's clock.
    public let timestamp: Instant
    public let key: [UInt8]?
    /// Nil is a tombstone: the key is removed.
    public let value: [UInt8]?
    private let packed: PackedHeaders

    public init(
        topic: Topic, partition: Int32, offset: Int64, timestamp: Instant, key: [UInt8]?, value: [UInt8]?,
        headers: PackedHeaders
    ) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.timestamp = timestamp
        self.key = key
        self.value = value
        packed = headers
    }

    public init(
        topic: Topic, partition: Int32, offset: Int64, timestamp: Instant, key: [UInt8]?, value: [UInt8]?,
        headers: [Header]
    ) {
        self.init(
            topic: topic, partition: partition, offset: offset, timestamp: timestamp, key: key, value: value,
            headers: PackedHeaders(headers))
    }

    public var headers: [Header] {
        packed.reduce(into: []) { headers, name, value in
            headers.append(Header(name: String(name), value: value.indices.map { value[$0] }))
        }
    }

    /// The key as text; all our keys are text.
    public func keyText() throws(Malformed) -> String {
        if let key, key.count > Limit.keyBytes {
            throw Malformed("key", "is longer than \(Limit.keyBytes) bytes")
        }
        guard let key, !key.isEmpty, let text = try? UTF8Span(validating: key.span) else {
            throw Malformed("key", "is not text")
        }
        return String(copying: text)
    }

    public func cloudEvent() throws(Malformed) -> CloudEvent {
        try CloudEvent(packed.reduce(into: CloudEvent.Attributes()) { $0.note($1, $2) }, data: value)
    }

    /// The trace that the record belongs to, if it can be read; nil if it is longer than any header may be.
    public var traceparent: String? {
        packed.reduce(into: nil) { trace, name, value in
            if trace == nil, value.count <= Limit.headerBytes, name.holds("traceparent") {
                trace = String(value)
            }
        }
    }
}

/// The headers of a record in one piece of memory. A record has ten headers, and a name and an array for each
/// would cost more than reading them.
///
/// For each header: the length of its name and the length of its value, four bytes each, lowest byte first;
/// then the name and the value.
public struct PackedHeaders: Hashable, Sendable {
    private var bytes: [UInt8]

    /// - Parameter bytes: in the form described above, as the Kafka module copies them.
    public init(packed bytes: [UInt8]) {
        self.bytes = bytes
    }

    init(_ headers: [Record.Header]) {
        bytes = []
        for header in headers {
            append(length: header.name.utf8.count)
            append(length: header.value.count)
            bytes += header.name.utf8
            bytes += header.value
        }
    }

    private mutating func append(length: Int) {
        for shift in stride(from: 0, to: 32, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: length >> shift))
        }
    }

    func reduce<Result>(
        into first: Result, _ note: (inout Result, _ name: Span<UInt8>, _ value: Span<UInt8>) -> Void
    ) -> Result {
        var result = first
        let bytes = bytes.span
        func length(at place: Int) -> Int {
            (place..<place + 4).reversed().reduce(0) { $0 << 8 | Int(bytes[$1]) }
        }
        var place = 0
        while place < bytes.count {
            let name = place + 8
            let value = name + length(at: place)
            let end = value + length(at: place + 4)
            note(&result, bytes.extracting(name..<value), bytes.extracting(value..<end))
            place = end
        }
        return result
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

    /// - Parameter subject: the key by default.
    public init(
        _ topic: Topic, key: String, id: String, source: String, type: EventType, subject: String? = nil,
        trail: Trail, data: [UInt8]?
    ) {
        self.init(
            topic: topic, key: key,
            event: CloudEvent(
                id: id, source: source, type: type.description, subject: subject ?? key, trail: trail,
                data: data))
    }
}

extension Outgoing {
    /// The record with the words that were said with this one, which must be about a complaint. It reaches
    /// the log no later than this one. Nil if nothing was said.
    public func saying(_ words: Words) -> Outgoing? {
        guard words.outline != nil else { return nil }
        guard let complaint = TrackingCode(key) else { preconditionFailure("\(topic) is about no complaint") }
        let key = WordsKey(complaint: complaint, cause: event.asCause)
        return Outgoing(
            .words, key: key.description, id: "\(event.id).words", source: event.source,
            type: EventType("words", "written"), subject: complaint.compact, trail: event.trail,
            data: JSON.encode(words))
    }
}
