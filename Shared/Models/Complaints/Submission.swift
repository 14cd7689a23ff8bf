public import Geo
public import Text

/// How a complaint arrived.
public enum Channel: String, CaseIterable, Sendable, Codable {
    case web, app, hotline, sms, open311, station
}

/// The coordinate system of a place as it was sent. On the log every place is WGS 84.
public enum Datum: String, CaseIterable, Sendable, Codable {
    /// GPS.
    case wgs84
    /// China's own (GB/T 18578), which differs from WGS 84 by less than a metre.
    case cgcs2000
    /// The offset system of Chinese maps (高德, 腾讯, WeChat).
    case gcj02
    /// Baidu's system, which adds an offset of its own to GCJ-02.
    case bd09
}

/// A citizen's complaint as it was taken. It holds none of the citizen's words, no name and no phone number:
/// those are `Words` and a `Contact`, each on a topic of its own.
public struct Submission: Hashable, Sendable, Codable {
    public let complaint: TrackingCode
    /// Tells a repetition of the same submission from another complaint that has the same code by chance: two
    /// complaints have the same code about once in 10¹⁸ pairs. It is a one-way hash of the complaint's
    /// identity, so it reveals nothing of what was said. Nil for an alarm.
    public let fingerprint: String?
    public let category: CategoryCode
    /// Nil if the citizen named a water, or only described the place.
    public let place: Coordinate?
    /// The coordinate system in which the place was sent.
    public let datum: Datum
    /// The citizen's choice, if there was one.
    public let river: RiverID?
    public let reach: ReachID?
    /// The region that the citizen named, for a complaint without a place: its office finds the place.
    public let region: RegionID?
    /// Who answers in place of whoever the category names: the department of an enterprise, where the
    /// complaint is about its discharge. Only the suite itself names one; Intake takes none from outside.
    public let responsible: DepartmentID?
    /// The channel is decided by the door and the gateway's key.
    public let channel: Channel
    /// The gateway that sent it; nil if no gateway proved its identity.
    public let gateway: GatewayID?
    /// Whether the citizen is hidden from the chief; the office still sees who it is.
    public let anonymous: Bool
    /// Whether a contact was put on `complaints.contacts` before this submission was sent.
    public let contactable: Bool
    public let words: Outline?
    public let submittedAt: Instant

    public init(
        complaint: TrackingCode, fingerprint: String? = nil, category: CategoryCode, place: Coordinate?,
        datum: Datum = .wgs84,
        river: RiverID? = nil, reach: ReachID? = nil, region: RegionID? = nil,
        responsible: DepartmentID? = nil, channel: Channel, gateway: GatewayID? = nil,
        anonymous: Bool = false, contactable: Bool = false, words: Outline? = nil, submittedAt: Instant
    ) {
        self.complaint = complaint
        self.fingerprint = fingerprint
        self.category = category
        self.place = place
        self.datum = datum
        self.river = river
        self.reach = reach
        self.region = region
        self.responsible = responsible
        self.channel = channel
        self.gateway = gateway
        self.anonymous = anonymous
        self.contactable = contactable
        self.words = words
        self.submittedAt = submittedAt
    }

    /// The submission with an officer's corrections.
    public func corrected(by correction: Correction) -> Submission {
        Submission(
            complaint: complaint, fingerprint: fingerprint, category: correction.category ?? category,
            place: correction.place ?? place, datum: correction.place == nil ? datum : .wgs84,
            river: correction.river(after: river), reach: correction.reach(after: reach), region: region,
            responsible: responsible, channel: channel, gateway: gateway, anonymous: anonymous,
            contactable: contactable, words: words,
            submittedAt: submittedAt)
    }

    private static let fingerprintBytes = 64

    /// A fault for every limit that the submission exceeds.
    public var faults: [FieldFault] {
        var faults: [FieldFault] = []
        if let fingerprint, fingerprint.utf8.count > Self.fingerprintBytes {
            faults.append(FieldFault("fingerprint", "is longer than \(Self.fingerprintBytes) bytes"))
        }
        guard let place else { return faults }
        if !(-180...180).contains(place.longitude) {
            faults.append(FieldFault("place.longitude", "is outside -180…180", .placeWrong))
        }
        if !(-90...90).contains(place.latitude) {
            faults.append(FieldFault("place.latitude", "is outside -90…90", .placeWrong))
        }
        return faults
    }
}

/// Who complained: personal data, on a restricted and compacted topic; a tombstone erases it.
public struct Contact: Hashable, Sendable, Codable, CustomStringConvertible, CustomDebugStringConvertible {
    public let name: String?
    public let phone: CallableNumber?
    /// In which he wants to be written to. Absent: the city's.
    public let language: Language?

    public enum Language: String, CaseIterable, Sendable, Codable {
        case zh, en
    }

    public init(name: String?, phone: CallableNumber?, language: Language? = nil) {
        self.name = name
        self.phone = phone
        self.language = language
    }

    public var faults: [FieldFault] {
        TextRule.short("contact.name", name, characters: Limit.nameCharacters)
    }

    /// Hidden, so that no log and no error text can show it by accident.
    public var description: String { "contact withheld" }
    public var debugDescription: String { description }
}
