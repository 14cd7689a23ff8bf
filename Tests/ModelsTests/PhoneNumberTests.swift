import Models
import Testing
import Text

@Suite("Phone numbers")
struct PhoneNumberTests {
    private func read(_ text: String, _ country: CallingCode? = .china) -> String? {
        try? PhoneNumber(text, country: country).e164
    }

    @Test(
        "one number in every spelling is one number",
        arguments: [
            "+86 000 0000 7001", "0086 000 0000 7001", "000 0000 7001", "+8600000007001", "86 000 0000 7001",
            "8600000007001", "00000007001", "+86-000-0000-7001", "+86.000.0000.7001", "(+86) 000 0000 7001",
            "+86 (0) 000 0000 7001", "＋８６　０００　００００　７００１", "０００－００００－７００１", "（000）0000‑7001",
            "\u{202A}+86 000 0000 7001\u{202C}", "\t000\u{A0}0000\u{2009}7001 ", "000–0000—7001",
        ])
    func spellings(_ text: String) {
        #expect(read(text) == "+8600000007001", "\(text)")
    }

    @Test(
        "China: mobiles, landlines with and without their 0, service numbers",
        arguments: [
            ("190 0000 0000", "+8619000000000"), ("+86 190-0000-0000", "+8619000000000"),
            ("8619000000000", "+8619000000000"), ("0571-00000000", "+8657100000000"),
            ("57100000000", "+8657100000000"), ("+86 571 0000 0000", "+8657100000000"),
            ("+86 (0)571 0000 0000", "+8657100000000"), ("+86 0571 0000 0000", "+8657100000000"),
            ("0086 0571 0000 0000", "+8657100000000"), ("010 0000 0000", "+861000000000"),
            ("86 10 0000 0000", "+861000000000"), ("400 000 0000", "+864000000000"),
        ])
    func china(_ text: String, _ number: String) {
        #expect(read(text) == number, "\(text)")
    }

    @Test(
        "other countries: by their code, or by the code that is given",
        arguments: [
            ("+44 (0)20 0000 0000", "86", "+442000000000"), ("020 0000 0000", "44", "+442000000000"),
            ("1 200 000 0000", "1", "+12000000000"), ("(200) 000-0000", "1", "+12000000000"),
            ("8 800 000 00 00", "7", "+78000000000"), ("800 000 00 00", "7", "+78000000000"),
            ("06 0000 0000", "39", "+390600000000"), ("+39 06 0000 0000", "86", "+390600000000"),
        ])
    func abroad(_ text: String, _ code: String, _ number: String) {
        #expect(read(text, CallingCode(code)) == number, "\(text)")
    }

