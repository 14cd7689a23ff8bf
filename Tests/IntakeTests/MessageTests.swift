import HTTP
import Links
import Models
import Processing
import Testing
import Text

@testable import Intake

@Suite("What phones send")
struct MessageTests {
    private static let number = "+86 000 0000 7003"
    private let numbers: NumberKey
    private var counter: Counter

    init() throws {
        numbers = try NumberKey(String(repeating: "5a", count: 32))
        counter = Counter()
        counter.key = Counter.sms
        counter.numbers = numbers
    }

    private static func message(
        id: String? = #""mo-1""#, from: String? = "\"\(number)\"", text: String? = #""1""#,
        received: String? = nil
    ) -> String {
        object(["id": id, "from": from, "text": text, "received": received])
    }

    private func handle() throws -> NumberHandle {
        numbers.handle(of: try PhoneNumber(Self.number, country: nil))
    }

    @Test("a message is on the log under the handle of its sender, whose number is nowhere")
    func taken() throws {
        let plan = try counter.message(Self.message(received: #""2026-11-23T08:00:00+08:00""#))
        #expect(plan.answer.status == 201 && plan.records.count == 1)
        let record = try #require(plan.records.first)
        let handle = try handle()
        #expect(record.topic == .messages && record.key == handle.text)
        #expect(record.event.type == "org.dayu.sms.message.v1")
        let data = try #require(record.event.data)
        let message = try JSON.decode(PhoneMessage.self, from: data)
        #expect(message.handle == handle && message.gateway.rawValue == "sms")
        #expect(message.id == "mo-1" && message.text == "1")
        #expect(message.receivedAt?.description == "2026-11-23T00:00:00.000Z")
        let all = String(decoding: data, as: UTF8.self) + record.key + "\(record.event.headers)"
        #expect(!all.contains("0007003") && !all.contains("7003"))
    }

    @Test("the gateway's id makes it the same message, whatever else it says; another gateway's id does not")
    func repeated() throws {
        func id(_ body: String) throws -> String {
            try #require(try counter.message(body).records.first).event.id
        }
        let first = try id(Self.message())
        #expect(try id(Self.message(text: #""2""#)) == first)
        #expect(try id(Self.message(from: #""+8600000007003""#)) == first)
        #expect(try id(Self.message(id: #""mo-2""#)) != first)
        #expect(first.hasPrefix("message/sms/") && !first.contains("mo-1"))
        // A name that is no text for a header does not get there.
        #expect(try id(Self.message(id: #""李\\n""#)).utf8.allSatisfy { (0x21...0x7E).contains($0) })
    }

    @Test(
        "each wrong field is named",
        arguments: [
            (message(id: nil), ["id"]), (message(id: #""""#), ["id"]), (message(from: nil), ["from"]),
            (message(from: #""10086""#), ["from"]), (message(from: #""BANK""#), ["from"]),
            (message(text: nil), ["text"]), (message(text: "7"), ["text"]),
            (message(received: #""yesterday""#), ["received"]),
            (message(id: nil, from: nil, text: nil), ["from", "id", "text"]),
            (message(text: "\"" + String(repeating: "水", count: 4001) + "\""), ["text"]),
        ])
    func wrong(_ body: String, _ fields: [String]) {
        let problem = refusal { () throws(Problem) in try counter.message(body) }
        #expect(problem?.status == 422 && problem?.fields == fields)
        #expect(problem?.detail?.contains("7003") != true)
    }

    @Test("only a gateway with the scope messages delivers them, and only where numbers have handles")
    func scope() {
        var counter = counter
        counter.key = Counter.app
        #expect(refusal { () throws(Problem) in try counter.message(Self.message()) }?.status == 403)
        counter.key = nil
        #expect(refusal { () throws(Problem) in try counter.message(Self.message()) }?.status == 401)
        counter.key = Counter.sms
        counter.numbers = nil
        #expect(refusal { () throws(Problem) in try counter.message(Self.message()) }?.status == 503)
        #expect(refusal { () throws(Problem) in try counter.complaint(complaint()) }?.status == 403)
    }

    @Test("the security log says which gateway delivered one, and neither the text nor the number")
    func logged() throws {
        let plan = try counter.message(Self.message(text: #""secret words""#))
        let request = Request(
            method: .post, headers: [("Authorization", "Bearer \(Counter.sms.text)")],
            body: Array(Self.message(text: #""secret words""#).utf8), peerAddress: "192.0.2.7")
        for status in [201, 403] {
            let answer = SecurityEntry.Answer(status: status, detail: "no", plan: status == 201 ? plan : nil)
            let entry = try #require(
                SecurityEntry(
                    request, route: "/v1/messages", answer, registry: Counter.registry, link: { _ in nil },
                    at: Counter.now))
            #expect(entry.gateway?.rawValue == "sms" && entry.wanted == "sms.message" && entry.by == nil)
            let line = String(decoding: JSON.encode(entry), as: UTF8.self)
            #expect(!line.contains("secret") && !line.contains("7003"))
        }
    }
}
