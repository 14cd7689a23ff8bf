import Links
import Models
import Testing
import Text

@Suite("The key of numbers' handles")
struct NumberKeyTests {
    private func number(_ text: String) throws -> PhoneNumber { try PhoneNumber(text, country: .china) }

    /// From OpenSSL: printf '+8600000007001' | openssl dgst -sha256 -mac HMAC -macopt hexkey:0001…1f -binary
    /// | head -c 16 | basenc --base64url
    @Test("a handle is the first 128 bits of HMAC-SHA256 over the number in E.164")
    func derived() throws {
        let key = try NumberKey(Locksmith.secret)
        #expect(key.handle(of: try number("000 0000 7001")).text == "HeZ_OCHXp5FNn5N3EXdYUw")
    }

    @Test("every spelling of a number has one handle; other numbers and other keys have others")
    func distinct() throws {
        let key = try NumberKey(Locksmith.secret)
        let handle = key.handle(of: try number("+86 000 0000 7001"))
        #expect(handle == key.handle(of: try number("0086-000-0000-7001")))
        #expect(handle != key.handle(of: try number("+86 000 0000 7002")))
        #expect(handle != (try NumberKey(Locksmith.otherSecret)).handle(of: try number("+86 000 0000 7001")))
        #expect(NumberHandle(handle.text) == handle)
    }

    @Test("one secret in hexadecimal and in base64 is one key; what is too short is refused, unseen")
    func forms() throws {
        let seven = try number("000 0000 7001")
        let handle = try NumberKey(Locksmith.secret).handle(of: seven)
        for text in [" \(Locksmith.secret.uppercased())\n", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="] {
            #expect(try NumberKey(text).handle(of: seven) == handle)
        }
        for wrong in [
            "", "guess-me", String(Locksmith.secret.dropLast(2)), Locksmith.secret + "," + Locksmith.secret,
        ] {
            let error = #expect(throws: Malformed.self) { _ = try NumberKey(wrong) }
            #expect(error?.description.contains("guess") == false)
        }
    }

    @Test("the key shows itself nowhere")
    func hidden() throws {
        let key = try NumberKey(Locksmith.secret)
        var dumped = ""
        dump(key, to: &dumped)
        for text in ["\(key)", String(reflecting: key), dumped] {
            #expect(text.contains("withheld") && !text.contains("[0"), "\(text)")
        }
    }
}
