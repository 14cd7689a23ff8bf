import Models

/// The registry with the questions that pages ask of it answered in advance.
struct Gazetteer: Sendable {
    let registry: Registry
    let reachesByRiver: [RiverID: [Reach]]
    let sectionsByRiver: [RiverID: [Section]]
    let sectionsByReach: [ReachID: [Section]]
    let plansByRiver: [RiverID: [Plan]]

    init(_ registry: Registry) {
        self.registry = registry
        let sections = registry.sections.values.sorted { $0.id < $1.id }
        reachesByRiver = Dictionary(grouping: registry.reaches.values.sorted { $0.id < $1.id }, by: \.river)
        sectionsByRiver = Dictionary(grouping: sections, by: \.river)
        sectionsByReach = sections.reduce(into: [:]) { grouped, section in
            if let reach = section.reach { grouped[reach, default: []].append(section) }
        }
        plansByRiver = Dictionary(grouping: registry.plans.values.sorted { $0.id < $1.id }, by: \.river)
    }
}
