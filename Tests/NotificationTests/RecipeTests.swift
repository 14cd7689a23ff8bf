import Foundation
import HTTP
import Models
import Testing
import Text

@testable import Notification

/// An attempt, and what goes with it.
private let job = SMSJob(
    reference: "REF.2/chief/wang", attempt: 3, handle: Desk.recipient.handle, phone: Desk.recipient.phone,
    text: "【大禹】新投诉", expiresAt: Town.start + .seconds(7200), about: .assigned,
    fields: NoticeFields(
        code: "7KQ2-9XM4", sentence: "新投诉。", category: "异味", place: "沿山河", due: "11-23 14:05", link: "LINK"))

private func sending(callback: String? = nil) -> Sending {
    Sending(
        now: Town.start, nonce: "nonce", validity: .seconds(90 * 60), token: "TOKEN", callback: callback)
}

@Suite("Kannel")
struct KannelRecipeTests {
    private let kannel = KannelRecipe(
        url: "http://127.0.0.1:13013/cgi-bin/sendsms", user: "dayu", password: "secret", sender: "10690000",
        to: "{digits}", country: .china)

    @Test("gets the text as the body, and nothing secret in the address")
    func request() {
        let request = kannel.request(for: job, sending(callback: "http://intake/v1/receipts"))
        #expect(request.url == "http://127.0.0.1:13013/cgi-bin/sendsms" && request.method == .post)
        #expect(String(decoding: request.body, as: UTF8.self) == "【大禹】新投诉")
        let expected = [
            "content-type": "text/plain; charset=UTF-8", "x-kannel-username": "dayu",
            "x-kannel-password": "secret", "x-kannel-to": "8600000000101", "x-kannel-from": "10690000",
            "x-kannel-coding": "2", "x-kannel-validity": "90", "x-kannel-dlr-mask": "31",
            "x-kannel-dlr-url": "http://intake/v1/receipts?job=TOKEN&type=%d&answer=%A",
        ]
        for (name, value) in expected { #expect(request.headers[name] == value, "\(name)") }
        let silent = kannel.request(for: job, sending())
        #expect(silent.headers["x-kannel-dlr-url"] == nil && silent.headers["x-kannel-dlr-mask"] == nil)
    }

    @Test(
        "a text has the coding in which it is counted",
        arguments: [
            ("【大禹】新投诉", "2"), ("[Dayu] New complaint 0H4C: odour.", "0"), ("caffè €5", "0"),
            ("Caño “A”", "2"), ("Müll 😀", "0"),
        ])
    func coding(text: String, coding: String) {
        let job = SMSJob(
            reference: job.reference, attempt: 1, handle: job.handle, phone: job.phone, text: text,
            expiresAt: job.expiresAt)
        let request = kannel.request(for: job, sending())
        #expect(request.headers["x-kannel-coding"] == coding)
        #expect(Segments.isGSM(String(decoding: request.body, as: UTF8.self)) == (coding == "0"))
    }

    @Test("never gets a character that it would cut in two, nor an empty text")
    func text() {
        #expect(KannelRecipe.sendable("水🐟河") == "水?河")
        #expect(KannelRecipe.sendable("") == " ")
    }

    @Test(
        "each of its answers",
        arguments: [
            (202, "0: Accepted for delivery", Verdict.accepted(nil)),
            (202, "3: Queued for later delivery", .accepted(nil)),
            (202, "", .unclear("HTTP 202 is not Kannel's answer")),
            (200, "0: Accepted for delivery", .unclear("HTTP 200 is not Kannel's answer")),
            (403, "Not routable. Do not try again.", .busy("HTTP 403", nil)),
            (403, "Authorization failed for sendsms", .fault("HTTP 403")),
            (503, "Temporal failure, try again later.", .busy("HTTP 503", nil)),
            (400, "Missing receiver number, rejected", .refused("HTTP 400")),
            (400, "Empty receiver number not allowed, rejected", .refused("HTTP 400")),
            (400, "Number(s) has/have been denied by white- and/or black-lists.", .refused("HTTP 400")),
            (400, "Coding field misformed, rejected", .fault("HTTP 400")),
            (400, "Charset or body misformed, rejected", .fault("HTTP 400")),
            (400, "Priority field misformed, rejected", .fault("HTTP 400")),
            (400, "Validity field misformed, rejected", .fault("HTTP 400")),
            (400, "Invalid content-type", .fault("HTTP 400")), (404, "Unknown request.", .fault("HTTP 404")),
            (500, "", .unclear("HTTP 500")), (502, "<html>", .unclear("HTTP 502")),
        ])
    func answers(status: Int, body: String, verdict: Verdict) {
        #expect(kannel.verdict(status: status, headers: [], body: body) == verdict)
    }

    @Test("Retry-After says when it may be asked again")
    func retryAfter() {
        let busy = kannel.verdict(status: 503, headers: [("Retry-After", "7")], body: "")
        #expect(busy == .busy("HTTP 503", .seconds(7)))
        for wrong in ["-1", "soon", "Mon, 23 Nov 2026 05:41:35 GMT", "99999999"] {
            #expect(
                kannel.verdict(status: 503, headers: [("Retry-After", wrong)], body: "")
                    == .busy("HTTP 503", nil))
        }
    }
}

