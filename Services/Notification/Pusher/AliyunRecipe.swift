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
        let (base, host, path) = url.originHostAndPath
        var signed = [
            "host": host, "x-acs-action": "SendSms", "x-acs-version": "2017-05-25",
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

extension Verdict {
    /// On an answer that is not the gateway's own: a proxy's, or a platform's that is being repaired.
    static func unreadable(status: Int, _ headers: Headers) -> Verdict {
        switch status {
        case 429, 503: .busy("HTTP \(status)", headers.retryAfter)
        case 500...599: .later("HTTP \(status)")
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
