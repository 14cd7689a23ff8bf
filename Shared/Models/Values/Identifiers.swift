import Text

/// The name of a registry entity: lower-case letters, digits, `.` and `-`, at most 64 characters.
///
/// It is used in keys, addresses and file names, so it may hold only what all of them allow. The type
/// parameter keeps a river's identifier from being used for a reach.
public struct EntityID<Entity>: Hashable, Sendable, RawRepresentable, Comparable, CustomStringConvertible {
    public let rawValue: String

    public init?(rawValue: String) {
        guard Self.isValid(rawValue) else { return nil }
        self.rawValue = rawValue
    }

    public init?(_ text: String) {
        self.init(rawValue: text)
    }

    /// An identifier written in the code: if it is not valid, that is our own mistake.
    public init(literal: StaticString) {
        rawValue = literal.description
        precondition(Self.isValid(rawValue), "\(rawValue) is no identifier")
    }

    public var description: String { rawValue }

    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    static func isValid(_ text: String) -> Bool {
        let bytes = text.utf8
        guard let first = bytes.first, bytes.count <= Limit.identifierBytes else { return false }
        return isLetterOrDigit(first) && bytes.allSatisfy { isLetterOrDigit($0) || $0 == 0x2D || $0 == 0x2E }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
    }
}

extension EntityID: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let id = Self(rawValue: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "not an identifier: a-z, 0-9, '.' and '-', at most 64 characters")
        }
        self = id
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}

public typealias RegionID = EntityID<Region>
public typealias AssetKindID = EntityID<AssetKind>
public typealias RiverID = EntityID<River>
public typealias ReachID = EntityID<Reach>
public typealias SectionID = EntityID<Section>
public typealias StationID = EntityID<Station>
public typealias ChiefID = EntityID<Chief>
public typealias PlanID = EntityID<Plan>
public typealias CategoryCode = EntityID<Category>

extension CategoryCode {
    /// The category of complaints that a monitoring station's alarm makes; nobody else uses it.
    public static let stationAlarm = CategoryCode(literal: "station-alarm")
}
public typealias OutfallID = EntityID<Outfall>
public typealias DepartmentID = EntityID<Department>
public typealias NewsID = EntityID<News>
public typealias ServiceLevelID = EntityID<ServiceLevel>
public typealias GatewayID = EntityID<Gateway>
public typealias SourceID = EntityID<Source>
public typealias ClerkID = EntityID<Clerk>
public typealias EnterpriseID = EntityID<Enterprise>
public typealias PermitID = EntityID<Permit>
