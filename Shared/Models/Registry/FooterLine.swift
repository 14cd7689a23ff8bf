import Text

/// A line at the foot of the site's pages, and where it leads: `浙ICP备00000000号 https://beian.miit.gov.cn/`.
public struct FooterLine: Hashable, Sendable, Codable, CustomStringConvertible {
    public let text: String
    public let link: String?

    static let characters = 120

    /// Nil if a text is missing or too long, or if the link is not an https address.
    public init?(_ written: String) {
        var words = written.split(whereSeparator: \.isWhitespace)
        link = words.last.flatMap { $0.contains("://") ? String($0) : nil }
        if link != nil { words.removeLast() }
        text = words.joined(separator: " ")
        let isLink = link.map { $0.hasPrefix("https://") && $0.utf8.count <= Limit.mediaBytes } ?? true
        guard isLink, !text.isEmpty, text.unicodeScalars.count <= Self.characters, text.visible == text,
            !text.contains("://")
        else { return nil }
    }

    /// Several, with `|` between them; nil if one of them is wrong.
    public static func lines(_ written: String) -> [FooterLine]? {
        let parts = written.split(separator: "|", omittingEmptySubsequences: false)
        let lines = parts.compactMap { FooterLine(String($0)) }
        return lines.count == parts.count ? lines : nil
    }

    public var description: String { [text, link].compactMap(\.self).joined(separator: " ") }
}
