/// What the server answers.
public struct Response: Hashable, Sendable {
    public enum Body: Hashable, Sendable {
        case bytes([UInt8])
        /// A file's path, opened when the response is sent; a missing one becomes 404.
        case file(String)
        /// Sent as it is written; it has no length.
        case stream(BodyStream)
    }

    public var status: Int
    public var headers: Headers
    public var body: Body
    /// The same body in the gzip format, for clients that take it (RFC 9110 §8.4.1.3); nil: there is none.
    public var gzipped: [UInt8]?

    public init(status: Int, headers: Headers = [], body: [UInt8] = []) {
        self.init(status: status, headers: headers, body: .bytes(body))
    }

    public init(status: Int, headers: Headers = [], body: Body) {
        precondition((200...599).contains(status), "status \(status) is not a final one")
        self.status = status
        self.headers = headers
        self.body = body
    }

    public static func json(_ bytes: [UInt8], status: Int = 200) -> Response {
        Response(status: status, headers: [("Content-Type", MediaType.json)], body: bytes)
    }

    public static func text(_ text: String, status: Int = 200) -> Response {
        Response(status: status, headers: [("Content-Type", MediaType.plain)], body: Array(text.utf8))
    }

    public static func html(_ text: String, status: Int = 200) -> Response {
        Response(status: status, headers: [("Content-Type", MediaType.html)], body: Array(text.utf8))
    }

    /// Done, and there is nothing to return (RFC 9110, 15.3.5).
    public static let empty = Response(status: 204)

    /// The content of a file that is in memory; the type follows from the name.
    public static func bytes(_ bytes: [UInt8], named name: String) -> Response {
        let headers: Headers = [
            ("Content-Type", MediaType.of(fileNamed: name)), ("X-Content-Type-Options", "nosniff"),
        ]
        return Response(status: 200, headers: headers, body: bytes)
    }

    /// A file with its entity tag; the type follows from the name unless given.
    public static func file(_ path: String, type: String? = nil) -> Response {
        let headers: Headers = [
            ("Content-Type", type ?? MediaType.of(fileNamed: path)), ("Cache-Control", "no-cache"),
            ("X-Content-Type-Options", "nosniff"),
        ]
        return Response(status: 200, headers: headers, body: .file(path))
    }
}
