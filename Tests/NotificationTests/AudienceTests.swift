import Geo
import Models
import Processing
import Testing
import Text

@testable import Notification

@Suite("Who is told of what, and in which words")
struct AudienceTests {
    private static let complainant = "complainant/\(Town.code.compact)"
    private static let (wang, li) = (Town.assignee("wang"), Town.assignee("li"))
    private static let city = Town.assignee("city", kind: .office)
    private static let town = Town.assignee("town", kind: .office)
    private static let sewers = Town.assignee("sewers", kind: .department)
    private static let silent = Town.assignee("silent", kind: .department)
    private static let due = Due(accept: Town.start + .seconds(3600), resolve: Town.later)

    private static func assigned(
        to assignee: Assignee = wang, why: ComplaintEvent.Assigned.Why = .nearest
    ) -> ComplaintEvent { Town.assigned(to: assignee, why: why).event }

    /// What is told of the last of these events, after a complaint was received and assigned to Wang.
    ///
    /// - Parameters:
    ///   - said: what was written with each of the events.
    ///   - causes: those that differ from `Town.cause`, by version.
    private func told(
        _ events: [ComplaintEvent], causes: [Int: String] = [:], anonymous: Bool = false,
        contact: Contact? = Town.contact,
        words: Words? = Town.words, place: Coordinate? = Town.place, said: [String?] = [],
        language: Language = .zh, registry: [RegistryEntity] = Town.entities
    ) throws -> [NoticeRequest] {
        let addressing = Addressing(
            registry: Registry(registry), language: language, numbers: Town.numbers,
            mobiles: Town.mobiles)
        var partition = Partition<Addressing>(load: { _ in nil })
        let submission = Town.submission(
            words: words, place: place, anonymous: anonymous, contactable: contact != nil)
        let facts = ([.received(.init(submission: submission)), Self.assigned()] + events).enumerated().map {
            Town.fact($0.element, version: $0.offset + 1, cause: causes[$0.offset + 1])
        }
        let texts = said.enumerated().compactMap { index, text in
            text.map { Town.record(Words(text: $0), at: Town.cause(index + 3)) }
        }
        let records =
            [Town.record(contact)] + (words.map { [Town.record($0, at: Town.cause(1))] } ?? []) + texts
            + facts.map { Town.record($0) }
        var requests: [NoticeRequest] = []
        for record in records {
            let outcome = try partition.take(record, with: addressing, at: Town.start, caughtUp: true)
            guard case .done(let outgoing, .decided) = outcome else { throw Refused(outcome: outcome) }
            requests = try outgoing.filter(\.isRequest).map {
                try JSON.decode(NoticeRequest.self, from: try #require($0.event.data))
            }
        }
        return requests
    }

    private struct Refused: Error {
        let outcome: Outcome
    }

    // MARK: Who

    struct Case: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let events: [ComplaintEvent]
        let keys: [String]

        init(_ name: String, _ keys: [String], _ events: ComplaintEvent...) {
            testDescription = name
            self.events = events
            self.keys = keys
        }
    }

