import Foundation
import HTTP
import Host
import Links
import Models
import Processing
import Testing
import Text

@testable import Intake

@Suite("The charsets of what phones send")
struct MessageCharsetTests {
    private let numbers: NumberKey
    private var counter: Counter

    init() throws {
        numbers = try NumberKey(String(repeating: "5a", count: 32))
        counter = Counter()
        counter.key = Counter.sms
        counter.numbers = numbers
    }

    /// As the server hands over a GET with these bytes in its query.
    private func plan(
        _ bytes: [UInt8], _ more: [String: String] = [:], from: [UInt8] = Array("8600000007003".utf8)
    ) throws(Problem) -> API.Plan {
        var request = Request(method: .get, query: more)
        request.query["token"] = GatewayToken.messages("kannel-1").text(numbers)
        request.query["id"] = "b7f0-1"
        for (name, value) in [("text", bytes), ("from", from)] {
            if let text = String(validating: value, as: UTF8.self) {
                request.query[name] = text
            } else {
                request.queryBytes[name] = value
            }
        }
        return try counter.api.messages(request)
    }

    private func text(_ plan: API.Plan) throws -> String {
        try JSON.decode(PhoneMessage.self, from: try #require(plan.records.first?.event.data)).text
    }

    // What iconv makes of the texts.
    private static let gb: [UInt8] = [0x32, 0x20, 0xCA, 0xD5, 0xB5, 0xBD, 0xA3, 0xAC, 0x81, 0x39, 0xEE, 0x39]
    private static let utf16: [UInt8] = [0x00, 0x32, 0x00, 0x20, 0x65, 0x36, 0x52, 0x30]
    private static let umlauts: [UInt8] = [0x32, 0x20, 0xE4, 0xD6, 0xDF]

    @Test(
        "the bytes are read in the charset that Kannel names, also where they would be UTF-8",
        arguments: [
            (gb, "GB18030", "0", "2 收到，㐀"), (Array(gb.prefix(8)), "GBK", "0", "2 收到，"),
            (Array(gb.prefix(8)), "gb2312", "0", "2 收到，"), (utf16, "UTF-16BE", "2", "2 收到"),
            (utf16, "", "2", "2 收到"), (utf16, "UCS-2", "", "2 收到"),
            ([0x65, 0x36, 0x52, 0x30], "UTF-16BE", "2", "收到"), (umlauts, "ISO-8859-1", "0", "2 äÖß"),
            (umlauts + [0x80], "WINDOWS-1252", "0", "2 äÖß€"), (Array("2 收到".utf8), "UTF-8", "0", "2 收到"),
            (Array("2 收到".utf8), "", "", "2 收到"), (Array("2 收到".utf8), "8-BIT", "1", "2 收到"),
        ] as [([UInt8], String, String, String)])
    func read(_ bytes: [UInt8], _ charset: String, _ coding: String, _ told: String) throws {
        #expect(try text(plan(bytes, ["charset": charset, "coding": coding])) == told)
    }

    @Test(
        "a text that is not in the charset, or in one that nobody knows, is passed over with that reason",
        arguments: [
            (gb, "UTF-8", "0"), (gb, "", "0"), (gb, "8-BIT", "1"), (Array("2".utf8), "EBCDIC", "0"),
            ([0x65, 0x36, 0x52], "UTF-16BE", "2"), ([0xD8, 0x36, 0x52, 0x30], "UTF-16BE", "2"),
            ([0x32, 0x81], "GBK", "0"),
        ] as [([UInt8], String, String)])
    func unreadable(_ bytes: [UInt8], _ charset: String, _ coding: String) throws {
        let plan = try plan(bytes, ["charset": charset, "coding": coding])
        #expect(plan.answer.status == 200 && plan.records.isEmpty && plan.passedOver?.why == [.charset])
    }

    @Test("a sender's name in any charset is passed over; a report's words lose only their bad bytes")
    func others() throws {
        let plan = try plan(Self.gb, ["charset": "GBK"], from: [0xD6, 0xD0, 0xB9, 0xFA])
        #expect(plan.answer.status == 200 && plan.passedOver?.why == [.number])
        let job = GatewayToken.gateway("kannel-1").text(numbers)
        let words = ["type": "2", "answer": "\u{FFFD}stat:UNDELIV err:042"]
        let form = try GatewayForm(
            Request(
                method: .get, query: ["job": job, "type": "2"],
                queryBytes: ["answer": [0xD6] + Array("stat:UNDELIV err:042".utf8)]))
        #expect(form.items == [words])
        // In a form the same; there `job` is a field of the report.
        let posted = try GatewayForm(
            Self.form("type=2&answer=%D6stat:UNDELIV+err:042&job=x&\(String(repeating: "n", count: 65))=1"))
        #expect(posted.items == [words.merging(["job": "x"]) { own, _ in own }])
    }

    private static func form(
        _ body: String, type: String = "application/x-www-form-urlencoded", _ query: [String: String] = [:]
    ) -> Request {
        Request(
            method: .post, query: query, headers: [("Content-Type", type)], body: Array(body.utf8))
    }

    private func posted(
        _ bytes: [UInt8], _ fields: String, type: String, _ query: [String: String] = [:]
    ) throws(Problem) -> API.Plan {
        let text = bytes.map { "%" + String(Int($0) + 0x100, radix: 16).dropFirst() }.joined()
        var request = Self.form("id=b7f0-1&from=8600000007003&text=\(text)\(fields)", type: type, query)
        request.query["token"] = GatewayToken.messages("kannel-1").text(numbers)
        return try counter.api.messages(request)
    }

    private static let formType = "application/x-www-form-urlencoded"

    @Test(
        "a form is read in the charset that a field names, or else its Content-Type",
        arguments: [
            (gb, "&charset=GB18030", formType, "2 收到，㐀"), (gb, "", "\(formType); charset=gb18030", "2 收到，㐀"),
            (gb, "&charset=", "\(formType);Charset=\"GB18030\"", "2 收到，㐀"),
            (utf16, "&coding=2", formType, "2 收到"), (utf16, "", "\(formType); charset=UTF-16BE", "2 收到"),
            (utf16, "&charset=UTF-16BE", "\(formType); charset=utf-8", "2 收到"),
            (umlauts, "&charset=ISO-8859-1&coding=0", formType, "2 äÖß"),
            (Array("2 收到".utf8), "", formType, "2 收到"),
            (Array("2 收到".utf8), "", "\(formType); charset=utf-8", "2 收到"),
        ] as [([UInt8], String, String, String)])
    func forms(_ bytes: [UInt8], _ fields: String, _ type: String, _ told: String) throws {
        #expect(try text(posted(bytes, fields, type: type)) == told)
        // What stands in the address counts for the form, too.
        #expect(try text(posted(Self.gb, "", type: Self.formType, ["charset": "GBK"])) == "2 收到，㐀")
    }

    @Test(
        "a form that is not in its charset is passed over, as a query is",
        arguments: [
            (gb, "", formType), (gb, "&charset=UTF-8", formType), (gb, "", "\(formType); charset=utf-8"),
            (Array("2".utf8), "", "\(formType); charset=EBCDIC"),
            ([0x65, 0x36, 0x52], "&charset=UTF-16BE", formType),
        ] as [([UInt8], String, String)])
    func unreadableForms(_ bytes: [UInt8], _ fields: String, _ type: String) throws {
        let plan = try posted(bytes, fields, type: type)
        #expect(plan.answer.status == 200 && plan.records.isEmpty && plan.passedOver?.why == [.charset])
    }

    @Test("a report in a form may have its words in any charset")
    func reports() throws {
        let phone = try #require(PhoneNumber(e164: "+8613800138000"))
        var request = Self.form(
            "type=2&answer=%D6%D0stat:UNDELIV+err:042", type: "\(Self.formType); charset=GBK")
        let token = GatewayToken.job(
            gateway: "kannel-1", handle: numbers.handle(of: phone), reference: "r", attempt: 1)
        request.query["job"] = token.text(numbers)
        let plan = try counter.api.receipts(request)
        let told = try JSON.decode(SMSReceipt.self, from: try #require(plan.records.first?.event.data))
        #expect(told.outcome == .undelivered && told.reason == "UNDELIV/042")
    }

    @Test("each refusal counts by its status, and the log has one line a minute without a number or a text")
    func refused() {
        let metrics = Metrics()
        let unheard = UnheardMessages(Log(service: "dayu-intake", threshold: .error), metrics)
        let lines = [(414, 0), (414, 59), (400, 61), (405, 62), (418, 200)].map { status, second in
            unheard.refused(status, at: .seconds(second))
        }
        #expect(lines == [true, false, true, false, true])
        let text = metrics.render()
        for (status, count) in [("414", 2), ("400", 1), ("405", 1), ("other", 1), ("503", 0)] {
            #expect(text.contains("dayu_messages_refused_total{status=\"\(status)\"} \(count)"), "\(text)")
        }
    }
}
