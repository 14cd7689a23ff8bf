import Geo
import Models

/// Writes a registry as the files of a folder, in the form that `RegistryReading` reads.
struct RegistryFolder {
    /// The bytes of each file, by name. Every table is included, also one without rows: so the folder
    /// describes the whole registry.
    private(set) var texts: [String: [UInt8]] = [:]

    init(_ entities: [RegistryEntity]) {
        let ofKind = Dictionary(grouping: entities, by: \.kind).mapValues { $0.sorted { $0.id < $1.id } }
        for kind in RegistryEntity.Kind.publishingOrder {
            let told = ofKind[kind, default: []]
            texts[kind.file] = Self.table(.entities(kind), told.map(\.fields))
            if let file = kind.shapesFile { texts[file] = Self.shapes(of: told) }
        }
        let absences = ofKind[.chief, default: []].flatMap(\.absences)
        texts[RegistryTable.absences.file] = Self.table(.absences, absences)
    }

    /// Writes every column, so that whoever opens the table sees what can be filled in.
    private static func table(_ table: RegistryTable, _ rows: [[String: String]]) -> [UInt8] {
        let names = table.columns.map(\.name)
        return Array(csv([names] + rows.map { row in names.map { row[$0, default: ""] } }).utf8)
    }

    /// Lines of fields as a table (RFC 4180), each with a line feed at its end.
    static func csv(_ lines: [[String]]) -> String {
        lines.map { $0.map(quoted).joined(separator: ",") + "\n" }.joined()
    }

    /// RFC 4180 §2.6 and §2.7.
    private static func quoted(_ field: String) -> String {
        guard field.utf8.contains(where: { "\",\n\r".utf8.contains($0) }) else { return field }
        return "\"\(field.replacing("\"", with: "\"\""))\""
    }

    /// One feature a line: a change of one shape is a change of one line.
    private static func shapes(of entities: [RegistryEntity]) -> [UInt8] {
        let features = entities.compactMap { entity in
            entity.shape.map { shape in
                "{\"type\":\"Feature\",\"properties\":{\"id\":\"\(entity.id)\"},\"geometry\":\(shape.geoJSON)}"
            }
        }
        let text =
            "{\"type\":\"FeatureCollection\",\"features\":[\n\(features.joined(separator: ",\n"))\n]}\n"
        return Array(text.utf8)
    }
}

extension RegistryEntity {
    var shape: Geometry? {
        switch self {
        case .region(let region): region.boundary
        case .reach(let reach): reach.geometry
        default: nil
        }
    }

    /// The rows of `absences.csv`.
    fileprivate var absences: [[String: String]] {
        guard case .chief(let chief) = self else { return [] }
        return chief.absences.map { absence in
            Fields([
                "chief": chief.id, "from": absence.from, "to": absence.to, "deputy": absence.deputy,
            ]).texts
        }
    }

    /// The row of an entity, by column; empty fields may be left out.
    var fields: [String: String] {
        switch self {
        case .region(let value): value.fields.texts
        case .department(let value): value.fields.texts
        case .chief(let value): value.fields.texts
        case .assetKind(let value): value.fields.texts
        case .river(let value): value.fields.texts
        case .reach(let value): value.fields.texts
        case .outfall(let value): value.fields.texts
        case .section(let value): value.fields.texts
        case .station(let value): value.fields.texts
        case .plan(let value): value.fields.texts
        case .category(let value): value.fields.texts
        case .serviceLevel(let value): value.fields.texts
        case .calendarDay(let value): value.fields.texts
        case .news(let value): value.fields.texts
        case .gateway(let value): value.fields.texts
        case .gatewayKey(let value): value.fields.texts
        case .source(let value): value.fields.texts
        case .clerk(let value): value.fields.texts
        case .word(let value): value.fields.texts
        case .enterprise(let value): value.fields.texts
        case .permit(let value): value.fields.texts
        }
    }
}

/// The fields of a row that are not empty.
private struct Fields {
    private(set) var texts: [String: String]

    init(_ values: [String: (any CustomStringConvertible)?]) {
        texts = values.compactMapValues { value in
            // Nobody writes 24.0 hours.
            (value as? Double).flatMap { Int(exactly: $0) }?.description ?? value?.description
        }
    }

    /// Adds both languages of a name.
    init(named name: Name, _ values: [String: (any CustomStringConvertible)?]) {
        self.init(values.merging(["name": name.zh, "name_en": name.en]) { first, _ in first })
    }
}

extension Region {
    fileprivate var fields: Fields {
        Fields(
            named: name,
            [
                "id": id, "level": level.rawValue, "parent": parent, "duty_office": dutyOffice,
                "duty_phone": dutyPhone, "police_chief": policeChief, "supervision_phone": supervisionPhone,
                "time_zone": timeZone, "working_hours": workingHours, "emergency_phone": emergencyPhone,
                "footer": footer?.map(\.description).joined(separator: " | "),
            ])
    }
}

extension Department {
    fileprivate var fields: Fields {
        Fields(named: name, ["id": id, "region": region, "duties": duties, "phone": phone])
    }
}

extension AssetWord {
    fileprivate var fields: Fields {
        Fields(named: name, ["id": id.rawValue, "several_en": several])
    }
}

extension AssetKind {
    fileprivate var fields: Fields {
        Fields(named: name, ["id": id, "like": like.rawValue])
    }
}

extension Clerk {
    fileprivate var fields: Fields {
        Fields(named: name, ["id": id, "office": office, "phone": phone])
    }
}

extension Chief {
    fileprivate var fields: Fields {
        Fields(
            named: name,
            [
                "id": id, "title": title, "level": level.rawValue, "region": region, "superior": superior,
                "phone": phone,
            ])
    }
}

