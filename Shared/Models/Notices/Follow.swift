public import Text

/// Somebody wants to hear what becomes of a complaint that another person made.
///
/// Restricted, because it holds a phone number. It is kept under its `FollowKey` until he ends it, or until
/// the operator erases it.
public struct Follow: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    public static let begun = EventType("follow", "begun")
    /// The type of the tombstone that ends it.
    public static let ended = EventType("follow", "ended")

    public let complaint: TrackingCode
    public let phone: PhoneNumber
    /// The number's handle; the key holds it, too.
    public let handle: NumberHandle

    public init(complaint: TrackingCode, phone: PhoneNumber, handle: NumberHandle) {
        self.complaint = complaint
        self.phone = phone
        self.handle = handle
    }

    public var key: FollowKey { FollowKey(complaint: complaint, number: handle) }

    public var description: String { "follow of \(complaint)" }
    public var debugDescription: String { description }
}

extension Follow: JSONCoded, Encodable {
    public init(_ json: JSONNode) throws(Malformed) {
        complaint = try json.field("complaint")
        let (phone, handle): (String, String) = (try json.field("phone"), try json.field("handle"))
        guard let phone = PhoneNumber(e164: phone) else { throw Malformed("phone", "is not a phone number") }
        guard let handle = NumberHandle(handle) else {
            throw Malformed("handle", "is not a number's handle")
        }
        (self.phone, self.handle) = (phone, handle)
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("complaint", complaint)
            json.field("handle", handle.text)
            json.field("phone", phone.e164)
        }
    }
}

/// The key of a record on `follows`: `7KQ29XM4T1H0C/` and the handle of a number. So one number follows a
/// complaint once, however often it is sent.
public struct FollowKey: Hashable, Sendable, CustomStringConvertible {
    public let complaint: TrackingCode
    public let number: NumberHandle

    public init(complaint: TrackingCode, number: NumberHandle) {
        self.complaint = complaint
        self.number = number
    }

    public init(_ text: String) throws(Malformed) {
        guard let (complaint, handle) = TrackingCode.parts(ofKey: text), let number = NumberHandle(handle)
        else { throw Malformed("key", "is not of the form complaint/number's handle") }
        self.init(complaint: complaint, number: number)
    }

    public var description: String { "\(complaint.compact)/\(number.text)" }
}

/// How many numbers follow a complaint: all that the public is told of them.
public struct FollowCount: Hashable, Sendable, Codable {
    public static let type = EventType("follows", "counted")

    /// Also the record's key.
    public let complaint: TrackingCode
    public let follows: Int

    public init(complaint: TrackingCode, follows: Int) {
        self.complaint = complaint
        self.follows = follows
    }
}
