import Models
import Testing

@Suite("Limits of what comes from outside")
struct LimitTests {
    private func faults(
        text: String = "臭", longitude: Double = 120, latitude: Double = 30, address: String? = nil,
        media: [String] = [], gateway: String = "site"
    ) throws -> [String] {
        Submission(
            complaint: ComplaintID(gateway: "g", idempotencyKey: "k"),
            category: try #require(CategoryCode("odour")),
            text: text, place: Coordinate(longitude: longitude, latitude: latitude), address: address,
            media: media,
            channel: .web, gateway: gateway, submittedAt: Instant(millisecondsSince1970: 0)
        ).faults.map(\.field)
    }

    private func repeated(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }

    @Test("a plain complaint has no fault")
    func plain() throws {
        #expect(try faults() == [])
        #expect(
            try faults(text: "第一行\n第二行\r\n\t三 👩‍👩‍👧‍👦", address: "西湖区", media: ["https://a.example/1.jpg"]) == [])
    }

    @Test("text")
    func text() throws {
        #expect(try faults(text: repeated("臭", Limit.textCharacters)) == [])
        #expect(try faults(text: repeated("臭", Limit.textCharacters + 1)) == ["text"])
        for wrong in ["", " ", "\n\t \u{3000}", "a\u{0}", "a\u{1B}[31m", "a\u{7F}", "a\u{85}"] {
            #expect(try faults(text: wrong) == ["text"], "\(wrong.debugDescription)")
        }
    }

    @Test("no control character but line ends and tabs: what Unicode has in its category Cc")
    func controlCharacters() throws {
        for scalar in (UInt32(0)..<0x3000).compactMap({ Unicode.Scalar($0) }) {
            let isControl =
                scalar.properties.generalCategory == .control && !["\n", "\r", "\t"].contains(scalar)
            #expect(try faults(text: "a\(scalar)") == (isControl ? ["text"] : []), "\(scalar.value)")
        }
    }

    @Test("a heap of combining marks is long, though it looks like one character")
    func combining() throws {
        let heap = "a" + repeated("\u{0301}", Limit.textCharacters)
        #expect(heap.count == 1)
        #expect(try faults(text: heap) == ["text"])
        #expect(try faults(address: heap) == ["address"])
    }

    @Test("place")
    func place() throws {
        #expect(try faults(longitude: 180, latitude: -90) == [])
        #expect(try faults(longitude: 180.1) == ["place.longitude"])
        #expect(try faults(latitude: -90.1) == ["place.latitude"])
        #expect(try faults(longitude: 30.2, latitude: 120.1) == ["place.latitude"])
        #expect(try faults(longitude: .nan, latitude: .infinity) == ["place.longitude", "place.latitude"])
    }

    @Test("address and gateway")
    func shortTexts() throws {
        #expect(try faults(address: repeated("西", Limit.addressCharacters)) == [])
        #expect(try faults(address: repeated("西", Limit.addressCharacters + 1)) == ["address"])
        #expect(try faults(address: "a\u{0}") == ["address"])
        #expect(try faults(gateway: repeated("g", Limit.gatewayBytes)) == [])
        #expect(try faults(gateway: repeated("g", Limit.gatewayBytes + 1)) == ["gateway"])
        #expect(try faults(gateway: repeated("站", Limit.gatewayBytes / 3 + 1)) == ["gateway"])
        #expect(try faults(gateway: "") == ["gateway"])
        #expect(try faults(gateway: "site\nkey") == ["gateway"], "a line feed joins gateway and key")
    }

    @Test("media")
    func media() throws {
        let link = "https://a.example/1"
        #expect(try faults(media: [String](repeating: link, count: Limit.mediaCount)) == [])
        #expect(try faults(media: [String](repeating: link, count: Limit.mediaCount + 1)) == ["media"])
        let long = "https://a.example/" + repeated("x", Limit.mediaBytes)
        for wrong in [
            "", "https://", "ftp://a.example/1", "javascript:alert(1)", "https://a b", "https://a\n", long,
        ] {
            #expect(try faults(media: [link, wrong]) == ["media.1"], "\(wrong.prefix(30).debugDescription)")
        }
    }

    @Test("all faults at once")
    func together() throws {
        #expect(
            try faults(text: "", longitude: 200, latitude: 100, address: "\u{0}", media: ["x"], gateway: "")
                == ["text", "media.0", "address", "gateway", "place.longitude", "place.latitude"])
    }

    @Test("actions")
    func actions() {
        func faults(_ verb: ComplaintAction.Verb) -> [String] {
            ComplaintAction(
                complaint: ComplaintID(gateway: "g", idempotencyKey: "k"), by: .citizen, verb: verb
            )
            .faults.map(\.field)
        }
        let long = repeated("x", Limit.textCharacters + 1)
        #expect(faults(.accept) == [])
        #expect(faults(.note(text: "", media: ["x"], isPublic: true)) == ["text", "media.0"])
        #expect(faults(.resolve(text: long, media: [])) == ["text"])
        #expect(faults(.rate(.neutral, remark: nil)) == [])
        #expect(faults(.rate(.neutral, remark: "")) == [])
        #expect(faults(.rate(.neutral, remark: long)) == ["text"])
        #expect(faults(.reopen(reason: " ")) == ["text"])
        #expect(faults(.close(reason: nil)) == [])
        #expect(faults(.close(reason: long)) == ["text"])
    }

    @Test(
        "phones as people write them",
        arguments: [
            "110", "12345", "+86 000 0000 0101", "0571-8888 0000", "+1 415-555-0100", "000000000000000",
        ])
    func phones(text: String) {
        #expect(Phone.isValid(text))
        #expect(Contact(name: nil, phone: text).faults == [])
    }

    @Test(
        "what is no phone",
        arguments: [
            "", "12", "++86 000", "86+000", "0000000000000000", "12345a", "(0571) 8888", "１２３４５", "+",
            "- - -",
            "123\n456", "12345;ext=1", "1                               2 3",
        ])
    func notPhones(text: String) {
        #expect(!Phone.isValid(text))
        #expect(Contact(name: nil, phone: text).faults.map(\.field) == ["contact.phone"])
    }

    @Test("a contact hides itself from logs")
    func hidden() {
        let contact = Contact(name: "王某", phone: "+86 000 0000 0101")
        #expect(!"\(contact) \(String(reflecting: contact)) \([contact])".contains("王某"))
        #expect(!"\(contact) \(String(reflecting: contact)) \([contact])".contains("0101"))
        #expect(
            Contact(name: repeated("王", Limit.nameCharacters + 1), phone: nil).faults.map(\.field) == [
                "contact.name"
            ])
    }

    @Test("reports")
    func reports() throws {
        func faults(_ measurements: [Parameter: Measurement], source: String? = nil) throws -> [String] {
            Report(
                section: try #require(SectionID("s")), observedAt: Instant(millisecondsSince1970: 0),
                source: source, measurements: measurements
            ).faults.map(\.field)
        }
        func faults(_ values: [Parameter: Double]) throws -> [String] { try faults(.init(values)) }
        #expect(try faults([.pH: 14, .waterTemperature: -5]) == [])
        #expect(
            try faults([.pH: 14.01, .dissolvedOxygen: -1])
                == ["measurements.w01001.value", "measurements.w01009.value"])
        #expect(try faults([.pH: .nan]) == ["measurements.w01001.value"])
        let broken = Measurement(.measured(-99), flag: .fault)
        #expect(try faults([.ammoniaNitrogen: broken]) == [], "a device that is broken says anything")
        #expect(
            try faults([.ammoniaNitrogen: Measurement(.measured(.infinity), flag: .fault)]) != [],
            "but no number that JSON has not")
        #expect(
            try faults([.pH: Measurement(.below(6)), .ammoniaNitrogen: Measurement(.below(-1))])
                == ["measurements.w01001.below", "measurements.w21003.below"])
        let long = repeated("0", Limit.writtenBytes + 1)
        #expect(
            try faults([.ammoniaNitrogen: Measurement(.below(0.01), written: long, unit: long)])
                == ["measurements.w21003.written", "measurements.w21003.unit"])
        #expect(try faults([:], source: repeated("站", Limit.sourceBytes / 3)) == [])
        #expect(try faults([:], source: repeated("站", Limit.sourceBytes / 3 + 1)) == ["source"])
    }
}
