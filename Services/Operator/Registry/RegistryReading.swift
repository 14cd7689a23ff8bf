import Geo
import Models
import Text

/// A city's registry as read from its folder: the entities, and everything that is wrong with them, found in
/// one run.
///
/// Pure: it gets the bytes of the files and opens no file.
struct RegistryReading {
    private(set) var entities: [RegistryEntity] = []
    private(set) var findings: [Finding] = []
    /// The kinds that the folder has a table for. It says nothing about other kinds.
    private(set) var toldKinds: Set<RegistryEntity.Kind> = []

    private(set) var standing = Standing()
    private var references: [Reference] = []
    private var absences: [ToldAbsence] = []
    /// Kinds whose table could not be read completely. References to their missing rows are not reported as
    /// faults too.
    private var incomplete: Set<RegistryEntity.Kind> = []

    var faults: [Finding] { findings.filter { $0.weight == .fault } }
    var warnings: [Finding] { findings.filter { $0.weight == .warning } }

    /// The names of all files of a folder.
    static let files =
        RegistryTable.all.map(\.file) + RegistryEntity.Kind.publishingOrder.compactMap(\.shapesFile)

    /// - Parameter texts: the bytes of each file that is there.
    init(_ texts: [String: [UInt8]]) {
        readAbsences(texts)
        for kind in RegistryEntity.Kind.publishingOrder { read(kind, texts) }
        checkReferences()
        let whole = toldKinds.subtracting(incomplete)
        findings += RegistryChecks(Registry(entities), standing, absences, whole: whole).findings
        findings.sort()
    }

    // MARK: Tables

    /// The complete rows, each with its fields by column; nil if the table can't be understood, or if it is
    /// required and missing.
    private mutating func rows(of table: RegistryTable, _ texts: [String: [UInt8]]) -> [RowReading]? {
        guard let bytes = texts[table.file] else {
            guard table.isRequired else { return [] }
            findings.append(Finding(table.file, nil, "is missing; it may be a table without rows"))
            return nil
        }
        let (rows, faults) = CSVTable.read(bytes)
        for fault in faults { findings.append(Finding(table.file, fault.line, fault.detail)) }
        guard checkHeader(rows.header, of: table) else { return nil }
        if !faults.isEmpty, case .entities(let kind) = table { incomplete.insert(kind) }
        return rows.rows.map { row in
            let fields = Dictionary(zip(rows.header, row.fields)) { first, _ in first }
            return RowReading(table, line: row.line, fields: fields)
        }
    }

    private mutating func checkHeader(_ header: [String], of table: RegistryTable) -> Bool {
        // An unreadable header was reported already.
        if header.isEmpty { return false }
        let known = table.columns.map(\.name)
        for name in header where !known.contains(name) {
            let what = "column \"\(name)\" is unknown; the columns are \(known.joined(separator: ", "))"
            findings.append(Finding(table.file, 1, what))
        }
        let missing = table.columns.filter { !$0.mayLack && !header.contains($0.name) }
        for column in missing {
            findings.append(Finding(table.file, 1, "column \"\(column.name)\" is missing"))
        }
        return missing.isEmpty
    }

    private mutating func readAbsences(_ texts: [String: [UInt8]]) {
        for var row in rows(of: .absences, texts) ?? [] {
            if let (chief, absence) = row.absence() {
                absences.append(ToldAbsence(line: row.line, chief: chief, absence: absence))
            }
            take(row)
        }
    }

    private mutating func read(_ kind: RegistryEntity.Kind, _ texts: [String: [UInt8]]) {
        let collection = kind.shapesFile.flatMap { readShapes($0, texts[$0], of: kind) }
        guard let rows = rows(of: .entities(kind), texts) else {
            incomplete.insert(kind)
            return
        }
        if texts[kind.file] != nil { toldKinds.insert(kind) }
        var apart: [String: RowReading.Apart] = [:]
        for feature in collection?.features ?? [] where apart[feature.id] == nil {
            apart[feature.id] = RowReading.Apart(shape: feature.geometry)
        }
        if kind == .chief {
            apart = Dictionary(grouping: absences, by: \.chief.rawValue)
                .mapValues { RowReading.Apart(absences: $0.map(\.absence)) }
        }
        for row in rows { read(row, of: kind, apart) }
        if let collection { checkShapes(collection, of: kind) }
    }

