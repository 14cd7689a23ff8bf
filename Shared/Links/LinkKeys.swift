import FoundationEssentials
public import Models

/// The keys of links, newest first: the first one signs, all of them verify. So a new key can be put before
/// the old one, and the old one be taken away when its links have expired.
public struct LinkKeys: Sendable {
    private let signing: LinkKey
    private let former: [LinkKey]

    /// Reads what an operator set: secrets of at least 32 bytes in hexadecimal or base64, with commas
    /// between.
    ///
    /// - Throws: which one is wrong, and never what it is.
    public init(_ text: String) throws(Malformed) {
        let texts = text.split(separator: ",", omittingEmptySubsequences: false).map {
            $0.filter { !$0.isWhitespace }
        }
        let secrets = texts.map(Self.secret)
        let faults = secrets.enumerated().filter { $0.element == nil }.map { index, _ in
            FieldFault(
                secrets.count == 1 ? "" : "key \(index + 1)",
                "is not \(LinkKey.secretBytes) bytes or more in hexadecimal or base64")
        }
        let keys = secrets.compactMap { $0.map(LinkKey.init) }
        guard faults.isEmpty, let first = keys.first else { throw Malformed(faults) }
        signing = first
        former = Array(keys.dropFirst())
    }

    /// The same link is the same token, for as long as the first key stays the same.
    public func token(for link: ActionLink) -> String { signing.token(for: link) }

    /// That a link has expired is only said of one that was real.
    public func link(of token: String, at now: Instant) throws(LinkRefusal) -> ActionLink {
        guard let link = signing.link(of: token) ?? former.lazy.compactMap({ $0.link(of: token) }).first
        else { throw .notValid }
        guard now < link.expiresAt else { throw .expired }
        return link
    }

    // MARK: Secrets

    /// What has nothing but hexadecimal digits is hexadecimal, so that one digit too few is a fault and not
    /// another key. Of base64 that long not one in 10²⁰ looks like it.
    static func secret(_ text: String) -> [UInt8]? {
        let digits = text.compactMap(\.hexDigitValue)
        let bytes = digits.count == text.count ? hexadecimal(digits) : base64(text)
        return bytes.flatMap { $0.count >= LinkKey.secretBytes ? $0 : nil }
    }

    private static func hexadecimal(_ digits: [Int]) -> [UInt8]? {
        guard digits.count.isMultiple(of: 2) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    /// Either alphabet, with its padding or without.
    private static func base64(_ text: String) -> [UInt8]? {
        let swapped = text.replacing("-", with: "+").replacing("_", with: "/").prefix { $0 != "=" }
        let padding = String(repeating: "=", count: (4 - swapped.count % 4) % 4)
        return Data(base64Encoded: swapped + padding).map { [UInt8]($0) }
    }
}

extension LinkKeys: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Hidden, so that no log and no error text can show them by accident.
    public var description: String { "link keys withheld" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
