import Models
import Processing
import Testing
import Text

@testable import Links

@Suite("Keys of links")
struct KeyTests {
    private let handle = Locksmith.key().handle(of: Locksmith.link())

    @Test("one secret in hexadecimal and in base64 of either kind is one key")
    func forms() {
        for text in [
            Locksmith.secret, Locksmith.secret.uppercased(), " \(Locksmith.secret) ",
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
        ] {
            #expect(Locksmith.key(text).handle(of: Locksmith.link()) == handle)
        }
    }

    @Test(
        "what is too short or no such text is refused, and never by what it is",
        arguments: [
            "", "short", String(Locksmith.secret.dropLast(2)), String(Locksmith.secret.dropLast()),
            "\(Locksmith.secret),", "guess-me-if-you-can", String(repeating: "?", count: 64),
        ])
    func wrong(_ text: String) {
        let error = #expect(throws: Malformed.self) { _ = try LinkKey(text) }
        #expect(error?.faults.count == 1)
        #expect(error?.description.contains("guess") == false)
    }

    @Test("keys show themselves nowhere")
    func hidden() {
        let key = Locksmith.key()
        var dumped = ""
        dump(key, to: &dumped)
        let writer = LinkWriter(key: key, site: "https://example.org", validity: .seconds(1))
        for text in ["\(key)", String(reflecting: key), dumped, "\(writer)"] {
            #expect(text.contains("withheld") && !text.contains("[0"), "\(text)")
        }
    }
}

@Suite("Secrets as an operator writes them down")
struct SecretTests {
    private static let ones = [UInt8](repeating: 255, count: 32)

    @Test(
        "hexadecimal, and base64 of either alphabet, with its padding or without, blanks anywhere",
        arguments: [
            String(repeating: "ff", count: 32), String(repeating: "FF ", count: 32),
            String(repeating: "/", count: 42) + "8=", String(repeating: "_", count: 42) + "8",
            "\n" + String(repeating: "_", count: 42) + "8=\n",
        ])
    func forms(text: String) { #expect(Secret.bytes(of: text) == Self.ones) }

    @Test("longer is as good")
    func longer() {
        #expect(Secret.bytes(of: String(repeating: "ff", count: 64))?.count == 64)
        #expect(Secret.bytes(of: String(repeating: "_", count: 64))?.count == 48)
    }

    @Test(
        "too short, a hexadecimal digit too few, and what is neither",
        arguments: [
            "", String(repeating: "f", count: 62), String(repeating: "f", count: 65),
            String(repeating: "_", count: 41), String(repeating: "?", count: 64),
            String(repeating: "_", count: 43) + "é", String(repeating: "ff", count: 32) + ",",
        ])
    func wrong(text: String) { #expect(Secret.bytes(of: text) == nil) }
}

@Suite("Addresses of links")
struct AddressTests {
    private let writer = LinkWriter(
        key: Locksmith.key(), site: "https://rivers.example.org", validity: .seconds(86_400))

    @Test(
        "a citizen and a follower are led to the complaint's page, others to the page for acting; the handle is the fragment"
    )
    func pages() throws {
        let code = Locksmith.complaint.compact
        for role in Role.allCases {
            let actor = Actor(role: role, id: role == .citizen ? nil : "wang")
            let written = writer.link(to: Locksmith.complaint, for: actor, since: Locksmith.now)
            let parts = written.address.split(separator: "#").map(String.init)
            let page = role == .citizen || role == .follower ? "complaints/\(code)" : "act"
            try #require(parts.count == 2)
            #expect(parts[0] == "https://rivers.example.org/\(page)")
            #expect(LinkHandle(parts[1]) == written.handle)
            #expect(written.link.actor == actor && written.link.complaint == Locksmith.complaint)
            #expect(written.link.expiresAt == Instant(millisecondsSince1970: 1_799_086_400_000))
        }
    }

    @Test("the same moment writes the same address")
    func again() {
        let addresses = [0, 0, 1000].map { (after: Int64) in
            writer.link(to: Locksmith.complaint, for: .citizen, since: Locksmith.now + .milliseconds(after))
                .address
        }
        #expect(addresses[0] == addresses[1] && addresses[1] != addresses[2])
    }

    @Test("the record that tells of a handle is keyed by it, names it nowhere else, and holds the link")
    func record() throws {
        let actor = Actor(role: .chief, id: "wang")
        let written = writer.link(to: Locksmith.complaint, for: actor, since: Locksmith.now)
        let trail = Trail(at: Locksmith.now, cause: "dayu-routing/a.1")
        let record = written.record(source: "dayu-notification", trail: trail)
        #expect(record.topic == .links && record.key == written.handle.text)
        #expect(record.event.subject == Locksmith.complaint.compact && record.event.trail == trail)
        #expect(record.event.type == "org.dayu.link.written.v1")
        let data = try #require(record.event.data)
        #expect(try JSON.decode(ActionLink.self, from: data) == written.link)
        let told = record.event.headers.map(\.value).joined() + String(decoding: data, as: UTF8.self)
        #expect(!told.contains(written.handle.text))
        #expect(record == written.record(source: "dayu-notification", trail: trail))
        let citizens = writer.link(to: Locksmith.complaint, for: .citizen, since: Locksmith.now)
        #expect(citizens.record(source: "dayu-notification", trail: trail).event.id != record.event.id)
    }
}
