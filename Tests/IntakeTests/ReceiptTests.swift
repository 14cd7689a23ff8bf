import Foundation
import HTTP
import Host
import Links
import Models
import Processing
import Testing
import Text

@testable import Intake

@Suite("What SMS gateways report")
struct ReceiptTests {
    private static let number = "+86 000 0000 7003"
    private static let reference = "7KQ29XM4T1H0C.2/chief/wang"
    private let numbers: NumberKey
    private let handle: NumberHandle
    private var counter: Counter

    init() throws {
        numbers = try NumberKey(String(repeating: "5a", count: 32))
        handle = numbers.handle(of: try PhoneNumber(Self.number, country: nil))
        counter = Counter()
        counter.numbers = numbers
    }

    private func token(_ gateway: String = "kannel-1", attempt: Int = 2) -> String {
        GatewayToken.job(gateway: gateway, handle: handle, reference: Self.reference, attempt: attempt)
            .text(numbers)
    }

    private func address(_ gateway: String) -> String { GatewayToken.gateway(gateway).text(numbers) }

    private func get(_ query: [String: String]) throws(Problem) -> API.Plan {
        try counter.api.receipts(Request(method: .get, query: query))
    }

    private func post(
        _ body: String, _ query: [String: String] = [:], key: GatewayKeyText? = nil,
        type: String = "application/json"
    ) throws(Problem) -> API.Plan {
        var headers: Headers = [("Content-Type", type)]
        if let key { headers.add("Authorization", "Bearer \(key.text)") }
        return try counter.api.receipts(
            Request(method: .post, query: query, headers: headers, body: Array(body.utf8)))
    }

    private func receipts(_ plan: API.Plan) throws -> [SMSReceipt] {
        try plan.records.map { record in
            #expect(record.topic == .receipts && record.event.type == "org.dayu.sms.receipt.v1")
            let receipt = try JSON.decode(SMSReceipt.self, from: record.event.data ?? [])
            #expect(record.key == receipt.handle.text)
            return receipt
        }
    }

