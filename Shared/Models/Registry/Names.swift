/// A name in the two languages of the suite.
public struct Name: Hashable, Sendable, Codable {
    public let zh: String
    public let en: String

    public init(zh: String, en: String) {
        self.zh = zh
        self.en = en
    }
}

/// The tiers of the river-chief system, highest first (facts of Zhejiang: province to village).
public enum Level: String, CaseIterable, Sendable, Codable, Comparable {
    case province, city, district, town, village

    /// A lower level is closer to the water.
    public static func < (left: Level, right: Level) -> Bool { left.depth < right.depth }

    private var depth: Int {
        switch self {
        case .province: 4
        case .city: 3
        case .district: 2
        case .town: 1
        case .village: 0
        }
    }
}
