public import Text

/// A record as a CloudEvents 1.0 event in Kafka's binary content mode: the attributes are `ce_*` headers, and
/// the value is only the data.
///
/// <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md> §3.2.
public struct CloudEvent: Hashable, Sendable {
    /// Unique within `source`. It is derived from what happened, so the same fact sent twice has the same id.
    public let id: String
    /// The executable that wrote the event, or a gateway's own URI.
    public let source: String
    /// Includes the major version: `org.dayu.complaint.assigned.v1`.
    public let type: String
    public let subject: String?
    /// The place of the event in its subject's life: 1, 2, 3 … without gaps (an extension attribute).
    public let version: Int?
    public let trail: Trail
    /// Nil is a tombstone.
    public let data: [UInt8]?

    public init(
        id: String, source: String, type: String, subject: String? = nil, version: Int? = nil, trail: Trail,
        data: [UInt8]?
    ) {
        self.id = id
        self.source = source
        self.type = type
        self.subject = subject
        self.version = version
        self.trail = trail
        self.data = data
    }

    public var time: Instant { trail.at }

    /// The identity under which the event causes others. An event's id is unique only within its source
    /// (CloudEvents §3.1.1), so the source is part of it.
    public var asCause: String { "\(source)/\(id)" }

    /// The trail of everything that follows from this event.
    public var next: Trail { trail.causedBy(asCause) }
}

extension CloudEvent {
    public typealias Headers = [(name: String, value: String)]

    public var headers: Headers {
        var headers: Headers = [
            ("ce_specversion", "1.0"), ("ce_id", id), ("ce_source", source), ("ce_type", type),
            ("ce_time", trail.at.description),
        ]
        if let subject { headers.append(("ce_subject", subject)) }
        if let version { headers.append(("ce_version", String(version))) }
        if let cause = trail.cause { headers.append(("ce_cause", cause)) }
        if let traceparent = trail.traceparent { headers.append(("traceparent", traceparent)) }
        if data != nil { headers.append(("content-type", "application/json")) }
        return headers
    }

    public init(headers: Headers, data: [UInt8]?) throws(Malformed) {
        var attributes = Attributes()
        for (name, value) in headers { attributes.note(name.utf8Span.span, value.utf8Span.span) }
        try self.init(attributes, data: data)
    }

    /// The attributes as the headers give them. If a header occurs twice, the first one counts. Unknown
    /// extensions are ignored (CloudEvents §3.3).
    public struct Attributes: Sendable {
        fileprivate var specversion, id, source, type, subject, version, cause, traceparent: String?
        /// The inner value is nil if the attribute is present but can't be read.
        fileprivate var time: Instant??

        public init() {}

        public mutating func note(_ name: Span<UInt8>, _ value: Span<UInt8>) {
            switch name {
            case "ce_specversion": Self.note(value, in: &specversion)
            case "ce_id": Self.note(value, in: &id)
            case "ce_source": Self.note(value, in: &source)
            case "ce_type": Self.note(value, in: &type)
            case "ce_time": if time == nil { time = .some(Instant(rfc3339: value)) }
            case "ce_subject": Self.note(value, in: &subject)
            case "ce_version": Self.note(value, in: &version)
            case "ce_cause": Self.note(value, in: &cause)
            case "traceparent": Self.note(value, in: &traceparent)
            default: break
            }
        }

        private static func note(_ value: Span<UInt8>, in attribute: inout String?) {
            if attribute == nil { attribute = String(value) }
        }
    }

    public init(_ attributes: consuming Attributes, data: [UInt8]?) throws(Malformed) {
        // These values are copied into other records, so their length is limited.
        func bounded(_ name: String, _ value: String?) throws(Malformed) {
            guard value?.utf8.count ?? 0 <= Limit.headerBytes else {
                throw Malformed(name, "is longer than \(Limit.headerBytes) bytes")
            }
        }
        try bounded("ce_specversion", attributes.specversion)
        try bounded("ce_version", attributes.version)
        try bounded("ce_id", attributes.id)
        try bounded("ce_source", attributes.source)
        try bounded("ce_type", attributes.type)
        try bounded("ce_subject", attributes.subject)
        try bounded("ce_cause", attributes.cause)
        try bounded("traceparent", attributes.traceparent)
        func required(_ name: String, _ value: String?) throws(Malformed) -> String {
            guard let value, !value.isEmpty else { throw Malformed(name, "is missing") }
            return value
        }
        let specversion = try required("ce_specversion", attributes.specversion)
        guard specversion.utf8.starts(with: "1.".utf8) else {
            throw Malformed("ce_specversion", "\(specversion) is not 1.x")
        }
        if let data, data.count > Limit.recordBytes {
            throw Malformed("", "is longer than \(Limit.recordBytes) bytes")
        }
        // `time` is optional in CloudEvents §3.1.2; our events always have it, a gateway's event may not.
        if case .some(nil) = attributes.time { throw Malformed("ce_time", "is not an RFC 3339 date-time") }
        let version = attributes.version.map { Int($0) }
        if case .some(nil) = version { throw Malformed("ce_version", "is not a whole number") }
        self.init(
            id: try required("ce_id", attributes.id), source: try required("ce_source", attributes.source),
            type: try required("ce_type", attributes.type), subject: attributes.subject,
            version: version.flatMap { $0 },
            trail: Trail(
                at: attributes.time.flatMap { $0 } ?? Instant(millisecondsSince1970: 0),
                cause: attributes.cause, traceparent: attributes.traceparent),
            data: data)
    }
}

/// A type's name split into what it is about, what happened, and the version:
/// `org.dayu.complaint.assigned.v1`.
public struct EventType: Hashable, Sendable, CustomStringConvertible {
    public let subject: String
    public let name: String

    public init(_ subject: String, _ name: String) {
        self.subject = subject
        self.name = name
    }

    public init(_ text: String) throws(Malformed) {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            .map { String(Substring($0)) }
        guard text.utf8.allSatisfy({ $0 < 0x80 }), parts.count == 5, parts[0] == "org", parts[1] == "dayu"
        else {
            throw Malformed("ce_type", "\(text) is not a type of this suite")
        }
        guard parts[4] == "v1" else {
            throw Malformed("ce_type", "\(text) has an unknown version")
        }
        self.init(parts[2], parts[3])
    }

    public var description: String { "org.dayu.\(subject).\(name).v1" }
}