    @Test(
        "what is no number is refused, and the reason does not repeat it",
        arguments: [
            "", " ", "+", "12", "call me 7001", "190 0000 000", "190 0000 0000 0", "0000 7001", "87654321",
            "+86 +190 0000 0000", "190+00000000", "+000 0000 7001", "+1234567890123456",
            "190 0000 0000 转 7001",
            "+86 12345", "+49 12345678901234", "190 0000 0000 / 7001", "+999999",
            String(repeating: " ", count: 40) + "19000000000",
        ])
    func refused(_ text: String) {
        let error = #expect(throws: Malformed.self, "\(text)") {
            _ = try PhoneNumber(text, country: .china)
        }
        #expect(error?.description.contains("7001") == false && error?.description.isEmpty == false)
    }

    @Test("without a country only what has a country code is read")
    func noCountry() {
        #expect(read("+86 000 0000 7001", nil) == "+8600000007001")
        #expect(read("0086 000 0000 7001", nil) == "+8600000007001")
        #expect(read("000 0000 7001", nil) == nil && read("0571-00000000", nil) == nil)
    }

    @Test(
        "short numbers can be called; they are no E.164 number",
        arguments: ["12345", "110", "９５０００", "123 45"])
    func short(_ text: String) throws {
        guard case .short(let digits) = try CallableNumber(text, country: .china) else {
            Issue.record("\(text) was read as a whole number")
            return
        }
        #expect(digits.utf8.allSatisfy { (0x30...0x39).contains($0) } && digits.count <= 6)
        let error = #expect(throws: Malformed.self) { _ = try PhoneNumber(text, country: .china) }
        #expect(error?.description.contains("short") == true)
    }

    @Test("forms: E.164, digits, and the number as its own country writes it")
    func forms() throws {
        let number = try PhoneNumber("000 0000 7001", country: .china)
        #expect(number.e164 == "+8600000007001" && number.digits == "8600000007001")
        #expect(number.national(in: .china) == "00000007001")
        #expect(number.national(in: try #require(CallingCode("44"))) == nil)
        for text in ["8600000007001", "+86 000 0000 7001", "+0600000007001", "+86", "+", ""] {
            #expect(PhoneNumber(e164: text) == nil, "\(text)")
        }
        for text in ["", "0", "086", "1234", "+", "8a"] { #expect(CallingCode(text) == nil, "\(text)") }
    }

    @Test("which numbers get messages: mobile ones of these countries, and those with an allowed beginning")
    func mobiles() throws {
        func obstacle(_ text: String, _ rule: MobileNumbers) -> MobileNumbers.Obstacle? {
            do throws(MobileNumbers.Obstacle) {
                _ = try rule.number(text, country: .china)
                return nil
            } catch { return error }
        }
        let rule = MobileNumbers.presets
        for mobile in ["130 0000 0000", "199 0000 0000"] { #expect(obstacle(mobile, rule) == nil) }
        for other in ["0571-00000000", "57100000000", "120 0000 0000", "400 000 0000", "000 0000 7001"] {
            #expect(obstacle(other, rule) == .landline, "\(other)")
        }
        #expect(obstacle("+44 7000 000000", rule) == .country && obstacle("+852 0000 0000", rule) == .country)
        #expect(obstacle("12345", rule) == .short && obstacle("call me", rule) == .unreadable)

        let wide = try MobileNumbers(countries: "+86, 44")
        #expect(obstacle("+44 7000 000000", wide) == nil && obstacle("130 0000 0000", wide) == nil)
        #expect(obstacle("+1 000 000 0000", wide) == .country)
        let abroad = try MobileNumbers(countries: "44")
        #expect(obstacle("130 0000 0000", abroad) == .country)

        let neighbours = try MobileNumbers(countries: "86,852,853,886")
        for mobile in [
            "+852 4000 0000", "+852 5100 0000", "+852 6000 0000", "+852 7000 0000", "+852 8400 0000",
            "+852 9100 0000", "+853 6000 0000", "+886 900 000 000", "130 0000 0000",
        ] {
            #expect(obstacle(mobile, neighbours) == nil, "\(mobile)")
        }
        for other in [
            "+852 2000 0000", "+852 3000 0000", "+852 5800 0000", "+852 9000 0000", "+852 800 000 000",
            "+853 2800 0000", "+853 8000 0000", "+853 6000 000", "+886 2 0000 0000", "+886 4 0000 0000",
            "+886 9000 0000", "0571-00000000",
        ] {
            #expect(obstacle(other, neighbours) == .landline, "\(other)")
        }
        #expect(MobileNumbers.knownPlans == ["86", "852", "853", "886"])

        let sample = try MobileNumbers(also: "+86 000 0000, +861064")
        #expect(obstacle("000 0000 7001", sample) == nil && obstacle("190 0000 0000", sample) == nil)
        #expect(obstacle("000 0001 7001", sample) == .landline)
        for wrong in ["x", "+86,phone", "+", "1234567890123456"] {
            #expect(throws: Malformed.self, "\(wrong)") { _ = try MobileNumbers(also: wrong) }
        }
        for wrong in ["x", "86,0", "12345"] {
            #expect(throws: Malformed.self, "\(wrong)") { _ = try MobileNumbers(countries: wrong) }
        }
    }

    @Test("a number shows itself nowhere but in its JSON")
    func hidden() throws {
        let number = try PhoneNumber("000 0000 7001", country: .china)
        var dumped = ""
        dump(["a": number], to: &dumped)
        for text in ["\(number)", String(reflecting: number), dumped] {
            #expect(!text.contains("7001"), "\(text)")
        }
        #expect(JSON.encode([number]) == Array(#"["+8600000007001"]"#.utf8))
        #expect(try JSON.decode([PhoneNumber].self, from: JSON.encode([number])) == [number])
        for wrong in [#"["86 000"]"#, #"["000 0000 7001"]"#, "[1]"] {
            #expect(throws: Malformed.self) {
                _ = try JSON.decode([PhoneNumber].self, from: Array(wrong.utf8))
            }
        }
    }
}

