import HTTP
import Host
import Links
import Models
import Testing
import Text

@testable import Notification

@Suite("Asking a cloud what became of messages")
struct AskedTests {
    private static let job = SMSJob(
        reference: "REF.2/chief/wang", attempt: 3, handle: Desk.recipient.handle,
        phone: Desk.recipient.phone, text: "t", expiresAt: Town.start + .seconds(7200))
    private static let token = GatewayToken.job(
        gateway: "aliyun-1", handle: job.handle, reference: job.reference, attempt: 3
    ).text(Town.numbers)

    private func aliyun() throws -> AliyunRecipe {
        AliyunRecipe(
            url: "https://dysmsapi.example", keyID: "k", secret: "s", signName: "河长办",
            templates: try #require(Templates("*=SMS_2:sentence")), to: "{national}", country: .china)
    }

    private func tencent() throws -> TencentRecipe {
        TencentRecipe(
            url: "https://sms.example", keyID: "k", secret: "s", application: "1400006666", region: "r",
            signName: "河长办", templates: try #require(Templates("*=1:sentence")), to: "{phone}",
            country: .china)
    }

    private let sending = Sending(
        now: Town.start, nonce: "nonce", validity: .zero, token: "", callback: nil)

    @Test("Aliyun is asked about one message of one day")
    func aliyunQuestion() throws {
        let request = try aliyun().question(
            about: SentMessage(job: Self.job, name: "b^0", at: Town.start), on: Day("2026-11-23"), sending)
        #expect(
            request.url
                == "https://dysmsapi.example/?BizId=b%5E0&CurrentPage=1&PageSize=10&PhoneNumber=00000000101"
                + "&SendDate=20261123")
        #expect(request.headers["x-acs-action"] == "QuerySendDetails")
    }

    @Test(
        "it is the day of the sending in Beijing, and around midnight the other one, too",
        arguments: [
            ("2026-11-22T04:00:00Z", ["2026-11-22"]), ("2026-11-22T15:54:59Z", ["2026-11-22"]),
            ("2026-11-22T15:55:00Z", ["2026-11-22", "2026-11-23"]),
            ("2026-11-22T15:59:59.999Z", ["2026-11-22", "2026-11-23"]),
            ("2026-11-22T16:00:00Z", ["2026-11-23", "2026-11-22"]),
            ("2026-11-22T16:04:59Z", ["2026-11-23", "2026-11-22"]), ("2026-11-22T16:05:00Z", ["2026-11-23"]),
            ("2026-11-22T23:30:00Z", ["2026-11-23"]),
        ])
    func aliyunDays(_ at: String, _ days: [String]) throws {
        let at = try #require(Instant(rfc3339: at))
        let told = try aliyun().days(of: SentMessage(job: Self.job, name: "b^0", at: at))
        #expect(told.map(\.description) == days)
        #expect(try tencent().days(of: SentMessage(job: Self.job, name: "s", at: at)) == [])
    }

    @Test(
        "each of its states",
        arguments: [
            (1, "", nil, false), (3, "DELIVERED", SMSReceipt.Outcome.delivered, false),
            (2, "MOBILE_NOT_ON_SERVICE", .undelivered, false), (2, "MOBILE_IN_BLACK", .returned, true),
            (2, "USER_REJECT", .undelivered, false), (9, "", nil, false),
        ] as [(Int, String, SMSReceipt.Outcome?, Bool)])
    func aliyunStates(_ state: Int, _ code: String, _ outcome: SMSReceipt.Outcome?, _ isDeclined: Bool) throws
    {
        let body = """
            {"Code": "OK", "SmsSendDetailDTOs": {"SmsSendDetailDTO": [
             {"PhoneNum": "1", "Content": "words", "SendStatus": \(state), "ErrCode": "\(code)",
              "OutId": "\(Self.token)"}]}}
            """
        let told = try #require(try aliyun().reports(status: 200, body: body))
        let receipt = told.first?.receipt(from: "aliyun-1", Town.numbers)
        #expect(receipt?.outcome == outcome && (receipt?.isDeclined ?? false) == isDeclined)
        guard let receipt else { return }
        #expect(receipt.reference == Self.job.reference && receipt.attempt == 3 && receipt.reason == code)
        #expect(told.first?.receipt(from: "aliyun-2", Town.numbers) == nil, "another gateway's token")
        #expect(try aliyun().reports(status: 200, body: #"{"Code": "isp.RAM_PERMISSION_DENY"}"#) == nil)
        #expect(try aliyun().reports(status: 502, body: "<html>") == nil)
        let denied = #"{"Code": "isp.RAM_PERMISSION_DENY", "Message": "+8613800138000"}"#
        #expect(try aliyun().fault(status: 200, body: denied) == "isp.RAM_PERMISSION_DENY")
        #expect(try aliyun().fault(status: 502, body: "<html>") == "HTTP 502")
        #expect(try aliyun().fault(status: 400, body: #"{"Code": "+8613800138000"}"#) == "HTTP 400")
    }

