import Links
import Models
import Processing
import Testing
import Text

@testable import Notification

@Suite("How a text is counted in segments")
struct SegmentsTests {
    @Test("160 characters of the GSM alphabet, or 70 of any other; less in each of several")
    func count() {
        #expect(Segments.count("") == 1)
        #expect(Segments.count(String(repeating: "a", count: 160)) == 1)
        #expect(Segments.count(String(repeating: "a", count: 161)) == 2)
        #expect(Segments.count(String(repeating: "€", count: 80)) == 1, "counts twice")
        #expect(Segments.count(String(repeating: "€", count: 81)) == 2)
        #expect(Segments.count(String(repeating: "河", count: 70)) == 1)
        #expect(Segments.count(String(repeating: "河", count: 71)) == 2)
        #expect(Segments.count(String(repeating: "河", count: 134)) == 2)
        #expect(Segments.count(String(repeating: "河", count: 135)) == 3)
        #expect(
            Segments.count(String(repeating: "a", count: 70) + "’") == 2,
            "one other character, and all is UCS-2")
        #expect(Segments.count(String(repeating: "😀", count: 35)) == 1)
        #expect(Segments.count(String(repeating: "😀", count: 36)) == 2)
    }
}

@Suite("The table of who hears what")
struct DeliveryTableTests {
    @Test("is read from a text, and nothing else is")
    func text() throws {
        let table = try #require(DeliveryTable("calm,accepted/complainant=never,warned/holder=now"))
        #expect(table[.accepted, .complainant] == .never && table[.warned, .holder] == .now)
        #expect(table[.urged, .holder] == .digest)
        #expect(DeliveryTable("every") == .every && DeliveryTable("few")?[.closed, .former] == .never)
        #expect(DeliveryTable("few,assigned/holder=never")?.leavesAssigneesUntold == true)
        for wrong in [
            "", "loud", "calm,", "calm,accepted", "calm,accepted/complainant",
            "calm,accepted/complainant=later",
            "calm,accepted/holder=now", "calm,noted/complainant=now", "calm,a=b",
            "calm,warned/holder=now,warned/holder=now",
        ] {
            #expect(DeliveryTable(wrong) == nil, "\(wrong)")
        }
    }

    @Test("no preset leaves an assignee, a checker or who complained without what he must know")
    func presets() {
        for preset in DeliveryTable.Preset.allCases {
            let table = DeliveryTable(preset)
            for (event, part) in [
                (ComplaintEvent.Kind.assigned, Addressee.Part.holder), (.warned, .holder),
                (.resolved, .checker),
                (.received, .complainant), (.resolved, .complainant), (.rejected, .complainant),
                (.unreached, .superior),
            ] {
                #expect(table[event, part] != .never, "\(preset) \(event)")
            }
        }
        func told(_ preset: DeliveryTable.Preset) -> Int {
            DeliveryTable.cells.reduce(0) { sum, row in
                sum + row.value.count { DeliveryTable(preset)[row.key, $0] != .never }
            }
        }
        #expect(told(.every) > told(.calm) && told(.calm) > told(.few))
    }
}

@Suite("How the city writes")
struct MannerTests {
    private static let links: LinkWriter? = try? LinkWriter(
        key: LinkKey(String(repeating: "5a", count: 32)), site: "https://rivers.example.org",
        validity: .seconds(30 * 86_400))
    private static let manner = Manner(
        table: DeliveryTable(.calm), segments: 2, quiet: QuietTime("22:00-07:00"))

