import Models

/// A city's registry as its folder tells it: the entities, and everything that is wrong with them, at once.
///
/// Pure: it is given the files' bytes and opens none.
struct RegistryReading {
    private(set) var entities: [RegistryEntity] = []
    private(set) var findings: [Finding] = []

    /// Where each identifier stands, whether or not the rest of its row could be read.
    private var lines: [RegistryKey: Int] = [:]
    private var references: [Reference] = []
    /// Kinds whose table could not be read whole: what it lacks is not told a second time by those who refer
    /// to it.
    private var incomplete: Set<RegistryEntity.Kind> = []

    var faults: [Finding] { findings.filter { $0.weight == .fault } }
    var warnings: [Finding] { findings.filter { $0.weight == .warning } }

    /// The names of all files of a folder.
    static let files = RegistryEntity.Kind.publishingOrder.flatMap {
        [$0.file] + [$0.shapesFile].compactMap(\.self)
    }

    /// - Parameter texts: the bytes of each file that is there.
    init(_ texts: [String: [UInt8]]) {
        for kind in RegistryEntity.Kind.publishingOrder { read(kind, texts) }
        checkReferences()
        checkCircles()
        checkEntities()
        findings.sort()
    }

    // MARK: One table

    private mutating func read(_ kind: RegistryEntity.Kind, _ texts: [String: [UInt8]]) {
        let collection = kind.shapesFile.flatMap { readShapes($0, texts[$0]) }
        guard let bytes = texts[kind.file] else {
            findings.append(Finding(kind.file, nil, "is missing; a table without rows is fine"))
            incomplete.insert(kind)
            return
        }
        let (table, faults) = CSVTable.read(bytes)
        for fault in faults { findings.append(Finding(kind.file, fault.line, fault.detail)) }
        if !faults.isEmpty { incomplete.insert(kind) }
        guard checkHeader(table.header, of: kind) else {
            incomplete.insert(kind)
            return
        }
        var shapes: [String: Geometry] = [:]
        for feature in collection?.features ?? [] where shapes[feature.id] == nil {
            shapes[feature.id] = feature.geometry
        }
        for row in table.rows { read(row, of: kind, table.header, shapes) }
        if let collection { checkShapes(collection, of: kind) }
    }

    private mutating func checkHeader(_ header: [String], of kind: RegistryEntity.Kind) -> Bool {
        // An unreadable header was told already.
        if header.isEmpty { return false }
        for name in header where !kind.columns.contains(name) {
            let known = kind.columns.joined(separator: ", ")
            findings.append(Finding(kind.file, 1, "column \"\(name)\" is unknown; known are \(known)"))
        }
        let missing = kind.columns.filter { !header.contains($0) }
        for name in missing { findings.append(Finding(kind.file, 1, "column \"\(name)\" is missing")) }
        return missing.isEmpty
    }

    private mutating func read(
        _ row: CSVTable.Row, of kind: RegistryEntity.Kind, _ header: [String], _ shapes: [String: Geometry]
    ) {
        let fields = Dictionary(zip(header, row.fields)) { first, _ in first }
        var reading = RowReading(kind, line: row.line, fields: fields)
        let key = RegistryKey(kind: kind, id: reading.rawIdentifier)
        if let line = lines[key], !key.id.isEmpty {
            reading.fault("\(kind.identifierColumn) \"\(key.id)\" stands on line \(line) already")
        } else {
            lines[key] = row.line
        }
        if let entity = reading.entity(shapes: shapes) {
            entities.append(entity)
            let bytes = entity.data.count
            if bytes > Limit.recordBytes {
                reading.fault("\(key) takes \(bytes) bytes as a record; \(Limit.recordBytes) are the most")
            }
        }
        findings += reading.findings
        references += reading.references
    }

    // MARK: Shapes

    private mutating func readShapes(_ file: String, _ bytes: [UInt8]?) -> FeatureCollection? {
        guard let bytes else {
            findings.append(Finding(file, nil, "is missing; a collection without features is fine"))
            return nil
        }
        let collection = FeatureCollection(bytes)
        for fault in collection.faults { findings.append(Finding(file, fault.line, fault.what)) }
        return collection
    }

