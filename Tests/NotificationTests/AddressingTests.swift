import Models
import Processing
import Testing
import Text

@testable import Notification

@Suite("Who is told of what")
struct AddressingTests {
    private let addressing: Addressing
    private var partition = Partition<Addressing>(load: { _ in nil })

    init() {
        addressing = Addressing(
            registry: Registry(Town.entities), language: .both, numbers: Town.numbers, mobiles: Town.mobiles)
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
                try outgoing.filter { $0.event.type != NoticeSettlement.type.description }.map { outgoing in
                    #expect(
                        outgoing.topic == .noticeRequests && outgoing.event.trail.traceparent == "00-trace")
                    let request = try JSON.decode(NoticeRequest.self, from: try #require(outgoing.event.data))
                    #expect(outgoing.key == request.recipient.handle.text)
                    #expect(outgoing.event.id == request.reference)
                    return request
                })
        }
    }

    /// The fact, after what was said with it.
    private mutating func take(_ fact: ComplaintFact) throws -> Heard {
        if let words = Town.said(fact) { _ = try take(Town.record(words, at: fact.cause)) }
        return try take(Town.record(fact))
    }

    private var state: AddressingState? {
        mutating get throws { try partition.state(of: Town.code.compact) }
    }

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
        #expect(references.allSatisfy { $0.hasPrefix(Town.code.compact) })
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
                registry: Registry(Town.entities), language: language, numbers: Town.numbers,
                mobiles: Town.mobiles)
            _ = try take(Town.record(Town.contact), with: addressing)
            _ = try take(Town.received())
            let text = try #require(try take(Town.record(Town.assigned()), with: addressing).texts.first)
            // 1 800 000 000 s is 2027-01-15T08:00Z; four hours later in Hangzhou it is eight in the evening.
            for part in parts + ["01-15 20:00", Town.code.description, "smells of glue", "Bridge 1"] {
                #expect(text.contains(part), "\(part) is not in: \(text)")
            }
        }
    }

    @Test("of a long complaint, or one that piles accents on a letter, only the beginning travels")
    mutating func excerpt() throws {
        for text in [String(repeating: "长", count: 2000), "a" + String(repeating: "\u{301}", count: 1999)] {
            _ = try take(Town.record(Words(text: text), at: Town.cause(1)))
            _ = try take(Town.record(Town.received(Town.submission(contactable: false))))
            let notice = try #require(try take(Town.assigned()).texts.first)
            #expect(notice.utf8.count < 800, "\(notice.utf8.count) bytes of SMS")
            #expect(try #require(try state).stored.count < 2000)
        }
    }

    @Test("nothing in an excerpt turns the direction of the text behind it, and nothing unseen is quoted")
    mutating func direction() throws {
        #expect(Notice.excerpt("\u{202E}水\u{2066}臭") == "水臭")
        #expect(Notice.excerpt("\u{200B} \u{2800}") == nil)
        let contact = Contact(name: "李\u{202E}雷", phone: Town.contact.phone)
        _ = try take(Town.record(contact))
        _ = try take(Town.record(Words(text: "\u{202E}水臭", address: "桥\u{202E}东"), at: Town.cause(1)))
        _ = try take(Town.record(Town.received()))
        let texts = try take(Town.assigned()).texts
        #expect(texts.contains { $0.contains("李雷") && $0.contains("水臭") && $0.contains("桥东") })
        #expect(!texts.contains { $0.unicodeScalars.contains(where: \.isInvisible) })
    }

    @Test("an anonymous complaint without a contact is told to the chief alone")
    mutating func anonymous() throws {
        let submission = Town.submission(anonymous: true, contactable: false)
        #expect(try take(Town.received(submission)) == .requests([]))
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

    @Test("the event overtakes the words that its notice quotes: it waits, and then they are quoted")
    mutating func overtakenWords() throws {
        _ = try take(Town.record(Town.contact))
        // Nobody is told what he wrote himself.
        #expect(try take(Town.record(Town.received())).keys == ["complainant/\(Town.code.compact)"])
        #expect(try take(Town.record(Town.assigned())) == .awaits(.words))
        _ = try take(Town.record(Town.words, at: Town.cause(1)))
        #expect(try take(Town.record(Town.assigned())).texts[0].contains("smells of glue"))
        let resolved = Town.fact(
            .resolved(.init(by: Town.chief, closesAt: Town.later, words: Town.told)), version: 3)
        #expect(try take(Town.record(resolved)) == .awaits(.words))
        #expect(try take(resolved).texts[0].contains("said 3"))
    }

    @Test("it waits for no words that no notice quotes: of pictures alone, of a note, of another complaint")
    mutating func unquoted() throws {
        _ = try take(Town.record(Town.contact))
        _ = try take(Town.record(Town.received()))
        let pictures = Outline(text: false, pictures: 2)
        for event: ComplaintEvent in [
            .resolved(.init(by: Town.chief, closesAt: Town.later, words: pictures)),
            .noted(.init(by: Town.chief, isPublic: true, words: Town.told)),
            .informed(.init(of: Town.target, event: .resolved, cause: "there", words: Town.told)),
        ] {
            guard case .requests = try take(Town.record(Town.fact(event, version: 3))) else {
                Issue.record("\(event) waits"); return
            }
        }
    }

    @Test("words that were announced and never came, or came without text, hold nothing up")
    mutating func neverSaid() throws {
        _ = try take(Town.record(Town.contact))
        _ = try take(Town.record(Town.received()))
        #expect(try take(Town.record(Town.assigned()), caughtUp: true).keys == ["chief/wang"])
        _ = try take(Town.record(Words(media: ["https://pictures.example.org/1"]), at: Town.cause(1)))
        #expect(try take(Town.record(Town.assigned())).keys == ["chief/wang"])
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
        for fact in Town.whole.dropFirst() {
            let heard = try take(Town.record(fact), caughtUp: true)
            #expect(heard.keys.allSatisfy { !$0.hasPrefix("complainant") }, "\(fact.event.kind)")
        }
        #expect(try take(Town.record(Town.assigned(version: 40)), caughtUp: true).keys == ["chief/wang"])
    }

    @Test(
        "the event of an erasure does the same without a tombstone, also where contact and words come again")
    mutating func erasedByEvent() throws {
        _ = try take(Town.record(Town.contact))
        for fact in Town.whole.dropLast() { _ = try take(Town.record(fact), caughtUp: true) }
        _ = try take(Town.record(Town.words, at: Town.cause(1)))
        _ = try take(Town.record(Town.fact(.erased(.init(by: .system, until: Town.start)), version: 90)))
        for _ in 0..<2 {
            let known = try #require(try state)
            #expect(known.contact == nil && known.said.isEmpty)
            #expect(holdsNone(known.stored))
            _ = try take(Town.record(Town.contact))
            _ = try take(Town.record(Town.words, at: Town.cause(1)))
        }
        let texts = try take(Town.record(Town.assigned(version: 91)), caughtUp: true).texts
        #expect(texts.count == 1 && texts.allSatisfy { !$0.contains("glue") && !$0.contains("0777") })
    }

    @Test("words that are younger than the erasure stay")
    mutating func younger() throws {
        _ = try take(Town.received())
        let erased = ComplaintEvent.erased(.init(by: .system, until: Town.start + .seconds(-1)))
        _ = try take(Town.record(Town.fact(erased, version: 2)))
        _ = try take(Town.record(Town.words, at: Town.cause(3)))
        #expect(try state?.said.map(\.cause) == [Town.cause(1), Town.cause(3)])
    }

    /// What the people of the whole life wrote and are.
    private static let erasable = ["glue", "Bridge", "said ", "Invented", "0777"]

    private func holdsNone(_ bytes: [UInt8]) -> Bool {
        let text = String(decoding: bytes, as: UTF8.self)
        return !Self.erasable.contains { text.contains($0) }
    }

    @Test("after tombstones no state, live or restored, holds what was erased, and no later notice quotes it")
    mutating func erasedWords() throws {
        let tombstones =
            [Town.record(Contact?.none)]
            + Town.whole.filter { Town.said($0) != nil }.map { Town.record(Words?.none, at: $0.cause) }
        let log = Town.log + tombstones
        for record in Town.log { _ = try take(record, caughtUp: true) }
        let before = try #require(try state).stored
        #expect(Self.erasable.allSatisfy { String(decoding: before, as: UTF8.self).contains($0) })
        for record in tombstones { _ = try take(record) }
        #expect(holdsNone(try #require(try state).stored))
        // The topics one after the other, as a restore reads them; and as compaction leaves them.
        let compacted = log.filter { $0.topic == .events } + tombstones
        for log in [log, compacted] {
            var restored = Partition<Addressing>(load: { _ in nil })
            for topic in addressing.memory {
                for record in log where record.topic == topic {
                    try restored.recall(record, with: addressing)
                }
            }
            #expect(try restored.state(of: Town.code.compact) == state)
        }
        for fact in Town.whole + [Town.assigned(version: 40)] {
            let heard = try take(Town.record(fact), caughtUp: true)
            #expect(heard.texts.allSatisfy { holdsNone(Array($0.utf8)) }, "\(heard.texts)")
        }
    }

    @Test("of many words the latest are kept, and the citizen's own, in whatever order they are read")
    mutating func bounded() throws {
        let log =
            [Town.record(Town.words, at: Town.cause(1)), Town.record(Town.received())]
            + (2...100).map { Town.record(Words(text: "said \($0)"), at: Town.cause($0)) }
        for record in log { _ = try take(record, caughtUp: true) }
        let live = try #require(try state)
        #expect(live.said.count == AddressingState.saidLimit)
        #expect(live.said(at: Town.cause(1)) != nil && live.said(at: Town.cause(100)) != nil)
        var restored = Partition<Addressing>(load: { _ in nil })
        for topic in addressing.memory {
            for record in log where record.topic == topic { try restored.recall(record, with: addressing) }
        }
        #expect(try restored.state(of: Town.code.compact) == live)
    }

    @Test("a chief without a phone: the one above, else the office of his region or of one above it")
    mutating func mute() throws {
        _ = try take(Town.received(Town.submission(contactable: false)))
        for (id, key) in [("mute", "chief/li"), ("alone", "office/city")] {
            #expect(try take(Town.assigned(to: Town.assignee(id))).keys == [key])
        }
        #expect(try take(Town.assigned(to: Town.assignee("town", kind: .office))).keys == ["office/city"])
    }

    @Test(
        "a phone that no message reaches is as good as none, and is counted by its reason",
        arguments: [
            ("12345", "short"), ("call me", "unreadable"), ("0000 0101", "unreadable"),
            ("0571-00000000", "landline"), ("+44 7000 000000", "country"),
        ])
    mutating func unreached(_ phone: String, _ reason: String) throws {
        let addressing = Addressing(
            registry: Registry(Town.entities + [Town.chief("odd", above: "li", phone: phone)]),
            language: .both, numbers: Town.numbers, mobiles: Town.mobiles)
        _ = try take(Town.received(Town.submission(contactable: false)))
        let heard = try take(Town.record(Town.assigned(to: Town.assignee("odd"))), with: addressing)
        #expect(heard.keys == ["chief/li"])
        #expect(partition.takeCounts() == ["passed-over.\(reason)": 1])
        #expect(partition.takeCounts() == [:], "each is told once")
    }

    @Test("a complainant with a landline hears nothing, and it is counted; one without a phone is not")
    mutating func complainantsLandline() throws {
        let landline = try CallableNumber("0571-00000000", country: .china)
        for (phone, counts) in [(landline, ["passed-over.landline": 1]), (nil, [:])] {
            _ = try take(Town.record(Contact(name: "Invented", phone: phone)))
            #expect(try take(Town.received()).keys == [])
            #expect(partition.takeCounts() == counts)
        }
    }

    @Test(
        "an assignee unknown to the registry, or a registry that knows nobody: nobody is told, nothing breaks"
    )
    mutating func unknown() throws {
        _ = try take(Town.received(Town.submission(contactable: false)))
        #expect(try take(Town.assigned(to: Town.assignee("gone"))).keys == [])
        #expect(try take(Town.assigned(to: Town.assignee("No identifier!"))).keys == [])
        let empty = Addressing(language: .both, numbers: Town.numbers, mobiles: Town.mobiles)
        for fact in Town.whole.dropFirst() { #expect(try take(Town.record(fact), with: empty).keys == []) }
    }

    @Test("chiefs without phones who stand above each other in a circle end at the office")
    mutating func circle() throws {
        let addressing = Addressing(
            registry: Registry(
                Town.entities + [
                    Town.chief("a", above: "b", phone: nil), Town.chief("b", above: "a", phone: nil),
                ]),
            language: .zh, numbers: Town.numbers, mobiles: Town.mobiles)
        let heard = try take(Town.record(Town.assigned(to: Town.assignee("a"))), with: addressing)
        #expect(heard.keys == ["office/city"])
    }

    @Test("what is remembered by reading contacts and events is what live work knew")
    mutating func restore() throws {
        let log = Town.log
        var restored = Partition<Addressing>(load: { _ in nil })
        for record in log {
            _ = try take(record)
            try restored.recall(record, with: addressing)
        }
        let state = try partition.state(of: Town.code.compact)
        #expect(try restored.state(of: Town.code.compact) == state)
        for record in log { try restored.recall(record, with: addressing) }
        #expect(try restored.state(of: Town.code.compact) == state)
        #expect(state?.submission?.category.rawValue == "oil" && state?.contact == Town.contact)
    }

    @Test("what is told of an event does not depend on what is remembered from after it")
    mutating func ahead() throws {
        let live = try Town.log.map { try take($0) }
        partition = Partition(load: { _ in nil })
        for record in Town.log { try partition.recall(record, with: addressing) }
        #expect(try Town.log.map { try take($0) } == live)
    }

    @Test("a state is its own JSON, byte for byte what Codable writes, after every fact")
    func coding() throws {
        func byCodable(_ value: some Encodable) -> [UInt8] { JSON.encodeByCodable(value) }
        var state: AddressingState?
        for record in Town.log {
            state = addressing.evolve(state, try addressing.recall(record).fact)
            let now = try #require(state)
            #expect(
                String(decoding: now.stored, as: UTF8.self) == String(decoding: byCodable(now), as: UTF8.self)
            )
            #expect(try AddressingState(stored: now.stored) == now)
        }
        #expect(state?.turns.contains { $0.reason != nil } == true, "else the story says too little")
        #expect(state?.said.contains { $0.address != nil } == true)
    }

    @Test("a contact that is none, or under a key that is no complaint, is refused without being shown")
    mutating func malformed() throws {
        let bad = Array(#"{"name":"Invented Person","phone":"call me 0777"}"#.utf8)
        let record = Town.written(.contacts, key: Town.code.compact, bad)
        guard case .refused(let reason) = try take(record) else {
            Issue.record("was taken"); return
        }
        #expect(reason.contains("phone") && !reason.contains("0777") && !reason.contains("Invented"))
        let data = JSON.encode(Town.contact)
        for key in ["nobody", Town.code.description, Town.code.compact.lowercased()] {
            guard case .refused = try take(Town.written(.contacts, key: key, data)) else {
                Issue.record("\(key) was taken"); return
            }
        }
    }

    @Test("words that cross a bound, or stand under a key that names no complaint or no cause, are refused")
    mutating func malformedWords() throws {
        let long = Words(text: String(repeating: "glue", count: 1001))
        guard case .refused(let reason) = try take(Town.record(long, at: "c")) else {
            Issue.record("was taken"); return
        }
        #expect(reason.contains("text") && !reason.contains("glue"))
        let data = JSON.encode(Town.words)
        for key in ["nobody/c", Town.code.compact, "\(Town.code.compact)/", "\(Town.code)/c"] {
            guard case .refused = try take(Town.written(.words, key: key, data)) else {
                Issue.record("\(key) was taken"); return
            }
        }
    }

    @Test("an event under another key than its complaint's is refused: its state lies elsewhere")
    mutating func otherKey() throws {
        let event = Town.received().cloudEvent(source: "dayu-routing")
        let stray = Outgoing(topic: .events, key: Town.target.compact, event: event)
        guard case .refused = try take(Record(stray, offset: 0)) else { Issue.record("was taken"); return }
    }
}