    private mutating func read(
        _ row: RowReading, of kind: RegistryEntity.Kind, _ apart: [String: RowReading.Apart]
    ) {
        var row = row
        let key = RegistryKey(kind: kind, id: row.value(kind.identifierColumn))
        if let line = standing.rows[key], !key.id.isEmpty {
            row.fault("\(kind.identifierColumn) \"\(key.id)\" is already used on line \(line)")
        } else {
            standing.rows[key] = row.line
        }
        if let entity = row.entity(kind, apart[key.id] ?? RowReading.Apart()) {
            entities.append(entity)
            if entity.mayExceedRecord {
                let bytes = entity.data.count
                if bytes > Limit.recordBytes {
                    row.fault(
                        "\(key) takes \(bytes) bytes as a record, more than the allowed \(Limit.recordBytes)")
                }
            }
        }
        take(row)
    }

    private mutating func take(_ row: RowReading) {
        findings += row.findings
        references += row.references
    }

    // MARK: Shapes

    private mutating func readShapes(
        _ file: String, _ bytes: [UInt8]?, of kind: RegistryEntity.Kind
    ) -> FeatureCollection? {
        guard let bytes else {
            if kind.needsShape {
                findings.append(Finding(file, nil, "is missing; it may be a collection without features"))
            }
            return nil
        }
        let collection = FeatureCollection(bytes)
        for fault in collection.faults { findings.append(Finding(file, fault.line, fault.what)) }
        if let system = collection.otherSystem {
            findings.append(Finding(file, system.line, system.what, weight: .warning))
        }
        return collection
    }

    /// Each row has one shape and each shape one row; only a region may lack a shape.
    private mutating func checkShapes(_ collection: FeatureCollection, of kind: RegistryEntity.Kind) {
        guard let file = kind.shapesFile else { return }
        for feature in collection.features {
            func fault(_ what: String) { findings.append(Finding(file, feature.line, what)) }
            let key = RegistryKey(kind: kind, id: feature.id)
            if let line = standing.shapes[key] {
                fault("id \"\(feature.id)\" is already used on line \(line)")
                continue
            }
            standing.shapes[key] = feature.line
            if standing.rows[key] == nil, !incomplete.contains(kind) {
                fault("id \"\(feature.id)\" has no row in \(kind.file)")
            }
            switch (kind, feature.geometry) {
            case (_, nil): break
            case (.region, .polygons(_)?), (.reach, .polygons(_)?), (.reach, .lines(_)?):
                if let flaw = feature.geometry?.flaw { fault("\(feature.id) \(flaw)") }
            case (.region, _): fault("\(feature.id) is neither a Polygon nor a MultiPolygon")
            case (_, _): fault("\(feature.id) is neither a line nor an area")
            }
        }
        // A feature without a readable `id` may be the one that seems to be missing.
        guard kind.needsShape, collection.isWhole else { return }
        for (key, line) in standing.rows
        where key.kind == kind && !key.id.isEmpty && standing.shapes[key] == nil {
            findings.append(Finding(kind.file, line, "\(key.id) has no shape in \(file)"))
        }
    }

    // MARK: References

    private mutating func checkReferences() {
        for reference in references
        where ([reference.to] + [reference.or].compactMap(\.self)).allSatisfy({ key in
            standing.rows[key] == nil && !incomplete.contains(key.kind)
        }) {
            let files = [reference.to.kind.file] + [reference.or?.kind.file].compactMap(\.self)
            let what =
                "\(reference.column) \"\(reference.to.id)\" is not in \(files.joined(separator: " or "))"
            findings.append(Finding(reference.table.file, reference.line, what))
        }
    }
}

/// The line of each row and shape in its file, even if the rest of the row could not be read.
struct Standing {
    var rows: [RegistryKey: Int] = [:]
    var shapes: [RegistryKey: Int] = [:]
}

/// A row of `absences.csv`.
struct ToldAbsence {
    let line: Int
    let chief: ChiefID
    let absence: Absence
}

extension RegistryEntity {
    /// Whether the entity may be too large for a record, so that it has to be encoded to find out. Its texts
    /// are bounded and need only a small part of a record.
    fileprivate var mayExceedRecord: Bool {
        let parts =
            switch self {
            case .region(let region): region.boundary?.coordinates.count ?? 0
            case .reach(let reach): reach.geometry.coordinates.count
            case .chief(let chief): chief.absences.count
            default: 0
            }
        return parts > Limit.recordBytes / 256
    }
}
