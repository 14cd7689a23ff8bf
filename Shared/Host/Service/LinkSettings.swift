public import Links
import Models
import Text

extension Log {
    /// Logged once, at the start: whoever misses the links finds the reason.
    public func tell(of links: LinkWriter?) {
        if links == nil { info("there are no links in messages", ["reason": .text("no DAYU_LINK_KEY")]) }
    }
}

extension SettingsReader {
    /// A secret of 32 bytes or more in hexadecimal or base64; nil where it is not set.
    public mutating func secret(_ name: String, help: String) -> [UInt8]? {
        guard let text = optionalText(name, help: help) else { return nil }
        if let secret = Secret.bytes(of: text) { return secret }
        // Never shows the secret itself.
        fault("\(name): is not \(Secret.leastBytes) bytes or more in hexadecimal or base64")
        return nil
    }

    /// Read by all services that write links, with the same words in their help; nil if no key is set, and
    /// then there are no links.
    public mutating func links() -> LinkWriter? {
        let secret = optionalText(
            "DAYU_LINK_KEY",
            help: """
                the secret of the links with which chiefs and citizens act: 32 bytes or more in hexadecimal or \
                base64, the same for Intake and Notification; without it there are no links
                """)
        let site = site(help: "the public site's address in messages; needed with DAYU_LINK_KEY")
        let validity = duration(
            "DAYU_LINK_VALID", preset: .seconds(30 * 86_400), help: "how long a link can be used")
        guard (.seconds(1)...ActionLink.validAtMost).contains(validity) else {
            fault("DAYU_LINK_VALID: must be between 1s and 366d")
            return nil
        }
        guard let secret else { return nil }
        if site == nil { fault("DAYU_SITE: is needed with DAYU_LINK_KEY") }
        do throws(Malformed) {
            let key = try LinkKey(secret)
            return LinkWriter(key: key, site: site ?? "", validity: validity)
        } catch {
            fault("DAYU_LINK_KEY: \(error)")
            return nil
        }
    }

    /// The public site's address, without a slash at its end.
    public mutating func site(help: String) -> String? {
        guard let site = optionalText("DAYU_SITE", help: help) else { return nil }
        if !Self.canBearLinks(site) {
            fault("DAYU_SITE: \"\(site)\" is not an http(s) URL without query and fragment")
        }
        return Self.withoutSlash(site)
    }

    private static func withoutSlash(_ site: String) -> String {
        site.hasSuffix("/") ? String(site.dropLast()) : site
    }

    private static func canBearLinks(_ site: String) -> Bool {
        let host = ["https://", "http://"].first(where: site.hasPrefix).map { site.dropFirst($0.count) }
        return host.map {
            !$0.isEmpty && $0.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"?#".utf8.contains($0) }
        }
            ?? false
    }
}