@Suite("Handles of numbers")
struct NumberHandleTests {
    @Test("sixteen bytes have one text of 22 characters, base64url without padding (RFC 4648 §5)")
    func text() {
        #expect(NumberHandle(Array(0..<16)).text == "AAECAwQFBgcICQoLDA0ODw")
        #expect(NumberHandle([UInt8](repeating: 0xFF, count: 32)).text == "_____________________w")
        #expect(NumberHandle([UInt8](repeating: 0xFB, count: 16)).text == "-_v7-_v7-_v7-_v7-_v7-w")
        #expect(NumberHandle([UInt8](repeating: 0, count: 16)).text == String(repeating: "A", count: 22))
    }

    @Test("a text is read back; what is no text of a handle is refused")
    func reading() {
        let text = "AAECAwQFBgcICQoLDA0ODw"
        #expect(NumberHandle(text)?.text == text)
        #expect(NumberHandle(text) == NumberHandle(Array(0..<16)))
        for wrong in [
            "", "chief/wang", String(text.dropLast()), text + "A", "AAECAwQFBgcICQoLDA0OD+",
            "AAECAwQFBgcICQoLDA0OD=", "AAECAwQFBgcICQoLDA0ODx", "ÄAECAwQFBgcICQoLDA0OD",
        ] {
            #expect(NumberHandle(wrong) == nil, "\(wrong)")
        }
    }
}

@Suite("Numbers that can be called, as JSON")
struct CallableNumberTests {
    private func written(_ text: String) throws -> String {
        String(decoding: JSON.encode(try CallableNumber(text, country: .china)), as: UTF8.self)
    }

    @Test("a number is E.164, a short one its digits, whatever was written")
    func form() throws {
        #expect(try written("000 0000 0701") == #""+8600000000701""#)
        #expect(try written("+86 (0)571 0000 0000") == #""+8657100000000""#)
        #expect(try written("１１０") == #""110""#)
        #expect(try written("12345") == #""12345""#)
    }

    @Test("what was written is read, byte for byte the same")
    func roundTrip() throws {
        for text in ["+8600000000701", "+442000000000", "110", "12345", "100000"] {
            let number = try CallableNumber(text, country: .china)
            let bytes = JSON.encode(number)
            #expect(try JSON.decode(CallableNumber.self, from: bytes) == number)
            #expect(number.plain == text)
            #expect(number.phoneNumber?.e164 == (text.hasPrefix("+") ? text : nil))
            #expect(JSON.encode([number]) == Array("[\"\(text)\"]".utf8))
        }
    }

    @Test(
        "the log holds one form: others are refused there",
        arguments: [
            "", "12", "1234567", "000 0000 0701", "+86 000 0000 0701", "0086000000701", "１１０", "+12345",
            "12a45",
            "110 ", "+",
        ])
    func otherForms(text: String) {
        let bytes = Array("\"\(text)\"".utf8)
        #expect(throws: Malformed.self) { try JSON.decode(CallableNumber.self, from: bytes) }
        let contact = Array("{\"phone\":\"\(text)\"}".utf8)
        let fault = #expect(throws: Malformed.self) { try JSON.decode(Contact.self, from: contact) }
        #expect(fault?.faults.map(\.field) == ["phone"])
        #expect(fault?.description.contains("701") == false)
    }
}
