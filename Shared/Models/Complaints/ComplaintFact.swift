public import Text

/// An event as it is written on `complaints.events`: what happened, to which complaint, at which step of its
/// life, and why.
public struct ComplaintFact: Hashable, Sendable {
    public let complaint: TrackingCode
    /// 1 is `received`; each further fact has the next number.
    public let version: Int
    /// The cause in it is the input that led to this fact. The same cause decides nothing a second time.
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
    /// The identity under which the fact causes others; it is also used in texts.
    public var id: String { "\(complaint.compact).\(version)" }
    /// The key of the words said with it; nil if nothing was said.
    public var words: WordsKey? {
        guard event.outline != nil else { return nil }
        if case .informed(let informed) = event {
            return WordsKey(complaint: informed.of, cause: informed.cause)
        }
        return WordsKey(complaint: complaint, cause: cause)
    }

    public static let subject = "complaint"

    /// The type is looked up in a table and not parsed, because this runs for every record.
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
            throw Malformed("ce_subject", "is not a tracking code")
        }
        guard let version = cloudEvent.version, version > 0 else {
            throw Malformed("ce_version", "is missing or not positive")
        }
        guard cloudEvent.trail.cause != nil else { throw Malformed("ce_cause", "is missing") }
        guard let data = cloudEvent.data else { throw Malformed("", "the event has no data") }
        self.init(
            complaint: complaint, version: version, trail: cloudEvent.trail,
            event: try ComplaintEvent(kind: kind, data: data))
    }
}
