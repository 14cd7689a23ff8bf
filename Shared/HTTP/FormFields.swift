/// The fields of a body in `application/x-www-form-urlencoded` (WHATWG URL §5), in the order in which they
/// came; a name may come several times.
public struct FormFields: Sendable {
    public let fields: [(name: String, value: String)]

    public init(_ fields: [(name: String, value: String)]) {
        self.fields = fields
    }

    /// - Throws: 400 for what is no such body, and for more than `most` fields.
    public init(parsing body: some Collection<UInt8>, most: Int) throws(Problem) {
        do throws(Target.Malformed) {
            var fields: [(name: String, value: String)] = []
            for pair in Array(body).split(separator: UInt8(ascii: "&")) {
                guard fields.count < most else {
                    throw Target.Malformed(detail: "The body has more than \(most) fields.")
                }
                fields.append(try Target.pair(pair, what: "body"))
            }
            self.fields = fields
        } catch {
            throw Problem(status: 400, detail: error.detail)
        }
    }
}
