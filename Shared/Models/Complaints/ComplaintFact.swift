/// An event as it stands on `complaints.events`: what happened, to which complaint, as which step of its
/// life, and why.
public struct ComplaintFact: Hashable, Sendable {
    public let complaint: ComplaintID
    /// 1 is `received`; each fact is one more than the one before it.
    public let version: Int
    public let at: Instant
    /// The identity of the input that led here. The same cause decides nothing a second time.
    public let cause: String
    public let traceparent: String?
    public let event: ComplaintEvent

    public init(
        complaint: ComplaintID, version: Int, at: Instant, cause: String, traceparent: String? = nil,
        event: ComplaintEvent
    ) {
        self.complaint = complaint
        self.version = version
        self.at = at
        self.cause = cause
        self.traceparent = traceparent
        self.event = event
    }

    public static let subject = "complaint"

    /// What a record is about is looked up and not taken apart: every record is asked.
    private static let kinds = Dictionary(
        uniqueKeysWithValues: ComplaintEvent.Kind.allCases.map {
            (EventType(subject, $0.rawValue).description, $0)
        })

    public func cloudEvent(source: String) -> CloudEvent {
        let subject = complaint.description
        return CloudEvent(
            id: "\(subject).\(version)", source: source,
            type: EventType(Self.subject, event.kind.rawValue).description, subject: subject, time: at,
            version: version, cause: cause, traceparent: traceparent, data: event.data)
    }

    public init(_ cloudEvent: CloudEvent) throws(Malformed) {
        guard let kind = Self.kinds[cloudEvent.type] else {
            _ = try EventType(cloudEvent.type)
            throw Malformed("ce_type", "\(cloudEvent.type) is not a complaint's event")
        }
        guard let complaint = cloudEvent.subject.flatMap({ ComplaintID($0) }) else {
            throw Malformed("ce_subject", "is not a complaint")
        }
        guard let version = cloudEvent.version, version > 0 else {
            throw Malformed("ce_version", "is missing or not positive")
        }
        guard let cause = cloudEvent.cause else { throw Malformed("ce_cause", "is missing") }
        guard let data = cloudEvent.data else { throw Malformed("", "an event has data") }
        self.init(
            complaint: complaint, version: version, at: cloudEvent.time, cause: cause,
            traceparent: cloudEvent.traceparent, event: try ComplaintEvent(kind: kind, data: data))
    }
}