    @Test(
        "Kannel's types, with the SMSC's own words",
        arguments: [
            (
                "1", "id:1 sub:001 dlvrd:001 stat:DELIVRD err:000 text:", SMSReceipt.Outcome.delivered,
                "DELIVRD/000"
            ),
            ("2", "id:1 sub:001 dlvrd:001 stat:UNDELIV err:042 text:", .undelivered, "UNDELIV/042"),
            ("2", "id:1 stat:EXPIRED err:042 text:", .undelivered, "EXPIRED/042"),
            ("2", "id:1 stat:UNKNOWN err:042 text:", .unknown, "UNKNOWN/042"),
            ("8", "ACK/", .accepted, "ACK/"),
            (
                "16", "NACK/0x0000000b/Invalid Destination Address", .refused,
                "NACK/0xb/Invalid Destination Address"
            ),
            ("16", "NACK/Retries Exceeded", .returned, "NACK/Retries Exceeded"),
            ("16", "NACK/validity expired", .returned, "NACK/validity expired"),
            ("16", "NACK/no SMSC", .returned, "NACK/no SMSC"),
            ("16", "NACK/0x00000058/Throttling error", .returned, "NACK/0x58/Throttling error"),
            ("16", "NACK/0x0000000a/Invalid Source Address", .returned, "NACK/0xa/Invalid Source Address"),
        ])
    func kannel(type: String, answer: String, outcome: SMSReceipt.Outcome, reason: String) throws {
        let plan = try get(["job": token(), "type": type, "answer": answer])
        #expect(plan.answer.status == 200 && plan.answer.body == .bytes([]))
        #expect(
            try receipts(plan) == [
                SMSReceipt(
                    handle: handle, reference: Self.reference, attempt: 2, outcome: outcome, reason: reason,
                    gateway: "kannel-1")
            ])
    }

    @Test("a vendor's blacklist is no end: another gateway may reach the number")
    func declined() throws {
        for (gateway, code, isDeclined) in [
            ("aliyun-2", "MOBILE_IN_BLACK", true), ("aliyun-2", "USER_REJECT", false),
            ("aliyun-2", "MOBILE_NOT_ON_SERVICE", false),
        ] {
            let report = #"[{"success": false, "err_code": "\#(code)", "out_id": "\#(token(gateway))"}]"#
            let told = try #require(try receipts(post(report, ["job": address(gateway)])).first)
            #expect(told.isDeclined == isDeclined && told.outcome == (isDeclined ? .returned : .undelivered))
            #expect(told.gateway == gateway && told.reason == code)
        }
    }

    @Test("what says nothing new is answered with 200 and writes nothing")
    func buffered() throws {
        let plan = try get(["job": token(), "type": "4", "answer": "stat:ENROUTE"])
        #expect(plan.answer.status == 200 && plan.stages.isEmpty)
    }

    @Test("nobody can invent a report: without the token of the message nothing is written")
    func forged() throws {
        let good = token()
        let another = GatewayToken.job(
            gateway: "kannel-1", handle: handle, reference: Self.reference, attempt: 2
        )
        .text(try NumberKey(String(repeating: "11", count: 32)))
        for wrong in ["", "x", String(good.dropLast()), another] {
            let problem = refusal { () throws(Problem) in try get(["job": wrong, "type": "1"]) }
            #expect(problem?.status == 401)
        }
        #expect(refusal { () throws(Problem) in try get(["type": "1"]) }?.status == 401)
        #expect(
            refusal { () throws(Problem) in try post(#"{"out_id": "x", "success": true}"#) }?.status == 401)
        // The token of a message is about this message, whatever else the report says.
        let plan = try get(["job": good, "type": "1", "reference": "another", "attempt": "9"])
        #expect(try receipts(plan).map(\.reference) == [Self.reference])
    }

    @Test("a word that nobody described, or none, is a fault that names the field")
    func words() {
        for query in [["type": "3"], ["type": ""], [:]] {
            let problem = refusal { () throws(Problem) in
                try get(query.merging(["job": token()]) { own, _ in own })
            }
            #expect(problem?.status == 422 && problem?.fields == ["type"])
        }
        #expect(
            refusal { () throws(Problem) in try get(["job": token("gone-7"), "type": "1"]) }?.status == 422)
    }

    @Test(
        "Aliyun's list: each report has the token of its message, and its answer is the one that it expects")
    func aliyun() throws {
        let body = """
            [{"phone_number": "8600000007003", "success": true, "err_code": "DELIVERED", "biz_id": "b^0",
              "out_id": "\(token("aliyun-2"))"},
             {"phone_number": "8600000007003", "success": false, "err_code": "MOBILE_NOT_ON_SERVICE",
              "biz_id": "c^0", "out_id": "\(token("aliyun-2", attempt: 3))"}]
            """
        let plan = try post(body, ["job": address("aliyun-2")])
        #expect(plan.answer.body == .bytes(Array(#"{"code":0,"msg":"接收成功"}"#.utf8)))
        let told = try receipts(plan)
        #expect(told.map(\.outcome) == [.delivered, .undelivered] && told.map(\.attempt) == [2, 3])
        #expect(told.map(\.reason) == ["DELIVERED", "MOBILE_NOT_ON_SERVICE"])
        // Whoever knows the address of the gateway knows no message.
        let invented = #"[{"success": true, "out_id": "x"}]"#
        #expect(
            refusal { () throws(Problem) in try post(invented, ["job": address("aliyun-2")]) }?.fields
                == ["out_id"])
    }

    @Test("a vendor's list may hold what is not ours: the rest counts")
    func foreign() throws {
        let ours = #"{"success": true, "err_code": "DELIVERED", "out_id": "\#(token("aliyun-2"))"}"#
        for foreign in [
            #"{"success": true, "out_id": "another program's"}"#, #"{"success": true, "out_id": ""}"#,
            #"{"success": "perhaps", "out_id": "\#(token("aliyun-2", attempt: 3))"}"#,
        ] {
            let plan = try post("[\(foreign), \(ours)]", ["job": address("aliyun-2")])
            #expect(plan.answer.status == 200)
            #expect(try receipts(plan).map(\.outcome) == [.delivered], "\(foreign)")
        }
    }

    @Test("Tencent knows a message by its own name and the number; the number goes no further")
    func tencent() throws {
        let body = """
            [{"nationcode": "86", "mobile": "00000007003", "report_status": "FAIL", "errmsg": "MK:0001",
              "sid": "5000:1045710669157053657849499619"}]
            """
        let plan = try post(body, ["job": address("tencent-3")])
        #expect(
            try receipts(plan) == [
                SMSReceipt(
                    handle: handle, reference: "", attempt: 0, outcome: .undelivered,
                    gatewayReference: "5000:1045710669157053657849499619", reason: "MK:0001",
                    gateway: "tencent-3")
            ])
        let record = try #require(plan.records.first)
        #expect(
            !"\(record.event.headers) \(String(decoding: record.event.data ?? [], as: UTF8.self))".contains(
                "7003"))
        #expect(refusal { () throws(Problem) in try post(body) }?.status == 401)
    }

    @Test("a gateway of the registry reports with its key, in a form or as JSON; it needs the scope receipts")
    func key() throws {
        let form = "state=UNDELIV&reason=042&reference=\(Self.reference)&attempt=2&number=%2B8600000007003"
        let query = ["gateway": "http-4"]
        let type = "application/x-www-form-urlencoded"
        let expected = SMSReceipt(
            handle: handle, reference: Self.reference, attempt: 2, outcome: .undelivered, reason: "042",
            gateway: "http-4")
        #expect(try receipts(try post(form, query, key: Counter.sms, type: type)) == [expected])
        #expect(
            refusal { () throws(Problem) in try post(form, query, key: Counter.app, type: type) }?.status
                == 403)
        #expect(refusal { () throws(Problem) in try post(form, query, type: type) }?.status == 401)
        let lacking = refusal { () throws(Problem) in
            try post(#"{"state": "DELIVRD", "reference": "r", "attempt": 1}"#, query, key: Counter.sms)
        }
        #expect(lacking?.fields == ["number"])
    }

    @Test("a reason that may hold a number or words is left out")
    func reasons() {
        for text in ["", "sent to 8600000007003", "河水发黑", String(repeating: "a", count: 65), "a\u{1}b"] {
            #expect(ReportReason.told(text) == nil)
        }
        #expect(
            ReportReason.told("stat:REJECTD err:8600000007003000")
                == "REJECTD")
    }

    @Test("the security log has a line for each bad report, and none for a good one")
    func logged() throws {
        func entry(_ status: Int) -> SecurityEntry? {
            SecurityEntry(
                Request(method: .get, query: ["job": "x"], peerAddress: "192.0.2.7"), route: "/v1/receipts",
                SecurityEntry.Answer(status: status, detail: "no"), registry: Counter.registry,
                link: { _ in nil }, at: Counter.now)
        }
        for status in [400, 401, 403, 422] {
            let line = try #require(entry(status))
            #expect(line.wanted == "sms.receipt" && line.refusal == "no" && line.address == "192.0.2.7")
        }
        #expect(entry(200) == nil)
    }

    @Test("settings describe the fields and the words; a list that is none is refused")
    func settings() {
        #expect(ReportDialect.fields("state=s&job=ref") == [.state: "s", .job: "ref"])
        #expect(
            ReportDialect.words("1=delivered&16/no SMSC=returned") == [
                .init(state: "1", meaning: .delivered),
                .init(state: "16", reason: "no SMSC", meaning: .returned),
            ])
        for wrong in ["", "job=x", "state=", "colour=x", "state=a&state=b"] {
            #expect(ReportDialect.fields(wrong) == nil)
        }
        for wrong in ["", "1", "1=gone", "=delivered"] { #expect(ReportDialect.words(wrong) == nil) }
        var reader = SettingsReader(environment: [
            "DAYU_SMS_GATEWAY": "kannel", "DAYU_SMS2_GATEWAY": "aliyun", "DAYU_SMS2_REPORT_WORDS": "nothing",
        ])
        let dialects = SMSDialects(from: &reader)
        #expect(dialects.first == "kannel-1" && dialects.dialects.keys.sorted() == ["aliyun-2", "kannel-1"])
        #expect(reader.faults == ["DAYU_SMS2_REPORT_WORDS: is not such a list"])
    }
}