    /// Rows and shapes belong together one to one; only a region may do without a shape.
    private mutating func checkShapes(_ collection: FeatureCollection, of kind: RegistryEntity.Kind) {
        guard let file = kind.shapesFile else { return }
        var seen: [String: Int] = [:]
        for feature in collection.features {
            func fault(_ what: String) { findings.append(Finding(file, feature.line, what)) }
            if let line = seen[feature.id] {
                fault("id \"\(feature.id)\" stands on line \(line) already")
            }
            seen[feature.id] = seen[feature.id] ?? feature.line
            if lines[RegistryKey(kind: kind, id: feature.id)] == nil, !incomplete.contains(kind) {
                fault("id \"\(feature.id)\" has no row in \(kind.file)")
            }
            switch (kind, feature.geometry) {
            case (_, nil), (.region, .polygons), (.reach, .lines): break
            case (.region, _): fault("\(feature.id) is neither a Polygon nor a MultiPolygon")
            case (_, _): fault("\(feature.id) is neither a LineString nor a MultiLineString")
            }
        }
        // A feature that does not tell whose it is may be the one that seems to be missing.
        guard kind == .reach, collection.isWhole else { return }
        for (key, line) in lines where key.kind == .reach && !key.id.isEmpty && seen[key.id] == nil {
            findings.append(Finding(kind.file, line, "\(key.id) has no shape in \(file)"))
        }
    }

    // MARK: Between the rows

    private mutating func checkReferences() {
        for reference in references
        where lines[reference.to] == nil && !incomplete.contains(reference.to.kind) {
            let what = "\(reference.column) \"\(reference.to.id)\" is not in \(reference.to.kind.file)"
            findings.append(Finding(reference.from.kind.file, reference.line, what))
        }
    }

    /// Whoever is followed upwards must end somewhere: a complaint climbs this way.
    private mutating func checkCircles() {
        var above: [RegistryKey: Reference] = [:]
        for reference in references where reference.isUpward { above[reference.from] = reference }
        var settled: Set<RegistryKey> = []
        for start in above.values.sorted(by: { ($0.from.kind.file, $0.line) < ($1.from.kind.file, $1.line) })
        {
            var path: [RegistryKey] = []
            var next: RegistryKey? = start.from
            while let key = next, !settled.contains(key) {
                if let first = path.firstIndex(of: key) {
                    let circle = (path[first...] + [key]).map(\.id).joined(separator: " → ")
                    let what = "\(start.column) leads in a circle: \(circle)"
                    findings.append(Finding(key.kind.file, lines[key], what))
                    break
                }
                path.append(key)
                next = above[key]?.to
            }
            settled.formUnion(path)
        }
    }

    /// What only shows between two entities that are each right.
    private mutating func checkEntities() {
        let registry = Registry(entities)
        for reach in registry.reaches.values {
            let levels = reach.chiefs.compactMap { registry.chiefs[$0]?.level }
            if levels != levels.sorted() {
                report(.reach(reach), "chiefs are not in order: the lowest level comes first", .warning)
            }
        }
        for section in registry.sections.values {
            if let reach = section.reach.flatMap({ registry.reaches[$0] }), reach.river != section.river {
                report(.section(section), "reach \"\(reach.id)\" is of river \"\(reach.river)\"", .fault)
            }
        }
        reportTwins(registry.sections.values.map { ($0.name.zh, .section($0)) }, "name", .warning)
        reportTwins(registry.stations.values.map { ($0.deviceNumber, .station($0)) }, "device_number", .fault)
    }

    /// Rows that share what should tell them apart; the first of them is in the right.
    private mutating func reportTwins(
        _ named: [(name: String, entity: RegistryEntity)], _ column: String, _ weight: Finding.Weight
    ) {
        for (name, twins) in Dictionary(grouping: named, by: \.name) where twins.count > 1 {
            let inOrder = twins.sorted { lines[$0.entity.key, default: 0] < lines[$1.entity.key, default: 0] }
            for twin in inOrder.dropFirst() {
                report(twin.entity, "\(column) \"\(name)\" is also that of \(inOrder[0].entity.id)", weight)
            }
        }
    }

    private mutating func report(_ entity: RegistryEntity, _ what: String, _ weight: Finding.Weight) {
        findings.append(Finding(entity.kind.file, lines[entity.key], what, weight: weight))
    }
}
