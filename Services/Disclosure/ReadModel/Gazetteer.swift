import Models
import Text

/// The registry, with the look-ups that pages need prepared in advance.
struct Gazetteer: Sendable {
    let registry: Registry
    let reachesByRiver: [RiverID: [Reach]]
    let sectionsByRiver: [RiverID: [Section]]
    let sectionsByReach: [ReachID: [Section]]
    let plansByRiver: [RiverID: [Plan]]
    /// The geometries of reaches and regions as JSON: they are the greater part of a map, and seldom change.
    let reachShapes: [ReachID: [UInt8]]
    let regionShapes: [RegionID: [UInt8]]

    init(_ registry: Registry) {
        self.registry = registry
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
