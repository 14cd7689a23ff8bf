/// How a complaint came in.
public enum Channel: String, CaseIterable, Sendable, Codable {
    case web, app, hotline, sms, open311, station
}

/// A citizen's complaint as a gateway hands it over. No name and no phone: those are a `Contact`, on its own
/// topic.
public struct Submission: Hashable, Sendable, Codable {
    public let complaint: ComplaintID
    public let category: CategoryCode
    public let text: String
    public let place: Coordinate
    public let address: String?
    /// What the citizen picked, where he picked one.
    public let river: RiverID?
    public let reach: ReachID?
    public let media: [String]
    public let channel: Channel
    public let gateway: String
    /// Hidden from the chief, seen by the office.
    public let anonymous: Bool
    /// Whether a contact was put on `complaints.contacts` before this submission was sent.
    public let contactable: Bool
    public let submittedAt: Instant

    public init(
        complaint: ComplaintID, category: CategoryCode, text: String, place: Coordinate,
        address: String? = nil,
        river: RiverID? = nil, reach: ReachID? = nil, media: [String] = [], channel: Channel, gateway: String,
        anonymous: Bool = false, contactable: Bool = false, submittedAt: Instant
    ) {
        self.complaint = complaint
        self.category = category
        self.text = text
        self.place = place
        self.address = address
        self.river = river
        self.reach = reach
        self.media = media
        self.channel = channel
        self.gateway = gateway
        self.anonymous = anonymous
        self.contactable = contactable
        self.submittedAt = submittedAt
    }

    /// As an officer corrected it.
    public func corrected(by correction: Correction) -> Submission {
        Submission(
            complaint: complaint, category: correction.category ?? category, text: text,
            place: correction.place ?? place, address: address, river: correction.river(after: river),
            reach: correction.reach(after: reach), media: media, channel: channel, gateway: gateway,
            anonymous: anonymous, contactable: contactable,
            submittedAt: submittedAt)
    }

    /// Every bound that the submission crosses; a gateway that writes straight to Kafka is held to the same.
    public var faults: [FieldFault] {
        var faults = TextRule.text("text", text, required: true) + TextRule.media("media", media)
        faults += TextRule.short("address", address, characters: Limit.addressCharacters)
        faults += TextRule.gateway("gateway", gateway)
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
    public let phone: String?

    public init(name: String?, phone: String?) {
        self.name = name
        self.phone = phone
    }

    public var faults: [FieldFault] {
        var faults = TextRule.short("contact.name", name, characters: Limit.nameCharacters)
        if let phone, !Phone.isValid(phone) {
            faults.append(
                FieldFault(
                    "contact.phone", "is not a phone number: digits, blanks and hyphens, perhaps a leading +")
            )
        }
        return faults
    }

    /// Hidden, so that no log and no error text can show it by accident.
    public var description: String { "contact withheld" }
    public var debugDescription: String { description }
}

/// The form of a phone number as people write it; E.164 bounds it to 15 digits.
public enum Phone {
    public static func isValid(_ text: String) -> Bool {
        guard text.count <= Limit.phoneCharacters else { return false }
        let digits = text.utf8.count { (48...57).contains($0) }
        let rest = text.utf8.drop { $0 == UInt8(ascii: "+") }
        return (3...15).contains(digits) && rest.count >= text.utf8.count - 1
            && rest.allSatisfy {
                (48...57).contains($0) || $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "-")
            }
    }
}

/// The rules that texts and links from outside share.
///
/// Characters are counted as code points, as JSON Schema's `maxLength` does (RFC 8259 §1). A `Character` of
/// Swift is no measure: it may pile up any number of combining marks.
enum TextRule {
    /// A gateway and a key are joined by a line feed to name a complaint, so neither may hold one.
    static func gateway(_ field: String, _ text: String) -> [FieldFault] {
        guard (1...Limit.gatewayBytes).contains(text.utf8.count) else {
            return [FieldFault(field, "is not 1…\(Limit.gatewayBytes) bytes long")]
        }
        return text.utf8.contains { $0 < 0x20 || $0 == 0x7F }
            ? [FieldFault(field, "holds control characters")] : []
    }

    static func text(_ field: String, _ text: String, required: Bool) -> [FieldFault] {
        if required, text.allSatisfy(\.isWhitespace) { return [FieldFault(field, "is empty")] }
        if isLonger(text, than: Limit.textCharacters) {
            return [FieldFault(field, "is longer than \(Limit.textCharacters) characters")]
        }
        return controlCharacters(field, text)
    }

    static func short(_ field: String, _ text: String?, characters: Int) -> [FieldFault] {
        guard let text else { return [] }
        if isLonger(text, than: characters) {
            return [FieldFault(field, "is longer than \(characters) characters")]
        }
        return controlCharacters(field, text)
    }

    static func media(_ field: String, _ media: [String]) -> [FieldFault] {
        var faults: [FieldFault] = []
        if media.count > Limit.mediaCount {
            faults.append(FieldFault(field, "holds more than \(Limit.mediaCount) links"))
        }
        for (index, link) in media.enumerated() where !isLink(link) {
            faults.append(
                FieldFault("\(field).\(index)", "is not an http(s) link of at most \(Limit.mediaBytes) bytes")
            )
        }
        return faults
    }

    private static func isLink(_ text: String) -> Bool {
        let bytes = text.utf8
        return bytes.count <= Limit.mediaBytes && (text.hasPrefix("https://") || text.hasPrefix("http://"))
            && bytes.count > 8 && bytes.allSatisfy { $0 > 0x20 && $0 != 0x7F }
    }

    private static func isLonger(_ text: String, than characters: Int) -> Bool {
        // None takes less than a byte: most texts need no counting.
        text.utf8.count > characters && text.unicodeScalars.count > characters
    }

    /// Those of the general category Cc, a set that never changes (Unicode, Character Encoding Stability
    /// Policies, Property Value Stability).
    private static func controlCharacters(_ field: String, _ text: String) -> [FieldFault] {
        let forbidden = text.unicodeScalars.contains {
            ($0.value < 0x20 || (0x7F...0x9F).contains($0.value)) && $0 != "\n" && $0 != "\r" && $0 != "\t"
        }
        return forbidden ? [FieldFault(field, "holds control characters")] : []
    }
}
