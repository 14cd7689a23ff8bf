/// In what capacity someone acts.
public enum Role: String, CaseIterable, Sendable, Codable {
    case citizen, chief, office, system
}

/// Who acts. A citizen is nobody in particular: his name is personal data and stands in no event.
public struct Actor: Hashable, Sendable, Codable {
    public let role: Role
    /// A chief's identifier, or the region of an office.
    public let id: String?

    public init(role: Role, id: String? = nil) {
        self.role = role
        self.id = id
    }

    public static let citizen = Actor(role: .citizen)
    public static let system = Actor(role: .system)
}

/// The four grades of the Hangzhou app: 非常满意, 比较满意, 一般, 不满意.
public enum Grade: String, CaseIterable, Sendable, Codable {
    case verySatisfied = "very-satisfied"
    case satisfied
    case neutral
    case dissatisfied

    public var isSatisfied: Bool { self == .verySatisfied || self == .satisfied }
}

/// What someone wants to happen to a complaint. Whether it may is decided by Routing alone.
public struct ComplaintAction: Hashable, Sendable {
    public enum Verb: Hashable, Sendable {
        case accept
        case note(text: String, media: [String], isPublic: Bool)
        case resolve(text: String, media: [String])
        case rate(Grade, remark: String?)
        case reopen(reason: String)
        case close(reason: String?)
    }

    public let complaint: ComplaintID
    public let by: Actor
    public let verb: Verb

    public init(complaint: ComplaintID, by: Actor, verb: Verb) {
        self.complaint = complaint
        self.by = by
        self.verb = verb
    }

    public var faults: [FieldFault] {
        switch verb {
        case .accept: []
        case .note(let text, let media, _), .resolve(let text, let media):
            TextRule.text("text", text, required: true) + TextRule.media("media", media)
        case .rate(_, let remark): remark.map { TextRule.text("text", $0, required: false) } ?? []
        case .reopen(let reason): TextRule.text("text", reason, required: true)
        case .close(let reason): reason.map { TextRule.text("text", $0, required: false) } ?? []
        }
    }
}

extension ComplaintAction: Codable {
    private enum CodingKeys: String, CodingKey {
        case complaint, action, by, text, media, grade
        case isPublic = "public"
    }

    /// The names of the verbs, on the wire and in problem details.
    public enum Name: String, CaseIterable, Sendable, Codable {
        case accept, note, resolve, rate, reopen, close
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let text = { try container.decode(String.self, forKey: .text) }
        let optionalText = { try container.decodeIfPresent(String.self, forKey: .text) }
        let media = { try container.decodeIfPresent([String].self, forKey: .media) ?? [] }
        complaint = try container.decode(ComplaintID.self, forKey: .complaint)
        by = try container.decode(Actor.self, forKey: .by)
        verb =
            switch try container.decode(Name.self, forKey: .action) {
            case .accept: .accept
            case .note:
                .note(
                    text: try text(), media: try media(),
                    isPublic: try container.decodeIfPresent(Bool.self, forKey: .isPublic) ?? true)
            case .resolve: .resolve(text: try text(), media: try media())
            case .rate: .rate(try container.decode(Grade.self, forKey: .grade), remark: try optionalText())
            case .reopen: .reopen(reason: try text())
            case .close: .close(reason: try optionalText())
            }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(complaint, forKey: .complaint)
        try container.encode(by, forKey: .by)
        func put(_ name: Name, text: String? = nil, media: [String] = []) throws {
            try container.encode(name, forKey: .action)
            try container.encodeIfPresent(text, forKey: .text)
            if !media.isEmpty { try container.encode(media, forKey: .media) }
        }
        switch verb {
        case .accept: try put(.accept)
        case .note(let text, let media, let isPublic):
            try put(.note, text: text, media: media)
            try container.encode(isPublic, forKey: .isPublic)
        case .resolve(let text, let media): try put(.resolve, text: text, media: media)
        case .rate(let grade, let remark):
            try put(.rate, text: remark)
            try container.encode(grade, forKey: .grade)
        case .reopen(let reason): try put(.reopen, text: reason)
        case .close(let reason): try put(.close, text: reason)
        }
    }
}

extension ComplaintAction.Verb {
    public var name: ComplaintAction.Name {
        switch self {
        case .accept: .accept
        case .note: .note
        case .resolve: .resolve
        case .rate: .rate
        case .reopen: .reopen
        case .close: .close
        }
    }
}
