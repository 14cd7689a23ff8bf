import HTTP
import Links
import Models
import Processing
import Testing
import Text

@testable import Intake

@Suite("Following another person's complaint")
struct FollowTests {
    private static let code = Counter.complaint.code
    private static let handle = LinkHandle("AAECAwQFBgcICQoLDA0ODw")
    private let numbers: NumberKey
    private var counter: Counter

    init() throws {
        numbers = try NumberKey(String(repeating: "5a", count: 32))
        counter = Counter()
        counter.numbers = numbers
    }

    private static func wish(
        _ complaint: String? = "\"\(code)\"", phone: String? = #""+86 000 0000 7003""#
    ) -> String {
        object(["complaint": complaint, "phone": phone])
    }

    private func request(_ body: String, _ headers: Headers = []) -> Request {
        var headers = headers
        headers.add("Content-Type", "application/json")
        return Request(method: .post, headers: headers, body: Array(body.utf8))
    }

    private func number() throws -> PhoneNumber { try PhoneNumber("+86 000 0000 7003", country: nil) }

    /// A link as somebody gets it by SMS.
    private func holding(_ actor: Actor, number: NumberHandle?) throws -> (Counter, Headers) {
        var counter = counter
        let handle = try #require(Self.handle)
        counter.book[handle] = ActionLink(
            complaint: Self.code, actor: actor, expiresAt: Counter.now + .seconds(60), number: number)
        return (counter, [("Authorization", "Bearer \(handle.text)")])
    }

    @Test("a follow is on the log under the complaint and the number's handle; the same number is one follow")
    func taken() throws {
        let plan = try counter.api.follow(request(Self.wish()))
        #expect(plan.answer.status == 201 && plan.records.count == 1)
        let record = try #require(plan.records.first)
        let handle = numbers.handle(of: try number())
        #expect(record.topic == .follows && record.key == "\(Self.code.compact)/\(handle)")
        let follow = try JSON.decode(Follow.self, from: try #require(record.event.data))
        #expect(follow == Follow(complaint: Self.code, phone: try number(), handle: handle))
        let again = try counter.api.follow(request(Self.wish(phone: #""0086 00000007003""#)))
        #expect(again.records.first?.key == record.key && again.records.first?.event.id == record.event.id)
        #expect(!record.event.headers.contains { $0.value.contains("7003") })
    }

    @Test(
        "what is wrong is named, and nothing is written",
        arguments: [
            (wish(nil), "complaint", FaultCode.missing), (wish(#""none""#), "complaint", .unknown),
            (wish(phone: nil), "phone", .missing), (wish(phone: #""12345""#), "phone", .phoneWithoutMessages),
            (wish(phone: #""+86 12""#), "phone", .phoneDigits),
        ])
    func refused(_ body: String, _ field: String, _ code: FaultCode) {
        let problem = refusal { () throws(Problem) in try counter.api.follow(request(body)) }
        #expect(problem?.status == 422 && problem?.errors.map(\.field) == [field])
        #expect(problem?.errors.first?.code == code.rawValue)
    }

    @Test("without the key of numbers nobody can follow; a gateway needs the scope for complaints")
    func closed() {
        var closed = counter
        closed.numbers = nil
        let problem = refusal { () throws(Problem) in try closed.api.follow(request(Self.wish())) }
        #expect(problem?.status == 503)
        for (key, status) in [(Counter.app, nil), (Counter.sms, 403)] as [(GatewayKeyText, Int?)] {
            let headers: Headers = [("Authorization", "Bearer \(key.text)")]
            let problem = refusal { () throws(Problem) in
                try counter.api.follow(request(Self.wish(), headers))
            }
            #expect(problem?.status == status)
        }
    }

    @Test("the link in a message to a follower ends it: a tombstone under the same key")
    func ended() throws {
        let handle = numbers.handle(of: try number())
        let (counter, headers) = try holding(Actor(role: .follower, id: handle.text), number: handle)
        let plan = try counter.api.unfollow(request("", headers))
        let record = try #require(plan.records.first)
        #expect(plan.answer.status == 204 && record.event.data == nil)
        #expect(record.topic == .follows && record.key == "\(Self.code.compact)/\(handle)")
        // It says what it is, and not the number's handle.
        guard case .bytes(let bytes) = try counter.heldLink(headers).answer.body else { return }
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.contains(#""role":"follower""#) && !text.contains(handle.text))
    }

    @Test("no other link ends a follow, and who follows may do nothing to the complaint")
    func others() throws {
        let handle = numbers.handle(of: try number())
        for (actor, number) in [
            (Actor.citizen, handle), (Actor(role: .chief, id: "wang"), nil),
            (Actor(role: .follower, id: handle.text), nil),
        ] as [(Actor, NumberHandle?)] {
            let (counter, headers) = try holding(actor, number: number)
            let problem = refusal { () throws(Problem) in try counter.api.unfollow(request("", headers)) }
            #expect(problem?.status == 403, "\(actor)")
        }
        let (counter, headers) = try holding(Actor(role: .follower, id: handle.text), number: handle)
        for action in [#"{"action":"rate","grade":"satisfied"}"#, #"{"action":"note","text":"x"}"#] {
            let problem = refusal { () throws(Problem) in
                try counter.api.ownAction(request(action, headers))
            }
            #expect(problem?.status == 403)
        }
        let by = #"{"action":"note","text":"x","by":{"role":"follower","id":"x"}}"#
        var office = self.counter
        office.key = Counter.office
        #expect(refusal { () throws(Problem) in try office.action(by) }?.status == 422)
    }
}