    static let cases: [Case] = {
        let officeCloses = ComplaintEvent.closed(.init(by: Town.office, reason: .office))
        let resolved = { (checker: Assignee?) in
            ComplaintEvent.resolved(
                .init(by: Town.chief, closesAt: Town.later, checker: checker, words: Town.told))
        }
        let verified = { (passed: Bool) in
            ComplaintEvent.verified(
                .init(by: Town.office, passed: passed, closesAt: passed ? Town.later : nil))
        }
        let unchecked = { (superior: Assignee?) in
            ComplaintEvent.unchecked(
                .init(checker: sewers, due: Town.start, superior: superior, closesAt: Town.later))
        }
        let transferred = { (by: Actor) in
            ComplaintEvent.transferred(.init(by: by, from: wang, to: nil, words: Town.told))
        }
        let rejected = { (by: Actor) in
            ComplaintEvent.rejected(.init(by: by, reason: .notWater, words: Town.told))
        }
        return [
            Case("assigned to a chief", ["chief/wang"], assigned()),
            Case("to a department", ["department/sewers"], assigned(to: sewers, why: .responsible)),
            Case("to an office without a phone: the one above it", ["office/city"], assigned(to: town)),
            Case("to a department without one: the office above it", ["office/city"], assigned(to: silent)),
            Case(
                "corrected and now another's: both", ["chief/li", "chief/wang"],
                assigned(to: li, why: .edited)),
            Case("corrected and still his: he alone", ["chief/wang"], assigned(why: .edited)),
            Case("replaced: his successor alone", ["chief/li"], assigned(to: li, why: .replaced)),
            Case("accepted", [complainant], .accepted(.init(by: Town.chief))),
            Case("noted: nobody", [], .noted(.init(by: .citizen, isPublic: true, words: Town.told))),
            Case("urged by the citizen", ["chief/wang"], .urged(.init(by: .citizen))),
            Case(
                "by an office: his superior too", ["chief/wang", "chief/li"], .urged(.init(by: Town.office))),
            Case(
                "a department is urged by an office: the office above it too",
                ["department/sewers", "office/city"], assigned(to: sewers), .urged(.init(by: Town.office))),
            Case("he passed it on himself: nobody", [], transferred(Town.chief)),
            Case("an office took it from him", ["chief/wang"], transferred(Town.office)),
            Case(
                "at risk", ["chief/wang"],
                .warned(.init(deadline: .resolve, due: Town.later, assignee: wang))),
            Case(
                "escalated: whoever let it lie", ["chief/wang"],
                .escalated(.init(deadline: .accept, due: Town.start, from: wang, to: li))),
            Case(
                "no message reaches him: the office that keeps the numbers", ["office/city"],
                .unreached(.init(official: wang, to: li))),
            Case(
                "a department: the office above it", ["office/city"],
                .unreached(.init(official: sewers, to: city))),
            Case(
                "the office itself, and nobody stands above: nobody", [],
                .unreached(.init(official: city, to: nil))),
            Case(
                "lapsed, and nobody stands above: whoever has it", ["office/city"],
                .lapsed(.init(deadline: .resolve, due: Town.start, assignee: city))),
            Case(
                "an order: the office and the one it is over", ["office/city", "chief/li"],
                .supervised(.init(order: 1, by: city, over: li, due: due))),
            Case(
                "an order over the office itself: once", ["office/city"],
                .supervised(.init(order: 2, by: city, over: city, due: due))),
            Case(
                "more time: the complainant and whoever has it", [complainant, "chief/wang"],
                .extended(.init(by: Town.office, until: Town.later, words: Town.told))),
            Case("resolved without a checker", [complainant], resolved(nil)),
            Case("with a checker: he alone", ["department/sewers"], resolved(sewers)),
            Case("checked and found resolved", [complainant], resolved(sewers), verified(true)),
            Case(
                "not checked in time: the complainant, the checker, and the office above him",
                [complainant, "department/sewers", "office/city"], resolved(sewers), unchecked(city)),
            Case(
                "not checked in time, and nobody stands above", [complainant, "department/sewers"],
                resolved(sewers), unchecked(nil)),
            Case("found not resolved: nobody yet", [], resolved(sewers), verified(false)),
            Case("rated: nobody", [], .rated(.init(grade: .satisfied))),
            Case(
                "reopened: his superior, he by his assignment", ["chief/li"],
                .reopened(.init(by: .citizen, why: .asked, superior: li, words: Town.told))),
            Case(
                "edited: nobody yet", [],
                .edited(.init(by: Town.office, correction: .init(), words: Town.told))),
            Case("rejected: whoever had it too", [complainant, "chief/wang"], rejected(Town.office)),
            Case(
                "rejected by the office that has it", [complainant], assigned(to: city), rejected(Town.office)
            ),
            Case(
                "merged: whoever had it too", [complainant, "chief/wang"],
                .merged(.init(by: Town.office, into: Town.target))),
            Case("joined: nobody", [], .joined(.init(follower: Town.target))),
            Case("parted", [complainant], .parted(.init(why: .closed))),
            Case(
                "news of the one it is part of", [complainant],
                .informed(.init(of: Town.target, event: .resolved, cause: "there", words: Town.told))),
            Case("closed by an office", [complainant, "chief/wang"], officeCloses),
            Case(
                "withheld, released, erased: nobody", [],
                .withheld(.init(by: Town.office, passage: .init(version: 1, part: .all), reason: .abuse)),
                .released(.init(by: Town.office, passage: .init(version: 1, part: .all))),
                .erased(.init(by: .system, until: Town.start))),
            Case("closed by itself: nobody", [], .closed(.init(by: .system, reason: .elapsed))),
        ]
    }()

