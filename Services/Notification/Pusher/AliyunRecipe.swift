import Crypto
import HTTP
import Models
import Text

/// SendSms of Aliyun's Dysmsapi 2017-05-25, with the signature ACS3-HMAC-SHA256 (help.aliyun.com, "V3 request
/// syntax and signature"). It sends approved templates only; the platform adds the signature 【…】.
struct AliyunRecipe: Recipe, Equatable {
    var url: String
    var keyID: String
    var secret: String
    var signName: String
    var templates: Templates
    var to: String
    var country: CallingCode

    var takesValidity: Bool { false }

    func request(for job: SMSJob, _ sending: Sending) -> RecipeRequest {
        let (template, values) = templates.filled(for: job)
        let query = [
            "OutId": sending.token, "PhoneNumbers": job.written(as: to, country), "SignName": signName,
            "TemplateCode": template,
            // Every value is a text; another one is refused.
            "TemplateParam": String(decoding: JSON.encode(Dictionary(values) { $1 }), as: UTF8.self),
        ]
        return signed("SendSms", query, sending)
    }

    private func signed(
        _ action: String, _ query: [String: String], _ sending: Sending
    ) -> RecipeRequest {
        let (base, host, path) = url.originHostAndPath
        var signed = [
            "host": host, "x-acs-action": action, "x-acs-version": "2017-05-25",
            "x-acs-date": sending.now.wholeSecondsInUTC, "x-acs-signature-nonce": sending.nonce,
        ]
        let canonical = Self.canonical(query)
        let authorization = Self.sign(path: path, query: canonical, headers: &signed, keyID: keyID, secret)
        var headers: Headers = [("Authorization", authorization)]
        for (name, value) in signed.sorted(by: { $0.key < $1.key }) where name != "host" {
            headers.add(name, value)
        }
        return RecipeRequest(url: "\(base)\(path)?\(canonical)", headers: headers)
    }

    static func canonical(_ query: [String: String]) -> String {
        query.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            .map { "\($0.key.formEncoded)=\($0.value.formEncoded)" }.joined(separator: "&")
    }

    /// The value of `Authorization` for a POST without a body. Adds the header with the body's digest.
    static func sign(
        path: String, query: String, headers: inout [String: String], keyID: String, _ secret: String
    ) -> String {
        let digest = SHA256.hash("").hexadecimal
        headers["x-acs-content-sha256"] = digest
        let sorted = headers.sorted { $0.key < $1.key }
        let names = sorted.map(\.key).joined(separator: ";")
        let canonical =
            (["POST", path, query] + [sorted.map { "\($0.key):\($0.value)\n" }.joined(), names, digest])
            .joined(separator: "\n")
        let text = "ACS3-HMAC-SHA256\n\(SHA256.hash(canonical).hexadecimal)"
        let signature = HMAC.sha256(Array(text.utf8), key: Array(secret.utf8)).hexadecimal
        return "ACS3-HMAC-SHA256 Credential=\(keyID),SignedHeaders=\(names),Signature=\(signature)"
    }

    private struct Answer: Decodable {
        let Code: String
        let BizId: String?
    }

    func verdict(status: Int, headers: Headers, body: String) -> Verdict {
        guard let answer = try? JSON.decode(Answer.self, from: Array(body.utf8)) else {
            return .unreadable(status: status, headers)
        }
        if answer.Code == "OK" { return .accepted(answer.BizId) }
        return GatewayCodes.aliyun.verdict(on: answer.Code.excerpt(Self.codeCharacters))
    }

    static let codeCharacters = 80
}

/// QuerySendDetails: what became of the messages to one number on one day (help.aliyun.com,
/// "QuerySendDetails").
extension AliyunRecipe: AskedRecipe {
    var asksAboutEach: Bool { true }

    /// So far may the platform's clock and ours differ, with the time that a message takes to get there.
    private static let aroundMidnight = Duration.seconds(300)

