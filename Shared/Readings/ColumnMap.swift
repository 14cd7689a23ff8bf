import Models
public import Text

/// What the sender says about columns whose headers are not known here: `采样位置:断面名称;NH4:氨氮(mg/L);#7:ignore`.
///
/// On the left of each colon: a header as the table has it, or `#` and a column's number, counted from 1. On
/// the right: a header that is known here.
public struct ColumnMap: Hashable, Sendable {
    private let headers: [String: String]

    public static let empty = ColumnMap(headers: [:])

    private init(headers: [String: String]) {
        self.headers = headers
    }

    public init(_ text: String) throws(Malformed) {
        guard text.utf8.count <= Limit.columnMapBytes else {
            throw Malformed("columns", "is longer than \(Limit.columnMapBytes) bytes")
        }
        var headers: [String: String] = [:]
        for part in text.split(separator: ";") {
            guard let mark = part.lastIndex(of: ":") else {
                throw Malformed(
                    "columns", "\"\(String(part).excerpt(40))\" is not a header, a colon and its meaning")
            }
            let meaning = String(part[part.index(after: mark)...])
            if let fault = Self.fault(of: meaning) { throw Malformed("columns", fault) }
            headers[ColumnNames.plain(part[..<mark])] = meaning
        }
        self.headers = headers
    }

    private static func fault(of meaning: String) -> String? {
        do throws(ReadingColumn.Unclear) {
            return try ReadingColumn(header: meaning) == nil
                ? "\"\(meaning.excerpt(40))\" is not a known column name" : nil
        } catch {
            return "\(meaning.excerpt(40)): \(error.detail)"
        }
    }

    var isEmpty: Bool { headers.isEmpty }

    /// The known header that stands for this one, and the entry that says so.
    func meaning(of header: String, at place: Int) -> (header: String, entry: String)? {
        guard !isEmpty, header.utf8.count <= Limit.columnNameBytes else { return nil }
        let names = ["#\(place + 1)", ColumnNames.plain(header)]
        return names.lazy.compactMap { name in headers[name].map { ($0, name) } }.first
    }

    /// The entries that fit no column.
    func unused(_ used: Set<String>) -> [String] { headers.keys.filter { !used.contains($0) }.sorted() }
}

extension Limit {
    public static let columnMapBytes = 4096
}
