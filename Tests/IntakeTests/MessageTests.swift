import HTTP
import Host
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

    private func handle() throws -> NumberHandle { try handle(of: Self.number) }

    private func handle(of number: String) throws -> NumberHandle {
        numbers.handle(of: try PhoneNumber(number, country: nil))
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
            (message(text: nil), ["text"]), (message(text: #""""#), ["text"]),
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

    // MARK: Gateways of the settings

    private func token(_ gateway: String) -> String { GatewayToken.messages(gateway).text(numbers) }

    private func call(
        _ gateway: String, _ query: [String: String] = [:], body: String? = nil,
        type: String = "application/json", token: String? = nil
    ) throws(Problem) -> API.Plan {
        let query = query.merging(["token": token ?? self.token(gateway)]) { own, _ in own }
        return try counter.api.messages(
            Request(
                method: body == nil ? .get : .post, query: query, headers: [("Content-Type", type)],
                body: Array((body ?? "").utf8)))
    }

    private func messages(_ plan: API.Plan) throws -> [PhoneMessage] {
        try plan.records.map { record in
            #expect(record.topic == .messages)
            let message = try JSON.decode(PhoneMessage.self, from: record.event.data ?? [])
            #expect(record.key == message.handle.text)
            return message
        }
    }

    @Test("Kannel calls the address of its sms-service, and gets 200 without a body: it would send that on")
    func kannel() throws {
        let plan = try call(
            "kannel-1", ["id": "b7f0-1", "from": "8600000007003", "text": "1 收到", "time": "1795392000"])
        #expect(plan.answer.status == 200 && plan.answer.body == .bytes([]))
        let message = try #require(try messages(plan).first)
        #expect(message.handle == (try handle()) && message.gateway.rawValue == "kannel-1")
        #expect(message.id == "b7f0-1" && message.text == "1 收到")
        #expect(message.receivedAt == Instant(millisecondsSince1970: 1_795_392_000_000))
        // With a plus sign, as an SMSC writes international numbers, he is the same.
        let plus = try call("kannel-1", ["id": "2", "from": "+8600000007003", "text": "1"])
        #expect(try messages(plus).first?.handle == message.handle)
        // Without its country code it is a mobile number of the city's country, and of no other one.
        let national = try call("kannel-1", ["id": "3", "from": "13800138000", "text": "STOP"])
        #expect(
            try messages(national).first?.handle
                == handle(of: "+8613800138000"))
        for whole in ["8613800138000", "+8613800138000", "008613800138000"] {
            let plan = try call("kannel-1", ["id": "4", "from": whole, "text": "STOP"])
            #expect(try messages(plan).first?.handle == messages(national).first?.handle)
        }
        let abroad = try call("kannel-1", ["id": "5", "from": "12015550123", "text": "1"])
        #expect(
            try messages(abroad).first?.handle == handle(of: "+12015550123"))
        let again = try call("kannel-1", ["id": "b7f0-1", "from": "8600000007003", "text": "1 收到"])
        #expect(again.records.first?.event.id == plan.records.first?.event.id)
    }

    @Test("elsewhere than in China the same digits are those of an international number")
    func elsewhere() throws {
        let dialect = MessageDialect(
            fields: try #require(MessageDialect.fields(MessageDialect.preset(.kannel).fields)), answer: "")
        let item = ["id": "1", "from": "13800138000", "text": "1"]
        let reading = try dialect.message(item, from: Counter.id("g"), country: .hongKong, isLenient: true)
        guard case .message(let draft) = reading else { throw Problem(status: 500) }
        #expect(draft.from == PhoneNumber(e164: "+13800138000"))
    }

    @Test("what is passed over is counted, by what was wrong with it")
    func passedOver() throws {
        let metrics = Metrics()
        let unheard = UnheardMessages(Log(service: "dayu-intake", threshold: .error), metrics)
        for (from, text) in [("10086", "余额不足"), ("BANK", "x"), ("8600000007003", " ")] {
            let plan = try call("kannel-1", ["id": "1", "from": from, "text": text])
            #expect(plan.answer.status == 200 && plan.records.isEmpty)
            unheard.note(try #require(plan.passedOver))
        }
        let text = metrics.render()
        #expect(text.contains(#"dayu_messages_passed_over_total{because="number"} 2"#), "\(text)")
        #expect(text.contains(#"dayu_messages_passed_over_total{because="text"} 1"#))
        #expect(try call("kannel-1", ["id": "1", "from": "8600000007003", "text": "1"]).passedOver == nil)
    }

    @Test("a time that can't be read loses no message; HEAD takes none")
    func timeAndHead() throws {
        let item = ["id": "1", "from": "8600000007003", "text": "1", "time": "2026-11-23 08:00:00"]
        let told = try messages(call("kannel-1", item))
        #expect(told.count == 1 && told[0].receivedAt == nil)
        for (token, name) in [
            ("token", token("kannel-1")), ("job", GatewayToken.gateway("kannel-1").text(numbers)),
        ] {
            let request = Request(method: .head, query: item.merging([token: name]) { own, _ in own })
            let problem = refusal { () throws(Problem) in
                try token == "token" ? counter.api.messages(request) : counter.api.receipts(request)
            }
            #expect(problem?.status == 405 && problem?.headers["allow"] == "GET, POST")
        }
    }

    @Test("Tencent's code of the country in any spelling, also beside a number that has it")
    func country() throws {
        for (code, mobile) in [
            ("86", "00000007003"), ("+86", "00000007003"), ("0086", "00000007003"), ("86", "+8600000007003"),
            ("86", "008600000007003"),
        ] {
            let plan = try call(
                "tencent-3",
                body: object(["mobile": "\"\(mobile)\"", "nationcode": "\"\(code)\"", "text": #""1""#]))
            #expect(try messages(plan).first?.handle == (try handle()), "\(code) \(mobile)")
        }
    }

    @Test("Aliyun pushes a list; what is no answer of a phone does not hold up the others")
    func aliyun() throws {
        let body = """
            [{"phone_number": "00000007003", "content": "2 已到现场", "send_time": "2026-11-23 08:00:00",
              "dest_code": "1", "sequence_id": 4711},
             {"phone_number": "10086", "content": "您的余额不足", "sequence_id": "4712"},
             {"phone_number": "00000007003", "content": " ", "sequence_id": "4713"},
             {"phone_number": "00000007003", "sequence_id": "4714"}]
            """
        let plan = try call("aliyun-2", body: body)
        #expect(plan.answer.status == 200)
        #expect(plan.answer.body == .bytes(Array(#"{"code":0,"msg":"接收成功"}"#.utf8)))
        let told = try messages(plan)
        #expect(told.map(\.text) == ["2 已到现场"] && told.map(\.id) == ["4711"])
        #expect(told.first?.handle == (try handle()))
        // A list without anything to be read is the settings' fault, not the phones'.
        let wrong = refusal { () throws(Problem) in try call("aliyun-2", body: #"[{"phone": "1"}, {}]"#) }
        #expect(wrong?.status == 422 && wrong?.fields.contains("0.phone_number") == true)
    }

    @Test("Tencent names no message: the same words at the same time are the same", arguments: [true, false])
    func tencent(_ isJSON: Bool) throws {
        func plan(_ text: String, _ time: String = "1795392000") throws -> API.Plan {
            try isJSON
                ? call(
                    "tencent-3",
                    body: object([
                        "extend": #""0""#, "mobile": #""00000007003""#, "nationcode": #""86""#,
                        "sign": #""河长办""#, "text": "\"\(text)\"", "time": time,
                    ]))
                : call(
                    "tencent-3",
                    body: "extend=0&mobile=00000007003&nationcode=86&sign=x&text=\(text)&time=\(time)",
                    type: "application/x-www-form-urlencoded")
        }
        let first = try plan("1")
        #expect(first.answer.body == .bytes(Array(#"{"result":0,"errmsg":"OK"}"#.utf8)))
        #expect(try messages(first).map(\.text) == ["1"] && messages(first)[0].handle == (try handle()))
        let names = try [plan("1"), plan("2"), plan("1", "1795392001")].map { $0.records.first?.event.id }
        #expect(names[0] == first.records.first?.event.id && Set(names).count == 3)
    }

    @Test("the token of another gateway, of reports or of nobody opens nothing, also not beside a key")
    func forged() throws {
        let item = ["id": "1", "from": "8600000007003", "text": "1"]
        for wrong in [
            "", "x", GatewayToken.gateway("kannel-1").text(numbers),
            GatewayToken.messages("kannel-1").text(try NumberKey(String(repeating: "11", count: 32))),
        ] {
            #expect(refusal { () throws(Problem) in try call("kannel-1", item, token: wrong) }?.status == 401)
        }
        #expect(refusal { () throws(Problem) in try call("gone-7", item) }?.status == 422)
        // And the token of messages reports nothing.
        let report = refusal { () throws(Problem) in
            try counter.api.receipts(Request(method: .get, query: ["job": token("kannel-1"), "type": "1"]))
        }
        #expect(report?.status == 401)
        var keyless = counter
        keyless.numbers = nil
        let closed = refusal { () throws(Problem) in
            try keyless.api.messages(Request(method: .get, query: item))
        }
        #expect(closed?.status == 503)
    }

    @Test("settings describe the fields; a list without a text, or with two numbers, is refused")
    func settings() {
        #expect(
            MessageDialect.fields("id=msgid&number=from&text=content")
                == [.id: "msgid", .number: "from", .text: "content"])
        for wrong in ["", "id=a&number=b", "text=a", "text=a&number=b&digits=c", "text=a&number=b&hue=c"] {
            #expect(MessageDialect.fields(wrong) == nil, "\(wrong)")
        }
        var reader = SettingsReader(environment: [
            "DAYU_SMS_GATEWAY": "http", "DAYU_SMS_MESSAGE_FIELDS": "id=mo&number=src&text=msg",
            "DAYU_SMS_MESSAGE_ANSWER": "OK", "DAYU_SMS2_GATEWAY": "kannel",
            "DAYU_SMS2_MESSAGE_FIELDS": "nothing",
        ])
        let dialects = SMSDialects(from: &reader)
        #expect(reader.faults == ["DAYU_SMS2_MESSAGE_FIELDS: is not such a list"])
        #expect(
            dialects.dialects["http-1"]?.messages
                == MessageDialect(fields: [.id: "mo", .number: "src", .text: "msg"], answer: "OK"))
    }

    @Test("a wrong token or an unreadable message is a line of the security log, and a good one is none")
    func calls() {
        func entry(_ status: Int) -> SecurityEntry? {
            SecurityEntry(
                Request(method: .get, query: ["token": "x"], peerAddress: "192.0.2.7"), route: "/v1/messages",
                SecurityEntry.Answer(status: status, detail: "no"), registry: Counter.registry,
                link: { _ in nil }, at: Counter.now)
        }
        for status in [401, 422] {
            #expect(entry(status)?.wanted == "sms.message" && entry(status)?.address == "192.0.2.7")
        }
        #expect(entry(200) == nil)
    }
}
