import Models
import Support
import Testing

@Suite struct StandardProperties {
    private static let items = Parameter.allCases.filter(Standard.decides)

    /// A value around the limits of its parameter, and often on one.
    private static func value(
        of parameter: Parameter, in body: WaterBody, _ random: inout SplitMix64
    ) -> Double {
        let limits = Standard.demand(on: parameter, in: body)?.limits ?? [6, 7.5, 9]
        if Bool.random(using: &random), let limit = limits.randomElement(using: &random) { return limit }
        return Double.random(in: 0...(limits.max() ?? 1) * 1.5, using: &random)
    }

    private static func values(in body: WaterBody, _ random: inout SplitMix64) -> [Parameter: Double] {
        var values: [Parameter: Double] = [:]
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            if let parameter = items.randomElement(using: &random) {
                values[parameter] = value(of: parameter, in: body, &random)
            }
        }
        return values
    }

    /// Nearer to what the class asks for.
    private static func better(_ value: Double, of parameter: Parameter, _ random: inout SplitMix64) -> Double
    {
        switch parameter {
        case .dissolvedOxygen: value + Double.random(in: 0...10, using: &random)
        case .pH: value + (7.5 - value) * Double.random(in: 0...1, using: &random)
        default: value * Double.random(in: 0...1, using: &random)
        }
    }

    @Test(arguments: 0..<400 as Range<UInt64>)
    func improvingAValueNeverWorsensTheClass(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let body: WaterBody = Bool.random(using: &random) ? .river : .lake
        let values = Self.values(in: body, &random)
        let before = try #require(Standard.grade(values, of: body).waterClass)
        for (parameter, value) in values {
            var improved = values
            improved[parameter] = Self.better(value, of: parameter, &random)
            let after = try #require(Standard.grade(improved, of: body).waterClass)
            #expect(after <= before, "seed \(seed): \(parameter) \(value) → \(improved[parameter] ?? .nan)")
        }
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func theClassIsTheWorstOfTheSingleOnes(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let body: WaterBody = Bool.random(using: &random) ? .river : .lake
        let values = Self.values(in: body, &random)
        let judgement = Standard.grade(values, of: body)
        let single = values.compactMapValues { _ in WaterClass?.none }
            .merging(values.keys.map { ($0, Standard.grade([$0: values[$0] ?? 0], of: body).waterClass) }) {
                $1
            }
            .compactMapValues { $0 }
        #expect(judgement.waterClass == single.values.max(), "seed \(seed)")
        #expect(judgement.classes == single, "seed \(seed)")
        #expect(
            Set(judgement.decisive) == Set(single.filter { $0.value == single.values.max() }.keys),
            "seed \(seed)")
    }
}
