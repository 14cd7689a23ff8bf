import HTTP
import Models
import Text

/// The reports in one request, each as names and texts. A gateway may send one in the query, in a form or as
/// JSON, and several as a JSON list. What stands in the query belongs to each of them.
enum ReportForm {
    /// As many as a vendor sends at once, and some more.
    static let most = 500
    private static let mostFields = 100

    /// - Throws: what is wrong with the body, without showing it.
    static func read(_ request: Request) throws(Problem) -> [[String: String]] {
        // The token in the address is a proof, and no field of a report.
        let query = request.query.filter { $0.key != ReportDialect.tokenField }
        guard request.method == .post, !request.body.isEmpty else { return [query] }
        switch request.headers["content-type"]?.split(separator: ";").first?.lowercased() {
        case "application/x-www-form-urlencoded":
            let form = try FormFields(parsing: request.body, most: mostFields)
            return [query.merging(form.fields.map { ($0.name, $0.value) }) { own, _ in own }]
        case nil, "application/json", "text/json", "text/plain":
            return try json(request.body).map { query.merging($0) { own, _ in own } }
        default:
            throw Problem(status: 415, detail: "a report is JSON, a form, or in the query")
        }
    }

    private static func json(_ body: [UInt8]) throws(Problem) -> [[String: String]] {
        let items: [JSONValue]
        do throws(Malformed) {
            switch try JSONValue(body) {
            case .object(let fields): items = [.object(fields)]
            case .list(let list): items = list
            default: throw Malformed("", "the body is neither a JSON object nor a list of them")
            }
        } catch {
            throw Problem(fields: error)
        }
        guard items.count <= most else {
            throw Problem(status: 413, detail: "a request holds at most \(most) reports")
        }
        var reports: [[String: String]] = []
        for (index, item) in items.enumerated() {
            guard case .object(let fields) = item else {
                throw Problem(fields: Malformed("\(index)", "is not an object"))
            }
            reports.append(fields.compactMapValues(text))
        }
        return reports
    }

    private static func text(_ value: JSONValue) -> String? {
        switch value {
        case .text(let text): text
        case .flag(let flag): flag ? "true" : "false"
        case .number(let number): Int(exactly: number).map { "\($0)" } ?? "\(number)"
        case .null, .list, .object: nil
        }
    }
}

/// The gateway's reason as far as it may stand on a topic that is not restricted.
enum ReportReason {
    private static let longest = 64
    private static let tellingDigits = 7

    /// `UNDELIV/042` of a receipt in the form of SMPP 3.4, Appendix B; otherwise the text, if it is short,
    /// plain and holds no phone number; otherwise nothing.
    static func told(_ text: String) -> String? {
        if let stat = field("stat:", in: text) {
            return [stat, field("err:", in: text)].compactMap(\.self).joined(separator: "/")
        }
        // SMPP writes a status as 0x0000000b, and those are as many digits as a number has.
        let short = text.replacing(/0x0*/, with: "0x")
        let isPlain =
            !short.isEmpty && short.utf8.count <= longest
            && short.utf8.allSatisfy { (0x20...0x7E).contains($0) }
            && short.utf8.count { (0x30...0x39).contains($0) } < tellingDigits
        return isPlain ? short : nil
    }

    private static let longestField = 16

    private static func field(_ name: String, in text: String) -> String? {
        guard let range = text.firstRange(of: name) else { return nil }
        let value = text[range.upperBound...].prefix { $0.isASCII && ($0.isLetter || $0.isNumber) }
        let isTelling = value.utf8.count { (0x30...0x39).contains($0) } >= tellingDigits
        return value.isEmpty || isTelling || value.utf8.count > longestField ? nil : String(value)
    }
}
