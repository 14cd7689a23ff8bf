/// A kind of what the city looks after (`kinds.csv`): a county road, a park.
///
/// The code knows the kinds of waters, which need no row. Of any other kind it knows nothing but its row.
public struct AssetKind: Hashable, Sendable, Codable {
    public let id: AssetKindID
    public let name: Name
    /// By which water's rules it goes: how far it reaches, and whether it is a line or an area.
    public let like: WaterKind

    public init(id: AssetKindID, name: Name, like: WaterKind = .river) {
        self.id = id
        self.name = name
        self.like = like
    }

    /// A water of this kind, where `kinds.csv` has no row for it.
    public init(_ water: WaterKind) {
        let name: Name =
            switch water {
            case .river: Name(zh: "河流", en: "river")
            case .canal: Name(zh: "运河", en: "canal")
            case .ditch: Name(zh: "沟渠", en: "ditch")
            case .lake: Name(zh: "湖泊", en: "lake")
            case .reservoir: Name(zh: "水库", en: "reservoir")
            case .pond: Name(zh: "池塘", en: "pond")
            }
        self.init(id: water.id, name: name, like: water)
    }
}

extension WaterKind {
    /// As a river names it.
    public var id: AssetKindID {
        guard let id = AssetKindID(rawValue) else { preconditionFailure("\(rawValue) is no identifier") }
        return id
    }
}

extension Registry {
    /// What is known of a kind. A kind without a row, for example before its row has been read, has its
    /// identifier as name, and goes by the rules of rivers.
    public func kind(_ id: AssetKindID) -> AssetKind {
        if let kind = kinds[id] { return kind }
        if let water = WaterKind(rawValue: id.rawValue) { return AssetKind(water) }
        return AssetKind(id: id, name: Name(zh: id.rawValue, en: id.rawValue))
    }

    /// By which water's rules a river goes.
    public func likeness(of river: River) -> WaterKind { kind(river.kind).like }

    /// The same; one that the registry does not have goes by the rules of rivers.
    public func likeness(of river: RiverID) -> WaterKind { rivers[river].map(likeness) ?? .river }
}
