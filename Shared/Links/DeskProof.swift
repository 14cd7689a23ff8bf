import Crypto
public import Models
public import Processing
import Text

/// What the officials' desk gives to a browser after a desk link was opened.
///
/// Nothing is stored for it: it says itself who acts and until when, and a code made with the key of links
/// proves that the desk wrote it. It names the link by its hash, so it ends with the link.
public struct DeskProof: Hashable, Sendable {
    public enum Kind: String, Sendable {
        /// A cookie that no script can read, for the desk itself.
        case session
        /// A bearer token for Intake, valid for a few minutes.
        case pass
    }

    public let person: Actor
    /// The SHA-256 of the link's handle.
    public let link: [UInt8]
    /// A whole second.
    public let expiresAt: Instant

    public static let sessionFor: Duration = .seconds(12 * 3600)
    public static let passFor: Duration = .seconds(600)
    /// Programs that search files for secrets find a proof by it.
    public static let prefix = "desk_"

    private static let codeBytes = 32
    private static let linkBytes = 32
    private static let textBytes = 1024

    public init(person: Actor, link: [UInt8], expiresAt: Instant) {
        precondition(link.count == Self.linkBytes, "a hash of \(link.count) bytes")
        self.person = person
        self.link = link
        self.expiresAt = Instant(millisecondsSince1970: expiresAt.millisecondsSince1970 / 1000 * 1000)
    }

    public func text(_ kind: Kind, _ key: LinkKey) -> String {
        let payload = payload
        return Self.prefix + Base64URL.text(of: key.code(of: payload, kind) + payload)
    }

    /// Nil for a text that was not made with this key and for this kind.
    public init?(_ text: String, _ kind: Kind, _ key: LinkKey) {
        guard text.utf8.count <= Self.textBytes, text.utf8.starts(with: Self.prefix.utf8),
            let bytes = Base64URL.bytes(of: String(text.dropFirst(Self.prefix.count))),
            bytes.count > Self.codeBytes + Self.linkBytes
        else { return nil }
        let payload = Array(bytes.dropFirst(Self.codeBytes))
        guard
            ConstantTime.areEqual(Array(bytes.prefix(Self.codeBytes)), key.code(of: payload, kind))
        else { return nil }
        let lines = String(decoding: payload.dropFirst(Self.linkBytes), as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard lines.count == 4, let role = Role(rawValue: lines[0]), let seconds = Int64(lines[3]) else {
            return nil
        }
        person = Actor(role: role, id: lines[1], clerk: ClerkID(lines[2]))
        link = Array(payload.prefix(Self.linkBytes))
        expiresAt = Instant(millisecondsSince1970: seconds * 1000)
    }

    /// No part can contain a line feed.
    private var payload: [UInt8] {
        let lines = [
            person.role.rawValue, person.id ?? "", person.clerk?.rawValue ?? "",
            String(expiresAt.millisecondsSince1970 / 1000),
        ]
        return link + Array(lines.joined(separator: "\n").utf8)
    }

    /// The name of a link in a proof.
    public static func name(of handle: LinkHandle) -> [UInt8] { SHA256.hash(handle.text) }

    /// - Throws: why it can't be used at this moment.
    /// - Parameters:
    ///   - link: the link that it names, as it is now.
    ///   - registry: whoever left it can do nothing more, also if a successor has his identifier.
    public func check(_ link: DeskLink, _ registry: Registry, at now: Instant) throws(LinkRefusal) {
        guard now < expiresAt else { throw .expired }
        try link.check(at: now)
        guard link.desk == person, registry.has(person), link.isHeld(in: registry) else { throw .revoked }
    }
}

extension LinkKey {
    /// No handle is made of a message that begins like this.
    fileprivate func code(of payload: [UInt8], _ kind: DeskProof.Kind) -> [UInt8] {
        hash(Array("dayu desk \(kind.rawValue)\n".utf8) + payload)
    }
}

extension LinkHandle {
    /// A handle that somebody drew: for a link that an operator prints.
    ///
    /// - Parameter bytes: sixteen from a source that nobody can predict.
    public init(drawn bytes: [UInt8]) {
        precondition(bytes.count == Self.bytes, "a handle of \(bytes.count) bytes")
        self.init(bytes)
    }

    public static let drawnBytes = bytes
}

extension DeskLink {
    public func record(_ handle: LinkHandle, id: String, source: String, trail: Trail) -> Outgoing {
        Outgoing(
            .links, key: handle.text, id: "desk/\(id)/\(owner)/\(expiresAt)", source: source, type: Self.type,
            subject: owner, trail: trail, data: JSON.encode(self))
    }
}
