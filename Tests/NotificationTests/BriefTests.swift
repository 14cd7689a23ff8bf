import Links
import Models
import Processing
import Testing
import Text

@testable import Notification

@Suite("Messages that would need a second segment, and who is freed from what he was asked")
struct BriefTests {
    private static let desk = "https://desk.example.org"
    private static let tail = String(Town.code.compact.suffix(4))

    private func manner(segments: Int = 2, answers: PhoneAnswers = .none) -> Manner {
        Manner(table: DeliveryTable(.every), segments: segments, desk: Self.desk, answers: answers)
    }

    private func written(
        _ manner: Manner, facts: [ComplaintFact] = Town.whole, urgency: Urgency = .ordinary
    ) throws -> [(fact: ComplaintFact, records: [Outgoing])] {
        let categories = ["odour", "oil"].map { code in
            RegistryEntity.category(
                Category(
                    code: Town.id(code), name: Name(zh: "异味", en: "Odour"), group: Town.name("water"),
                    urgency: urgency, acceptHours: 4, resolveHours: 48))
        }
        let links = try LinkWriter(
            key: LinkKey(String(repeating: "5a", count: 32)), site: "https://r.example.org",
            validity: .seconds(30 * 86_400))
        let addressing = Addressing(
            registry: Registry(Town.entities + categories), language: .zh, numbers: Town.numbers,
            mobiles: Town.mobiles, links: links, manner: manner)
        var partition = Partition<Addressing>(load: { _ in nil })
        _ = try partition.take(Town.record(Town.contact), with: addressing, at: Town.start, caughtUp: true)
        return try facts.map { fact in
            let outcome = try partition.take(
                Town.record(fact), with: addressing, at: Town.start, caughtUp: true)
            guard case .done(let outgoing, .decided) = outcome else { return (fact, []) }
            return (fact, outgoing)
        }
    }

