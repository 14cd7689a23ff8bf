import Crypto
import Foundation
import HTTP
import Models

/// A bucket of S3, or of another store that speaks its protocol.
public struct S3Place: Equatable, Sendable, CustomStringConvertible {
    /// Without a slash at the end.
    public let endpoint: String
    public let bucket: String
    /// Stands before the names; empty, or with a slash at the end.
    public let prefix: String
    public let region: String
    let keyID: String
    let secret: String

    public init(
        endpoint: String, bucket: String, prefix: String, region: String, keyID: String, secret: String
    ) {
        (self.endpoint, self.bucket, self.prefix, self.region) = (endpoint, bucket, prefix, region)
        (self.keyID, self.secret) = (keyID, secret)
    }

    /// Without the secret, so that no log shows it by accident.
    public var description: String { "s3://\(bucket)/\(prefix)" }

    /// The bucket and the prefix of `s3://bucket/prefix`; nil for another text.
    public static func parse(_ text: String) -> (bucket: String, prefix: String)? {
        guard text.hasPrefix("s3://") else { return nil }
        let parts = text.dropFirst(5).split(separator: "/", omittingEmptySubsequences: true).map(String.init)
        // The names of buckets (Amazon S3 User Guide, "General purpose bucket naming rules").
        guard let bucket = parts.first, (3...63).contains(bucket.utf8.count),
            bucket.utf8.allSatisfy({ isLetterOrDigit($0, isLower: true) || "-.".utf8.contains($0) }),
            parts.dropFirst().allSatisfy({ part in
                part != "." && part != ".."
                    && part.utf8.allSatisfy { isLetterOrDigit($0, isLower: false) || "-._".utf8.contains($0) }
            })
        else { return nil }
        return (bucket, parts.dropFirst().map { "\($0)/" }.joined())
    }

    private static func isLetterOrDigit(_ byte: UInt8, isLower: Bool) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte)
            || (!isLower && (0x41...0x5A).contains(byte))
    }
}

/// Pictures in a bucket, with addresses of the form `endpoint/bucket/key`, which every such store knows.
struct S3Store: MediaStore {
    private let place: S3Place
    private let client: Client
    private let now: @Sendable () -> Instant
    let answersAtOnce = false

    private static let timeout: Duration = .seconds(10)
    private static let replyBytes = 20_971_520
    private static let hashOfNothing = SHA256.hash([UInt8]()).hexadecimal

    init(
        _ place: S3Place,
        now: @escaping @Sendable () -> Instant = {
            Instant(millisecondsSince1970: Int64(Date().timeIntervalSince1970 * 1000))
        }
    ) {
        self.place = place
        self.now = now
        client = Client(timeout: Self.timeout, replyBytes: Self.replyBytes)
    }

    func put(_ name: PictureName, picture: [UInt8], thumbnail: [UInt8]) throws(MediaFault) {
        // The thumbnail first, so where the picture is, its thumbnail is, too.
        for (bytes, size) in [(thumbnail, PictureSize.small), (picture, .full)] {
            try expectDone(try ask(.put, name.file(size), headers: Self.type, body: bytes))
        }
    }

    private static let type: [(name: String, value: String)] = [("content-type", "image/jpeg")]

    /// A copy of an object onto itself has a new time; the protocol allows it if the metadata are replaced
    /// ("CopyObject").
    func renew(_ name: PictureName, changedAfter moment: Instant) throws(MediaFault) -> Bool {
        let file = name.file(.full)
        let head = try ask(.head, file)
        if head.status == 404 { return false }
        try expectDone(head)
        guard let changedAt = head.headers["Last-Modified"].flatMap({ Instant(httpDate: $0) }) else {
            throw MediaFault("the store does not say when a picture was put")
        }
        guard changedAt > moment else { return false }
        let reply = try ask(
            .put, file,
            headers: Self.type + [
                ("x-amz-copy-source", "/\(place.bucket)/\(place.prefix)\(file)"),
                ("x-amz-metadata-directive", "REPLACE"),
            ])
        if reply.status == 404 { return false }
        // A copy may fail behind a 200 ("CopyObject", "Response and special errors").
        guard !Self.text(of: reply).contains("<Error>") else { throw MediaFault("the store could not copy") }
        try expectDone(reply)
        return true
    }

    func content(of name: PictureName, _ size: PictureSize) throws(MediaFault) -> MediaContent? {
        let reply = try ask(.get, name.file(size))
        if reply.status == 404 { return nil }
        try expectDone(reply)
        return .bytes(reply.body)
    }

    func remove(_ name: PictureName) throws(MediaFault) {
        for size in [PictureSize.full, .small] {
            let reply = try ask(.delete, name.file(size))
            if reply.status != 404 { try expectDone(reply) }
        }
    }

