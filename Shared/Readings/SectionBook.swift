public import Models

/// Which sections and outfalls a name may mean, and which time their clocks show.
public struct SectionBook: Sendable {
    struct Entry: Sendable {
        let id: SectionID
        let zone: Zone
        /// Equal for sections of the same zone; a number is quicker to compare.
        let zoneNumber: Int
        /// A name for people; nil if the zone comes from a setting.
        let zoneName: String?
    }

    private(set) var entries: [Entry] = []
    private var byID: [[UInt8]: Int] = [:]
    /// By bytes: two spellings of the same characters are two names, and a text from outside may have many
    /// combining marks (`Limit.wordBytes`).
    private var byName: [[UInt8]: [Int]] = [:]

    /// - Parameter otherwise: the zone of a section if neither its region nor a region above it names one.
    public init(_ registry: Registry, otherwise: Zone) {
        var zones: [String: (zone: Zone, number: Int)] = [:]
        let points =
            registry.sections.values.map(MonitoringPoint.section)
            + registry.outfalls.values.filter { $0.enterprise != nil && registry.sections[$0.point] == nil }
            .map(MonitoringPoint.outfall)
        for point in points.sorted(by: { $0.id < $1.id }) {
            let region =
                switch point {
                case .section(let section): registry.region(of: section)
                case .outfall(let outfall): registry.region(of: outfall)
                }
            let name = region.flatMap { registry.told(from: $0, \.timeZone) }
            if let name, zones[name] == nil, let zone = Zone(name) { zones[name] = (zone, zones.count + 1) }
            let zone = name.flatMap { zones[$0] }
            let place = entries.count
            entries.append(
                Entry(
                    id: point.id, zone: zone?.zone ?? otherwise, zoneNumber: zone?.number ?? 0,
                    zoneName: zone == nil ? nil : name))
            byID[Array(point.id.rawValue.utf8)] = place
            for text in Set([point.name.zh, point.name.en].map { Array($0.utf8) }) {
                byName[text, default: []].append(place)
            }
        }
    }

    /// The indices in `entries`, in the order of identifiers; an identifier means only its own section.
    func places(named text: String) -> [Int] {
        let bytes = Array(text.utf8)
        return byID[bytes].map { [$0] } ?? byName[bytes] ?? []
    }
}