    private func requests(_ records: [Outgoing]) throws -> [NoticeRequest] {
        try records.filter(\.isRequest).map {
            try JSON.decode(NoticeRequest.self, from: try #require($0.event.data))
        }
    }

    @Test("with a desk everything that can wait fits one, and names the complaint and the way to act")
    func ordinary() throws {
        let all = try written(manner()).flatMap { try requests($0.records) }
        #expect(all.count > 20)
        for request in all {
            let text = request.text
            #expect(Segments.count(text) == 1, "\(text)")
            #expect(text.contains(Self.tail) || text.contains(Town.code.description), "\(text)")
            let isCitizens = request.recipient.kind.isCitizen
            #expect(!text.contains(isCitizens ? Self.desk : "/c#"), "\(text)")
            if text.contains("/act#") { #expect(!text.contains(Self.desk), "\(text)") }
            // Templates of a gateway are filled in with the link all the same.
            #expect(!text.contains(Self.desk) || request.fields?.link != nil)
        }
        #expect(all.contains { $0.text.hasSuffix("\n\(Self.desk)") })
        #expect(all.contains { $0.text.contains("https://r.example.org/c#") })
    }

    @Test("the confirmation has one segment, also where answers count and the signature is longer")
    func confirmation() throws {
        var manner = manner(answers: .all)
        manner.signature = try #require(Signature("示范河长办"))
        let told = try written(manner, facts: [Town.received()]).flatMap { try requests($0.records) }
        let text = try #require(told.first { $0.recipient.kind == .complainant }?.text)
        #expect(text.contains("已收到") && text.contains("/c#") && Segments.count(text) == 1, "\(text)")
        // What may be answered later names its complaint.
        let whole = try written(manner).flatMap { try requests($0.records) }
        for request in whole where request.recipient.kind == .complainant && request.about == .resolved {
            #expect(request.text.contains(Self.tail) || request.text.contains(Town.code.description))
        }
    }

    @Test("whose number got nothing is told without a verdict on the number: a gateway may have been silent")
    func unreached() throws {
        let event = ComplaintEvent.unreached(.init(official: Town.assignee("wang"), to: Town.assignee("li")))
        let notice = Notice(
            fact: Town.fact(event, version: 4),
            addressee: Addressee(recipient: Desk.recipient, part: .superior),
            known: AddressingState(), registry: Registry(Town.entities), link: nil)
        let (zh, en) = (notice.text(in: .zh), notice.text(in: .en))
        #expect(zh.contains("短信未能送达") && zh.contains("已上报") && !zh.contains("收不到"), "\(zh)")
        #expect(zh.contains("号码如有误请更正。") && en.contains("If the number is wrong"), "\(en)")
    }

    @Test(
        "an office works at the desk, and who sees to something or checks it has days: one segment, also then"
    )
    func atTheDesk() throws {
        var count = 0
        for (fact, records) in try written(manner(), urgency: .emergency) {
            for request in try requests(records) where !request.recipient.kind.isCitizen {
                let sees = fact.event.kind == .reopened || fact.event.kind == .resolved
                guard sees || request.recipient.kind == .office, request.about != .unreached else { continue }
                count += 1
                #expect(
                    Segments.count(request.text) == 1 && !request.text.contains("/act#"), "\(request.text)")
            }
        }
        #expect(count >= 3)
    }

    @Test("what can't wait keeps the link that needs no session; a reminder of it has one segment")
    func pressing() throws {
        for (fact, records) in try written(manner(), urgency: .emergency) {
            for request in try requests(records) where request.recipient.kind == .chief {
                switch fact.event {
                case .assigned: #expect(request.text.contains("/act#"), "\(request.text)")
                case .warned, .lapsed: #expect(Segments.count(request.text) == 1, "\(request.text)")
                default: break
                }
                #expect(Segments.count(request.text) <= 2)
            }
        }
    }

    @Test("whoever may answer reads how; an operator who allows three segments saves none")
    func hint() throws {
        let facts = [Town.received(), Town.assigned()]
        let asked = try written(manner(answers: .all), facts: facts).flatMap { try requests($0.records) }
        let chief = try #require(asked.first { $0.recipient.kind == .chief }?.text)
        #expect(chief.contains("回复1受理") && Segments.count(chief) == 1 && !chief.contains("http"), "\(chief)")
        for request in try written(manner(segments: 3)).flatMap({ try requests($0.records) }) {
            #expect(request.text.contains(Town.code.description), "\(request.text)")
        }
    }

    @Test(
        "from whom a complaint is taken, that he is told: his new assignee's notice does not settle it",
        arguments: [DeliveryTable.Preset.calm, .few])
    func taken(_ preset: DeliveryTable.Preset) throws {
        let (wang, li) = (Town.assignee("wang"), Town.assignee("li"))
        let manner = Manner(table: DeliveryTable(preset), segments: 2, desk: Self.desk)
        let facts = [
            Town.received(), Town.assigned(),
            Town.fact(.escalated(.init(deadline: .accept, due: Town.start, from: wang, to: li)), version: 3),
            Town.assigned(to: li, why: .escalated, version: 4),
        ]
        var desk = Desk()
        for record in try written(manner, facts: facts).flatMap(\.records) where record.key == Desk.key {
            _ = try desk.take(Record(record, offset: 0))
        }
        try desk.wait(Dispatch.usualWindow)
        #expect(desk.jobs.count == 1 && desk.jobs[0].text.contains("上报"), "\(desk.jobs.map(\.text))")
        // If the table tells him nothing of it, the fact itself frees him.
        let silent = try #require(DeliveryTable("\(preset.rawValue),escalated/former=never"))
        let records = try written(Manner(table: silent, desk: Self.desk), facts: facts).flatMap(\.records)
        let settled = records.filter { $0.event.type == NoticeSettlement.type.description }
        #expect(settled.map(\.key) == [Desk.key] && settled[0].event.id.hasPrefix(facts[2].id))
    }

    @Test(
        "who acted by a link, and whose complaint it no longer is, is asked no more; who has a notice of it is not told twice"
    )
    func settled() throws {
        var found: [String] = []
        for (fact, records) in try written(manner()) {
            let told = Set(try requests(records).map(\.recipient.handle))
            for record in records where record.event.type == NoticeSettlement.type.description {
                let settlement = try JSON.decode(
                    NoticeSettlement.self, from: try #require(record.event.data))
                #expect(record.key == settlement.handle.text && settlement.fact == fact.id)
                #expect(!told.contains(settlement.handle))
                found.append("\(fact.event.kind) \(settlement.by.role)\(settlement.isOver ? " over" : "")")
            }
        }
        #expect(
            found == [
                "accepted chief", "transferred chief over", "resolved chief over", "rated citizen over",
                "closed chief over", "closed citizen over",
            ])
    }
}