    @Test("each is told what concerns him", arguments: cases)
    func who(_ example: Case) throws {
        #expect(try told(example.events).map(\.recipient.key) == example.keys)
        // Nobody complained by name: the officials are told all the same.
        let officials = example.keys.filter { $0 != Self.complainant }
        #expect(try told(example.events, contact: nil).map(\.recipient.key) == officials)
    }

    @Test(
        "urged by an office while another stands in: the superior of the one whose turn it is, or who stands in"
    )
    func urgedBesides() throws {
        func chief(_ id: String, above: String?, away deputy: String? = nil) -> RegistryEntity {
            let today = Zone.beijing.day(at: Town.start)
            return .chief(
                Chief(
                    id: Town.id(id), name: Town.name(id), title: "河长", level: .town, region: Town.id("town"),
                    superior: above.map { Town.id($0) }, phone: "+86 000 0000 0101",
                    absences: deputy.map { [Absence(from: today, to: today, deputy: Town.id($0))] } ?? []))
        }
        let standing = ComplaintEvent.assigned(
            .init(
                assignee: Town.assignee("deputy"), river: nil, reach: nil, region: Town.id("town"),
                why: .deputy,
                distanceMetres: nil, due: Self.due, chief: Town.id("wang")))
        let registry = Town.entities + [chief("deputy", above: "alone")]
        for (li, told) in [
            (chief("li", above: nil), "li"), (chief("li", above: nil, away: "third"), "third"),
        ] {
            let requests = try self.told(
                [standing, .urged(.init(by: Town.office))],
                registry: registry + [li, chief("third", above: "alone")])
            #expect(requests.map(\.recipient.key) == ["chief/deputy", "chief/\(told)"])
        }
    }

    @Test("the examples are of every kind of event")
    func whole() {
        let kinds = Set(Self.cases.flatMap { $0.events.map(\.kind) })
        #expect(kinds.union([.received]) == Set(ComplaintEvent.Kind.allCases))
    }

    // MARK: What

    @Test("no notice is without words of its own, in either language")
    func words() throws {
        for example in Self.cases {
            for language in Language.allCases {
                for request in try told(example.events, language: language) {
                    #expect(!request.text.contains("新进展") && !request.text.contains("There is news"))
                    #expect(request.text.contains(Town.code.description), "\(request.text)")
                }
            }
        }
    }

    @Test("what must be read fits into two parts of an SMS: 67 units each (3GPP TS 23.040 §9.2.3.24.1)")
    func length() throws {
        for example in Self.cases {
            for request in try told(example.events, contact: nil, words: Words(text: "臭", address: "桥")) {
                #expect(request.text.utf16.count <= 2 * 67, "\(request.text)")
            }
        }
    }

    @Test("an assignment begins with why it comes to him", arguments: ComplaintEvent.Assigned.Why.allCases)
    func why(_ why: ComplaintEvent.Assigned.Why) throws {
        let expected: [ComplaintEvent.Assigned.Why: (String, String)] = [
            .picked: ("新投诉：", "New complaint: "), .named: ("新投诉：", "New complaint: "),
            .outfall: ("新投诉：", "New complaint: "), .lowerLevel: ("新投诉：", "New complaint: "),
            .nearest: ("新投诉：", "New complaint: "),
            .noReach: ("新投诉（附近无河段）", "New complaint, no reach"),
            .noChief: ("新投诉（河段无河长）", "New complaint, no river chief"),
            .responsible: ("新投诉（主管）", "New complaint in your charge"),
            .escalated: ("逾期上报", "Escalated"),
            .unreached: ("承办人联系不上，上报", "Passed up, because no message"), .reopened: ("群众不满意", "Reopened"),
            .transferred: ("转办", "Passed on"), .edited: ("更正后改派", "Corrected"),
            .replaced: ("接任", "Taken over"), .deputy: ("代理", "As deputy"),
            .unverified: ("查验未通过", "Found not resolved"), .parted: ("恢复单独办理", "Handled by itself"),
        ]
        let (zh, en) = try #require(expected[why])
        let both = try told([Self.assigned(to: Self.li, why: why)], language: .both)[0].text
        #expect(both.hasPrefix("【大禹】\(zh)"))
        #expect(both.split(separator: "\n").last?.hasPrefix(en) == true, "\(both)")
    }

