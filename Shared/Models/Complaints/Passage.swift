public import Text

/// A part of what was said about a complaint. An office can withhold it from the public, and release it.
public struct Passage: Hashable, Sendable, Codable {
    public enum Part: Hashable, Sendable {
        /// The text and every picture.
        case all
        /// The text, and the description of the place.
        case text
        /// A picture; the first is 1.
        case picture(Int)
    }

    /// Why the public does not see it.
    public enum Reason: String, CaseIterable, Sendable, Codable {
        /// It says who somebody is, or where somebody lives.
        case personalData = "personal-data"
        /// It insults, or shows what nobody should have to see.
        case abuse
        /// It accuses a named person of something that is not proved.
        case accusation
        /// Publishing it would warn whoever is being investigated.
        case investigation
    }

    /// The version of the event with which it was said; 1 is the complaint itself.
    public let version: Int
    public let part: Part

    public init(version: Int, part: Part) {
        self.version = version
        self.part = part
    }
}

/// `all`, `text`, `picture-1` … `picture-9`.
extension Passage.Part: RawRepresentable, Codable {
    private static let picture = "picture-"

    public init?(rawValue: String) {
        // Checked before the text is compared: see `Limit.wordBytes`.
        guard rawValue.utf8.count <= Limit.wordBytes else { return nil }
        switch rawValue {
        case "all": self = .all
        case "text": self = .text
        default:
            guard rawValue.hasPrefix(Self.picture), let number = Int(rawValue.dropFirst(Self.picture.count)),
                (1...Limit.mediaCount).contains(number), rawValue == "\(Self.picture)\(number)"
            else { return nil }
            self = .picture(number)
        }
    }

    public var rawValue: String {
        switch self {
        case .all: "all"
        case .text: "text"
        case .picture(let number): "\(Self.picture)\(number)"
        }
    }
}

extension Passage.Part: JSONCoded {
    public init(_ json: JSONNode) throws(Malformed) {
        guard let part = Self(rawValue: try json.string()) else {
            throw Malformed("", "must be all, text or picture-1 to picture-\(Limit.mediaCount)")
        }
        self = part
    }

    public func write(to json: inout JSONWriter) { json.text(rawValue) }
}

extension Passage: JSONCoded {
    public init(_ json: JSONNode) throws(Malformed) {
        version = try json.field("version")
        part = try json.field("part")
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("part", part)
            json.field("version", version)
        }
    }
}
