import Host
import Links
import Models
import Testing
import Text

@Suite("Settings of links")
struct LinkSettingsTests {
    private static let secret = String(repeating: "5a", count: 32)

    private func read(_ environment: [String: String]) -> (links: LinkWriter?, faults: [String]) {
        var reader = SettingsReader(environment: environment)
        let links = reader.links()
        return (links, reader.faults)
    }

    @Test("without a key there are none, whatever else is said")
    func none() {
        for environment in [
            [:], ["DAYU_LINK_KEY": ""], ["DAYU_SITE": "https://example.org", "DAYU_LINK_VALID": "7d"],
        ] {
            let (links, faults) = read(environment)
            #expect(links == nil && faults.isEmpty)
        }
    }

    @Test("key, site and time make links")
    func whole() throws {
        let (links, faults) = read([
            "DAYU_LINK_KEY": Self.secret, "DAYU_SITE": "https://example.org/rivers/", "DAYU_LINK_VALID": "1h",
        ])
        let now = Instant(millisecondsSince1970: 1_800_000_000_000)
        let link = try #require(links).link(
            to: TrackingCode(digest: [UInt8](0..<8)), for: Actor(role: .chief, id: "wang"), since: now)
        #expect(faults.isEmpty && link.address.hasPrefix("https://example.org/rivers/act#"))
        #expect(LinkHandle(link.address.split(separator: "#")[1]) == link.handle)
        #expect(link.link.expiresAt == now + .seconds(3600))
    }

    @Test("what is wrong is told at once, and never the secret")
    func faults() {
        let (links, faults) = read(["DAYU_LINK_KEY": "hunter2", "DAYU_LINK_VALID": "0s"])
        #expect(links == nil)
        #expect(
            faults == [
                "DAYU_LINK_VALID: must be between 1s and 366d"
            ])
        #expect(read(["DAYU_LINK_KEY": Self.secret, "DAYU_LINK_VALID": "367d"]).faults.count == 1)
        #expect(
            read(["DAYU_LINK_KEY": "hunter2"]).faults == [
                "DAYU_SITE: is needed with DAYU_LINK_KEY",
                "DAYU_LINK_KEY: is not 32 bytes or more in hexadecimal or base64",
            ])
        for site in [
            "example.org", "ftp://example.org", "https://", "https://a/#b", "https://a/?b", "https://a b",
        ] {
            #expect(read(["DAYU_LINK_KEY": Self.secret, "DAYU_SITE": site]).faults.count == 1, "\(site)")
        }
    }
}
