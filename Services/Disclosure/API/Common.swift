import Models

/// Writes `null` where there is no value, so that every answer has all its fields.
@propertyWrapper
struct OrNull<Value: Encodable & Sendable>: Encodable, Sendable {
    var wrappedValue: Value?

    init(wrappedValue: Value?) {
        self.wrappedValue = wrappedValue
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let wrappedValue {
            try container.encode(wrappedValue)
        } else {
            try container.encodeNil()
        }
    }
}

/// Something of the registry by its name; what the registry does not know is called by its identifier.
struct Reference: Encodable, Sendable {
    let id: String
    let name: Name

    init(_ id: String, _ name: Name?) {
        self.id = id
        self.name = name ?? Name(zh: id, en: id)
    }
}

extension Gazetteer {
    func reference(_ id: RegionID) -> Reference { Reference(id.rawValue, registry.regions[id]?.name) }
    func reference(_ id: RiverID) -> Reference { Reference(id.rawValue, registry.rivers[id]?.name) }
    func reference(_ id: GatewayID) -> Reference { Reference(id.rawValue, registry.gateways[id]?.name) }
    func reference(_ id: SectionID) -> Reference { Reference(id.rawValue, registry.sections[id]?.name) }
    func reference(_ id: ReachID) -> Reference { Reference(id.rawValue, registry.reaches[id]?.name) }
}

struct ChiefAnswer: Encodable, Sendable {
    let id: ChiefID
    let name: Name
    let title: String
    let level: Level
    /// His office's: the sign board at the water shows it.
    @OrNull var phone: String?

    init(_ chief: Chief) {
        id = chief.id
        name = chief.name
        title = chief.title
        level = chief.level
        phone = chief.phone
    }
}

/// A feature collection of RFC 7946, put together from geometries that are JSON already.
struct FeatureCollection: Sendable {
    private(set) var bytes = Array(#"{"type":"FeatureCollection","features":["#.utf8)
    private var isEmpty = true

    mutating func add(_ properties: some Encodable, geometry: [UInt8]) {
        if !isEmpty { bytes.append(UInt8(ascii: ",")) }
        isEmpty = false
        bytes += #"{"type":"Feature","geometry":"#.utf8
        bytes += geometry
        bytes += #","properties":"#.utf8
        bytes += JSON.encode(properties)
        bytes.append(UInt8(ascii: "}"))
    }

    consuming func closed() -> [UInt8] {
        bytes += "]}".utf8
        return bytes
    }
}
