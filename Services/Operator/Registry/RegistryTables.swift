import Models

/// A table of the folder: one for each kind of entity, and one for absences, which change too often for the
/// table of chiefs.
enum RegistryTable: Hashable {
    case entities(RegistryEntity.Kind)
    /// When chiefs are away, and who stands in.
    case absences

    static let all = RegistryEntity.Kind.publishingOrder.map(entities) + [absences]

    /// A column with `mayLack` may be missing; then its fields are empty.
    ///
    /// In a string literal, a question mark at the end sets it.
    struct Column: ExpressibleByStringLiteral {
        let name: String
        let mayLack: Bool

        init(stringLiteral text: String) {
            mayLack = text.hasSuffix("?")
            name = mayLack ? String(text.dropLast()) : text
        }
    }

    var file: String {
        switch self {
        case .entities(let kind): kind.file
        case .absences: "absences.csv"
        }
    }

    /// A table is required if no complaint could be routed without it. A city without outfalls can leave out
    /// `outfalls.csv`.
    var isRequired: Bool {
        switch self {
        case .entities(.region), .entities(.chief), .entities(.river), .entities(.reach),
            .entities(.category):
            true
        case .entities, .absences: false
        }
    }

    /// The columns in the order in which they are written; they may be read in any order. A column is
    /// required if its fields must not be empty.
    var columns: [Column] {
        switch self {
        case .entities(let kind): kind.columns
        case .absences: ["chief", "from", "to", "deputy?"]
        }
    }
}

extension RegistryEntity.Kind {
    /// Referenced entities come first, so that somebody who has read only a part of the topic finds no
    /// reference to an unknown entity.
    static let publishingOrder: [Self] = [
        .region, .department, .chief, .assetKind, .river, .reach, .enterprise, .outfall, .permit, .section,
        .station,
        .plan, .category,
        .serviceLevel, .calendarDay, .news, .gateway, .gatewayKey, .source, .clerk, .word,
    ]

    var publishingRank: Int { Self.publishingOrder.firstIndex(of: self) ?? Self.publishingOrder.count }

    var file: String {
        switch self {
        case .region: "regions.csv"
        case .assetKind: "kinds.csv"
        case .river: "rivers.csv"
        case .reach: "reaches.csv"
        case .section: "sections.csv"
        case .station: "stations.csv"
        case .chief: "chiefs.csv"
        case .plan: "plans.csv"
        case .category: "categories.csv"
        case .department: "departments.csv"
        case .outfall: "outfalls.csv"
        case .serviceLevel: "service-levels.csv"
        case .calendarDay: "calendar.csv"
        case .news: "news.csv"
        case .gateway: "gateways.csv"
        case .gatewayKey: "gateway-keys.csv"
        case .source: "sources.csv"
        case .clerk: "clerks.csv"
        case .word: "words.csv"
        case .enterprise: "enterprises.csv"
        case .permit: "permits.csv"
        }
    }

    /// The shapes that belong to the rows of `file`, by their `id`. A reach must have a shape; a region may
    /// lack one.
    var shapesFile: String? {
        switch self {
        case .region: "regions.geojson"
        case .reach: "reaches.geojson"
        default: nil
        }
    }

    var needsShape: Bool { self == .reach }

    /// The column that names the row.
    var identifierColumn: String {
        switch self {
        case .category: "code"
        case .calendarDay: "date"
        case .gatewayKey: "key_sha256"
        default: "id"
        }
    }

    fileprivate var columns: [RegistryTable.Column] {
        switch self {
        case .region:
            [
                "id", "name", "name_en?", "level", "parent?", "duty_office?", "duty_phone?", "police_chief?",
                "supervision_phone?", "time_zone?", "working_hours?", "emergency_phone?", "footer?",
            ]
        case .department: ["id", "name", "name_en?", "region", "duties?", "phone?"]
        case .chief: ["id", "name", "name_en?", "title", "level", "region", "superior?", "phone?"]
        case .assetKind: ["id", "name", "name_en?", "like?"]
        case .river:
            [
                "id", "name", "name_en?", "kind?", "level", "region", "length_km?", "start?", "end?",
                "target_class?", "supervision_phone?", "police_chief?", "contact_department?",
            ]
        case .reach:
            ["id", "river", "name", "name_en?", "region", "level", "chiefs?", "length_km?"]
        case .outfall:
            [
                "id", "name", "name_en?", "river", "reach?", "longitude", "latitude", "kind", "responsible?",
                "enterprise?",
            ]
        case .enterprise:
            [
                "id", "name", "name_en?", "industry?", "industry_en?", "region", "address?", "longitude?",
                "latitude?", "permit?", "responsible", "url?",
            ]
        case .permit: ["id", "outfall", "parameter", "hourly?", "daily?", "from?", "to?"]
        case .section:
            [
                "id", "name", "name_en?", "river", "reach?", "body", "function_class?", "target_class?",
                "longitude", "latitude", "region?", "expected_hours?",
            ]
        case .station:
            [
                "id", "section", "name", "device_number", "password_sha256?", "addresses?", "time_zone?",
                "takes?",
                "units?",
            ]
        case .plan:
            [
                "id", "river", "title", "problems?", "goals?", "measures?", "period_from?", "period_to?",
                "url?", "file?",
            ]
        case .category:
            [
                "code", "group", "group_en?", "name", "name_en?", "urgency", "accept_hours", "resolve_hours",
                "responsible?", "requires_photo?", "requires_verification?", "checker?", "reach_metres?",
                "similar_metres?",
            ]
        case .serviceLevel: ["id", "category?", "urgency", "accept", "resolve"]
        case .calendarDay: ["date", "kind", "name", "name_en?"]
        case .news: ["id", "date", "title", "text", "river?", "region?", "url?"]
        case .gateway:
            ["id", "name", "name_en?", "channel", "scopes", "requests_per_minute?", "addresses?"]
        case .gatewayKey: ["gateway", "key_sha256", "valid_until?"]
        case .source:
            [
                "id", "gateway", "address", "interval", "shape", "credential?", "skip_unknown?", "on_fault?",
                "columns?",
            ]
        case .clerk: ["id", "name", "name_en?", "office", "phone?"]
        case .word: ["id", "name", "name_en?", "several_en?"]
        }
    }
}