    /// What is told of a whole life.
    private func told(
        _ manner: Manner, _ links: LinkWriter? = links, facts: [ComplaintFact] = Town.whole,
        contact: Contact = Town.contact,
        entities: [RegistryEntity] = Town.entities, language: Language = .zh
    ) throws -> [NoticeRequest] {
        let addressing = Addressing(
            registry: Registry(entities), language: language, numbers: Town.numbers, mobiles: Town.mobiles,
            links: links,
            manner: manner)
        var partition = Partition<Addressing>(load: { _ in nil })
        let records =
            [Town.record(contact)]
            + facts.flatMap { fact in
                (Town.said(fact).map { [Town.record($0, at: fact.cause)] } ?? []) + [Town.record(fact)]
            }
        return try records.flatMap { record in
            guard
                case .done(let outgoing, .decided) = try partition.take(
                    record, with: addressing, at: Town.start, caughtUp: true)
            else {
                Issue.record("refused")
                return [NoticeRequest]()
            }
            return try outgoing.filter(\.isRequest).map {
                try JSON.decode(NoticeRequest.self, from: try #require($0.event.data))
            }
        }
    }

    @Test("without a desk an official's link, and whom he can call back, go in no message with others")
    func alone() throws {
        for request in try told(Self.manner) where !request.recipient.kind.isCitizen {
            let manner = try #require(request.manner)
            #expect(
                manner.isAlone == (manner.address != nil || request.text.contains("投诉人")), "\(request.text)")
            #expect(!manner.isAlone || !manner.isDigest)
        }
        let bare = try told(Self.manner, nil)
        #expect(
            bare.contains { $0.about == .assigned && $0.manner?.isAlone == true }, "it names the complainant")
        #expect(bare.contains { $0.about == .warned && $0.manner?.isAlone == false })
        var withDesk = Self.manner
        withDesk.desk = "https://desk.example.org"
        #expect(try told(withDesk).allSatisfy { $0.manner?.isAlone == false })
    }

    @Test("no message has more than two segments, and one without a link has one")
    func length() throws {
        var manner = Self.manner
        manner.desk = "https://desk.example.org"
        let requests = try told(manner)
        #expect(requests.count > 20)
        for request in requests {
            let most = request.text.contains("http") ? 2 : 1
            #expect(Segments.count(request.text) <= most, "\(request.text)")
            #expect(request.text.hasPrefix("【大禹】"))
        }
        #expect(
            requests.contains { $0.text.contains("「") || $0.text.contains("投诉人：") },
            "as much as has room is quoted")
    }

    @Test("a long name is cut so that two segments hold; the number stands there in any case")
    func longName() throws {
        let names = [
            String(repeating: "阿卜杜", count: 14),
            "Invented " + String(repeating: "Longname ", count: 4) + "Person",
        ]
        for (language, name) in zip([Language.zh, .en], names) {
            #expect(name.count > 40)
            let contact = Contact(name: name, phone: Town.contact.phone)
            for links in [Self.links, nil] {
                let facts = [Town.received(), Town.assigned()]
                let requests = try told(
                    Self.manner, links, facts: facts, contact: contact, language: language)
                let text = try #require(requests.first { $0.about == .assigned }?.text)
                #expect(Segments.count(text) <= 2 && text.contains("+8600000000777"), "\(text)")
                #expect(text.contains(name.prefix(5)), "\(text)")
            }
        }
    }

    @Test("what people wrote is cut to the room that is left, and is left out where nothing useful would be")
    func room() throws {
        let long = Words(text: String(repeating: "臭", count: 200), address: "桥")
        let facts = [Town.received(), Town.assigned()]
        let addressing = Addressing(
            registry: Registry(Town.entities), language: .zh, numbers: Town.numbers, mobiles: Town.mobiles,
            manner: Self.manner)
        var partition = Partition<Addressing>(load: { _ in nil })
        var texts: [String] = []
        for record in [Town.record(Town.contact), Town.record(long, at: Town.cause(1))]
            + facts.map({ Town.record($0) })
        {
            guard
                case .done(let outgoing, .decided) = try partition.take(
                    record, with: addressing, at: Town.start, caughtUp: true)
            else { continue }
            texts += try outgoing.map {
                try JSON.decode(NoticeRequest.self, from: try #require($0.event.data)).text
            }
        }
        let text = try #require(texts.last)
        #expect(Segments.count(text) == 2 && text.contains("臭…」") && text.contains("+8600000000777"))
    }

    @Test("without a desk an official learns in any case whom he can call back, also if that takes a segment")
    func callBack() throws {
        let assigned = try #require(try told(Self.manner).first { $0.about == .assigned })
        #expect(assigned.text.contains("投诉人：Invented Person +8600000000777。"))
        #expect(assigned.bare?.contains("0777") == false)
    }

    @Test(
        "a link stands where the reader can do something by it; all others are on the page of an earlier one")
    func links() throws {
        for request in try told(Self.manner) {
            let isLinked = request.text.contains("https://rivers.example.org/")
            #expect(isLinked == (request.fields?.link != nil) && isLinked == (request.manner?.address != nil))
            switch (request.recipient.kind, request.about) {
            case (.complainant, .received), (.complainant, .resolved), (.chief, .assigned): #expect(isLinked)
            case (.complainant, .accepted), (.complainant, .extended), (.complainant, .rejected):
                #expect(!isLinked)
            default: break
            }
        }
    }

    @Test("the signature is the city's own, or none")
    func signature() throws {
        let signature = try #require(Signature("杭州河长/Hangzhou"))
        for request in try told(Manner(signature: signature)) { #expect(request.text.hasPrefix("【杭州河长】")) }
        for request in try told(Manner(signature: .none)) { #expect(!request.text.contains("【")) }
        #expect(signature.signed("x", in: .en) == "[Hangzhou] x")
        for wrong in ["", "a/b/c", "【大禹】", "a]", "很长很长很长很长很长很长很长"] {
            #expect(Signature(wrong) == nil, "\(wrong)")
        }
    }

    @Test("who complained reads the language that he chose, and only he")
    func language() throws {
        let contact = Contact(name: "Invented Person", phone: Town.contact.phone, language: .en)
        for request in try told(Self.manner, contact: contact) {
            #expect(
                request.text.hasPrefix("[Dayu] ") == (request.recipient.kind == .complainant),
                "\(request.text)")
        }
    }

    @Test("what the table leaves out is told to nobody, and what can wait says so, unless it is pressing")
    func ways() throws {
        let table = try #require(DeliveryTable("calm,accepted/complainant=never"))
        let desk = Manner(table: table, quiet: QuietTime("22:00-07:00"), desk: "https://desk.example.org")
        let requests = try told(desk)
        #expect(!requests.contains { $0.about == .accepted })
        let assigned = try #require(requests.first { $0.about == .assigned })
        #expect(assigned.manner?.isDigest == true && assigned.manner?.gist == "新投诉")
        #expect(assigned.manner?.dueAt == Town.start + .seconds(4 * 3600))
        #expect(assigned.manner?.quiet == QuietHours(from: 1320, until: 420, zone: .beijing))
        let received = try #require(requests.first { $0.about == .received })
        #expect(received.manner?.isDigest == false && received.manner?.quiet == nil, "he has just sent it in")
        let alone = try told(Self.manner)
        #expect(
            alone.first { $0.about == .assigned }?.manner?.isDigest == false,
            "without a desk his link is his only way")
        let spill = RegistryEntity.category(
            Category(
                code: Town.id("odour"), name: Town.name("spill"), group: Town.name("water"),
                urgency: .emergency,
                acceptHours: 1, resolveHours: 4))
        let pressing = try told(
            desk, facts: [Town.received(), Town.assigned()], entities: Town.entities + [spill])
        let manner = try #require(pressing.last?.manner)
        #expect(pressing.last?.about == .assigned && !manner.isDigest && manner.quiet == nil)
    }

    @Test("quiet hours are those of the recipient's region")
    func zones() throws {
        let elsewhere = RegistryEntity.region(
            Region(
                id: Town.id("town"), name: Town.name("town"), level: .town, parent: Town.id("city"),
                dutyOffice: nil,
                timeZone: "Asia/Kathmandu"))
        let requests = try told(
            Self.manner, facts: [Town.received(), Town.assigned()], entities: Town.entities + [elsewhere])
        #expect(requests.last?.manner?.quiet?.zone == "Asia/Kathmandu")
    }

    @Test("two times of a day are read, and nothing else is")
    func times() {
        #expect(QuietTime("22:00-07:00")?.from == 1320 && QuietTime("22:00-07:00")?.until == 420)
        for wrong in ["", "none", "22-7", "22:00", "24:00-07:00", "22:60-07:00", "07:00-07:00", "2:00-07:00"]
        {
            #expect(QuietTime(wrong) == nil, "\(wrong)")
        }
    }
}