    @Test("it says whose words sent it there, and quotes the complaint as it was corrected")
    func reasons() throws {
        let transferred = ComplaintEvent.transferred(
            .init(by: Town.chief, from: Self.wang, to: nil, words: Town.told))
        let afterTransfer = try told(
            [transferred, Self.assigned(to: Self.li, why: .transferred)], said: ["这是隔壁河段"])[0].text
        #expect(afterTransfer.contains("原因「这是隔壁河段」"))

        let failed = ComplaintEvent.verified(
            .init(by: Town.office, passed: false, closesAt: nil, words: Town.told))
        let afterCheck = try told([failed, Self.assigned(why: .unverified)], said: ["还在流"])[0].text
        #expect(afterCheck.contains("原因「还在流」"))

        let edited = ComplaintEvent.edited(
            .init(by: Town.office, correction: .init(category: Town.id("oil")), words: Town.told))
        let afterEdit = try told([edited, Self.assigned(to: Self.li, why: .edited)], said: ["是油"])
        #expect(afterEdit[0].text.contains("油污") && afterEdit[0].text.contains("「是油」"))
        #expect(afterEdit[1].text.contains("无需再办"))
        // The words led to one assignment and not to the next.
        let next = try told([transferred, Self.assigned(to: Self.li), Self.assigned()], said: ["隔壁"])
        #expect(!next[0].text.contains("隔壁"))
    }

