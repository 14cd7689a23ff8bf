import HTTP
import Links
import Models
import Processing
import Testing
import Text

@testable import Intake

@Suite("Who asks for the link to his desk")
struct DeskLinkTests {
    private static let site = "https://desk.example.org"
    private let numbers: NumberKey
    private let links: DeskLinks

    init() throws {
        numbers = try NumberKey(String(repeating: "5a", count: 32))
        var registry = Counter.registry
        let name = Name(zh: "某甲", en: "Somebody")
        let more: [RegistryEntity] = [
            .clerk(
                Clerk(
                    id: Counter.id("c-1"), name: name, office: Counter.id("city"), phone: "+86 000 0000 7001")
            ),
            .clerk(
                Clerk(
                    id: Counter.id("c-2"), name: name, office: Counter.id("gone"), phone: "+86 000 0000 7002")
            ),
            .clerk(Clerk(id: Counter.id("c-3"), name: name, office: Counter.id("city"), phone: nil)),
            .chief(
                Chief(
                    id: Counter.id("li"), name: name, title: "河长", level: .town, region: Counter.id("city"),
                    phone: "+86 000 0000 7001")),
            .department(
                Department(
                    id: Counter.id("dep"), name: name, region: Counter.id("city"), phone: "+86 571 0000 0000")
            ),
        ]
        for entity in more { registry.put(entity) }
        links = DeskLinks(
            registry: registry, country: .china, mobile: try MobileNumbers(also: "+86000"), numbers: numbers,
            site: Self.site, text: .usual(.usual, in: .zh))
    }

    private func people(_ number: String) throws -> [Actor] {
        links.people(of: try PhoneNumber(number, country: .china))
    }

    @Test("a number is its owner's in whatever form, and it may be several people's")
    func owners() throws {
        let both = [
            Actor(role: .office, id: "city", clerk: Counter.id("c-1")), Actor(role: .chief, id: "li"),
        ]
        #expect(try people("+8600000007001") == both)
        #expect(try people("0086 000 0000 7001") == both)
        #expect(try people("+86 000 0000 7002") == [], "his office has left the registry")
        #expect(try people("+86 000 0000 7009") == [])
        // A landline gets no message.
        #expect(try people("+86 571 0000 0000") == [])
    }

    @Test("the link is on the log before the message; the message has it, and no header or reference has")
    func records() throws {
        let number = try PhoneNumber("+86 000 0000 7001", country: .china)
        let handle = LinkHandle(drawn: [UInt8](repeating: 7, count: 16))
        let person = Actor(role: .office, id: "city", clerk: Counter.id("c-1"))
        let stages = links.records(for: person, handle, to: number, at: Counter.now)
        try #require(stages.map(\.count) == [1, 1])
        let (written, sent) = (stages[0][0], stages[1][0])
        #expect(written.topic == .links && written.key == handle.text)
        let link = try JSON.decode(DeskLink.self, from: try #require(written.event.data))
        let end = Counter.now + .seconds(7 * 86_400)
        #expect(link == DeskLink(to: person, in: links.registry, expiresAt: end))
        // It ends with him, not with his row.
        #expect(link.holder?.hasPrefix("number/") == true)
        #expect(sent.topic == .messages && sent.key == numbers.handle(of: number).text)
        let asked = try JSON.decode(DeskLinkAsked.self, from: try #require(sent.event.data))
        #expect(asked.text.contains("某甲") && asked.text.contains("\(Self.site)/desk#\(handle.text) "))
        #expect(asked.phone == number && asked.expiresAt == Counter.now + .seconds(1800))
        for text in [sent.event.id, asked.reference, asked.description] + sent.event.headers.map(\.value) {
            #expect(!text.contains(handle.text) && !text.contains("7001"), "\(text)")
        }
    }

    @Test("a text for the message needs the link")
    func text() throws {
        #expect(AccessText("Your desk") == nil)
        #expect(AccessText(String(repeating: "a", count: 300) + "{link}") == nil)
        let text = try #require(AccessText("[Dayu] {who-en}: {link} {x}"))
        #expect(
            text.written(to: Name(zh: "某", en: "{link}"), "https://d/desk#1")
                == "[Dayu] {link}: https://d/desk#1 {x}")
    }

    @Test("what templates are filled with has neither signature nor address")
    func sentence() throws {
        let signature = try #require(Signature("示范河长办/Sample"))
        let who = Name(zh: "某甲", en: "Somebody")
        let zh = AccessText.usual(signature, in: .zh).sentence(to: who)
        let en = AccessText.usual(signature, in: .en).sentence(to: who)
        #expect(zh.hasPrefix("某甲，请打开您的工作台") && en.hasPrefix("Somebody, open your desk."))
        for text in [zh, en] { #expect(!text.contains("【") && !text.contains("[") && !text.contains("{")) }
        let own = try #require(AccessText("【示范】{who}，工作台 {link} 请勿转发"))
        #expect(own.sentence(to: who) == "某甲，工作台 请勿转发")
    }

    @Test("our own text has the signature of the messages, in the language of the page or else the city's")
    func signed() throws {
        let signature = try #require(Signature("示范河长办/Sample"))
        let who = Name(zh: "某甲", en: "Somebody")
        func text(_ city: Language, _ chosen: Contact.Language?) -> String {
            AccessText.usual(signature, in: city).spoken(in: chosen).written(to: who, "https://d/desk#1")
        }
        #expect(text(.zh, nil) == "【示范河长办】某甲，打开您的工作台：https://d/desk#1 7天内有效，请勿转发。")
        #expect(text(.both, nil) == text(.zh, nil) && text(.en, .zh) == text(.zh, nil))
        #expect(text(.en, nil).hasPrefix("[Sample] Somebody, open your desk: https://d/desk#1 "))
        #expect(text(.zh, .en) == text(.en, nil))
        let own = try #require(AccessText("{who}: {link}"))
        #expect(own.spoken(in: .en) == own)
        let request = Request(
            method: .post, headers: [("Content-Type", "application/json")],
            body: Array(#"{"phone":"+86 000 0000 7001","language":"en"}"#.utf8))
        #expect(try Counter().api.askedFor(request).language == .en)
    }

    @Test(
        "what is no number is refused by name",
        arguments: [
            ("{}", FaultCode.missing), (#"{"phone":"12345"}"#, .phoneWithoutMessages),
            (#"{"phone":"+86 12"}"#, .phoneDigits),
        ])
    func refused(_ body: String, _ code: FaultCode) {
        let request = Request(
            method: .post, headers: [("Content-Type", "application/json")], body: Array(body.utf8))
        let problem = refusal { () throws(Problem) in
            _ = try Counter().api.askedFor(request)
            return API.Plan(answer: .empty)
        }
        #expect(problem?.status == 422 && problem?.errors.first?.code == code.rawValue)
    }
}
