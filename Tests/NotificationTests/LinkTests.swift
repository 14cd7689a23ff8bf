import Links
import Models
import Processing
import Testing

@testable import Notification

@Suite("A notice bears the link of its recipient")
struct LinkTests {
    private let links: LinkWriter
    private let addressing: Addressing

    init() throws {
        links = LinkWriter(
            keys: try LinkKeys(String(repeating: "5a", count: 32)), site: "https://rivers.example.org",
            validity: .seconds(30 * 86_400))
        addressing = Addressing(
            registry: Registry(Town.entities), language: .both, numbers: Town.numbers, links: links)
    }

    /// The notices of a whole life, each beside what it tells of.
    private func notices(by addressing: Addressing) throws -> [(ComplaintFact, NoticeRequest)] {
        var partition = Partition<Addressing>(load: { _ in nil })
        _ = try partition.take(Town.record(Town.contact), with: addressing, at: Town.start, caughtUp: true)
        // Decided at another time than it happened: only the latter may count.
        let now = Town.start + .seconds(5000)
        let toOffice = Town.assigned(to: Town.assignee("town", kind: .office), version: 20)
        return try (Town.whole + [toOffice]).flatMap { fact -> [(ComplaintFact, NoticeRequest)] in
            guard
                case .done(let outgoing, .decided) = try partition.take(
                    Town.record(fact), with: addressing, at: now, caughtUp: true)
            else { return [] }
            return try outgoing.map {
                (fact, try JSON.decode(NoticeRequest.self, from: try #require($0.event.data)))
            }
        }
    }

    @Test("on the last line and alone, for this recipient and this complaint, until a month after the fact")
    func bears() throws {
        var kinds: Set<Recipient.Kind> = []
        for (fact, request) in try notices(by: addressing) {
            let address = try #require(request.text.split(separator: "\n").last).split(separator: "#")
            try #require(address.count == 2)
            let link = try links.keys.link(of: String(address[1]), at: Town.start)
            let page =
                request.recipient.kind == .complainant ? "complaints/\(Town.code.compact)" : "act"
            let actor =
                switch request.recipient.kind {
                case .complainant: Actor.citizen
                case .chief: Actor(role: .chief, id: request.recipient.id)
                case .office: Actor(role: .office, id: request.recipient.id)
                case .department: Actor(role: .department, id: request.recipient.id)
                }
            #expect(address[0] == "https://rivers.example.org/\(page)")
            #expect(link.actor == actor && link.complaint == fact.complaint)
            #expect(link.expiresAt == fact.at + .seconds(30 * 86_400))
            #expect(!request.reference.contains(String(address[1])))
            kinds.insert(request.recipient.kind)
        }
        #expect(kinds == [.chief, .office, .complainant])
    }

    @Test("a department acts as one, and as a checker where it is told that something is resolved")
    func departments() throws {
        let department = Department(
            id: Town.id("sewers"), name: Town.name("sewers"), region: Town.id("city"),
            phone: "+86 000 0000 0300")
        let addressing = Addressing(
            registry: Registry(Town.entities + [.department(department)]), language: .zh,
            numbers: Town.numbers, links: links)
        let assignee = Town.assignee("sewers", kind: .department)
        let resolved = ComplaintEvent.resolved(
            .init(
                by: Actor(role: .chief, id: "wang"), text: "r", media: [], closesAt: Town.start,
                checker: assignee))
        let expected: [(ComplaintFact, Role)] = [
            (Town.assigned(to: assignee), .department), (Town.fact(resolved, version: 3), .checker),
        ]
        for (fact, role) in expected {
            var partition = Partition<Addressing>(load: { _ in nil })
            guard
                case .done(let outgoing, .decided) = try partition.take(
                    Town.record(fact), with: addressing, at: Town.start, caughtUp: true)
            else { return #expect(Bool(false), "was refused") }
            let request = try JSON.decode(NoticeRequest.self, from: try #require(outgoing.first?.event.data))
            let token = try #require(request.text.split(separator: "#").last)
            let link = try links.keys.link(of: String(token), at: Town.start)
            #expect(link.actor == Actor(role: role, id: "sewers"))
        }
    }

    @Test("the same fact worked off again writes the same text")
    func again() throws {
        let first = try notices(by: addressing).map(\.1)
        #expect(try notices(by: addressing).map(\.1) == first && !first.isEmpty)
    }

    @Test("without a key no notice bears one, and the words are the same")
    func none() throws {
        let without = Addressing(registry: Registry(Town.entities), language: .both, numbers: Town.numbers)
        let bare = try notices(by: without).map(\.1.text)
        #expect(bare.allSatisfy { !$0.contains("http") && !$0.contains("#") })
        let linked = try notices(by: addressing).map(\.1.text)
        #expect(linked.map { $0.split(separator: "\n").dropLast().joined(separator: "\n") } == bare)
    }
}
