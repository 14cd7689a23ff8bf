import Models
import Processing
import Testing

@testable import Notification

@Suite("Who is told of what")
struct AddressingTests {
    private let addressing: Addressing
    private var partition = Partition<Addressing>(load: { _ in nil })

    init() {
        addressing = Addressing(registry: Registry(Town.entities), language: .both, numbers: Town.numbers)
    }

    private enum Heard: Equatable {
        case requests([NoticeRequest])
        case awaits(Topic)
        case refused(String)

        var keys: [String] {
            if case .requests(let requests) = self { requests.map(\.recipient.key) } else { [] }
        }
        var texts: [String] { if case .requests(let requests) = self { requests.map(\.text) } else { [] } }
    }

    private mutating func take(_ record: Record, caughtUp: Bool = false, with other: Addressing? = nil) throws
        -> Heard
    {
        switch try partition.take(record, with: other ?? addressing, at: Town.start, caughtUp: caughtUp) {
        case .awaits(let topic): return .awaits(topic)
        case .done(_, .refused(let reason)): return .refused(reason)
        case .done(let outgoing, .decided):
            return .requests(
                try outgoing.map { outgoing in
                    #expect(outgoing.topic == .noticeRequests && outgoing.event.traceparent == "00-trace")
                    let request = try JSON.decode(NoticeRequest.self, from: try #require(outgoing.event.data))
                    #expect(
                        outgoing.key == request.recipient.handle.text
                            && outgoing.event.id == request.reference)
                    return request
                })
        }
    }

    private mutating func take(_ fact: ComplaintFact) throws -> Heard { try take(Town.record(fact)) }

