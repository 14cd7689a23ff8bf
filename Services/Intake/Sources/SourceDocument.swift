import Crypto
import FoundationEssentials
import HTTP
import Models
import Processing
import Readings
import Text

/// A document of a source, read by the same rules as what is posted to `/v1/readings`.
struct SourceDocument {
    let reports: [Report]
    /// What was left out, in words; nil if the document was taken whole.
    let leftOut: String?

    init(
        _ body: [UInt8], contentType: String?, _ source: Source, registry: Registry, sections: SectionBook,
        now: Instant
    ) throws(Malformed) {
        switch source.shape {
        case .json:
            reports = try ReadingsForm.read(try Form(body), registry: registry, now: now)
            leftOut = nil
        case .csv:
            var options = ReadingTable.Options()
            options.charset = Self.charset(contentType)
            options.skipsUnknown = source.skipsUnknown
            options.skipsFaults = source.skipsFaults
            options.columns =
                try source.columns.map { (text) throws(Malformed) in try ColumnMap(text) } ?? .empty
            let table = try ReadingTable(body, sections: sections, now: now, options: options)
            guard table.reports.count <= ReadingsForm.readingsLimit else {
                throw Malformed("", "holds more than \(ReadingsForm.readingsLimit) readings")
            }
            reports = table.reports
            leftOut = Self.leftOut(of: table)
        }
    }

    /// A wrong charset is the server's; the table's own bytes say what it is.
    private static func charset(_ contentType: String?) -> TableEncoding? {
        let parts = (contentType ?? "").lowercased().filter { $0 != " " && $0 != "\"" }.split(separator: ";")
        return parts.first { $0.hasPrefix("charset=") }.flatMap {
            TableEncoding(charset: String($0.dropFirst("charset=".count)))
        }
    }

    private static func leftOut(of table: ReadingTable) -> String? {
        var parts: [String] = []
        if !table.unknownSections.isEmpty {
            let rows = table.unknownSections.reduce(0) { $0 + $1.rows }
            let names = table.unknownSections.prefix(5).map { $0.name.excerpt(40) }.joined(separator: ", ")
            parts.append("\(rows) rows of unknown sections: \(names)")
        }
        if table.faultyRows > 0, let first = table.faults.first {
            parts.append("\(table.faultyRows) rows with faults, such as \(first.field) \(first.detail)")
        }
        return parts.isEmpty ? nil : "left out " + parts.joined(separator: "; ")
    }
}

/// Which readings of a source the log has, so that a document that repeats yesterday's readings writes
/// nothing again.
///
/// A reading that has vanished from the document is remembered as long as there is room, because it may come
/// back: many systems answer with nothing while they are being repaired.
struct SeenLedger: Equatable, Sendable {
    private struct Entry: Hashable {
        let reading: ArraySlice<UInt8>
        let content: ArraySlice<UInt8>
    }

    private var entries: [Entry] = []

    private static let half = 8
    static let limit = ReadingsForm.readingsLimit

    init() {}

    /// What can't be read counts as nothing seen: then readings are written again, and none is lost.
    init(_ seen: SeenReadings) {
        let bytes = Data(base64Encoded: seen.readings).map { [UInt8]($0) } ?? []
        let size = 2 * Self.half
        guard bytes.count % size == 0, bytes.count / size <= Self.limit else { return }
        entries = stride(from: 0, to: bytes.count, by: size).map {
            Entry(reading: bytes[$0..<$0 + Self.half], content: bytes[$0 + Self.half..<$0 + size])
        }
    }

    func seen(of source: SourceID) -> SeenReadings {
        let bytes = entries.flatMap { $0.reading + $0.content }
        return SeenReadings(source: source, readings: Data(bytes).base64EncodedString())
    }

    /// Notes the readings of a document, and returns those that are new or have changed.
    mutating func news(of reports: [Report]) -> [Report] {
        let told = reports.map { report in
            Entry(
                reading: SHA256.hash(report.key.description).prefix(Self.half),
                content: SHA256.hash(JSON.encode(report)).prefix(Self.half))
        }
        let known = Dictionary(entries.map { ($0.reading, $0.content) }, uniquingKeysWith: { $1 })
        let news = zip(reports, told).filter { known[$0.1.reading] != $0.1.content }.map(\.0)
        let present = Set(told.map(\.reading))
        let absent = entries.filter { !present.contains($0.reading) }
        entries = absent.suffix(max(0, Self.limit - told.count)) + told
        return news
    }
}
