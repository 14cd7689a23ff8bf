public import Models

/// Which sections a name may mean, and what time their clocks show.
public struct SectionBook: Sendable {
    struct Entry: Sendable {
        let id: SectionID
        let zone: Zone
        /// The same for sections of the same zone: quicker to compare.
        let zoneNumber: Int
        /// For people; nil where it is a setting.
        let zoneName: String?
    }

    private(set) var entries: [Entry] = []
    private var byID: [[UInt8]: Int] = [:]
    /// As bytes: two spellings of the same characters are two names, and a text from outside may pile up
    /// marks (`Limit.wordBytes`).
    private var byName: [[UInt8]: [Int]] = [:]

    /// - Parameter otherwise: for a section where neither its region nor one above names a time zone.
    public init(_ registry: Registry, otherwise: Zone) {
        var zones: [String: (zone: Zone, number: Int)] = [:]
        for section in registry.sections.values.sorted(by: { $0.id < $1.id }) {
            let region = registry.region(of: section)
            let name = region.flatMap { registry.told(from: $0, \.timeZone) }
            if let name, zones[name] == nil, let zone = Zone(name) { zones[name] = (zone, zones.count + 1) }
            let zone = name.flatMap { zones[$0] }
            let place = entries.count
            entries.append(
                Entry(
                    id: section.id, zone: zone?.zone ?? otherwise, zoneNumber: zone?.number ?? 0,
                    zoneName: zone == nil ? nil : name))
            byID[Array(section.id.rawValue.utf8)] = place
            for text in Set([section.name.zh, section.name.en].map { Array($0.utf8) }) {
                byName[text, default: []].append(place)
            }
        }
    }

    /// The places in `entries`, in the order of identifiers; an identifier means its section and no other.
    func places(named text: String) -> [Int] {
        let bytes = Array(text.utf8)
        return byID[bytes].map { [$0] } ?? byName[bytes] ?? []
    }
}
