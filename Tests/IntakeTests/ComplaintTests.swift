import FoundationEssentials
import Geo
import HTTP
import Links
import Models
import Processing
import Testing
import Text

@testable import Intake

@Suite("A complaint is taken")
struct ComplaintTests {
    private func submission(of plan: API.Plan) throws -> Submission {
        let record = try #require(plan.records.last)
        #expect(record.topic == .submissions)
        return try JSON.decode(Submission.self, from: try #require(record.event.data))
    }

    private func words(of plan: API.Plan) throws -> Words {
        let record = try #require(plan.records.first { $0.topic == .words })
        return try JSON.decode(Words.self, from: try #require(record.event.data))
    }

    @Test("201 with its identity, its code and where to look")
    func accepted() throws {
        let plan = try Counter().complaint(complaint())
        struct Answer: Decodable {
            let id: String
            let trackingCode: String
            let status: String
            let url: String
        }
        guard case .bytes(let bytes) = plan.answer.body else { Issue.record("no body"); return }
        let answer = try JSON.decode(Answer.self, from: bytes)
        let id = ComplaintID(Counter.chance)
        #expect(plan.answer.status == 201 && answer.status == "received")
        #expect(answer.id == id.text && answer.trackingCode == id.code.description)
        #expect(plan.answer.headers["location"] == answer.url && answer.url.hasSuffix(id.code.compact))
        let submission = try submission(of: plan)
        #expect(submission.complaint == id.code && submission.channel == .web && submission.gateway == nil)
        #expect(submission.submittedAt == Counter.now && !submission.contactable && !submission.anonymous)
        #expect(submission.words == Outline(text: true) && submission.datum == .wgs84)
        #expect(try words(of: plan) == Words(text: "It smells."))
        #expect(plan.records.last?.key == id.code.compact)
    }

    @Test("the identity leaves in the answer alone: in no record, no header, no address and no trace")
    func capability() throws {
        let plan = try Counter().complaint(complaint(more: contact))
        let id = ComplaintID(Counter.chance).text
        let forms = [id, id.replacing("-", with: ""), id.uppercased()]
        for record in plan.records {
            let texts =
                [record.key, String(decoding: record.event.data ?? [], as: UTF8.self)]
                + record.event.headers.map(\.value)
            for form in forms { #expect(!texts.contains { $0.contains(form) }, "\(record.topic)") }
        }
        #expect(plan.answer.headers.allSatisfy { header in !forms.contains { header.value.contains($0) } })
    }

    @Test("an address is enough, and the region that was named goes with it")
    func address() throws {
        let plan = try Counter().complaint(
            complaint(place: nil, more: #""address":"the bridge behind the school","region":"city""#))
        let submission = try submission(of: plan)
        #expect(submission.place == nil && submission.river == nil && submission.region == Counter.id("city"))
        #expect(try words(of: plan).address == "the bridge behind the school")
        #expect(
            try self.submission(of: Counter().complaint(complaint(place: nil, more: #""address":"b""#)))
                .region == nil)
    }

    @Test(
        "a place of a Chinese map is converted, and one in China's own system is as good as WGS 84",
        arguments: [
            ("gcj02", 0.0046, -0.0024), ("bd09", 0.0111, 0.0035), ("cgcs2000", 0, 0), ("wgs84", 0, 0),
        ])
    func datum(_ name: String, _ east: Double, _ north: Double) throws {
        let place = #"{"longitude":\#(120.25 + east),"latitude":\#(30.2 + north),"datum":"\#(name)"}"#
        let submission = try submission(of: Counter().complaint(complaint(place: place)))
        let converted = try #require(submission.place)
        // Two hundred metres are far less than what the maps are shifted by.
        #expect(abs(converted.longitude - 120.25) < 0.002 && abs(converted.latitude - 30.2) < 0.002)
        #expect(submission.datum.rawValue == name)
    }

    @Test("every field that may be given arrives")
    func everyField() throws {
        let more = """
            "address":"Bridge 1","river":"canal","reach":"canal-1","media":["https://example.org/a.jpg"],
            "anonymous":true,"unknown":{"later":1}
            """
        let plan = try Counter().complaint(complaint(more: more))
        let submission = try submission(of: plan)
        #expect(submission.river == Counter.id("canal") && submission.reach == Counter.id("canal-1"))
        #expect(submission.anonymous && submission.words == Outline(text: true, pictures: 1))
        #expect(
            try words(of: plan)
                == Words(text: "It smells.", media: ["https://example.org/a.jpg"], address: "Bridge 1"))
    }

    @Test("words stand under complaint and cause, a stage before the submission, which holds none of them")
    func words() throws {
        let plan = try Counter().complaint(complaint(more: #""address":"Bridge 1""#))
        #expect(plan.stages.map { $0.map(\.topic) } == [[.words], [.submissions]])
        let submitted = try #require(plan.records.last)
        let key = try WordsKey(plan.records[0].key)
        #expect(key.complaint.compact == submitted.key && key.cause == submitted.event.asCause)
        #expect(Topic.partitionKey(of: plan.records[0].key) == submitted.key[...])
        let text = String(decoding: try #require(submitted.event.data), as: UTF8.self)
        #expect(!text.contains("smells") && !text.contains("Bridge"))
    }

    @Test("door and key say how it came in, whatever the caller says")
    func channel() throws {
        let claim = complaint(more: #""channel":"station","gateway":"office""#)
        let publics = try submission(of: Counter().complaint(claim))
        #expect(publics.channel == .web && publics.gateway == nil)
        let apps = try submission(of: Counter(key: Counter.app).complaint(claim))
        #expect(apps.channel == .app && apps.gateway == Counter.id("app"))
    }

    @Test("what is null is not there")
    func nulls() throws {
        let more =
            #""address":null,"river":null,"media":null,"contact":null,"anonymous":null,"idempotencyKey":null"#
        #expect(try words(of: Counter().complaint(complaint(more: more))) == Words(text: "It smells."))
    }

    @Test(
        "where he tapped on a river or a reach and gave no point, there is no place",
        arguments: [#""river":"canal""#, #""reach":"canal-1""#])
    func named(_ named: String) throws {
        #expect(try submission(of: Counter().complaint(complaint(place: nil, more: named))).place == nil)
    }

    @Test("an address or a name of nothing visible was not given")
    func unseen() throws {
        let more = #""address":"\u200b ","contact":{"name":"\u3164","phone":"+86 000 0000 0777"}"#
        let plan = try Counter().complaint(complaint(more: more))
        #expect(try words(of: plan) == Words(text: "It smells."))
        let given = try JSON.decode(Contact.self, from: try #require(plan.records[0].event.data))
        #expect(given == Contact(name: nil, phone: try number("+8600000000777")))
    }

    // MARK: Contacts

    private let contact = #""contact":{"name":"Invented Person","phone":"+86 000 0000 0777"}"#

    @Test("the contact reaches the log in a stage before the submission, which says only that there is one")
    func contactFirst() throws {
        let plan = try Counter().complaint(complaint(more: contact))
        #expect(plan.stages.map { $0.map(\.topic) } == [[.contacts, .words], [.submissions]])
        #expect(plan.records[0].key == plan.records[2].key)
        let given = try JSON.decode(Contact.self, from: try #require(plan.records[0].event.data))
        #expect(given == Contact(name: "Invented Person", phone: try number("+8600000000777")))
        #expect(try submission(of: plan).contactable)
    }

    private func number(_ text: String) throws -> CallableNumber { try CallableNumber(text, country: nil) }

    @Test(
        "a number has one form, however it was written",
        arguments: ["+86 000 0000 0777", "0086 000 0000 0777", "000 0000 0777", "（+86）000-0000-0777"])
    func spellings(_ phone: String) throws {
        let plan = try Counter().complaint(complaint(more: #""contact":{"phone":"\#(phone)"}"#))
        let given = try JSON.decode(Contact.self, from: try #require(plan.records[0].event.data))
        #expect(given.phone?.plain == "+8600000000777")
    }

    @Test("no byte of the contact stands in the submission, its headers or the answer")
    func nothingLeaks() throws {
        let plan = try Counter().complaint(complaint(more: contact))
        let submitted = try #require(plan.records.last)
        guard case .bytes(let answer) = plan.answer.body else {
            Issue.record("the answer has no bytes")
            return
        }
        let texts =
            [
                String(decoding: try #require(submitted.event.data), as: UTF8.self),
                String(decoding: answer, as: UTF8.self),
            ]
            + submitted.event.headers.map { "\($0.name) \($0.value)" } + [submitted.key]
        for text in texts {
            for personal in ["Invented", "0777", "contact\""] { #expect(!text.contains(personal), "\(text)") }
        }
    }

    @Test("an empty contact is none", arguments: ["{}", #"{"name":"","phone":""}"#, #"{"name":null}"#])
    func emptyContact(_ contact: String) throws {
        let plan = try Counter().complaint(complaint(more: "\"contact\":\(contact)"))
        #expect(plan.stages.map { $0.map(\.topic) } == [[.words], [.submissions]])
        #expect(try !submission(of: plan).contactable)
    }

    // MARK: The same again

    private func code(_ body: String, _ headers: Headers = [], _ counter: Counter = Counter()) throws
        -> TrackingCode
    {
        try submission(of: counter.complaint(body, headers)).complaint
    }

    @Test("with a key, in the body or in the header, the same request again is the same complaint")
    func idempotency() throws {
        let later = Counter(chance: Counter.other)
        let inBody = complaint(more: #""idempotencyKey":"k1""#)
        #expect(try code(inBody) == code(inBody, [], later))
        let header: Headers = [("Idempotency-Key", "k1")]
        #expect(try code(complaint(), header) == code(complaint(), header, later))
    }

    @Test("another key, another content, another gateway or no key is another complaint")
    func others() throws {
        let key: Headers = [("Idempotency-Key", "k1")]
        let codes = try [
            code(complaint(), key), code(complaint(), [("Idempotency-Key", "k2")]),
            code(complaint(text: #""Something else.""#), key),
            code(complaint(), key, Counter(key: Counter.app)),
            code(complaint(), key, Counter(key: Counter.office)), code(complaint()),
            code(complaint(), [], Counter(chance: Counter.other)),
        ]
        #expect(Set(codes).count == codes.count)
    }

    @Test("nobody without the identity key computes an identity; instances with the same key agree")
    func identityKey() throws {
        let key: Headers = [("Idempotency-Key", "k1")]
        let mine = try code(complaint(), key)
        let twin = Counter(chance: Counter.other, identityKey: [UInt8](repeating: 0x17, count: 32))
        let foreign = Counter(identityKey: [UInt8](repeating: 0x18, count: 32))
        #expect(try code(complaint(), key, twin) == mine)
        #expect(try code(complaint(), key, foreign) != mine)
    }

    @Test("a retry gives the same identities to its records, so that a reader knows them")
    func identities() throws {
        let body = complaint(more: #""idempotencyKey":"k1",\#(contact)"#)
        let first = try Counter().complaint(body).records.map(\.event.id)
        let second = try Counter(chance: Counter.other).complaint(body).records.map(\.event.id)
        #expect(first == second && Set(first).count == 3)
    }

    @Test("what is drawn by chance is drawn apart: the trace tells nothing of the identity")
    func chance() throws {
        let plan = try Counter().complaint(complaint())
        let trace = try #require(plan.records.first?.event.trail.traceparent)
        let hex = ComplaintID(Counter.chance).text.filter { $0 != "-" }
        #expect(!trace.contains(hex) && !trace.contains(hex.suffix(16)))
    }

    // MARK: Keys

    @Test("a key that is none, is over or is nobody's is 401; one without the scope is 403")
    func keys() throws {
        func refused(_ token: String) -> Problem? {
            refusal { () throws(Problem) in
                try Counter().complaint(complaint(), [("Authorization", "Bearer \(token)")])
            }
        }
        let foreign = GatewayKeyText(secret: [UInt8](repeating: 9, count: 32)).text
        for token in ["", "dayu_nothing", foreign, Counter.former.text] {
            let problem = try #require(refused(token), "\(token)")
            #expect(problem.status == 401 && problem.type == "urn:dayu:key-not-valid")
        }
        #expect(refused(Counter.office.text) == nil && refused(Counter.app.text) == nil)
        let readings = refusal { () throws(Problem) in
            try Counter(key: Counter.app).readings(
                #"{"readings":[{"section":"bridge","observedAt":"2026-07-09T13:00:00Z","#
                    + #""values":{"w01001":7}}]}"#
            )
        }
        #expect(readings?.status == 403)
    }

    // MARK: Traces

    @Test("the caller's trace goes on; without one, or with one that is none, a new one begins")
    func traces() throws {
        let given = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        let plan = try Counter().complaint(complaint(more: contact), [("Traceparent", given)])
        #expect(plan.records.allSatisfy { $0.event.trail.traceparent == given })
        let wrong = [
            "", "00", given.uppercased(), given + "-more", "ff" + given.dropFirst(2),
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", "00-\u{FF11}af7-b7ad6b7169203331-01",
        ]
        for header in wrong {
            let trace = try #require(
                try Counter().complaint(complaint(), [("traceparent", header)]).records.first?.event.trail
                    .traceparent)
            #expect(trace != header && trace.utf8.count == 55 && trace.hasPrefix("00-"))
            #expect(trace.hasSuffix("-000000000000002a-01"), "its span is drawn by itself")
            let again = Traceparent.continued(trace, trace: Counter.other, span: 1)
            #expect(again == trace, "the new one is itself a trace")
        }
    }
}
