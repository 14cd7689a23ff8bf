import Links
import Models
import Testing

@Suite("Keys of links")
struct KeyTests {
    private let token = Locksmith.keys().token(for: Locksmith.link())

    @Test("one secret in hexadecimal and in base64 of either kind is one key")
    func forms() {
        for text in [
            Locksmith.secret, Locksmith.secret.uppercased(), " \(Locksmith.secret) ",
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
        ] {
            #expect(Locksmith.keys(text).token(for: Locksmith.link()) == token)
        }
        let ones = String(repeating: "f", count: 64)
        for text in [String(repeating: "/", count: 42) + "8=", String(repeating: "_", count: 42) + "8"] {
            #expect(
                refusal(Locksmith.keys(text).token(for: Locksmith.link()), by: Locksmith.keys(ones)) == nil)
        }
    }

    @Test("the first signs, all verify; taken away, a key verifies no more")
    func rotation() {
        let rotated = Locksmith.keys("\(Locksmith.otherSecret),\(Locksmith.secret)")
        let fresh = rotated.token(for: Locksmith.link())
        #expect(refusal(token, by: rotated) == nil && refusal(fresh, by: rotated) == nil)
        #expect(fresh != token)
        #expect(refusal(fresh, by: Locksmith.keys(Locksmith.otherSecret)) == nil)
        #expect(refusal(fresh) == .notValid)
        #expect(refusal(token, by: Locksmith.keys(Locksmith.otherSecret)) == .notValid)
    }

    @Test(
        "what is too short or no such text is refused, by its place and never by what it is",
        arguments: [
            ("", ""), ("short", ""), (String(Locksmith.secret.dropLast(2)), ""),
            (String(Locksmith.secret.dropLast()), ""), ("\(Locksmith.secret),", "key 2"),
            ("\(Locksmith.secret),guess-me-if-you-can,\(Locksmith.secret)", "key 2"),
            (String(repeating: "?", count: 64), ""),
        ])
    func wrong(_ text: String, _ field: String) {
        let error = #expect(throws: Malformed.self) { _ = try LinkKeys(text) }
        #expect(error?.faults.map(\.field) == [field])
        #expect(error?.description.contains("guess") == false)
    }

    @Test("keys show themselves nowhere")
    func hidden() {
        let keys = Locksmith.keys()
        var dumped = ""
        dump(keys, to: &dumped)
        let writer = LinkWriter(keys: keys, site: "https://example.org", validity: .seconds(1))
        for text in ["\(keys)", String(reflecting: keys), dumped, "\(writer)"] {
            #expect(text.contains("withheld") && !text.contains("Key:"), "\(text)")
        }
    }
}

@Suite("Addresses of links")
struct AddressTests {
    private let writer = LinkWriter(
        keys: Locksmith.keys(), site: "https://rivers.example.org", validity: .seconds(86_400))

    @Test(
        "a citizen is led to his complaint's page, everybody else to the page for acting; the token is the fragment"
    )
    func pages() throws {
        let code = TrackingCode(Locksmith.complaint).compact
        for role in Role.allCases {
            let actor = Actor(role: role, id: role == .citizen ? nil : "wang")
            let address = writer.address(of: Locksmith.complaint, for: actor, since: Locksmith.now)
            let parts = address.split(separator: "#").map(String.init)
            let page = role == .citizen ? "complaints/\(code)" : "act"
            try #require(parts.count == 2)
            #expect(parts[0] == "https://rivers.example.org/\(page)")
            let link = try writer.keys.link(of: parts[1], at: Locksmith.now)
            #expect(link.actor == actor && link.complaint == Locksmith.complaint)
            #expect(link.expiresAt == Instant(millisecondsSince1970: 1_799_086_400_000))
        }
    }

    @Test("the same moment writes the same address")
    func again() {
        let addresses = [0, 0, 1000].map { (after: Int64) in
            writer.address(
                of: Locksmith.complaint, for: .citizen, since: Locksmith.now + .milliseconds(after))
        }
        #expect(addresses[0] == addresses[1] && addresses[1] != addresses[2])
    }
}
