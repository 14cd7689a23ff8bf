public import Text

/// What a person wrote: a free text, pictures, an address in words.
///
/// Words are stored beside the record that refers to them, on a compacted topic of their own. So a tombstone
/// can erase them while the events stay. Events only hold an `Outline`.
public struct Words: Hashable, Sendable, Codable, CustomStringConvertible, CustomDebugStringConvertible {
    public let text: String?
    /// Pictures: the names of stored ones (`PictureName`), or their addresses on other sites.
    public let media: [String]
    /// The place, as the citizen described it.
    public let address: String?

    public init(text: String? = nil, media: [String] = [], address: String? = nil) {
        self.text = text
        self.media = media
        self.address = address
    }

    /// What an event says about the words; nil if nothing was said.
    public var outline: Outline? {
        text == nil && media.isEmpty && address == nil
            ? nil : Outline(text: text != nil, pictures: media.count)
    }

    /// Hidden, so that no log and no error text can show them by accident.
    public var description: String { "words withheld" }
    public var debugDescription: String { description }

    /// A fault for every limit that the words exceed.
    public var faults: [FieldFault] {
        (text.map { TextRule.text("text", $0) } ?? []) + TextRule.media("media", media)
            + TextRule.short("address", address, characters: Limit.addressCharacters)
    }
}

/// Says that there are words, and of what kind, without any of them.
public struct Outline: Hashable, Sendable, Codable {
    public let text: Bool
    public let pictures: Int

    public init(text: Bool, pictures: Int = 0) {
        self.text = text
        self.pictures = pictures
    }
}

/// The key of a record on `complaints.words`: `7KQ29XM4T1H0C/dayu-intake/action/…`.
public struct WordsKey: Hashable, Sendable, CustomStringConvertible {
    public let complaint: TrackingCode
    /// The submission or action in which they were said (`CloudEvent.asCause`).
    public let cause: String

    public init(complaint: TrackingCode, cause: String) {
        self.complaint = complaint
        self.cause = cause
    }

    public init(_ text: String) throws(Malformed) {
        guard let (complaint, cause) = TrackingCode.parts(ofKey: text), !cause.isEmpty else {
            throw Malformed("key", "is not of the form complaint/cause")
        }
        self.init(complaint: complaint, cause: cause)
    }

    public var description: String { "\(complaint.compact)/\(cause)" }
}

extension Words: JSONCoded {
    public init(_ json: JSONNode) throws(Malformed) {
        text = try json.field("text")
        media = try json.field("media")
        address = try json.field("address")
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("address", address)
            json.field("media", media)
            json.field("text", text)
        }
    }
}

extension Outline: JSONCoded {
    public init(_ json: JSONNode) throws(Malformed) {
        text = try json.field("text")
        pictures = try json.field("pictures")
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("pictures", pictures)
            json.field("text", text)
        }
    }
}