    /// On the clocks of Beijing, where the platform counts days. Around midnight it may count the message to
    /// the day before or after.
    func days(of sent: SentMessage) -> [Day] {
        let day = Zone.beijing.day(at: sent.at)
        let others = [sent.at - Self.aroundMidnight, sent.at + Self.aroundMidnight]
            .map(Zone.beijing.day(at:)).filter { $0 != day }
        return [day] + others
    }

    func question(about sent: SentMessage?, on day: Day?, _ sending: Sending) -> RecipeRequest {
        guard let sent, let day else { preconditionFailure("Aliyun is asked about one message of one day") }
        let query = [
            "BizId": sent.name, "CurrentPage": "1", "PageSize": "10",
            "PhoneNumber": sent.job.written(as: to, country),
            "SendDate": day.description.filter { $0 != "-" },
        ]
        return signed("QuerySendDetails", query, sending)
    }

    private struct Details: Decodable {
        struct List: Decodable { let SmsSendDetailDTO: [Detail]? }
        struct Detail: Decodable {
            let SendStatus: Int?
            let ErrCode: String?
            let OutId: String?
        }

        let Code: String
        let SmsSendDetailDTOs: List?
    }

    func reports(status: Int, body: String) -> [AskedReport]? {
        guard let answer = try? JSON.decode(Details.self, from: Array(body.utf8)), answer.Code == "OK" else {
            return nil
        }
        return (answer.SmsSendDetailDTOs?.SmsSendDetailDTO ?? []).compactMap { detail in
            let code = detail.ErrCode ?? ""
            let isDeclined = Self.blacklists.contains(code)
            let outcome: SMSReceipt.Outcome
            switch detail.SendStatus {
            // 1: there is no report yet.
            case 2: outcome = isDeclined ? .returned : .undelivered
            case 3: outcome = .delivered
            default: return nil
            }
            return AskedReport(
                about: .token(detail.OutId ?? ""), outcome: outcome, reason: code.asReason,
                isDeclined: outcome == .returned)
        }
    }

    func fault(status: Int, body: String) -> String {
        let answer = try? JSON.decode(Details.self, from: Array(body.utf8))
        return answer?.Code.asReason ?? "HTTP \(status)"
    }

    /// A blacklist of the platform or of the operator. With `USER_REJECT` the owner himself ended messages
    /// with this signature: no other gateway shall go round that.
    private static let blacklists: Set<String> = ["MOBILE_IN_BLACK"]
}

extension String {
    /// A gateway's word as far as it may stand on a topic that is not restricted: a short code without a
    /// phone number; else nil.
    var asReason: String? {
        let isCode =
            !isEmpty && utf8.count <= 64 && utf8.allSatisfy { (0x21...0x7E).contains($0) }
            && utf8.count { (0x30...0x39).contains($0) } < 7
        return isCode ? self : nil
    }
}

extension Verdict {
    /// On an answer that is not the gateway's own: a proxy's, or a platform's that is being repaired.
    static func unreadable(status: Int, _ headers: Headers) -> Verdict {
        switch status {
        case 429, 503: .busy("HTTP \(status)", headers.retryAfter)
        case 501, 505: .later("HTTP \(status)")
        // A proxy may have passed the message on before it, or the platform behind it, failed.
        case 500...599: .unclear("HTTP \(status)")
        case 400...499: .fault("HTTP \(status)")
        default: .unclear("HTTP \(status) without an answer that can be read")
        }
    }
}

extension String {
    /// `https://host:1` and `host:1` and `/path` of `https://host:1/path`. A port is part of the signed host.
    var originHostAndPath: (origin: String, host: String, path: String) {
        guard let scheme = firstRange(of: "://") else { return (self, self, "/") }
        let rest = self[scheme.upperBound...]
        let host = rest.prefix { $0 != "/" && $0 != "?" }
        let path = rest.dropFirst(host.count).prefix { $0 != "?" }
        return (
            "\(self[..<scheme.upperBound])\(host)", String(host), path.isEmpty ? "/" : String(path)
        )
    }
}

extension Instant {
    /// `2026-11-23T01:10:05Z`
    var wholeSecondsInUTC: String { "\(description.prefix(19))Z" }
}
