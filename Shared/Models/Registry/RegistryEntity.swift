public import Text

/// One entry of the registry topic; its key is `kind/id`.
public enum RegistryEntity: Hashable, Sendable {
    case region(Region)
    case assetKind(AssetKind)
    case river(River)
    case reach(Reach)
    case section(Section)
    case station(Station)
    case chief(Chief)
    case plan(Plan)
    case category(Category)
    case department(Department)
    case outfall(Outfall)
    case serviceLevel(ServiceLevel)
    case calendarDay(CalendarDay)
    case news(News)
    case gateway(Gateway)
    case gatewayKey(GatewayKey)
    case source(Source)
    case clerk(Clerk)
    case word(AssetWord)
    case enterprise(Enterprise)
    case permit(Permit)

    public enum Kind: String, CaseIterable, Sendable, Codable {
        case region, river, reach, section, station, chief, plan, category, department, outfall, news, gateway
        case source, clerk, word, enterprise, permit
        case assetKind = "asset-kind"
        case serviceLevel = "service-level"
        case calendarDay = "calendar-day"
        case gatewayKey = "gateway-key"
    }

    public var kind: Kind {
        switch self {
        case .region: .region
        case .assetKind: .assetKind
        case .river: .river
        case .reach: .reach
        case .section: .section
        case .station: .station
        case .chief: .chief
        case .plan: .plan
        case .category: .category
        case .department: .department
        case .outfall: .outfall
        case .serviceLevel: .serviceLevel
        case .calendarDay: .calendarDay
        case .news: .news
        case .gateway: .gateway
        case .gatewayKey: .gatewayKey
        case .source: .source
        case .clerk: .clerk
        case .word: .word
        case .enterprise: .enterprise
        case .permit: .permit
        }
    }

    public var id: String {
        switch self {
        case .region(let value): value.id.rawValue
        case .assetKind(let value): value.id.rawValue
        case .river(let value): value.id.rawValue
        case .reach(let value): value.id.rawValue
        case .section(let value): value.id.rawValue
        case .station(let value): value.id.rawValue
        case .chief(let value): value.id.rawValue
        case .plan(let value): value.id.rawValue
        case .category(let value): value.code.rawValue
        case .department(let value): value.id.rawValue
        case .outfall(let value): value.id.rawValue
        case .serviceLevel(let value): value.id.rawValue
        case .calendarDay(let value): value.date.description
        case .news(let value): value.id.rawValue
        case .gateway(let value): value.id.rawValue
        case .gatewayKey(let value): value.sha256.description
        case .source(let value): value.id.rawValue
        case .clerk(let value): value.id.rawValue
        case .word(let value): value.id.rawValue
        case .enterprise(let value): value.id.rawValue
        case .permit(let value): value.id.rawValue
        }
    }

    public var key: RegistryKey { RegistryKey(kind: kind, id: id) }

    public var data: [UInt8] {
        switch self {
        case .region(let value): JSON.encode(value)
        case .assetKind(let value): JSON.encode(value)
        case .river(let value): JSON.encode(value)
        case .reach(let value): JSON.encode(value)
        case .section(let value): JSON.encode(value)
        case .station(let value): JSON.encode(value)
        case .chief(let value): JSON.encode(value)
        case .plan(let value): JSON.encode(value)
        case .category(let value): JSON.encode(value)
        case .department(let value): JSON.encode(value)
        case .outfall(let value): JSON.encode(value)
        case .serviceLevel(let value): JSON.encode(value)
        case .calendarDay(let value): JSON.encode(value)
        case .news(let value): JSON.encode(value)
        case .gateway(let value): JSON.encode(value)
        case .gatewayKey(let value): JSON.encode(value)
        case .source(let value): JSON.encode(value)
        case .clerk(let value): JSON.encode(value)
        case .word(let value): JSON.encode(value)
        case .enterprise(let value): JSON.encode(value)
        case .permit(let value): JSON.encode(value)
        }
    }

    public init(kind: Kind, data: [UInt8]) throws(Malformed) {
        self =
            switch kind {
            case .region: .region(try JSON.decode(Region.self, from: data))
            case .assetKind: .assetKind(try JSON.decode(AssetKind.self, from: data))
            case .river: .river(try JSON.decode(River.self, from: data))
            case .reach: .reach(try JSON.decode(Reach.self, from: data))
            case .section: .section(try JSON.decode(Section.self, from: data))
            case .station: .station(try JSON.decode(Station.self, from: data))
            case .chief: .chief(try JSON.decode(Chief.self, from: data))
            case .plan: .plan(try JSON.decode(Plan.self, from: data))
            case .category: .category(try JSON.decode(Category.self, from: data))
            case .department: .department(try JSON.decode(Department.self, from: data))
            case .outfall: .outfall(try JSON.decode(Outfall.self, from: data))
            case .serviceLevel: .serviceLevel(try JSON.decode(ServiceLevel.self, from: data))
            case .calendarDay: .calendarDay(try JSON.decode(CalendarDay.self, from: data))
            case .news: .news(try JSON.decode(News.self, from: data))
            case .gateway: .gateway(try JSON.decode(Gateway.self, from: data))
            case .gatewayKey: .gatewayKey(try JSON.decode(GatewayKey.self, from: data))
            case .source: .source(try JSON.decode(Source.self, from: data))
            case .clerk: .clerk(try JSON.decode(Clerk.self, from: data))
            case .word: .word(try JSON.decode(AssetWord.self, from: data))
            case .enterprise: .enterprise(try JSON.decode(Enterprise.self, from: data))
            case .permit: .permit(try JSON.decode(Permit.self, from: data))
            }
    }
}

/// The key of a registry record: `reach/qiantang-3`.
public struct RegistryKey: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let kind: RegistryEntity.Kind
    public let id: String

    public init(kind: RegistryEntity.Kind, id: String) {
        self.kind = kind
        self.id = id
    }

    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let kind = RegistryEntity.Kind(rawValue: String(parts[0])),
            EntityID<Never>.isValid(String(parts[1]))
        else { return nil }
        self.init(kind: kind, id: String(parts[1]))
    }

    public var description: String { "\(kind.rawValue)/\(id)" }

    public static func < (left: RegistryKey, right: RegistryKey) -> Bool {
        left.description < right.description
    }
}