@Suite("Aliyun")
struct AliyunRecipeTests {
    private func aliyun() throws -> AliyunRecipe {
        AliyunRecipe(
            url: "https://dysmsapi.example:8443", keyID: "testid", secret: "testsecret", signName: "河长办",
            templates: try #require(Templates("assigned=SMS_1:code,place&*=SMS_2:sentence")),
            to: "{national}",
            country: .china)
    }

    /// Alibaba Cloud, "V3 request syntax and signature", the example with fixed values.
    @Test("the vendor's published signature")
    func published() {
        var headers = [
            "host": "ecs.cn-shanghai.aliyuncs.com", "x-acs-action": "RunInstances",
            "x-acs-version": "2014-05-26", "x-acs-date": "2023-10-26T10:22:32Z",
            "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        ]
        let query = AliyunRecipe.canonical([
            "RegionId": "cn-shanghai", "ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd",
        ])
        let authorization = AliyunRecipe.sign(
            path: "/", query: query, headers: &headers, keyID: "YourAccessKeyId", "YourAccessKeySecret")
        #expect(
            authorization
                == "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;"
                + "x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,"
                + "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0")
    }

    /// What alibabacloud_dysmsapi20170525 4.6.0 sent to a server of ours.
    @Test("the signature of the vendor's own client")
    func client() {
        var headers = [
            "accept": "application/json", "host": "127.0.0.1:25590",
            "user-agent": "AlibabaCloud (Linux; x86_64) Python/3.11.7 Core/0.4.3 TeaDSL/2",
            "x-acs-action": "SendSms", "x-acs-credentials-provider": "static_ak",
            "x-acs-date": "2026-11-23T01:10:05Z",
            "x-acs-signature-nonce": "0c96a5341cc9cd4d89d73f4d27ef8596", "x-acs-version": "2017-05-25",
        ]
        let query = AliyunRecipe.canonical([
            "OutId": "m-0001", "PhoneNumbers": "13800138000", "SignName": "河长办",
            "TemplateCode": "SMS_123456789", "TemplateParam": #"{"river":"清水河","level":"3.2"}"#,
        ])
        let authorization = AliyunRecipe.sign(
            path: "/", query: query, headers: &headers, keyID: "testid", "testsecret")
        #expect(
            authorization.hasSuffix(
                "Signature=9dbeac8863c41350a05d2ebfb6d3151afb814eb3e13a2d00d3e7e59643e64149"))
    }

    @Test("gets a template and its blanks, and the token of the message as OutId")
    func request() throws {
        let request = try aliyun().request(for: job, sending())
        #expect(request.method == .post && request.body.isEmpty)
        let parts = request.url.split(separator: "?", maxSplits: 1).map(String.init)
        #expect(parts[0] == "https://dysmsapi.example:8443/")
        let query = Dictionary(
            uniqueKeysWithValues: parts[1].split(separator: "&").map { pair in
                let sides = pair.split(separator: "=", maxSplits: 1).map {
                    String($0).removingPercentEncoding ?? ""
                }
                return (sides[0], sides.count > 1 ? sides[1] : "")
            })
        #expect(query["OutId"] == "TOKEN" && query["PhoneNumbers"] == "00000000101")
        #expect(query["SignName"] == "河长办" && query["TemplateCode"] == "SMS_1")
        let blanks = try JSON.decode([String: String].self, from: Array((query["TemplateParam"] ?? "").utf8))
        #expect(blanks == ["code": "7KQ2-9XM4", "place": "沿山河"])
        #expect(request.headers["host"] == nil, "the client writes it")
        #expect(request.headers["x-acs-date"] == "2027-01-15T08:00:00Z")
    }

    @Test(
        "each of its codes",
        arguments: [
            ("OK", Verdict.accepted("b^0")),
            ("isv.BUSINESS_LIMIT_CONTROL", .limited("isv.BUSINESS_LIMIT_CONTROL")),
            ("isv.DAY_LIMIT_CONTROL", .busy("isv.DAY_LIMIT_CONTROL", .seconds(600))),
            ("isv.MONTH_LIMIT_CONTROL", .busy("isv.MONTH_LIMIT_CONTROL", .seconds(600))),
            ("Throttling.User", .busy("Throttling.User", nil)),
            ("isv.MOBILE_NUMBER_ILLEGAL", .refused("isv.MOBILE_NUMBER_ILLEGAL")),
            ("isv.TEMPLATE_MISSING_PARAMETERS", .unfit("isv.TEMPLATE_MISSING_PARAMETERS")),
            ("isv.INVALID_JSON_PARAM", .unfit("isv.INVALID_JSON_PARAM")),
            ("isv.PARAM_LENGTH_LIMIT", .unfit("isv.PARAM_LENGTH_LIMIT")),
            ("isv.PARAM_NOT_SUPPORT_URL", .unfit("isv.PARAM_NOT_SUPPORT_URL")),
            ("isv.BLACK_KEY_CONTROL_LIMIT", .forbidden("isv.BLACK_KEY_CONTROL_LIMIT")),
            ("isv.SMS_CONTENT_ILLEGAL", .forbidden("isv.SMS_CONTENT_ILLEGAL")),
            ("isv.SMS_TEMPLATE_ILLEGAL", .unfit("isv.SMS_TEMPLATE_ILLEGAL")),
            ("isv.SMS_SIGNATURE_ILLEGAL", .fault("isv.SMS_SIGNATURE_ILLEGAL")),
            ("isv.SIGN_STATE_ILLEGAL", .fault("isv.SIGN_STATE_ILLEGAL")),
            ("isv.OUT_OF_SERVICE", .fault("isv.OUT_OF_SERVICE")),
            ("isv.AMOUNT_NOT_ENOUGH", .fault("isv.AMOUNT_NOT_ENOUGH")),
            ("isp.RAM_PERMISSION_DENY", .fault("isp.RAM_PERMISSION_DENY")),
            ("isv.DENY_IP_RANGE", .fault("isv.DENY_IP_RANGE")),
            ("isp.SYSTEM_ERROR", .later("isp.SYSTEM_ERROR")),
            ("isv.NEVER_SEEN", .fault("isv.NEVER_SEEN")),
        ])
    func codes(code: String, verdict: Verdict) throws {
        let body = #"{"Code":"\#(code)","Message":"m","BizId":"b^0","RequestId":"r"}"#
        #expect(try aliyun().verdict(status: 200, headers: [], body: body) == verdict)
    }

    @Test("an answer that is not its own, by its status")
    func unreadable() throws {
        let expected: [(Int, Verdict)] = [
            (200, .unclear("HTTP 200 without an answer that can be read")), (403, .fault("HTTP 403")),
            (429, .busy("HTTP 429", nil)), (502, .unclear("HTTP 502")), (504, .unclear("HTTP 504")),
            (501, .later("HTTP 501")), (503, .busy("HTTP 503", nil)),
        ]
        for (status, verdict) in expected {
            #expect(try aliyun().verdict(status: status, headers: [], body: "<html>") == verdict)
        }
    }
}