    @Test("Tencent tells of all that it knows, by its own names and the numbers")
    func tencentStates() throws {
        let request = try tencent().question(about: nil, on: nil, sending)
        #expect(request.headers["X-TC-Action"] == "PullSmsSendStatus")
        #expect(String(decoding: request.body, as: UTF8.self) == #"{"Limit":100,"SmsSdkAppId":"1400006666"}"#)
        func status(_ state: String, _ said: String) -> String {
            """
            {"SerialNo": "s-\(said)", "PhoneNumber": "\(Self.job.phone.e164)", "ReportStatus": "\(state)",
             "Description": "\(said)"}
            """
        }
        let list = [status("SUCCESS", "DELIVRD"), status("FAIL", "BLACK"), status("FAIL", "用户关机"), "{}"]
        let body = #"{"Response": {"PullSmsSendStatusSet": [\#(list.joined(separator: ","))]}}"#
        let told = try #require(try tencent().reports(status: 200, body: body))
        let receipts = told.compactMap { $0.receipt(from: "tencent-1", Town.numbers) }
        #expect(receipts.map(\.outcome) == [.delivered, .returned, .undelivered])
        #expect(
            receipts.map(\.reason) == ["DELIVRD", "BLACK", nil]
                && receipts.map(\.isDeclined) == [false, true, false])
        #expect(receipts.allSatisfy { $0.handle == Self.job.handle && $0.reference.isEmpty })
        #expect(Set(receipts.map(\.recordID)).count == 3 && receipts[0].gatewayReference == "s-DELIVRD")
        let off = #"{"Response": {"Error": {"Code": "UnsupportedOperation", "Message": "m"}}}"#
        #expect(try tencent().reports(status: 200, body: off) == nil)
        #expect(try tencent().fault(status: 200, body: off) == "UnsupportedOperation")
    }

    @Test("each message is asked about until there is a report, ever more seldom, and not for ever")
    func pauses() throws {
        let start = ContinuousClock.now
        var pull = ReportPull(try aliyun(), every: .seconds(60), for: .seconds(4200))
        #expect(pull.due(at: start + .seconds(9999)) == [])
        pull.note(Self.job, nil, sentAt: Town.start, at: start)
        pull.note(Self.job, "b^0", sentAt: Town.start, at: start)
        var asked: [Int] = []
        for second in stride(from: 0, through: 5000, by: 10) {
            let now = start + .seconds(second)
            for question in pull.due(at: now) {
                #expect(question.sent?.name == "b^0" && pull.due(at: now) == [], "one question at a time")
                asked.append(second)
                #expect(told(&pull, second < 500 ? nil : [], question, now) == [])
            }
        }
        #expect(asked == [60, 120, 240, 480, 960, 1560, 2160, 2760, 3360, 3960])
        pull.note(Self.job, "b^0", sentAt: Town.start, at: start)
        let question = try #require(pull.due(at: start + .seconds(60)).first)
        #expect(told(&pull, [Self.report], question, start + .seconds(60)) == [.delivered])
        #expect(pull.due(at: start + .seconds(600)) == [])
    }

    private static let report = AskedReport(about: .token(token), outcome: .delivered, reason: nil)

    private func told(
        _ pull: inout ReportPull, _ reports: [AskedReport]?, _ question: ReportPull.Due,
        _ now: ContinuousClock.Instant
    ) -> [SMSReceipt.Outcome] {
        pull.took(reports, to: question, from: "aliyun-1", Town.numbers, at: now).map(\.outcome)
    }

    @Test("around midnight the second day is asked at once when the first one knows nothing")
    func bothDays() throws {
        let start = ContinuousClock.now
        var pull = ReportPull(try aliyun(), every: .seconds(60), for: .seconds(4200))
        let midnight = try #require(Instant(rfc3339: "2026-11-22T16:00:01Z"))
        pull.note(Self.job, "b^0", sentAt: midnight, at: start)
        var asked: [String] = []
        for second in 0...300 {
            let now = start + .seconds(second)
            for question in pull.due(at: now) {
                asked.append("\(second) \(question.day?.day ?? 0)")
                // A question without an answer is asked again: nobody knows what it would have been.
                #expect(told(&pull, second < 100 ? nil : [], question, now) == [])
            }
        }
        #expect(asked == ["60 23", "120 23", "121 22", "241 23", "242 22"])
    }

    @Test("what is about no message of ours, or about another one, does not end the asking")
    func notAboutIt() throws {
        let start = ContinuousClock.now
        var pull = ReportPull(try aliyun(), every: .seconds(60), for: .seconds(4200))
        pull.note(Self.job, "b^0", sentAt: Town.start, at: start)
        let other = SMSJob(
            reference: "REF.3/chief/wang", attempt: 1, handle: Self.job.handle, phone: Self.job.phone,
            text: "t", expiresAt: Self.job.expiresAt)
        pull.note(other, "c^0", sentAt: Town.start, at: start)
        let body = #"{"Code": "OK", "SmsSendDetailDTOs": {"SmsSendDetailDTO": [{"SendStatus": 3}]}}"#
        let nameless = try #require(try aliyun().reports(status: 200, body: body))
        #expect(nameless.count == 1)
        var now = start + .seconds(60)
        let both = pull.due(at: now)
        let (first, second) = (try #require(both.first), try #require(both.last))
        #expect(first.reference == Self.job.attemptID && second.reference == other.attemptID)
        #expect(told(&pull, nameless, first, now) == [])
        #expect(told(&pull, [Self.report], second, now) == [.delivered])
        now += .seconds(60)
        #expect(pull.due(at: now).map(\.reference) == [other.attemptID], "the first one is told")
    }

    @Test(
        "it is asked before nobody waits for its reports any more",
        arguments: [("60s", []), ("61s", ["DAYU_SMS_POLL"])])
    func interval(_ poll: String, _ faults: [String]) {
        var reader = SettingsReader(environment: [
            "DAYU_SMS_GATEWAY": "tencent", "DAYU_SMS_USER": "k", "DAYU_SMS_SECRET": "s",
            "DAYU_SMS_APPLICATION": "1", "DAYU_SMS_SIGN_NAME": "河长办", "DAYU_SMS_TEMPLATES": "*=1:sentence",
            "DAYU_SMS_VALIDITY": "1m", "DAYU_SMS_POLL": poll,
        ])
        _ = Outlet(from: &reader, country: .china)
        #expect(reader.faults.map { String($0.prefix { $0 != ":" }) } == faults, "\(reader.faults)")
    }

    @Test("whoever tells of all messages is asked again at once while there is more")
    func all() throws {
        let start = ContinuousClock.now
        var pull = ReportPull(try tencent(), every: .seconds(60), for: .seconds(4200))
        let first = start + .seconds(61)
        let question = try #require(pull.due(at: first).first)
        #expect(pull.due(at: first) == [] && question.sent == nil)
        let phone = Self.job.phone.e164
        let report = AskedReport(about: .named("s", number: phone), outcome: .delivered, reason: nil)
        #expect(told(&pull, [report], question, first) == [.delivered])
        var next = try #require(pull.due(at: first).first)
        let foreign = AskedReport(about: .named("", number: phone), outcome: .delivered, reason: nil)
        #expect(told(&pull, [foreign], next, first) == [], "another program's, and others may wait behind it")
        next = try #require(pull.due(at: first).first)
        #expect(told(&pull, nil, next, first) == [] && pull.due(at: first + .seconds(59)) == [])
        #expect(pull.due(at: first + .seconds(60)).count == 1)
        pull.forget()
        pull.end()
        #expect(pull.due(at: first + .seconds(3600)) == [])
    }
}