extension River {
    fileprivate var fields: Fields {
        Fields(
            named: name,
            [
                "id": id, "kind": kind, "level": level.rawValue, "region": region,
                "length_km": lengthKilometres, "start": start, "end": end,
                "target_class": targetClass?.rawValue, "supervision_phone": supervisionPhone,
                "police_chief": policeChief, "contact_department": contactDepartment,
            ])
    }
}

extension Reach {
    fileprivate var fields: Fields {
        Fields(
            named: name,
            [
                "id": id, "river": river, "region": region, "level": level.rawValue,
                "chiefs": chiefs.map(\.rawValue).joined(separator: " "), "length_km": lengthKilometres,
            ])
    }
}

extension Outfall {
    fileprivate var fields: Fields {
        Fields(
            named: name,
            [
                "id": id, "river": river, "reach": reach, "longitude": place.longitude,
                "latitude": place.latitude, "kind": kind.rawValue, "responsible": responsible,
                "enterprise": enterprise,
            ])
    }
}

extension Enterprise {
    fileprivate var fields: Fields {
        Fields(
            named: name,
            [
                "id": id, "industry": industry?.zh, "industry_en": industry?.en, "region": region,
                "address": address, "longitude": place?.longitude, "latitude": place?.latitude,
                "permit": permit, "responsible": responsible, "url": url,
            ])
    }
}

extension Permit {
    fileprivate var fields: Fields {
        Fields([
            "id": id, "outfall": outfall, "parameter": parameter.rawValue, "hourly": hourly, "daily": daily,
            "from": from, "to": to,
        ])
    }
}

extension Section {
    fileprivate var fields: Fields {
        Fields(
            named: name,
            [
                "id": id, "river": river, "reach": reach, "body": body.rawValue,
                "function_class": functionClass?.rawValue, "target_class": targetClass?.rawValue,
                "longitude": place.longitude, "latitude": place.latitude, "region": region,
                "expected_hours": expectedHours,
            ])
    }
}

extension Station {
    fileprivate var fields: Fields {
        let units = units.map { "\($0.key.rawValue)=\($0.value)" }.sorted()
        return Fields([
            "id": id, "section": section, "name": name, "device_number": deviceNumber,
            "password_sha256": passwordHash,
            "addresses": addresses.map(\.description).joined(separator: " "), "time_zone": timeZone,
            "takes": takes == Self.usualSeries ? nil : takes.map(\.rawValue).joined(separator: " "),
            "units": units.joined(separator: " "),
        ])
    }
}

extension Plan {
    fileprivate var fields: Fields {
        Fields([
            "id": id, "river": river, "title": title, "problems": problems, "goals": goals,
            "measures": measures, "period_from": periodFrom, "period_to": periodTo, "url": url, "file": file,
        ])
    }
}

extension Category {
    fileprivate var fields: Fields {
        Fields(
            named: name,
            [
                "code": code, "group": group.zh, "group_en": group.en, "urgency": urgency.rawValue,
                "accept_hours": acceptHours, "resolve_hours": resolveHours, "responsible": responsible,
                "requires_photo": requiresPhoto ? "yes" : "no",
                "requires_verification": requiresVerification ? "yes" : "no", "checker": checker,
                "reach_metres": reachMetres, "similar_metres": similarMetres,
            ])
    }
}

extension ServiceLevel {
    fileprivate var fields: Fields {
        Fields([
            "id": id, "category": category, "urgency": urgency.rawValue, "accept": accept,
            "resolve": resolve,
        ])
    }
}

extension CalendarDay {
    fileprivate var fields: Fields { Fields(named: name, ["date": date, "kind": kind.rawValue]) }
}

extension News {
    fileprivate var fields: Fields {
        Fields([
            "id": id, "date": date, "title": title, "text": text, "river": river, "region": region,
            "url": url,
        ])
    }
}

extension Gateway {
    fileprivate var fields: Fields {
        Fields(
            named: name,
            [
                "id": id, "channel": channel.rawValue,
                "scopes": scopes.map(\.description).joined(separator: " "),
                "requests_per_minute": requestsPerMinute,
                "addresses": addresses.map(\.description).joined(separator: " "),
            ])
    }
}

extension GatewayKey {
    fileprivate var fields: Fields {
        Fields(["gateway": gateway, "key_sha256": sha256, "valid_until": validUntil])
    }
}

extension Source {
    fileprivate var fields: Fields {
        Fields([
            "id": id, "gateway": gateway, "address": address, "interval": interval, "shape": shape.rawValue,
            "credential": credential, "skip_unknown": skipsUnknown ? "yes" : nil,
            "on_fault": skipsFaults ? OnFault.skip.rawValue : nil, "columns": columns,
        ])
    }
}

extension Geometry {
    /// The geometry by RFC 7946 §3.1. A geometry of one part is written without the `Multi` form.
    fileprivate var geoJSON: String {
        func list<Part>(_ parts: [Part], _ text: (Part) -> String) -> String {
            "[\(parts.map(text).joined(separator: ","))]"
        }
        func position(_ place: Coordinate) -> String { "[\(place.longitude),\(place.latitude)]" }
        func line(_ line: [Coordinate]) -> String { list(line, position) }
        func polygon(_ rings: [[Coordinate]]) -> String { list(rings, line) }
        let (type, coordinates) =
            switch self {
            case .point(let place): ("Point", position(place))
            case .lines(let lines) where lines.count == 1: ("LineString", line(lines[0]))
            case .lines(let lines): ("MultiLineString", list(lines, line))
            case .polygons(let polygons) where polygons.count == 1: ("Polygon", polygon(polygons[0]))
            case .polygons(let polygons): ("MultiPolygon", list(polygons, polygon))
            }
        return "{\"type\":\"\(type)\",\"coordinates\":\(coordinates)}"
    }
}
