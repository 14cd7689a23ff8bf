import Links
import Models
import Processing
import Testing
import Text

@testable import Notification

@Suite("A notice bears the link of its recipient")
struct LinkTests {
    private let links: LinkWriter

    init() throws {
        links = LinkWriter(
            key: try LinkKey(String(repeating: "5a", count: 32)), site: "https://rivers.example.org",
            validity: .seconds(30 * 86_400))
    }

    private func addressing(_ links: LinkWriter?) -> Addressing {
        Addressing(
            registry: Registry(Town.entities), language: .both, numbers: Town.numbers, mobiles: Town.mobiles,
            links: links)
    }

    /// All that is written of a whole life, each beside what it tells of.
    private func written(_ links: LinkWriter?, facts: [ComplaintFact] = Self.life) throws -> [(
        ComplaintFact, [Outgoing]
    )] {
        let addressing = addressing(links)
        var partition = Partition<Addressing>(load: { _ in nil })
        _ = try partition.take(Town.record(Town.contact), with: addressing, at: Town.start, caughtUp: true)
        // Decided at another time than it happened: only the latter may count.
        let now = Town.start + .seconds(5000)
        return try facts.map { fact in
            let outcome = try partition.take(Town.record(fact), with: addressing, at: now, caughtUp: true)
            guard case .done(let outgoing, .decided) = outcome else {
                Issue.record("\(outcome)"); return (fact, [])
            }
            return (fact, outgoing)
        }
    }

    private static let life =
        Town.whole + [Town.assigned(to: Town.assignee("town", kind: .office), version: 40)]

    private func requests(_ outgoing: [Outgoing]) throws -> [NoticeRequest] {
        try outgoing.filter(\.isRequest).map {
            try JSON.decode(NoticeRequest.self, from: try #require($0.event.data))
        }
    }

    @Test("on the last line and alone, for this recipient and this complaint, until a month after the fact")
    func bears() throws {
        var kinds: Set<Recipient.Kind> = []
        for (fact, outgoing) in try written(links) {
            for (index, record) in outgoing.enumerated() where record.isRequest {
                let request = try #require(try requests([record]).first)
                guard request.fields?.link != nil else {
                    #expect(!request.text.contains("http"))
                    continue
                }
                let address = try #require(request.text.split(separator: "\n").last).split(separator: "#")
                try #require(address.count == 2)
                // What the handle stands for is on the log before what tells of the handle.
                let told = try #require(outgoing.prefix(index).last)
                #expect(told.topic == .links && told.key == address[1])
                let link = try JSON.decode(ActionLink.self, from: try #require(told.event.data))
                let page = request.recipient.kind == .complainant ? "c" : "act"
                let actor =
                    switch request.recipient.kind {
                    case .complainant: Actor.citizen
                    case .chief: Actor(role: .chief, id: request.recipient.id)
                    case .office: Actor(role: .office, id: request.recipient.id)
                    case .department: Actor(role: .department, id: request.recipient.id)
                    case .follower: Actor(role: .follower, id: request.recipient.id)
                    }
                #expect(address[0] == "https://rivers.example.org/\(page)")
                #expect(link.actor == actor && link.complaint == fact.complaint)
                #expect(link.expiresAt == fact.at + .seconds(30 * 86_400) && link.revokedAt == nil)
                // The complainant's alone tells which number it went to: opening it confirms that one.
                #expect(
                    link.number == (request.recipient.kind == .complainant ? request.recipient.handle : nil))
                #expect(!request.reference.contains(address[1]) && !told.event.id.contains(address[1]))
                #expect(told.event.trail == record.event.trail && told.event.trail.cause == fact.id)
                kinds.insert(request.recipient.kind)
            }
        }
        #expect(kinds == [.chief, .office, .complainant])
    }

    @Test("a department acts as one, and as a checker where it is told that something is resolved")
    func departments() throws {
        let assignee = Town.assignee("sewers", kind: .department)
        let resolved = ComplaintEvent.resolved(
            .init(by: Town.chief, closesAt: Town.start, checker: assignee))
        let expected: [(ComplaintFact, Role)] = [
            (Town.assigned(to: assignee), .department), (Town.fact(resolved, version: 3), .checker),
        ]
        for (fact, role) in expected {
            let outgoing = try written(links, facts: [fact])[0].1
            let data = try #require(outgoing.first { $0.topic == .links }?.event.data)
            #expect(try JSON.decode(ActionLink.self, from: data).actor == Actor(role: role, id: "sewers"))
        }
    }

    @Test("the same fact worked off again writes the same records: the same link under the same handle")
    func again() throws {
        let first = try written(links).flatMap(\.1)
        #expect(try written(links).flatMap(\.1) == first)
        #expect(Set(first.map(\.topic)) == [.links, .noticeRequests])
    }

    @Test("without a key no notice bears one, none is written, and the words are the same but for the first")
    func none() throws {
        let bare = try written(nil).flatMap(\.1)
        #expect(Set(bare.map(\.topic)) == [.noticeRequests])
        let texts = try requests(bare).map(\.text)
        #expect(texts.allSatisfy { !$0.contains("http") && !$0.contains("#") })
        let linked = try requests(try written(links).flatMap(\.1)).map(\.text)
        let words = linked.map { text in
            text.split(separator: "\n").filter { !$0.hasPrefix("https://") }.joined(separator: "\n")
        }
        #expect(words.dropFirst() == texts.dropFirst())
        #expect(words[0].contains("点开链接，才会收到后续短信") && words[0].contains("Open the link once"))
        #expect(!texts[0].contains("链接") && !texts[0].contains("link"))
    }

    @Test("Intake's link to the same complaint is another one: who got it by no SMS has not shown the phone")
    func apart() throws {
        let (fact, outgoing) = try written(links)[0]
        let sent = try #require(outgoing.first { $0.topic == .links }?.key)
        #expect(sent != links.link(to: fact.complaint, for: .citizen, since: fact.at).handle.text)
    }
}
