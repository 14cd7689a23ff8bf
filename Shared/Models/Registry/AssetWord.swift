/// What the city calls one of the things that it looks after, a part of it, or whoever answers for it
/// (`words.csv`). So the same programs speak of rivers in one city and of roads in another.
public struct AssetWord: Hashable, Sendable, Codable {
    public enum Key: String, CaseIterable, Sendable, Codable {
        /// What is looked after: a river, a road.
        case asset
        /// The part of it that one official answers for.
        case stretch
        /// That official.
        case keeper
        /// The duty office of a region.
        case office
        /// What complaints are about: "it is not about water".
        case subject
        /// Where the city's assets are: "the place is not on this city's waters".
        case realm
        /// The published plan for an asset.
        case plan
    }

    public let id: Key
    public let name: Name
    /// Several of them, in English; nil: the English name.
    public let several: String?

    public init(id: Key, name: Name, several: String? = nil) {
        self.id = id
        self.name = name
        self.several = several
    }

    /// Where `words.csv` has no row: the words of the river chiefs (河长制).
    public static func preset(_ key: Key) -> AssetWord {
        switch key {
        case .asset: AssetWord(id: key, name: Name(zh: "河流", en: "river"), several: "rivers")
        case .stretch: AssetWord(id: key, name: Name(zh: "河段", en: "reach"), several: "reaches")
        case .keeper: AssetWord(id: key, name: Name(zh: "河长", en: "river chief"), several: "river chiefs")
        case .office:
            AssetWord(
                id: key, name: Name(zh: "河长办", en: "river chief office"), several: "river chief offices")
        case .subject: AssetWord(id: key, name: Name(zh: "涉水", en: "water"))
        case .realm: AssetWord(id: key, name: Name(zh: "水域", en: "waters"))
        case .plan: AssetWord(id: key, name: Name(zh: "一河一策", en: "one river, one policy"))
        }
    }
}

extension Registry {
    public func word(_ key: AssetWord.Key) -> AssetWord { words[key] ?? .preset(key) }

    /// The word as it stands in a sentence.
    public func said(_ key: AssetWord.Key) -> Name { word(key).name }

    /// The word at the beginning of an English sentence.
    public func saidFirst(_ key: AssetWord.Key) -> Name {
        let name = said(key)
        return Name(zh: name.zh, en: name.en.prefix(1).uppercased() + name.en.dropFirst())
    }
}
