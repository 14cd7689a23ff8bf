import CMicroHTTPD
import FoundationEssentials

/// Why a request was refused, in a form programs and people can read (RFC 9457).
public struct Problem: Error, Hashable, Sendable, Encodable {
    /// One wrong field of the request and what is wrong with it.
    public struct FieldFault: Hashable, Sendable, Encodable {
        public let field: String
        public let detail: String
        /// The same for programs, and the limit that was crossed; left out where there is none.
        public let code: String?
        public let limit: Int?

        public init(_ field: String, _ detail: String, code: String? = nil, limit: Int? = nil) {
            self.field = field
            self.detail = detail
            self.code = code
            self.limit = limit
        }
    }

    public let type: String
    public let title: String
    public let status: Int
    public let detail: String?
    public let errors: [FieldFault]
    /// Further headers that the status requires, such as the challenge of a 401 (RFC 9110, 15.5.2).
    public let headers: Headers

    /// With the type `about:blank` the title is the status' own phrase (RFC 9457, 4.2.1).
    public init(
        status: Int, detail: String? = nil, errors: [FieldFault] = [], type: String = "about:blank",
        title: String? = nil, headers: Headers = []
    ) {
        precondition((400...599).contains(status), "status \(status) is not an error")
        self.type = type
        self.title = title ?? Problem.phrase(for: status)
        self.status = status
        self.detail = detail
        self.errors = errors
        self.headers = headers
    }

    public var response: Response {
        var response = Response(status: status, headers: [("Content-Type", MediaType.problem)], body: json)
        for (name, value) in headers { response.headers.add(name, value) }
        return response
    }

    private var json: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Only strings and one integer: the encoder can't refuse them.
        guard let data = try? encoder.encode(self) else { preconditionFailure("\(self) can't be encoded") }
        return Array(data)
    }

    private enum CodingKeys: CodingKey { case type, title, status, detail, errors }

    public func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: CodingKeys.self)
        try members.encode(type, forKey: .type)
        try members.encode(title, forKey: .title)
        try members.encode(status, forKey: .status)
        try members.encodeIfPresent(detail, forKey: .detail)
        if !errors.isEmpty { try members.encode(errors, forKey: .errors) }
    }

    private static func phrase(for status: Int) -> String {
        // RFC 9110, 15.5.14 renamed it; libmicrohttpd still says "Payload Too Large" in some versions.
        if status == 413 { return "Content Too Large" }
        guard let phrase = unsafe MHD_get_reason_phrase_for(UInt32(status)) else { return "Error" }
        return unsafe String(cString: phrase)
    }
}
