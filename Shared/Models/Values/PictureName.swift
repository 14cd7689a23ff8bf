/// The name of a stored picture: 32 hexadecimal digits and `.jpg`.
///
/// It stands in `Words.media` beside links to other sites, and in public addresses. It tells nothing of the
/// picture, of who sent it, or of when.
public struct PictureName: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let text: String

    private static let digits = 32
    private static let suffix = ".jpg"
    public static let bytes = 16

    /// Only one spelling is accepted: a picture has one name.
    public init?(_ text: String) {
        let bytes = text.utf8
        guard bytes.count == Self.digits + Self.suffix.utf8.count, text.hasSuffix(Self.suffix),
            bytes.prefix(Self.digits).allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
        else { return nil }
        self.text = text
    }

    /// - Parameter digest: the first sixteen bytes are taken.
    public init(digest: some Collection<UInt8>) {
        precondition(digest.count >= Self.bytes, "\(digest.count) bytes, \(Self.bytes) are needed")
        let digits = digest.prefix(Self.bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        text = digits.joined() + Self.suffix
    }

    public var description: String { text }

    public static func < (left: PictureName, right: PictureName) -> Bool { left.text < right.text }
}

extension Words {
    /// The stored pictures among the pictures, with their places in `media`.
    public var pictures: [(place: Int, name: PictureName)] {
        media.enumerated().compactMap { place, text in PictureName(text).map { (place, $0) } }
    }
}
