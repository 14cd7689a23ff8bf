import HTTP
import Models
import Processing
import Readings
import Text

/// Readings at the HTTP door: as JSON, or as a table together with what its sender says about it.
extension API {
    func readings(_ request: Request) throws(Problem) -> Plan {
        let gateway = try key(of: request)
        guard let gateway else {
            throw Problem(turnedAway: .unproved("to send readings, a gateway's key is needed"))
        }
        let wish = try ReadingsWish(request)
        let read = try read(request, wish)
        let receipt = try take(.readings(read.reports), request, .key(gateway), nil)
        let answer = ReadingsAccepted(read, registry, dryRun: wish.isDryRun)
        // A dry run does everything except writing to the log.
        return Plan(
            stages: wish.isDryRun ? [] : receipt.stages,
            answer: .json(JSON.encode(answer), status: wish.isDryRun ? 200 : 201))
    }

    private func read(_ request: Request, _ wish: ReadingsWish) throws(Problem) -> ReadReadings {
        do throws(Malformed) {
            switch wish.shape {
            case .json:
                let reports = try ReadingsForm.read(
                    try Form(request.body), registry: registry, now: now)
                return ReadReadings(reports: reports)
            case .table(let options):
                return ReadReadings(table: try readTable(request.body, options))
            }
        } catch {
            throw Problem(fields: error)
        }
    }

    private func readTable(
        _ bytes: [UInt8], _ options: ReadingTable.Options
    ) throws(Malformed) -> ReadingTable {
        try ReadingTable(bytes, sections: sectionBook, now: now, options: options)
    }

    var sectionBook: SectionBook {
        guard let city = Zone(offset: localOffset) else {
            preconditionFailure("\(localOffset) is a setting and no offset of clocks")
        }
        return SectionBook(registry, otherwise: city)
    }
}

/// What a request for readings says besides its body. An unknown word is refused: a sender who misspells
/// `dry-run` does not want the readings to be written.
struct ReadingsWish {
    enum Shape {
        case json
        case table(ReadingTable.Options)
    }

    let shape: Shape
    private(set) var isDryRun = false

    private static let common: Set = ["dry-run"]
    private static let ofTables: Set = ["dry-run", "skip-unknown", "on-fault", "columns"]

    init(_ request: Request) throws(Problem) {
        let parts = (request.headers["content-type"] ?? "").lowercased().filter { $0 != " " }
            .split(separator: ";").map(String.init)
        let isTable: Bool
        switch parts.first {
        case "application/json": isTable = false
        case "text/csv", "text/tab-separated-values": isTable = true
        case "application/vnd.ms-excel",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":
            throw Problem(
                status: 415, detail: "Excel files can't be read; save the table as CSV UTF-8 and send that")
        default: throw Problem(status: 415, detail: "readings must be application/json or text/csv")
        }
        var faults: [FieldFault] = []
        for name in request.query.keys.sorted()
        where !(isTable ? Self.ofTables : Self.common).contains(name) {
            faults.append(
                FieldFault(name, "is unknown" + (Self.ofTables.contains(name) ? " for JSON" : "")))
        }
        func isTrue(_ name: String, _ yes: String = "true", _ no: String = "false") -> Bool {
            let word = request.query[name] ?? no
            if word != yes, word != no { faults.append(FieldFault(name, "must be \(yes) or \(no)")) }
            return word == yes
        }
        isDryRun = isTrue("dry-run")
        var options = ReadingTable.Options()
        if isTable {
            options.skipsUnknown = isTrue("skip-unknown")
            options.skipsFaults = isTrue("on-fault", "skip", "refuse")
            do throws(Malformed) {
                if let text = request.query["columns"] { options.columns = try ColumnMap(text) }
            } catch {
                faults += error.faults
            }
            options.charset = try Self.charset(parts.dropFirst())
        }
        guard faults.isEmpty else { throw Problem(fields: Malformed(faults)) }
        shape = isTable ? .table(options) : .json
    }

    private static func charset(_ parameters: ArraySlice<String>) throws(Problem) -> TableEncoding? {
        guard let parameter = parameters.first(where: { $0.hasPrefix("charset=") }) else { return nil }
        let name = parameter.dropFirst("charset=".count).filter { $0 != "\"" }
        if name == "utf-16" { return nil }
        guard let charset = TableEncoding(charset: name) else {
            throw Problem(status: 415, detail: "a table must be UTF-8, GB18030 or UTF-16")
        }
        return charset
    }
}

/// Reports, and what was found out about the table.
private struct ReadReadings {
    let reports: [Report]
    let table: ReadingTable?

    init(reports: [Report]) {
        self.reports = reports
        table = nil
    }

    init(table: ReadingTable) {
        reports = table.reports
        self.table = table
    }
}

private struct ReadingsAccepted: Encodable {
    private struct Unknown: Encodable {
        let name: String
        let firstLine: Int
        let rows: Int
    }

    /// The publisher's class, and the class of the figures by GB 3838-2002.
    private struct Difference: Encodable {
        let section: SectionID
        let observedAt: Instant
        let published: WaterClass
        let ours: WaterClass
    }

    private static let differencesLimit = 100

    private let accepted: Int
    /// How many readings have a publisher's class that differs from ours.
    private let otherClasses: Int?
    /// The first of these readings.
    private let differences: [Difference]?
    private let dryRun: Bool?
    private let ignoredColumns: [String]
    private let emptyRows: Int
    private let encoding: String?
    private let separator: String?
    private let starredValues: Int?
    private let unknownSections: [Unknown]?
    /// Rows that were left out because of a fault.
    private let faultyRows: Int?
    private let errors: [Problem.FieldFault]?

    init(_ read: ReadReadings, _ registry: Registry, dryRun: Bool) {
        let table = read.table
        accepted = read.reports.count
        let differences = read.reports.compactMap { report in
            registry.sections[report.section].flatMap { report.otherClass(in: $0.body) }.flatMap { ours in
                report.publishedClass.map { published in
                    Difference(
                        section: report.section, observedAt: report.observedAt, published: published,
                        ours: ours)
                }
            }
        }
        otherClasses = differences.isEmpty ? nil : differences.count
        self.differences = differences.isEmpty ? nil : Array(differences.prefix(Self.differencesLimit))
        self.dryRun = dryRun ? true : nil
        ignoredColumns = table?.ignoredColumns ?? []
        emptyRows = table?.emptyRows ?? 0
        encoding = table?.encoding.rawValue
        separator = table.map { String($0.separator) }
        starredValues = table.flatMap { $0.starredValues > 0 ? $0.starredValues : nil }
        unknownSections = table.flatMap { $0.unknownSections.isEmpty ? nil : $0.unknownSections }?.map {
            Unknown(name: $0.name, firstLine: $0.firstLine, rows: $0.rows)
        }
        faultyRows = table.flatMap { $0.faultyRows > 0 ? $0.faultyRows : nil }
        errors = table.flatMap { $0.faults.isEmpty ? nil : $0.faults }?.map {
            Problem.FieldFault($0.field, $0.detail)
        }
    }
}
