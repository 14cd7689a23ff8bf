/// The fields of a body in `application/x-www-form-urlencoded` (WHATWG URL §5), in the order in which they
/// came; a name may come several times.
public struct FormFields: Sendable {
    public let fields: [(name: String, value: String)]

    public init(_ fields: [(name: String, value: String)]) {
        self.fields = fields
    }

    /// - Throws: 400 for what is no such body, and for more than `most` fields.
    public init(parsing body: some Collection<UInt8>, most: Int) throws(Problem) {
        var fields: [(name: String, value: String)] = []
        for (name, bytes) in try Self.bytes(parsing: body, most: most) {
            guard let value = String(validating: bytes, as: UTF8.self) else {
                throw Problem(status: 400, detail: Target.Malformed(notUTF8: "body").detail)
            }
            fields.append((name, value))
        }
        self.fields = fields
    }

    /// The fields with values in any charset; their names are UTF-8.
    ///
    /// - Throws: 400 for what is no such body, and for more than `most` fields.
    public static func bytes(
        parsing body: some Collection<UInt8>, most: Int
    ) throws(Problem) -> [(name: String, value: [UInt8])] {
        do throws(Target.Malformed) {
            var fields: [(name: String, value: [UInt8])] = []
            for pair in Array(body).split(separator: UInt8(ascii: "&")) {
                guard fields.count < most else {
                    throw Target.Malformed(detail: "The body has more than \(most) fields.")
                }
                fields.append(try Target.pair(pair, what: "body"))
            }
            return fields
        } catch {
            throw Problem(status: 400, detail: error.detail)
        }
    }
}
