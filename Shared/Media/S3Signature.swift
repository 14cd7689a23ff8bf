import Crypto
import Models
import Text

/// Signs a request to S3 (AWS Signature Version 4,
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>). It is pure.
struct S3Signature {
    struct Request {
        var method: String
        /// Not encoded.
        var path: String
        /// Not encoded.
        var query: [(name: String, value: String)] = []
        /// With `host`; each name once, in lower case.
        var headers: [(name: String, value: String)]
        var bodyHash: String
    }

    let region: String
    let keyID: String
    let secret: String

    /// The value of the header `Authorization`.
    ///
    /// - Parameter time: as in `x-amz-date`: `20130524T000000Z`.
    func authorization(of request: Request, at time: String) -> String {
        let day = String(time.prefix(8))
        let scope = "\(day)/\(region)/s3/aws4_request"
        let (canonical, signed) = Self.canonical(request)
        let text = ["AWS4-HMAC-SHA256", time, scope, SHA256.hash(canonical).hexadecimal].joined(
            separator: "\n")
        var key = Array("AWS4\(secret)".utf8)
        for part in [day, region, "s3", "aws4_request"] { key = HMAC.sha256(Array(part.utf8), key: key) }
        let signature = HMAC.sha256(Array(text.utf8), key: key).hexadecimal
        return "AWS4-HMAC-SHA256 Credential=\(keyID)/\(scope),SignedHeaders=\(signed),Signature=\(signature)"
    }

    static func canonical(_ request: Request) -> (text: String, signedHeaders: String) {
        let headers = request.headers.sorted { $0.name < $1.name }
        let signed = headers.map(\.name).joined(separator: ";")
        let lines =
            [request.method, encoded(request.path, except: "/"), query(request.query)]
            + headers.map { "\($0.name):\($0.value)" } + ["", signed, request.bodyHash]
        return (lines.joined(separator: "\n"), signed)
    }

    /// Sorted by name, as the signature needs it; the address has it in the same form.
    static func query(_ values: [(name: String, value: String)]) -> String {
        values.map { (encoded($0.name), encoded($0.value)) }.sorted { $0.0 < $1.0 }
            .map { "\($0.0)=\($0.1)" }.joined(separator: "&")
    }

    /// Everything but unreserved characters (RFC 3986 §2.3).
    static func encoded(_ text: String, except others: String = "") -> String {
        text.utf8.map { byte in
            let isPlain =
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || "-._~".utf8.contains(byte) || others.utf8.contains(byte)
            return isPlain ? String(UnicodeScalar(byte)) : "%" + [byte].hexadecimal.uppercased()
        }.joined()
    }

    /// `20130524T000000Z`, from RFC 3339.
    static func time(of moment: Instant) -> String {
        moment.description.prefix { $0 != "." && $0 != "Z" }.filter { $0 != "-" && $0 != ":" } + "Z"
    }
}