    @Test("a reopening quotes what was asked, or what was said with the bad grade that it follows from")
    func reopenings() throws {
        let asked = ComplaintEvent.reopened(
            .init(by: .citizen, why: .asked, superior: Self.li, words: Town.told))
        #expect(try told([asked], said: ["又臭了"])[0].text.contains("「又臭了」"))
        let handed = try told([asked, Self.assigned(why: .reopened)], said: ["又臭了"])[0].text
        #expect(handed.contains("原因「又臭了」"))

        let reopened = ComplaintEvent.reopened(.init(by: .citizen, why: .rated, superior: Self.li))
        let causes = [4: Town.cause(3)]
        let rated = { ComplaintEvent.rated(.init(grade: .dissatisfied, words: $0)) }
        #expect(
            try told([rated(Town.told), reopened], causes: causes, said: ["没用"])[0].text.contains("「没用」"))
        let again = try told(
            [rated(Town.told), reopened, Self.assigned(why: .reopened)], causes: causes, said: ["没用"])
        #expect(again[0].text.contains("原因「没用」"))
        let wordless = try told(
            [rated(nil), reopened, Self.assigned(why: .reopened)], causes: causes, said: ["没用"])
        #expect(!wordless[0].text.contains("原因"))
        // An earlier grade is no reason for what is asked without words.
        let wordlessAsk = ComplaintEvent.reopened(.init(by: .citizen, why: .asked, superior: Self.li))
        #expect(!(try told([rated(Town.told), wordlessAsk], said: ["没用"])[0].text.contains("没用")))
    }

    @Test("a date that was moved is the one that is told from then on")
    func moved() throws {
        let extended = ComplaintEvent.extended(
            .init(by: Town.office, until: Town.start + .seconds(240 * 3600), words: Town.told))
        #expect(try told([extended])[0].text.contains("01-25 16:00前办结"))
        #expect(try told([extended, .accepted(.init(by: Town.chief))])[0].text.contains("01-25 16:00前办结"))
        #expect(try told([.accepted(.init(by: Town.chief))])[0].text.contains("01-17 16:00前办结"))
        let order = ComplaintEvent.supervised(
            .init(order: 3, by: Self.city, over: Self.li, due: Self.due))
        for request in try told([order]) {
            #expect(request.text.contains("督办第3号") && request.text.contains("01-18 16:00前"))
        }
    }

    @Test("times are those of the region's clocks")
    func clocks() throws {
        let elsewhere = RegistryEntity.region(
            Region(
                id: Town.id("city"), name: Town.name("city"), level: .city, dutyOffice: "o",
                dutyPhone: "+86 000 0000 0900", timeZone: "Asia/Kathmandu"))
        let registry = Town.entities + [elsewhere]
        // 1 800 000 000 s and four hours is 2027-01-15T12:00Z; Nepal is 5:45 ahead.
        #expect(try told([Self.assigned()], registry: registry)[0].text.contains("01-15 17:45前受理"))
        let accepted = try told([.accepted(.init(by: Town.chief))], registry: registry)
        #expect(accepted[0].text.contains("01-17 13:45前办结"))
    }

    @Test(
        "a refusal says why in words, and what the officer adds",
        arguments: ComplaintEvent.Rejected.Reason.allCases)
    func refusal(_ reason: ComplaintEvent.Rejected.Reason) throws {
        let office = ComplaintEvent.rejected(.init(by: Town.office, reason: reason, words: Town.told))
        let text = try told([office], said: ["请找燃气公司"], language: .both)[0].text
        #expect(text.contains("「请找燃气公司」") && !text.contains(reason.rawValue))
    }

    @Test("it says why it goes on by itself", arguments: ComplaintEvent.Parted.Why.allCases)
    func parted(_ why: ComplaintEvent.Parted.Why) throws {
        let text = try told([.parted(.init(why: why))], language: .both)[0].text
        #expect(text.contains("单独办理：") && text.contains("by itself again: "))
    }

    @Test("where no place was marked, it says so; the water and the address are told where they are known")
    func placeless() throws {
        let nowhere = try told([Self.assigned(why: .noReach)], words: nil, place: nil, language: .both)[0]
            .text
        #expect(nowhere.hasPrefix("【大禹】新投诉：\(Town.code)，异味，位置未标，请于"))
        #expect(nowhere.contains("New complaint: \(Town.code), Odour, no place marked. Accept by"))
        let described = try told([Self.assigned(why: .noReach)], place: nil, language: .en)[0].text
        #expect(described.contains("no place marked.") && described.contains("Address: Bridge 1."))
        let far = try told([Self.assigned(why: .noReach)])[0].text
        #expect(far.contains("附近无河段") && far.contains("辖区内") && far.contains("地址：Bridge 1。"))
        #expect(!(try told([Self.assigned()], words: Words(text: "臭"))[0].text.contains("地址")))
    }

    @Test("the name of the sender is nobody's to write")
    func brackets() throws {
        let text = try told([Self.assigned()], words: Words(text: "【银行】点此"))[0].text
        #expect(text.contains("〔银行〕") && text.filter { $0 == "【" }.count == 1)
    }

    // MARK: Who complained

    @Test("a chief and a department can call back, unless he wished to stay anonymous; an office always can")
    func contact() throws {
        for language in Language.allCases {
            for (assignee, isOffice) in [(Self.wang, false), (Self.sewers, false), (Self.city, true)] {
                let open = try told([Self.assigned(to: assignee)], language: language)[0].text
                #expect(open.contains("Invented Person +8600000000777"))
                #expect(!open.contains("匿名") && !open.contains("anonymous"))
                let hidden = try told([Self.assigned(to: assignee)], anonymous: true, language: language)[0]
                #expect(
                    hidden.text.contains("0777") == isOffice && hidden.text.contains("Invented") == isOffice)
                #expect(hidden.text.contains("匿名") || hidden.text.contains("anonymous"))
            }
        }
        let nameless = Contact(name: nil, phone: Town.contact.phone)
        #expect(try told([Self.assigned()], contact: nameless)[0].text.contains("投诉人：+8600000000777。"))
        #expect(!(try told([Self.assigned()], contact: nil)[0].text.contains("投诉人")))
    }

    @Test(
        "the office that stands in for an anonymous complaint's chief learns who it is; a superior does not")
    func standIns() throws {
        let alone = try told([Self.assigned(to: Town.assignee("alone"))], anonymous: true)[0]
        #expect(alone.recipient.key == "office/city" && alone.text.contains("0777"))
        let mute = try told([Self.assigned(to: Town.assignee("mute"))], anonymous: true)[0]
        #expect(mute.recipient.key == "chief/li" && !mute.text.contains("0777"))
    }

    @Test("nowhere but in an assignment stands who complained, and his capability nowhere at all")
    func nowhereElse() throws {
        for example in Self.cases {
            for request in try told(example.events, language: .both) {
                let isAssignment = request.about == .assigned && !request.text.contains("无需再办")
                #expect(request.text.contains("0777") == isAssignment, "\(request.text)")
                #expect(request.text.contains("Invented") == isAssignment, "\(request.text)")
            }
        }
    }
}
