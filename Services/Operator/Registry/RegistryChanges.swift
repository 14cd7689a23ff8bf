import Models
import Processing
import Text

/// What must be written so that the registry topic holds the same as the folder: only the difference.
struct RegistryChanges: Equatable {
    struct Change: Equatable {
        /// Nil if the entity on the topic could not be read.
        let before: RegistryEntity?
        let after: RegistryEntity

        var key: RegistryKey { after.key }
    }

    private(set) var new: [RegistryEntity] = []
    private(set) var changed: [Change] = []
    private(set) var removed: [RegistryKey] = []
    private(set) var unchanged = 0
    /// Written last: from then on nothing counts as lost.
    private(set) var renewal: RegistryRenewal?

    /// Decoded entities are compared, so that a field that a later version added makes no difference here.
    ///
    /// - Parameter kinds: the kinds that `wanted` covers. Entities of other kinds on the topic stay as they
    ///   are.
    init(
        from published: PublishedRegistry, to wanted: [RegistryEntity],
        of kinds: Set<RegistryEntity.Kind> = Set(RegistryEntity.Kind.allCases)
    ) {
        for entity in wanted.sortedByReference() {
            switch published.entries[entity.key] {
            case nil: new.append(entity)
            case .entity(entity): unchanged += 1
            case .entity(let before): changed.append(Change(before: before, after: entity))
            case .unreadable: changed.append(Change(before: nil, after: entity))
            }
        }
        if published.gap != nil { renewal = RegistryRenewal(start: published.start) }
        let kept = Set(wanted.map(\.key))
        // Referring entities are removed first.
        let leaving = published.entries.filter { !kept.contains($0.key) && kinds.contains($0.key.kind) }
        let readable = leaving.values.compactMap(\.entity).sortedByReference().reversed().map(\.key)
        removed = leaving.keys.filter { leaving[$0] == .unreadable }.sorted() + readable
    }

    var isEmpty: Bool { new.isEmpty && changed.isEmpty && removed.isEmpty }

    var summary: String {
        "\(new.count) new, \(changed.count) changed, \(removed.count) removed, \(unchanged) unchanged"
    }

    /// The records, in the order in which they are to be written: an entity comes before those that refer to
    /// it.
    ///
    /// The time is part of each event's `id`: an entity that changes and changes back is three events, not
    /// two.
    func records(source: String, at now: Instant) -> [Outgoing] {
        let written = (new + changed.map(\.after)).sortedByReference().map { ($0.key, Optional($0.data)) }
        let entities = (written + removed.map { ($0, nil) }).map { key, data in
            Outgoing(
                .registry, key: key.description, id: "\(key)@\(now)", source: source,
                type: EventType("registry", key.kind.rawValue), trail: Trail(at: now), data: data)
        }
        return entities
            + [renewal].compactMap(\.self).map { renewal in
                Outgoing(
                    .registry, key: RegistryRenewal.key, id: "\(RegistryRenewal.key)@\(now)", source: source,
                    type: RegistryRenewal.type, trail: Trail(at: now), data: JSON.encode(renewal))
            }
    }
}

extension [RegistryEntity] {
    /// By kind. Within a kind, superiors come first; equals are ordered by id.
    fileprivate func sortedByReference() -> [RegistryEntity] {
        let superiors = Dictionary(map { ($0.key, $0.superior) }) { first, _ in first }
        func depth(of entity: RegistryEntity) -> Int {
            var depth = 0
            var next = entity.superior
            // Folders with circles are not published. The bound ends the loop if one is compared anyway.
            while let key = next, depth < count {
                depth += 1
                next = superiors[key].flatMap { $0 }
            }
            return depth
        }
        return map { (rank: $0.kind.publishingRank, depth: depth(of: $0), entity: $0) }
            .sorted { ($0.rank, $0.depth, $0.entity.id) < ($1.rank, $1.depth, $1.entity.id) }
            .map(\.entity)
    }
}

/// The registry topic as it was read, folded by key.
struct PublishedRegistry {
    enum Entry: Equatable {
        case entity(RegistryEntity)
        /// The record under this key is not an entity. Writing or removing the key puts that right.
        case unreadable

        var entity: RegistryEntity? {
            if case .entity(let entity) = self { entity } else { nil }
        }
    }

    private(set) var entries: [RegistryKey: Entry] = [:]
    /// Where the topic's log begins.
    let start: Int64
    private var renewal: RegistryRenewal?

    init(start: Int64 = 0) { self.start = start }

    /// What of it may be lost; nil if it is whole.
    var gap: String? { RegistryRenewal.gap(before: start, after: renewal) }

    var entities: [RegistryEntity] { entries.values.compactMap(\.entity) }
    var unreadableKeys: [RegistryKey] { entries.filter { $0.value == .unreadable }.keys.sorted() }

    /// Keys that are no keys of entities. No command here can put them right.
    private(set) var foreignKeys: Set<String> = []

    /// When each record was written, if the reader said so.
    private(set) var writtenAt: [RegistryKey: Instant] = [:]

    mutating func take(key: [UInt8]?, value: [UInt8]?, at moment: Instant? = nil) {
        let text = String(decoding: key ?? [], as: UTF8.self)
        if text == RegistryRenewal.key {
            renewal = value.flatMap { try? JSON.decode(RegistryRenewal.self, from: $0) } ?? renewal
            return
        }
        guard let key = RegistryKey(text) else {
            foreignKeys.insert(text)
            return
        }
        writtenAt[key] = moment
        guard let value else {
            entries[key] = nil
            return
        }
        let entity = try? RegistryEntity(kind: key.kind, data: value)
        entries[key] = entity.flatMap { $0.key == key ? .entity($0) : nil } ?? .unreadable
    }
}

extension RegistryEntity {
    fileprivate var superior: RegistryKey? {
        switch self {
        case .region(let region): region.parent.map { RegistryKey(kind: .region, id: $0.rawValue) }
        case .chief(let chief): chief.superior.map { RegistryKey(kind: .chief, id: $0.rawValue) }
        default: nil
        }
    }
}
