import HTTP
import Models
import Text

/// What an SMS gateway calls with, reports or messages of phones: each item as names and texts. A gateway may
/// send one in the query, in a form or as JSON, and several as a JSON list. What stands in the query belongs
/// to each of them.
struct GatewayForm {
    /// As many as a vendor sends at once, and some more.
    static let most = 500
    private static let mostFields = 100
    private static let nameBytes = 64
    private static let proofs = [ReportDialect.tokenField, MessageDialect.tokenField]

    /// A field's bytes, and the charset that the form's `Content-Type` names for them.
    struct Value: Equatable {
        let bytes: [UInt8]
        var charset: String?
    }

    /// Of the query and of a form. The query's field counts if both have one.
    let values: [String: Value]
    /// The texts of the fields that were read in their charset.
    private var texts: [String: String] = [:]
    private let json: [[String: String]]?

    /// - Throws: what is wrong with the body, without showing it.
    init(_ request: Request) throws(Problem) {
        // The token in the address is a proof, and no field of an item.
        let query = request.query.filter { !Self.proofs.contains($0.key) }
            .mapValues { Value(bytes: Array($0.utf8)) }
            .merging(request.queryBytes.mapValues { Value(bytes: $0) }) { own, _ in own }
        guard request.method == .post, !request.body.isEmpty else {
            (values, json) = (query, nil)
            return
        }
        let type = request.headers["content-type"].map(ContentType.init)
        switch type?.name {
        case "application/x-www-form-urlencoded":
            let fields = try FormFields.bytes(parsing: request.body, most: Self.mostFields)
            // No dialect asks for a longer name, and to look one up can take long (`Target`).
            let form = fields.filter { $0.name.utf8.count <= Self.nameBytes }
                .map { ($0.name, Value(bytes: $0.value, charset: type?.charset)) }
            (values, json) = (query.merging(form) { own, _ in own }, nil)
        case nil, "", "application/json", "text/json", "text/plain":
            (values, json) = (query, try Self.json(request.body))
        default:
            throw Problem(status: 415, detail: "the body must be JSON or a form")
        }
    }

    /// `application/x-www-form-urlencoded; charset=GBK` (RFC 9110 §8.3.1).
    private struct ContentType {
        let name: String
        let charset: String?

        init(_ text: String) {
            let parts = text.filter { !$0.isWhitespace && $0 != "\"" }.split(separator: ";")
            name = parts.first?.lowercased() ?? ""
            charset = parts.dropFirst().first { $0.lowercased().hasPrefix("charset=") }
                .map { String($0.dropFirst("charset=".count)) }
        }
    }

    mutating func read(_ name: String, as text: String) { texts[name] = text }

    /// What is not UTF-8 and was not read has its bad bytes replaced, so that nothing is lost for a word of
    /// an SMSC.
    var items: [[String: String]] {
        let own = values.mapValues { String(decoding: $0.bytes, as: UTF8.self) }
            .merging(texts) { _, text in text }
        return json?.map { own.merging($0) { own, _ in own } } ?? [own]
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
            throw Problem(status: 413, detail: "a request holds at most \(most) items")
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
