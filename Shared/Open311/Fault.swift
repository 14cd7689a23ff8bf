public import Text

/// What is wrong with a request, as GeoReport v2 says it ("Errors"): a code, and a description for the user.
public struct Fault: Error, Equatable, Sendable {
    public struct Entry: Equatable, Sendable {
        public let code: String
        public let description: String
    }

    /// 403 without a key that may do it, 404 for what does not exist, 400 for everything else; beyond the
    /// standard 429 and 503, with their meaning in HTTP.
    public let status: Int
    public let entries: [Entry]

    public init(_ status: Int, _ descriptions: String...) {
        self.init(status, descriptions)
    }

    public init(_ status: Int, _ descriptions: [String]) {
        self.status = status
        entries = descriptions.map { Entry(code: String(status), description: $0) }
    }

    /// One entry for each wrong field.
    public init(_ malformed: Malformed, fields: [String: String] = [:]) {
        self.init(
            400,
            malformed.faults.map { fault in
                let name = fields[fault.field] ?? fault.field
                return name.isEmpty ? fault.detail : "\(name) \(fault.detail)"
            })
    }

    public var document: Document {
        Document(
            "errors",
            .list(
                of: "error",
                entries.map {
                    .fields([Document.Field("code", $0.code), Document.Field("description", $0.description)])
                }
            ))
    }
}
