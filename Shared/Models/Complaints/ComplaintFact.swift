/// An event as it stands on `complaints.events`: what happened, to which complaint, as which step of its
/// life, and why.
public struct ComplaintFact: Hashable, Sendable {
    public let complaint: TrackingCode
    /// 1 is `received`; each fact is one more than the one before it.
    public let version: Int
    /// Its cause is the input that led here. The same cause decides nothing a second time.
    public let trail: Trail
    public let event: ComplaintEvent

    public init(complaint: TrackingCode, version: Int, trail: Trail, event: ComplaintEvent) {
        self.complaint = complaint
        self.version = version
        self.trail = trail
        self.event = event
    }

    public var at: Instant { trail.at }
    public var cause: String { trail.cause ?? "" }
    /// The fact as the cause of others, and its place in their texts.
    public var id: String { "\(complaint.compact).\(version)" }
    /// Where what was said with it stands; nil where nothing was said.
    public var words: WordsKey? {
        guard event.outline != nil else { return nil }
        if case .informed(let informed) = event {
            return WordsKey(complaint: informed.of, cause: informed.cause)
        }
        return WordsKey(complaint: complaint, cause: cause)
    }

    public static let subject = "complaint"

    /// What a record is about is looked up and not taken apart: every record is asked.
    private static let kinds = Dictionary(
        uniqueKeysWithValues: ComplaintEvent.Kind.allCases.map {
            (EventType(subject, $0.rawValue).description, $0)
        })

    public func cloudEvent(source: String) -> CloudEvent {
        CloudEvent(
            id: id, source: source, type: EventType(Self.subject, event.kind.rawValue).description,
            subject: complaint.compact, version: version, trail: trail, data: event.data)
    }

    public init(_ cloudEvent: CloudEvent) throws(Malformed) {
        guard let kind = Self.kinds[cloudEvent.type] else {
            _ = try EventType(cloudEvent.type)
            throw Malformed("ce_type", "\(cloudEvent.type) is not a complaint's event")
        }
        guard let complaint = cloudEvent.subject.flatMap({ TrackingCode($0) }) else {
            throw Malformed("ce_subject", "is not a complaint")
        }
        guard let version = cloudEvent.version, version > 0 else {
            throw Malformed("ce_version", "is missing or not positive")
        }
        guard cloudEvent.trail.cause != nil else { throw Malformed("ce_cause", "is missing") }
        guard let data = cloudEvent.data else { throw Malformed("", "an event has data") }
        self.init(
            complaint: complaint, version: version, trail: cloudEvent.trail,
            event: try ComplaintEvent(kind: kind, data: data))
    }
}
