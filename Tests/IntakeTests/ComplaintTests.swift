import FoundationEssentials
import HTTP
import Models
import Processing
import Testing

@testable import Intake

@Suite("A complaint is taken")
struct ComplaintTests {
    private func submission(of plan: Intake.Plan) throws -> Submission {
        let record = try #require(plan.records.last)
        #expect(record.topic == .submissions)
        return try JSON.decode(Submission.self, from: try #require(record.event.data))
    }

    @Test("201 with its identity, its code and where to look")
    func accepted() throws {
        let plan = try Counter().complaint(complaint())
        struct Answer: Decodable {
            let id: ComplaintID
            let trackingCode: String
            let status: String
            let url: String
        }
        guard case .bytes(let bytes) = plan.answer.body else { Issue.record("no body"); return }
        let answer = try JSON.decode(Answer.self, from: bytes)
        #expect(plan.answer.status == 201 && answer.status == "received")
        #expect(
            answer.id == ComplaintID(Counter.chance)
                && answer.trackingCode == TrackingCode(answer.id).description)
        #expect(
            plan.answer.headers["location"] == answer.url
                && answer.url.hasSuffix(TrackingCode(answer.id).compact))
        #expect(
            !answer.url.contains(answer.id.description),
            "the capability stands in an address that people share")
        let submission = try submission(of: plan)
        #expect(
            submission.complaint == answer.id && submission.text == "It smells." && submission.channel == .web
        )
        #expect(submission.submittedAt == Counter.now && !submission.contactable && !submission.anonymous)
        #expect(plan.records.map(\.key) == [answer.id.description])
    }

    @Test("every field that may be given arrives")
    func everyField() throws {
        let more = """
            "address":"Bridge 1","river":"canal","reach":"canal-1","media":["https://example.org/a.jpg"],
            "channel":"hotline","anonymous":true,"gateway":"site","unknown":{"later":1}
            """
        let submission = try submission(of: Counter().complaint(complaint(more: more)))
        #expect(submission.address == "Bridge 1" && submission.river == Counter.id("canal"))
        #expect(
            submission.reach == Counter.id("canal-1") && submission.media == ["https://example.org/a.jpg"])
        #expect(submission.channel == .hotline && submission.anonymous && submission.gateway == "site")
    }

    @Test("what is null is not there")
    func nulls() throws {
        let more =
            #""address":null,"river":null,"media":null,"contact":null,"anonymous":null,"idempotencyKey":null"#
        #expect(try submission(of: Counter().complaint(complaint(more: more))).address == nil)
    }

    @Test(
        "where he tapped on a river or a reach and gave no point, the middle of it is the place",
        arguments: [#""river":"canal""#, #""reach":"canal-1""#])
    func named(_ named: String) throws {
        let submission = try submission(of: Counter().complaint(complaint(place: nil, more: named)))
        #expect(submission.place == Coordinate(longitude: 120.3, latitude: 30.2))
    }

    // MARK: Contacts

    private let contact = #""contact":{"name":"Invented Person","phone":"+86 000 0000 0777"}"#

    @Test("the contact reaches the log in a stage before the submission, which says only that there is one")
    func contactFirst() throws {
        let plan = try Counter().complaint(complaint(more: contact))
        #expect(plan.stages.map { $0.map(\.topic) } == [[.contacts], [.submissions]])
        #expect(Set(plan.records.map(\.key)).count == 1)
        let given = try JSON.decode(Contact.self, from: try #require(plan.records[0].event.data))
        #expect(given == Contact(name: "Invented Person", phone: "+86 000 0000 0777"))
        #expect(try submission(of: plan).contactable)
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
        #expect(plan.stages.map { $0.map(\.topic) } == [[.submissions]])
        #expect(try !submission(of: plan).contactable)
    }

    // MARK: The same again

    @Test("with a key, in the body or in the header, the same request again is the same complaint")
    func idempotency() throws {
        let inBody = complaint(more: #""idempotencyKey":"k1""#)
        let first = try submission(of: Counter().complaint(inBody)).complaint
        let again = try submission(of: Counter(chance: Counter.other).complaint(inBody)).complaint
        let inHeader = try submission(
            of: Counter(chance: Counter.other).complaint(complaint(), [("Idempotency-Key", "k1")])
        ).complaint
        #expect(first == again && first == inHeader)
        #expect(first == ComplaintID(gateway: "web", idempotencyKey: "k1"))
    }

    @Test("another key, another gateway or no key is another complaint")
    func others() throws {
        let ids = try [
            complaint(more: #""idempotencyKey":"k1""#), complaint(more: #""idempotencyKey":"k2""#),
            complaint(more: #""idempotencyKey":"k1","gateway":"site""#), complaint(),
        ].map { try submission(of: Counter().complaint($0)).complaint }
        #expect(Set(ids).count == 4)
        let chance = try submission(of: Counter(chance: Counter.other).complaint(complaint())).complaint
        #expect(chance != ids[3])
    }

    @Test("a retry gives the same identities to its records, so that a reader knows them")
    func identities() throws {
        let body = complaint(more: #""idempotencyKey":"k1",\#(contact)"#)
        let first = try Counter().complaint(body).records.map(\.event.id)
        let second = try Counter(chance: Counter.other).complaint(body).records.map(\.event.id)
        #expect(first == second && Set(first).count == 2)
    }

    // MARK: Traces

    @Test("the caller's trace goes on; without one, or with one that is none, a new one begins")
    func traces() throws {
        let given = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        let plan = try Counter().complaint(complaint(more: contact), [("Traceparent", given)])
        #expect(plan.records.allSatisfy { $0.event.traceparent == given })
        let wrong = [
            "", "00", given.uppercased(), given + "-more", "ff" + given.dropFirst(2),
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", "00-\u{FF11}af7-b7ad6b7169203331-01",
        ]
        for header in wrong {
            let trace = try #require(
                try Counter().complaint(complaint(), [("traceparent", header)]).records.first?.event
                    .traceparent)
            #expect(trace != header && trace.utf8.count == 55 && trace.hasPrefix("00-"))
            #expect(
                Traceparent.continued(trace, chance: Counter.other) == trace, "the new one is itself a trace")
        }
    }
}
