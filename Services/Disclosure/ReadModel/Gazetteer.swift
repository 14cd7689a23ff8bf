import Models
import Text

/// The registry, with the look-ups that pages need prepared in advance.
struct Gazetteer: Sendable {
    let registry: Registry
    /// The name of the region of level city, or else of the highest one.
    let city: Name
    let reachesByRiver: [RiverID: [Reach]]
    let sectionsByRiver: [RiverID: [Section]]
    let sectionsByReach: [ReachID: [Section]]
    let plansByRiver: [RiverID: [Plan]]
    /// The geometries of reaches and regions as JSON: they are the greater part of a map, and seldom change.
    let reachShapes: [ReachID: [UInt8]]
    let regionShapes: [RegionID: [UInt8]]

    /// Before a registry names it.
    static let unnamedCity = Name(zh: "本市", en: "this city")

    init(_ registry: Registry) {
        self.registry = registry
        city = registry.cityName ?? Self.unnamedCity
        let sections = registry.sections.values.sorted { $0.id < $1.id }
        reachesByRiver = Dictionary(grouping: registry.reaches.values.sorted { $0.id < $1.id }, by: \.river)
        sectionsByRiver = Dictionary(grouping: sections, by: \.river)
        sectionsByReach = sections.reduce(into: [:]) { grouped, section in
            if let reach = section.reach { grouped[reach, default: []].append(section) }
        }
        plansByRiver = Dictionary(grouping: registry.plans.values.sorted { $0.id < $1.id }, by: \.river)
        reachShapes = registry.reaches.mapValues { JSON.encode($0.geometry) }
        regionShapes = registry.regions.compactMapValues { $0.boundary.map { JSON.encode($0) } }
    }
}

extension Registry {
    /// A province above the city is the registry's highest region, but not what the city is called.
    fileprivate var cityName: Name? {
        let city = regions.values.lazy.filter { $0.level == .city }.min { $0.id < $1.id }
        return (city ?? topRegion.flatMap { regions[$0] })?.name
    }
}
