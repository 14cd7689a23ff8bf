/// What is wrong with one field, in words that help the sender to correct it.
public struct FieldFault: Hashable, Sendable, Codable, CustomStringConvertible {
    /// A dotted path such as `place.latitude`; empty for the whole value.
    public let field: String
    public let detail: String
    /// The same for programs, which can't read sentences; nil for what no form of the site can cause.
    public let code: FaultCode?
    /// The limit that was crossed, if the code is about one.
    public let limit: Int?

    public init(_ field: String, _ detail: String, _ code: FaultCode? = nil, limit: Int? = nil) {
        self.field = field
        self.detail = detail
        self.code = code
        self.limit = limit
    }

    public var description: String { field.isEmpty ? detail : "\(field): \(detail)" }

    /// Two faults that say the same are the same: the code only repeats the sentence.
    public static func == (left: FieldFault, right: FieldFault) -> Bool {
        left.field == right.field && left.detail == right.detail
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(field)
        hasher.combine(detail)
    }
}

/// The faults that a person can make in a form. A site says them in its reader's language.
public enum FaultCode: String, CaseIterable, Sendable, Codable {
    case missing
    case tooLong = "too-long"
    case controlCharacters = "control-characters"
    case tooManyLinks = "too-many-links"
    case notALink = "not-a-link"
    case linkNotTaken = "link-not-taken"
    case pictureUnknown = "picture-unknown"
    case pictureFormat = "picture-format"
    case picturePixels = "picture-pixels"
    case pictureTooLarge = "picture-too-large"
    case pictureCutOff = "picture-cut-off"
    case pictureBroken = "picture-broken"
    case phoneWithoutCountry = "phone-without-country"
    case phoneTooShort = "phone-too-short"
    case phoneWithoutArea = "phone-without-area"
    case phoneDigits = "phone-digits"
    case notAPhone = "not-a-phone"
    case phonePlus = "phone-plus"
    case phoneCharacters = "phone-characters"
    case phoneWithoutMessages = "phone-without-messages"
    case categoryOfStations = "category-of-stations"
    /// What was chosen does not exist, or exists no more.
    case unknown
    case placeMissing = "place-missing"
    case placeOutside = "place-outside"
    case placeWrong = "place-wrong"
    case timeWrong = "time-wrong"
    case choiceWrong = "choice-wrong"
    case correctionMissing = "correction-missing"
}

/// Bytes that are not the value they should be. Whoever receives them sets them aside and goes on.
public struct Malformed: Error, Hashable, Sendable, CustomStringConvertible {
    public let faults: [FieldFault]

    public init(_ faults: [FieldFault]) {
        self.faults = faults
    }

    public init(_ field: String, _ detail: String, _ code: FaultCode? = nil, limit: Int? = nil) {
        self.init([FieldFault(field, detail, code, limit: limit)])
    }

    public var description: String { faults.map(\.description).joined(separator: "; ") }

    /// The same as the fault of one field, for a value that was read without knowing its field.
    public func fault(of field: String) -> FieldFault {
        FieldFault(field, description, faults.first?.code, limit: faults.first?.limit)
    }
}