@Suite("Tencent")
struct TencentRecipeTests {
    private func tencent() throws -> TencentRecipe {
        TencentRecipe(
            url: "https://sms.example", keyID: "AKIDtest", secret: "sk", application: "1400006666",
            region: "ap-guangzhou", signName: "河长办",
            templates: try #require(Templates("assigned=1110:place,code&*=1111:sentence")), to: "{phone}",
            country: .china)
    }

    /// What tencentcloud-sdk-python-sms 3.1.153 sent to a server of ours.
    @Test("the signature of the vendor's own client")
    func client() {
        let body = #"""
            {"PhoneNumberSet": ["+8613800138000"], "SmsSdkAppId": "1400006666", "TemplateId": "1110", "SignName": "\u6cb3\u957f\u529e", "TemplateParamSet": ["\u6e05\u6c34\u6cb3", "3.2"], "SessionContext": "m1"}
            """#
        let authorization = TencentRecipe.sign(
            Array(body.utf8), host: "127.0.0.1:25590", contentType: "application/json",
            at: Instant(millisecondsSince1970: 1_795_396_205_000), keyID: "AKIDtest", "sk")
        #expect(
            authorization
                == "TC3-HMAC-SHA256 Credential=AKIDtest/2026-11-23/sms/tc3_request, "
                + "SignedHeaders=content-type;host, "
                + "Signature=359cf5f82d60989ddb56f23dc1cd8edce1f24f8d8328658166fd5660cfa081ac")
    }

    @Test("gets the blanks by their places, and the token as the session's context")
    func request() throws {
        struct Body: Decodable {
            let PhoneNumberSet: [String]
            let SmsSdkAppId: String
            let TemplateId: String
            let SignName: String
            let TemplateParamSet: [String]
            let SessionContext: String
        }
        let request = try tencent().request(for: job, sending())
        let body = try JSON.decode(Body.self, from: request.body)
        #expect(body.PhoneNumberSet == ["+8600000000101"] && body.SmsSdkAppId == "1400006666")
        #expect(body.TemplateId == "1110" && body.TemplateParamSet == ["沿山河", "7KQ2-9XM4"])
        #expect(body.SignName == "河长办" && body.SessionContext == "TOKEN")
        #expect(
            request.headers["x-tc-action"] == "SendSms" && request.headers["x-tc-region"] == "ap-guangzhou")
        #expect(request.url == "https://sms.example/")
    }

    @Test(
        "each of its codes, of the message and of the request",
        arguments: [
            ("Ok", Verdict.accepted("s:1")),
            ("LimitExceeded.DeliveryFrequencyLimit", .limited("LimitExceeded.DeliveryFrequencyLimit")),
            (
                "LimitExceeded.PhoneNumberThirtySecondLimit",
                .limited("LimitExceeded.PhoneNumberThirtySecondLimit")
            ),
            ("LimitExceeded.PhoneNumberOneHourLimit", .limited("LimitExceeded.PhoneNumberOneHourLimit")),
            ("LimitExceeded.PhoneNumberDailyLimit", .limited("LimitExceeded.PhoneNumberDailyLimit")),
            (
                "LimitExceeded.PhoneNumberSameContentDailyLimit",
                .limited("LimitExceeded.PhoneNumberSameContentDailyLimit")
            ),
            ("RequestLimitExceeded", .busy("RequestLimitExceeded", nil)),
            ("FailedOperation.PhoneNumberInBlacklist", .declined("FailedOperation.PhoneNumberInBlacklist")),
            ("FailedOperation.ContainSensitiveWord", .forbidden("FailedOperation.ContainSensitiveWord")),
            (
                "InvalidParameterValue.IncorrectPhoneNumber",
                .refused("InvalidParameterValue.IncorrectPhoneNumber")
            ),
            (
                "InvalidParameterValue.ContentLengthLimit",
                .unfit("InvalidParameterValue.ContentLengthLimit")
            ),
            (
                "FailedOperation.SignatureIncorrectOrUnapproved",
                .fault("FailedOperation.SignatureIncorrectOrUnapproved")
            ),
            (
                "FailedOperation.TemplateIncorrectOrUnapproved",
                .unfit("FailedOperation.TemplateIncorrectOrUnapproved")
            ),
            ("AuthFailure.SignatureFailure", .fault("AuthFailure.SignatureFailure")),
            ("InternalError.Timeout", .unclear("InternalError.Timeout")),
            ("InternalError.OtherError", .unclear("InternalError.OtherError")),
        ])
    func codes(code: String, verdict: Verdict) throws {
        let status = #"{"Response":{"SendStatusSet":[{"SerialNo":"s:1","Code":"\#(code)"}],"RequestId":"r"}}"#
        #expect(try tencent().verdict(status: 200, headers: [], body: status) == verdict)
        let whole = #"{"Response":{"Error":{"Code":"\#(code)","Message":"m"},"RequestId":"r"}}"#
        guard code != "Ok" else { return }
        #expect(try tencent().verdict(status: 200, headers: [], body: whole) == verdict)
    }
}

@Suite("The generic recipe's ways back, and its signature")
struct GenericRecipeTests {
    private func dialect(_ fields: String, headers: String = "", signed: String = "", secret: String? = "key")
        throws -> HTTPGateway.Dialect
    {
        HTTPGateway.Dialect(
            url: "http://gate.example/send", method: .post, form: .json,
            fields: try #require(HTTPGateway.Field.list(fields)),
            headers: try #require(HTTPGateway.Field.list(headers)), country: .china,
            successStatus: 200...299, secret: secret, signed: signed)
    }

    @Test("the token, the address of reports, the attempt and the time")
    func placeholders() throws {
        let dialect = try dialect("ref={job}&back={callback}&n={attempt}&at={time}&for={seconds}")
        let request = dialect.request(for: job, sending(callback: "http://intake/v1/receipts?gateway=http-2"))
        let body = try JSON.decode([String: String].self, from: request.body)
        #expect(
            body == [
                "ref": "TOKEN", "back": "http://intake/v1/receipts?gateway=http-2&job=TOKEN", "n": "3",
                "at": "1800000000", "for": "5400",
            ])
        let untold = try self.dialect("to={digits}")
        #expect(dialect.takesValidity && !untold.takesValidity)
    }

    /// Computed with Python: hmac.new(b"key", b"1800000000\n" + body, "sha256").hexdigest()
    @Test("HMAC-SHA256 over a template, of the body in a header, and of the rest in a field")
    func signature() throws {
        let inHeader = try dialect(
            "to={digits}", headers: "X-Signature={signature}", signed: "{time}\n{body}")
        let request = inHeader.request(for: job, sending())
        #expect(String(decoding: request.body, as: UTF8.self) == #"{"to":"8600000000101"}"#)
        #expect(
            request.headers["x-signature"]
                == "bbe6095d198c0fb270d552f4e4d45b4a211e83efe3eaa887d618fd95a8cf16bd")
        let inField = try dialect("sign={signature}", signed: "{digits}{time}")
        let body = try JSON.decode([String: String].self, from: inField.request(for: job, sending()).body)
        #expect(body["sign"] == "65c015da5da3bc1bf48a16ce641843961bbf5aafc99ee1fbf4adfd3f23ba9e79")
    }
}

@Suite("Approved templates")
struct TemplatesTests {
    @Test("are chosen by what happened; a list without one for the rest is none")
    func lists() throws {
        let templates = try #require(Templates("assigned=A:code,due&warned=B&*=C:sentence"))
        #expect(templates.filled(for: job).code == "A")
        #expect(templates.filled(for: job).values.map(\.value) == ["7KQ2-9XM4", "11-23 14:05"])
        let plain = SMSJob(
            reference: "r", attempt: 1, handle: job.handle, phone: job.phone, text: "text",
            expiresAt: job.expiresAt)
        #expect(templates.filled(for: plain).code == "C")
        #expect(templates.filled(for: plain).values.map(\.value) == ["text"])
        for wrong in [
            "", "assigned=A", "*", "*=", "*=A:colour", "gone=A&*=B:sentence", "*=A:code:due",
            "assigned=A:code&*=B", "*=A:code,link",
        ] {
            #expect(Templates(wrong) == nil, "\(wrong)")
        }
    }
}
