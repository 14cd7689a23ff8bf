import Models
import Text

/// An entity of the registry with its name; if the registry does not know it, its identifier serves as name.
struct Reference: JSONWritable, Sendable {
    let id: String
    let name: Name

    init(_ id: String, _ name: Name?) {
        self.id = id
        self.name = name ?? Name(zh: id, en: id)
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("id", id)
            json.field("name", name)
        }
    }
}

extension Gazetteer {
    func reference(_ id: RegionID) -> Reference { Reference(id.rawValue, registry.regions[id]?.name) }
    func reference(_ id: RiverID) -> Reference { Reference(id.rawValue, registry.rivers[id]?.name) }
    func reference(_ id: GatewayID) -> Reference { Reference(id.rawValue, registry.gateways[id]?.name) }
    func reference(_ id: SectionID) -> Reference { Reference(id.rawValue, registry.sections[id]?.name) }
    func reference(_ id: EnterpriseID) -> Reference {
        Reference(id.rawValue, registry.enterprises[id]?.name)
    }
    func reference(_ id: DepartmentID) -> Reference {
        Reference(id.rawValue, registry.departments[id]?.name)
    }
    func reference(_ id: ReachID) -> Reference { Reference(id.rawValue, registry.reaches[id]?.name) }
}

struct ChiefAnswer: JSONWritable, Sendable {
    let chief: Chief

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("id", chief.id)
            json.field("name", chief.name)
            json.field("title", chief.title)
            json.field("level", chief.level)
            // The phone of the chief's office; the sign board at the water shows it.
            json.field("phone", orNull: chief.phone)
        }
    }
}

/// A feature collection of RFC 7946, put together from geometries that already are JSON.
struct FeatureCollection: Sendable {
    private(set) var bytes = Array(#"{"type":"FeatureCollection","features":["#.utf8)
    private var isEmpty = true

    mutating func add(_ properties: some JSONWritable, geometry: [UInt8]) {
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
