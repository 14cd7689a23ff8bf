/// The classes of GB 3838-2002 §3, best first; *worse than V* is the name for failing V (劣Ⅴ类).
public enum WaterClass: String, CaseIterable, Sendable, Codable, Comparable {
    case I, II, III, IV, V, worseThanV

    /// 1 to 6, as the national feed numbers them.
    public var number: Int {
        switch self {
        case .I: 1
        case .II: 2
        case .III: 3
        case .IV: 4
        case .V: 5
        case .worseThanV: 6
        }
    }

    public init?(number: Int) {
        guard (1...6).contains(number) else { return nil }
        self = Self.allCases[number - 1]
    }

    public static func < (left: WaterClass, right: WaterClass) -> Bool { left.number < right.number }
}

/// Which limits apply: GB 3838-2002 table 1 has other phosphorus limits for lakes and reservoirs (湖、库).
public enum WaterBody: String, CaseIterable, Sendable, Codable {
    case river, lake
}
