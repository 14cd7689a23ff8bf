import Geo
import Models
import Testing
import Text

@Suite("Limits of what comes from outside")
struct LimitTests {
    private func faults(
        text: String? = "臭", address: String? = nil, media: [String] = []
    ) -> [String] {
        Words(text: text, media: media, address: address).faults.map(\.field)
    }

    private func faults(longitude: Double = 120, latitude: Double = 30) -> [String] {
        Submission(
            complaint: TrackingCode(digest: [UInt8](0..<8)), category: CategoryCode(literal: "odour"),
            place: Coordinate(longitude: longitude, latitude: latitude), channel: .web,
            submittedAt: Instant(millisecondsSince1970: 0)
        ).faults.map(\.field)
    }

    private func repeated(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }

    @Test("a plain complaint has no fault")
    func plain() throws {
        #expect(faults(longitude: 120) == [])
        #expect(faults(text: nil) == [], "a submission may be without words")
        #expect(
            faults(text: "第一行\n第二行\r\n\t三 👩‍👩‍👧‍👦", address: "西湖区", media: ["https://a.example/1.jpg"]) == [])
    }

    @Test("text")
    func text() throws {
        #expect(faults(text: repeated("臭", Limit.textCharacters)) == [])
        #expect(faults(text: repeated("臭", Limit.textCharacters + 1)) == ["text"])
        #expect(faults(text: "") == [], "whether there must be a text is for the form to say")
        for wrong in ["a\u{0}", "a\u{1B}[31m", "a\u{7F}", "a\u{85}"] {
            #expect(faults(text: wrong) == ["text"], "\(wrong.debugDescription)")
        }
    }

    @Test("no control character but line ends and tabs: what Unicode has in its category Cc")
    func controlCharacters() throws {
        for scalar in (UInt32(0)..<0x3000).compactMap({ Unicode.Scalar($0) }) {
            let isControl =
                scalar.properties.generalCategory == .control && !["\n", "\r", "\t"].contains(scalar)
            #expect(faults(text: "a\(scalar)") == (isControl ? ["text"] : []), "\(scalar.value)")
        }
    }

    @Test("a heap of combining marks is long, though it looks like one character")
    func combining() throws {
        let heap = "a" + repeated("\u{0301}", Limit.textCharacters)
        #expect(heap.count == 1)
        #expect(faults(text: heap) == ["text"])
        #expect(faults(address: heap) == ["address"])
    }

    @Test("place")
    func place() throws {
        #expect(faults(longitude: 180, latitude: -90) == [])
        #expect(faults(longitude: 180.1) == ["place.longitude"])
        #expect(faults(latitude: -90.1) == ["place.latitude"])
        #expect(faults(longitude: 30.2, latitude: 120.1) == ["place.latitude"])
        #expect(faults(longitude: .nan, latitude: .infinity) == ["place.longitude", "place.latitude"])
    }

    @Test("address")
    func address() throws {
        #expect(faults(address: repeated("西", Limit.addressCharacters)) == [])
        #expect(faults(address: repeated("西", Limit.addressCharacters + 1)) == ["address"])
        #expect(faults(address: "a\u{0}") == ["address"])
    }

    @Test("media")
    func media() throws {
        let link = "https://a.example/1"
        #expect(faults(media: [String](repeating: link, count: Limit.mediaCount)) == [])
        #expect(faults(media: [String](repeating: link, count: Limit.mediaCount + 1)) == ["media"])
        let long = "https://a.example/" + repeated("x", Limit.mediaBytes)
        for wrong in [
            "", "https://", "ftp://a.example/1", "javascript:alert(1)", "https://a b", "https://a\n", long,
        ] {
            #expect(faults(media: [link, wrong]) == ["media.1"], "\(wrong.prefix(30).debugDescription)")
        }
    }

    @Test("all faults at once")
    func together() {
        #expect(
            faults(text: "\u{0}", address: "\u{0}", media: ["x"]) == ["text", "media.0", "address"])
        #expect(faults(longitude: 200, latitude: 100) == ["place.longitude", "place.latitude"])
    }

    @Test("actions")
    func actions() {
        func faults(_ verb: ComplaintAction.Verb) -> [String] {
            ComplaintAction(complaint: TrackingCode(digest: [UInt8](0..<8)), by: .citizen, verb: verb)
                .faults.map(\.field)
        }
        #expect(faults(.accept) == [])
        #expect(faults(.edit(Correction(category: CategoryCode(literal: "odour")))) == [])
        #expect(faults(.edit(Correction())) == [""], "a correction corrects something")
        #expect(
            faults(.edit(Correction(place: Coordinate(longitude: 30.2, latitude: 120.1)))) == ["place"])
    }

    @Test("a contact hides itself from logs")
    func hidden() throws {
        let contact = Contact(
            name: "王某", phone: try CallableNumber("+86 000 0000 0101", country: nil))
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
