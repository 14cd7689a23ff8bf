import Models

/// The folder's tables: one for each kind of entity, all of them required.
///
/// A table without rows is fine; a table that is missing is not, because whatever it held before would be
/// removed.
extension RegistryEntity.Kind {
    /// Referenced entities first: whoever reads the topic half-way meets no reference to what he does not
    /// know yet.
    static let publishingOrder: [Self] = [
        .region, .chief, .river, .reach, .section, .station, .plan, .category,
    ]

    var publishingRank: Int { Self.publishingOrder.firstIndex(of: self) ?? Self.publishingOrder.count }

    var file: String {
        switch self {
        case .region: "regions.csv"
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
        }
    }

    /// The shapes that belong to the rows of `file`, by their `id`.
    var shapesFile: String? {
        switch self {
        case .region: "regions.geojson"
        case .reach: "reaches.geojson"
        default: nil
        }
    }

    /// The column that names the row.
    var identifierColumn: String {
        switch self {
        case .category: "code"
        case .calendarDay: "date"
        default: "id"
        }
    }

    var columns: [String] {
        switch self {
        case .region: ["id", "name", "name_en", "level", "parent", "duty_office", "duty_phone"]
        case .river:
            [
                "id", "name", "name_en", "level", "region", "length_km", "start", "end", "target_class",
                "supervision_phone", "police_chief", "contact_department",
            ]
        case .reach: ["id", "river", "name", "name_en", "region", "level", "chiefs"]
        case .section:
            [
                "id", "name", "name_en", "river", "reach", "body", "target_class", "longitude", "latitude",
                "region",
            ]
        case .station: ["id", "section", "name", "device_number"]
        case .chief: ["id", "name", "name_en", "title", "level", "region", "superior", "phone"]
        case .plan:
            ["id", "river", "title", "problems", "goals", "measures", "period_from", "period_to", "url"]
        case .category:
            [
                "code", "group", "name", "name_en", "group_en", "accept_hours", "resolve_hours", "urgency",
            ]
        case .department: ["id", "name", "name_en", "region", "duties", "phone"]
        case .outfall:
            ["id", "name", "name_en", "river", "reach", "longitude", "latitude", "kind", "responsible"]
        case .serviceLevel: ["id", "category", "urgency", "accept", "resolve"]
        case .calendarDay: ["date", "kind", "name", "name_en"]
        case .news: ["id", "date", "title", "text", "river", "region", "url"]
        }
    }
}
