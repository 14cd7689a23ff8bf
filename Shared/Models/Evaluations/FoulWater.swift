/// Black and smelly waters of cities (黑臭水体; 《城市黑臭水体整治工作指南》 2015, table 1).
public enum FoulWater: String, CaseIterable, Sendable {
    case none, light, heavy

    /// The worst of transparency, oxygen and ammonia decides, as the worst item does for a class;
    /// nil if none of
    /// them was measured. The redox potential, the fourth item of the table, is not measured here.
    ///
    /// - Parameter means: transparency in metres.
    public init?(_ means: [Parameter: Double]) {
        let found: [FoulWater?] = [
            // 25 cm and more is good, less than 10 cm heavy.
            means[.transparency].map { $0 >= 0.25 ? .none : $0 >= 0.10 ? .light : .heavy },
            means[.dissolvedOxygen].map { $0 >= 2 ? .none : $0 >= 0.2 ? .light : .heavy },
            means[.ammoniaNitrogen].map { $0 <= 8 ? .none : $0 <= 15 ? .light : .heavy },
        ]
        let grades = found.compactMap(\.self)
        guard let worst = [FoulWater.heavy, .light, .none].first(where: grades.contains) else { return nil }
        self = worst
    }
}
