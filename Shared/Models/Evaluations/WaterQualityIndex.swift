/// The index by which cities are compared (CWQI, 城市水质指数; 《城市地表水环境质量排名技术规定(试行)》, 环办监测〔2017〕51号). Lower is
/// better.
public struct WaterQualityIndex: Hashable, Sendable {
    /// The sum of the indices of the items; not rounded.
    public let value: Double
    public let items: [Parameter: Double]
    /// Items of the 21 that were not measured. With one of them missing, the index can't be compared.
    public let missing: [Parameter]

    public var isComparable: Bool { missing.isEmpty }

    /// The 21 items: table 1 of GB 3838-2002 without temperature, total nitrogen and faecal coliforms.
    public static let parameters = Parameter.allCases.filter(Standard.decides)

    /// From the means of the items over sections of one kind; nil without any.
    public init?(_ means: [Parameter: Double], in body: WaterBody) {
        let items: [Parameter: Double] = Self.parameters.reduce(into: [:]) { items, parameter in
            items[parameter] = means[parameter].map { Self.index(of: parameter, $0, in: body) }
        }
        self.init(items, missing: Self.parameters.filter { items[$0] == nil })
    }

    private init?(_ items: [Parameter: Double], missing: [Parameter]) {
        guard !items.isEmpty else { return nil }
        self.items = items
        self.missing = missing
        value = Self.parameters.reduce(0) { $0 + (items[$1] ?? 0) }
    }

    private init(value: Double, items: [Parameter: Double], missing: [Parameter]) {
        self.value = value
        self.items = items
        self.missing = missing
    }

    /// The index of a city with rivers and lakes: each counts with the number of its sections.
    public init?(rivers: Self?, sections: Int, lakes: Self?, points: Int) {
        guard let rivers, sections > 0 else {
            guard let lakes, points > 0 else { return nil }
            self = lakes
            return
        }
        guard let lakes, points > 0 else {
            self = rivers
            return
        }
        let (m, n) = (Double(sections), Double(points))
        self.init(
            value: (rivers.value * m + lakes.value * n) / (m + n),
            items: rivers.items.merging(lakes.items) { ($0 * m + $1 * n) / (m + n) },
            missing: Self.parameters.filter { rivers.missing.contains($0) || lakes.missing.contains($0) })
    }

    /// By how much it changed since a former period, as a fraction; negative is better. Nil if the
    /// two can't be compared.
    public func change(since former: Self) -> Double? {
        guard isComparable, former.isComparable, former.value > 0 else { return nil }
        return (value - former.value) / former.value
    }

    private static func index(of parameter: Parameter, _ mean: Double, in body: WaterBody) -> Double {
        switch (parameter, Standard.demand(on: parameter, in: body)) {
        case (.pH, _): mean <= 7 ? 7 - mean : (mean - 7) / 2
        case (_, .atLeast(let limits)?): mean > 0 ? limits[2] / mean : limits[2] / leastOxygen
        case (_, .atMost(let limits)?): mean / limits[2]
        default: 0
        }
    }

    /// A mean of 0 mg/L of oxygen would give an infinite index.
    private static let leastOxygen = 0.01
}

extension WaterQualityIndex {
    /// The ranks of those that can be compared, the best first. The same value to four decimals, as it is
    /// printed, has the same rank. Others have no rank: with items missing, a sum is smaller and says
    /// nothing.
    public static func ranking(_ all: [WaterQualityIndex]) -> [(place: Int, rank: Int)] {
        func printed(_ one: WaterQualityIndex) -> Int { Int((one.value * 10_000).rounded()) }
        let comparable = all.indices.filter { all[$0].isComparable }
            .sorted { (printed(all[$0]), $0) < (printed(all[$1]), $1) }
        return comparable.map { place in
            (place, 1 + comparable.count { printed(all[$0]) < printed(all[place]) })
        }
    }
}
