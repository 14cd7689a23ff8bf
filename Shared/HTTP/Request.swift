/// A request as a route sees it: complete and decoded, with a body within the route's limit.
public struct Request: Hashable, Sendable {
    public var method: Method
    /// The path percent-decoded and split at its slashes; `/` has no segment; a trailing slash leaves an
    /// empty last one.
    public var segments: [String]
    /// The first value of every name in the query, decoded.
    public var query: [String: String]
    /// The bytes of the values that are not UTF-8. Only a route that takes any charset has them.
    public var queryBytes: [String: [UInt8]]
    public var headers: Headers
    public var body: [UInt8]
    /// The numeric address of whoever connected; behind a reverse proxy this is the proxy's address.
    public var peerAddress: String
    /// The values at the `{name}` segments of the route's pattern.
    public var parameters: [String: String]

    /// A request made by hand, for calling a route's closure in a test.
    public init(
        method: Method = .get, segments: [String] = [], query: [String: String] = [:],
        queryBytes: [String: [UInt8]] = [:], headers: Headers = [], body: [UInt8] = [],
        peerAddress: String = "127.0.0.1", parameters: [String: String] = [:]
    ) {
        self.method = method
        self.segments = segments
        self.query = query
        self.queryBytes = queryBytes
        self.headers = headers
        self.body = body
        self.peerAddress = peerAddress
        self.parameters = parameters
    }

    /// The path, percent-decoded, for people and logs; routes compare `segments`.
    public var path: String { "/" + segments.joined(separator: "/") }

    /// The path and the query, percent-encoded, for the same request elsewhere. The names of the query are
    /// sorted.
    public var target: String {
        let path = segments.map(Self.encoded).joined(separator: "/")
        let query = query.sorted { $0.key < $1.key }
            .map { "\(Self.encoded($0.key))=\(Self.encoded($0.value))" }.joined(separator: "&")
        return "/\(path)\(query.isEmpty ? "" : "?")\(query)"
    }

    /// Everything but unreserved characters (RFC 3986 §2.3).
    private static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain =
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || "-._~".utf8.contains(byte)
            guard !isPlain else { return String(UnicodeScalar(byte)) }
            let digits = String(byte, radix: 16, uppercase: true)
            return digits.count == 1 ? "%0\(digits)" : "%\(digits)"
        }.joined()
    }
}
