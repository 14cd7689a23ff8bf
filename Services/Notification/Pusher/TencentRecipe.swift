import Crypto
import HTTP
import Models
import Text

/// SendSms of Tencent Cloud SMS 2021-01-11, with the signature TC3-HMAC-SHA256 (cloud.tencent.com, "Signature
/// v3"). A template's blanks are filled in by their places.
struct TencentRecipe: Recipe, Equatable {
    var url: String
    var keyID: String
    var secret: String
    /// The number of the application in the console.
    var application: String
    var region: String
    var signName: String
    var templates: Templates
    var to: String
    var country: CallingCode

    var takesValidity: Bool { false }

    private static let contentType = "application/json; charset=utf-8"

    private struct Body: Encodable {
        let PhoneNumberSet: [String]
        let SmsSdkAppId: String
        let TemplateId: String
        let SignName: String
        let TemplateParamSet: [String]
        let SessionContext: String
    }

    func request(for job: SMSJob, _ sending: Sending) -> RecipeRequest {
        let (template, values) = templates.filled(for: job)
        let body = JSON.encode(
            Body(
                PhoneNumberSet: [job.written(as: to, country)], SmsSdkAppId: application,
                TemplateId: template, SignName: signName, TemplateParamSet: values.map(\.value),
                SessionContext: sending.token))
        return signed("SendSms", body, sending)
    }

    private func signed(_ action: String, _ body: [UInt8], _ sending: Sending) -> RecipeRequest {
        let (base, host, path) = url.originHostAndPath
        let authorization = Self.sign(
            body, host: host, contentType: Self.contentType, at: sending.now, keyID: keyID, secret)
        return RecipeRequest(
            url: base + path,
            headers: [
                ("Authorization", authorization), ("Content-Type", Self.contentType),
                ("X-TC-Action", action), ("X-TC-Version", "2021-01-11"), ("X-TC-Region", region),
                ("X-TC-Timestamp", "\(sending.now.wholeSeconds)"),
            ], body: body)
    }

    /// The value of `Authorization` for a POST of this body to `/`.
    static func sign(
        _ body: [UInt8], host: String, contentType: String, at now: Instant, keyID: String, _ secret: String
    ) -> String {
        let names = "content-type;host"
        let canonical = [
            "POST", "/", "", "content-type:\(contentType)\nhost:\(host)\n", names,
            SHA256.hash(body).hexadecimal,
        ].joined(separator: "\n")
        let day = String(now.wholeSecondsInUTC.prefix(10))
        let scope = "\(day)/sms/tc3_request"
        let text = [
            "TC3-HMAC-SHA256", "\(now.wholeSeconds)", scope, SHA256.hash(canonical).hexadecimal,
        ].joined(separator: "\n")
        let key = [day, "sms", "tc3_request"].reduce(Array("TC3\(secret)".utf8)) {
            HMAC.sha256(Array($1.utf8), key: $0)
        }
        let signature = HMAC.sha256(Array(text.utf8), key: key).hexadecimal
        return "TC3-HMAC-SHA256 Credential=\(keyID)/\(scope), SignedHeaders=\(names), Signature=\(signature)"
    }

    private struct Answer: Decodable {
        struct Response: Decodable {
            struct Fault: Decodable { let Code: String }
            struct Status: Decodable {
                let Code: String
                let SerialNo: String?
            }

            let Error: Fault?
            let SendStatusSet: [Status]?
        }

        let Response: Response
    }

    /// The status is 200 whatever happens; the code says what did.
    func verdict(status: Int, headers: Headers, body: String) -> Verdict {
        guard let answer = try? JSON.decode(Answer.self, from: Array(body.utf8)).Response,
            let code = answer.Error?.Code ?? answer.SendStatusSet?.first?.Code
        else { return .unreadable(status: status, headers) }
        if code == "Ok" {
            let name = answer.SendStatusSet?.first?.SerialNo
            return .accepted(name.flatMap { $0.isEmpty ? nil : $0 })
        }
        return GatewayCodes.tencent.verdict(on: code.excerpt(AliyunRecipe.codeCharacters))
    }
}

/// PullSmsSendStatus: whatever has become known since the last question (cloud.tencent.com,
/// "PullSmsSendStatus"; Tencent switches it on when asked to). Each report is told once.
extension TencentRecipe: AskedRecipe {
    var asksAboutEach: Bool { false }

    private struct Question: Encodable {
        let Limit: Int
        let SmsSdkAppId: String
    }

    /// The most that it tells at once.
    private static let most = 100

    func question(about sent: SentMessage?, on day: Day?, _ sending: Sending) -> RecipeRequest {
        signed(
            "PullSmsSendStatus", JSON.encode(Question(Limit: Self.most, SmsSdkAppId: application)), sending)
    }

    private struct Statuses: Decodable {
        struct Response: Decodable { let PullSmsSendStatusSet: [Status]? }
        struct Status: Decodable {
            let SerialNo: String?
            /// With a plus sign and the country's code.
            let PhoneNumber: String?
            let ReportStatus: String?
            let Description: String?
        }

        let Response: Response
    }

    func fault(status: Int, body: String) -> String {
        let answer = try? JSON.decode(Answer.self, from: Array(body.utf8))
        return answer?.Response.Error?.Code.asReason ?? "HTTP \(status)"
    }

    func reports(status: Int, body: String) -> [AskedReport]? {
        let answer = try? JSON.decode(Statuses.self, from: Array(body.utf8))
        return answer?.Response.PullSmsSendStatusSet?.compactMap { status in
            let isDeclined = status.Description?.contains("BLACK") == true
            let outcome: SMSReceipt.Outcome
            switch status.ReportStatus {
            case "SUCCESS": outcome = .delivered
            case "FAIL": outcome = isDeclined ? .returned : .undelivered
            default: return nil
            }
            return AskedReport(
                about: .named(status.SerialNo ?? "", number: status.PhoneNumber ?? ""), outcome: outcome,
                reason: status.Description?.asReason, isDeclined: outcome == .returned)
        }
    }
}

extension Instant {
    var wholeSeconds: Int64 {
        let milliseconds = millisecondsSince1970
        return (milliseconds - ((milliseconds % 1000) + 1000) % 1000) / 1000
    }
}
