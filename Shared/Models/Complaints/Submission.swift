/// How a complaint came in.
public enum Channel: String, CaseIterable, Sendable, Codable {
    case web, app, hotline, sms, open311, station
}

/// The coordinate system in which a place came in. On the log every place is WGS 84.
public enum Datum: String, CaseIterable, Sendable, Codable {
    /// GPS; CGCS 2000 differs from it by less than a metre.
    case wgs84
    /// The offset system of Chinese maps (高德, 腾讯, WeChat).
    case gcj02
    /// Baidu's, which adds an offset of its own to GCJ-02.
    case bd09
}

/// A citizen's complaint as it was taken. It holds no word of his, no name and no phone: those are `Words`
/// and a `Contact`, each on a topic of its own.
public struct Submission: Hashable, Sendable, Codable {
    public let complaint: TrackingCode
    /// Tells the same submission, sent again, from another complaint that has the same code by chance: the
    /// codes of two complaints are the same about once in 10¹⁸ pairs. It comes from the complaint's identity,
    /// one way, so it tells nothing of what was said. Nil for an alarm.
    public let fingerprint: String?
    public let category: CategoryCode
    /// Nil where the citizen named a water, or only described the place.
    public let place: Coordinate?
    /// What the place came in.
    public let datum: Datum
    /// What the citizen picked, where he picked one.
    public let river: RiverID?
    public let reach: ReachID?
    /// Decided by the door, and by the gateway's key.
    public let channel: Channel
    /// The gateway that brought it; nil where nobody proved to be one.
    public let gateway: GatewayID?
    /// Hidden from the chief, seen by the office.
    public let anonymous: Bool
    /// Whether a contact was put on `complaints.contacts` before this submission was sent.
    public let contactable: Bool
    public let words: Outline?
    public let submittedAt: Instant

    public init(
        complaint: TrackingCode, fingerprint: String? = nil, category: CategoryCode, place: Coordinate?,
        datum: Datum = .wgs84,
        river: RiverID? = nil, reach: ReachID? = nil, channel: Channel, gateway: GatewayID? = nil,
        anonymous: Bool = false, contactable: Bool = false, words: Outline? = nil, submittedAt: Instant
    ) {
        self.complaint = complaint
        self.fingerprint = fingerprint
        self.category = category
        self.place = place
        self.datum = datum
        self.river = river
        self.reach = reach
        self.channel = channel
        self.gateway = gateway
        self.anonymous = anonymous
        self.contactable = contactable
        self.words = words
        self.submittedAt = submittedAt
    }

    /// As an officer corrected it.
    public func corrected(by correction: Correction) -> Submission {
        Submission(
            complaint: complaint, fingerprint: fingerprint, category: correction.category ?? category,
            place: correction.place ?? place, datum: correction.place == nil ? datum : .wgs84,
            river: correction.river(after: river), reach: correction.reach(after: reach), channel: channel,
            gateway: gateway, anonymous: anonymous, contactable: contactable, words: words,
            submittedAt: submittedAt)
    }

    private static let fingerprintBytes = 64

    /// Every bound that the submission crosses.
    public var faults: [FieldFault] {
        var faults: [FieldFault] = []
        if let fingerprint, fingerprint.utf8.count > Self.fingerprintBytes {
            faults.append(FieldFault("fingerprint", "is longer than \(Self.fingerprintBytes) bytes"))
        }
        guard let place else { return faults }
        if !(-180...180).contains(place.longitude) {
            faults.append(FieldFault("place.longitude", "is outside -180…180"))
        }
        if !(-90...90).contains(place.latitude) {
            faults.append(FieldFault("place.latitude", "is outside -90…90"))
        }
        return faults
    }
}

/// Who complained: personal data, on a restricted and compacted topic; a tombstone erases it.
public struct Contact: Hashable, Sendable, Codable, CustomStringConvertible, CustomDebugStringConvertible {
    public let name: String?
    public let phone: CallableNumber?

    public init(name: String?, phone: CallableNumber?) {
        self.name = name
        self.phone = phone
    }

    public var faults: [FieldFault] {
        TextRule.short("contact.name", name, characters: Limit.nameCharacters)
    }

    /// Hidden, so that no log and no error text can show it by accident.
    public var description: String { "contact withheld" }
    public var debugDescription: String { description }
}