    func forEach(_ body: (StoredFile) -> Bool) throws(MediaFault) {
        var token: String?
        repeat {
            var query = [("list-type", "2"), ("prefix", place.prefix)]
            if let token { query.append(("continuation-token", token)) }
            let reply = try ask(.get, nil, query: query)
            try expectDone(reply)
            let page = S3Page(Self.text(of: reply))
            for object in page.objects where object.key.hasPrefix(place.prefix) {
                guard let name = PictureName(file: String(object.key.dropFirst(place.prefix.count))) else {
                    continue
                }
                guard body(StoredFile(name: name, bytes: object.bytes, changedAt: object.changedAt)) else {
                    return
                }
            }
            // The same token again would be asked for ever.
            guard page.next == nil || page.next != token else {
                throw MediaFault("the store's list has no end")
            }
            token = page.next
        } while token != nil
    }

    /// An object is there when it is whole.
    func tidy(before moment: Instant) {}

    private static func text(of reply: Client.Reply) -> String { String(decoding: reply.body, as: UTF8.self) }

    private func expectDone(_ reply: Client.Reply) throws(MediaFault) {
        guard (200...299).contains(reply.status) else {
            // The store's own word for it, such as AccessDenied; the rest of its answer may name keys.
            let code =
                S3Page.content(of: "Code", in: Self.text(of: reply)[...]).map { ": \($0.prefix(40))" } ?? ""
            throw MediaFault("the store answered \(reply.status)\(code)")
        }
    }

    /// - Parameter file: nil for the bucket itself.
    private func ask(
        _ method: HTTP.Method, _ file: String?, query: [(name: String, value: String)] = [],
        headers: [(name: String, value: String)] = [], body: [UInt8] = []
    ) throws(MediaFault) -> Client.Reply {
        let path = "/\(place.bucket)" + (file.map { "/\(place.prefix)\($0)" } ?? "")
        let host = place.endpoint.drop { $0 != "/" }.dropFirst(2)
        let time = S3Signature.time(of: now())
        let hash = body.isEmpty ? Self.hashOfNothing : SHA256.hash(body).hexadecimal
        let signed =
            headers + [("host", String(host)), ("x-amz-content-sha256", hash), ("x-amz-date", time)]
        let signature = S3Signature(region: place.region, keyID: place.keyID, secret: place.secret)
        let request = S3Signature.Request(
            method: method.rawValue, path: path, query: query, headers: signed, bodyHash: hash)
        var sent = Headers()
        // The client sends the host by itself.
        for (name, value) in signed where name != "host" { sent.add(name, value) }
        sent.add("Authorization", signature.authorization(of: request, at: time))
        let question = query.isEmpty ? "" : "?\(S3Signature.query(query))"
        do throws(ClientError) {
            return try client.send(method, "\(place.endpoint)\(path)\(question)", headers: sent, body: body)
        } catch {
            throw MediaFault("the store does not answer: \(error)")
        }
    }
}

/// A page of the answer to `ListObjectsV2`. The elements that we need hold no others, so they are found by
/// their names.
struct S3Page {
    struct Object {
        let key: String
        let bytes: Int
        let changedAt: Instant
    }

    private(set) var objects: [Object] = []
    /// Asks for the next page; nil: this is the last one.
    let next: String?

    init(_ text: String) {
        var rest = text[...]
        while let start = rest.range(of: "<Contents>"),
            let end = rest.range(of: "</Contents>", range: start.upperBound..<rest.endIndex)
        {
            let one = rest[start.upperBound..<end.lowerBound]
            if let key = Self.content(of: "Key", in: one),
                let bytes = Self.content(of: "Size", in: one).flatMap({ Int($0) }),
                let changedAt = Self.content(of: "LastModified", in: one).flatMap({ Instant(rfc3339: $0) })
            {
                objects.append(Object(key: key, bytes: bytes, changedAt: changedAt))
            }
            rest = rest[end.upperBound...]
        }
        next =
            Self.content(of: "IsTruncated", in: text[...]) == "true"
            ? Self.content(of: "NextContinuationToken", in: text[...]) : nil
    }

    static func content(of element: String, in text: Substring) -> String? {
        guard let start = text.range(of: "<\(element)>"),
            let end = text.range(of: "</\(element)>", range: start.upperBound..<text.endIndex)
        else { return nil }
        return text[start.upperBound..<end.lowerBound]
            .replacingOccurrences(of: "&quot;", with: "\"").replacingOccurrences(of: "&lt;", with: "<")
            .replacingOccurrences(of: "&gt;", with: ">").replacingOccurrences(of: "&amp;", with: "&")
    }
}