    @Test("the same event is the same request, under one reference; another event another")
    mutating func references() throws {
        _ = try take(Town.record(Town.contact))
        var references: [String] = []
        #expect(Set(Town.whole.map(\.event.kind)).count == ComplaintEvent.Kind.allCases.count)
        for fact in Town.whole {
            let first = try take(fact)
            #expect(try take(fact) == first)
            if case .requests(let requests) = first { references += requests.map(\.reference) }
        }
        #expect(Set(references).count == references.count)
        #expect(
            references.allSatisfy { $0.hasPrefix(Town.code.compact) && !$0.contains(Town.id.description) })
    }

    @Test(
        "the official reads what it is about and until when, in the city's time and the language set"
    )
    mutating func texts() throws {
        let expected: [Language: [String]] = [
            .zh: ["【大禹】", "异味", "前受理"], .en: ["[Dayu]", "Odour", "Accept by"],
            .both: ["【大禹】", "异味", "Odour", "Accept by"],
        ]
        for (language, parts) in expected {
            let addressing = Addressing(
                registry: Registry(Town.entities), language: language, numbers: Town.numbers)
            _ = try take(Town.record(Town.contact), with: addressing)
            _ = try take(Town.record(Town.received()), with: addressing)
            let text = try #require(try take(Town.record(Town.assigned()), with: addressing).texts.first)
            // 1 800 000 000 s is 2027-01-15T08:00Z; four hours later in Hangzhou it is eight in the evening.
            for part in parts + ["01-15 20:00", Town.code.description] {
                #expect(text.contains(part), "\(part) is not in: \(text)")
            }
        }
    }

    @Test("of a long complaint, or one that piles accents on a letter, only the beginning travels")
    mutating func excerpt() throws {
        for text in [String(repeating: "长", count: 2000), "a" + String(repeating: "\u{301}", count: 1999)] {
            let submission = Town.submission(text: text, contactable: false)
            _ = try take(Town.received(submission))
            let notice = try #require(try take(Town.assigned()).texts.first)
            #expect(notice.utf8.count < 800, "\(notice.utf8.count) bytes of SMS")
        }
    }

    @Test("an anonymous complaint without a contact is told to the chief alone")
    mutating func anonymous() throws {
        let submission = Town.submission(anonymous: true, contactable: false)
        #expect(try take(Town.received(submission)).keys == [])
        #expect(try take(Town.assigned()).keys == ["chief/wang"])
    }

    @Test("a contact without a phone can't be told")
    mutating func noPhone() throws {
        _ = try take(Town.record(Contact(name: "Invented Person", phone: nil)))
        #expect(try take(Town.received()).keys == [])
    }

    @Test("the event overtakes the contact: it waits, and then the complainant is told")
    mutating func overtaken() throws {
        #expect(try take(Town.received()) == .awaits(.contacts))
        _ = try take(Town.record(Town.contact))
        #expect(try take(Town.received()).keys == ["complainant/\(Town.code.compact)"])
    }

    @Test("a contact that was announced and never came holds nothing up")
    mutating func neverCame() throws {
        #expect(try take(Town.record(Town.received()), caughtUp: true).keys == [])
        #expect(try take(Town.record(Town.assigned()), caughtUp: true).keys == ["chief/wang"])
    }

    @Test("the event overtakes the registry that names its new chief: it waits, and then he is told")
    mutating func overtakenRegistry() throws {
        _ = try take(Town.received(Town.submission(contactable: false)))
        let assigned = Town.assigned(to: Town.assignee("new"), why: .replaced)
        #expect(try take(assigned) == .awaits(.registry))
        var informed = addressing
        informed.adopt(Registry(Town.entities + [Town.chief("new", phone: "+86 000 0000 0109")]))
        #expect(try take(Town.record(assigned), caughtUp: true, with: informed).keys == ["chief/new"])
    }

    @Test("the same chief under another name is another person with another phone")
    mutating func renamed() throws {
        _ = try take(Town.received(Town.submission(contactable: false)))
        let renamed = Assignee(kind: .chief, id: "wang", name: Town.name("Another"), level: .town)
        #expect(try take(Town.assigned(to: renamed)) == .awaits(.registry))
    }

    @Test(
        "an erased contact: no notice to the complainant from then on, and the officials are told as before")
    mutating func erased() throws {
        _ = try take(Town.record(Town.contact))
        _ = try take(Town.received())
        #expect(try take(Town.record(Contact?.none)).keys == [])
        #expect(String(describing: try partition.state(of: Town.id.description)).contains("0777") == false)
        for fact in Town.whole.dropFirst() {
            let heard = try take(Town.record(fact), caughtUp: true)
            #expect(heard.keys.allSatisfy { !$0.hasPrefix("complainant") }, "\(fact.event.kind)")
        }
        #expect(try take(Town.record(Town.assigned(version: 20)), caughtUp: true).keys == ["chief/wang"])
    }

    @Test("a chief without a phone: the one above, else the office of his region or of one above it")
    mutating func mute() throws {
        _ = try take(Town.received(Town.submission(contactable: false)))
        for (id, key) in [("mute", "chief/li"), ("alone", "office/city")] {
            #expect(try take(Town.assigned(to: Town.assignee(id))).keys == [key])
        }
        #expect(try take(Town.assigned(to: Town.assignee("town", kind: .office))).keys == ["office/city"])
    }

    @Test("a phone that is no whole number is as good as none", arguments: ["12345", "call me", "0000 0101"])
    mutating func unreadable(_ phone: String) throws {
        let addressing = Addressing(
            registry: Registry(Town.entities + [Town.chief("odd", above: "li", phone: phone)]),
            language: .both, numbers: Town.numbers)
        _ = try take(Town.received(Town.submission(contactable: false)))
        let heard = try take(Town.record(Town.assigned(to: Town.assignee("odd"))), with: addressing)
        #expect(heard.keys == ["chief/li"])
    }

    @Test(
        "an assignee unknown to the registry, or a registry that knows nobody: nobody is told, nothing breaks"
    )
    mutating func unknown() throws {
        _ = try take(Town.received(Town.submission(contactable: false)))
        #expect(try take(Town.assigned(to: Town.assignee("gone"))).keys == [])
        #expect(try take(Town.assigned(to: Town.assignee("No identifier!"))).keys == [])
        let empty = Addressing(language: .both, numbers: Town.numbers)
        for fact in Town.whole.dropFirst() { #expect(try take(Town.record(fact), with: empty).keys == []) }
    }

    @Test("chiefs without phones who stand above each other in a circle end at the office")
    mutating func circle() throws {
        let addressing = Addressing(
            registry: Registry(
                Town.entities + [
                    Town.chief("a", above: "b", phone: nil), Town.chief("b", above: "a", phone: nil),
                ]),
            language: .zh, numbers: Town.numbers)
        let heard = try take(Town.record(Town.assigned(to: Town.assignee("a"))), with: addressing)
        #expect(heard.keys == ["office/city"])
    }

    @Test("what is remembered by reading contacts and events is what live work knew")
    mutating func restore() throws {
        let log = [Town.record(Town.contact)] + Town.whole.map { Town.record($0) }
        var restored = Partition<Addressing>(load: { _ in nil })
        for record in log {
            _ = try take(record)
            try restored.recall(record, with: addressing)
        }
        let state = try partition.state(of: Town.id.description)
        #expect(try restored.state(of: Town.id.description) == state)
        for record in log { try restored.recall(record, with: addressing) }
        #expect(try restored.state(of: Town.id.description) == state)
        #expect(state?.submission?.category.rawValue == "oil" && state?.contact == Town.contact)
    }

    @Test("what is told of an event does not depend on what is remembered from after it")
    mutating func ahead() throws {
        let log = [Town.record(Town.contact)] + Town.whole.map { Town.record($0) }
        let live = try log.map { try take($0).keys }
        partition = Partition(load: { _ in nil })
        for record in log { try partition.recall(record, with: addressing) }
        #expect(try log.map { try take($0).keys } == live)
    }

    @Test("a state of before the turns were kept is read")
    func old() throws {
        let state = try JSON.decode(Addressing.State.self, from: Array(#"{}"#.utf8))
        #expect(state == Addressing.State())
    }

    @Test("a state is its own JSON, byte for byte what Codable writes, after every fact")
    func coding() throws {
        func byCodable(_ value: some Encodable) -> [UInt8] { JSON.encode(value) }
        let facts = [.contact(Town.id, Town.contact)] + Town.whole.map(Addressing.Fact.happened)
        var state: Addressing.State?
        for fact in facts {
            state = addressing.evolve(state, fact)
            let now = try #require(state)
            #expect(
                String(decoding: now.stored, as: UTF8.self) == String(decoding: byCodable(now), as: UTF8.self)
            )
            #expect(try Addressing.State(stored: now.stored) == now)
        }
        #expect(state?.turns.contains { $0.reason != nil } == true, "else the story says too little")
    }

    @Test("a contact that is none, or under a key that is no complaint, is refused without being shown")
    mutating func malformed() throws {
        let bad = Contact(name: "Invented Person", phone: "call me 0777")
        guard case .refused(let reason) = try take(Town.record(bad)) else {
            Issue.record("was taken"); return
        }
        #expect(reason.contains("contact.phone") && !reason.contains("0777") && !reason.contains("Invented"))
        let whole = Town.record(Town.contact)
        let stray = Record(
            topic: .contacts, partition: 0, offset: 0, timestamp: Town.start, key: Array("nobody".utf8),
            value: whole.value, headers: whole.headers)
        guard case .refused = try take(stray) else { Issue.record("was taken"); return }
    }
}
