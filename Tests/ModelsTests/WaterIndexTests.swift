import Models
import Testing

@Suite("Lakes, cities, foul waters: worked numbers")
struct IndexTests {
    @Test("five items (own calculation): 50.467, 轻度富营养")
    func fiveItems() throws {
        let state = try #require(
            TrophicState([
                .chlorophyllA: 0.012, .totalPhosphorus: 0.05, .totalNitrogen: 1.2, .transparency: 0.8,
                .permanganateIndex: 4.5,
            ]))
        let expected: [Parameter: Double] = [
            .chlorophyllA: 51.986, .totalPhosphorus: 45.709, .totalNitrogen: 57.619, .transparency: 55.509,
            .permanganateIndex: 41.113,
        ]
        for (parameter, value) in expected {
            #expect(abs((state.items[parameter] ?? 0) - value) < 0.0005, "\(parameter)")
        }
        #expect(abs(state.index - 50.467) < 0.0005 && state.grade == .lightlyEutrophic && state.isComplete)
    }

    @Test("呼伦湖 2020, four items, from the printed inputs (ChinaXiv 202112.00113)")
    func hulunLake() throws {
        let state = try #require(
            TrophicState([
                .chlorophyllA: 0.00777, .totalPhosphorus: 0.27, .totalNitrogen: 1.81, .transparency: 0.43,
            ]))
        let expected: [Parameter: Double] = [
            .chlorophyllA: 47.266, .totalPhosphorus: 73.096, .totalNitrogen: 64.581, .transparency: 67.553,
        ]
        for (parameter, value) in expected {
            #expect(abs((state.items[parameter] ?? 0) - value) < 0.0005, "\(parameter)")
        }
        #expect(!state.isComplete)
    }

    /// Means that give these indices, so that the weights of four items are tested with the paper's numbers.
    @Test(
        "呼伦湖, the sums of four items (ChinaXiv 202112.00113)",
        arguments: [
            (37.749, 69.802, 68.909, 81.743, 61.837), (48.321, 60.681, 66.362, 77.199, 61.607),
            (43.745, 64.437, 67.866, 77.837, 61.452), (37.101, 82.332, 64.888, 80.690, 63.391),
            (50.054, 72.340, 68.334, 79.757, 65.861),
        ])
    func weights(_ chl: Double, _ tp: Double, _ tn: Double, _ sd: Double, _ sum: Double) throws {
        let state = try #require(
            TrophicState([
                .chlorophyllA: exponential((chl / 10 - 2.5) / 1.086) / 1000,
                .totalPhosphorus: exponential((tp / 10 - 9.436) / 1.624),
                .totalNitrogen: exponential((tn / 10 - 5.453) / 1.694),
                .transparency: exponential((5.118 - sd / 10) / 1.94),
            ]))
        #expect(abs(state.index - sum) < 0.001)
    }

    private func exponential(_ exponent: Double) -> Double {
        // e^x by squaring a small step; exact enough for three decimals.
        var value = 1.0 + exponent / 4_294_967_296 + exponent * exponent / 4_294_967_296 / 8_589_934_592
        for _ in 0..<32 { value *= value }
        return value
    }

    @Test("the grades' limits")
    func grades() throws {
        func grade(_ index: Double) throws -> TrophicState.Grade {
            try #require(TrophicState([.totalPhosphorus: exponential((index / 10 - 9.436) / 1.624)])).grade
        }
        #expect(try grade(29.9) == .oligotrophic && grade(30.1) == .mesotrophic)
        #expect(try grade(49.9) == .mesotrophic && grade(50.1) == .lightlyEutrophic)
        #expect(try grade(60.1) == .moderatelyEutrophic && grade(70.1) == .heavilyEutrophic)
        #expect(TrophicState([:]) == nil && TrophicState([.pH: 7]) == nil)
    }

    private static let river: [Parameter: Double] = [
        .pH: 8.0, .dissolvedOxygen: 7.5, .permanganateIndex: 2.5, .chemicalOxygenDemand: 10,
        .biochemicalOxygenDemand: 1.5, .ammoniaNitrogen: 0.2, .totalPhosphorus: 0.05, .copper: 0.001,
        .zinc: 0.01, .fluoride: 0.3, .selenium: 0.0002, .arsenic: 0.001, .mercury: 0.00002,
        .cadmium: 0.00005, .hexavalentChromium: 0.002, .lead: 0.001, .cyanide: 0.0005,
        .volatilePhenol: 0.00015, .petroleum: 0.005, .anionicSurfactant: 0.025, .sulphide: 0.005,
    ]

    @Test("CWQI (own calculation by the rule of 2017): river 3.8118, lake 4.5618, city 3.9993")
    func city() throws {
        let river = try #require(WaterQualityIndex(Self.river, in: .river))
        let lake = try #require(WaterQualityIndex(Self.river, in: .lake))
        let city = try #require(WaterQualityIndex(rivers: river, sections: 3, lakes: lake, points: 1))
        #expect(abs(river.value - 3.8118) < 0.00005 && river.isComparable && river.items.count == 21)
        #expect(abs(lake.value - 4.5618) < 0.00005)
        #expect(abs(city.value - 3.9993) < 0.00005)
        let change = try #require(lake.change(since: river))
        #expect(abs(change - 0.19676) < 0.0001)
    }

    @Test("an index without all 21 items says what is missing, and is compared with none")
    func incomplete() throws {
        let whole = try #require(WaterQualityIndex(Self.river, in: .river))
        let part = try #require(
            WaterQualityIndex(Self.river.filter { $0.key != .lead && $0.key != .mercury }, in: .river))
        #expect(!part.isComparable && part.missing == [.mercury, .lead])
        #expect(part.change(since: whole) == nil && whole.change(since: part) == nil)
        #expect(WaterQualityIndex([.waterTemperature: 20], in: .river) == nil)
        #expect(WaterQualityIndex([.pH: 6.2], in: .river).map { abs($0.value - 0.8) < 1e-9 } == true)
        #expect(try #require(WaterQualityIndex([.dissolvedOxygen: 0], in: .river)).value.isFinite)
        #expect(WaterQualityIndex(rivers: nil, sections: 0, lakes: whole, points: 2) == whole)
        #expect(WaterQualityIndex(rivers: whole, sections: 2, lakes: nil, points: 0) == whole)
    }

    /// Jilin, 2020-01 to 06 (sthjt.jl.gov.cn t20200728_2172924): 白山 3.0229 before 通化 3.4643, 辽源 7.1454 last.
    @Test("ranks: the lower the better; what lacks items has none; the same to four decimals is the same")
    func ranking() throws {
        func city(_ value: Double) throws -> WaterQualityIndex {
            // All other items at 0, so that the sum is what chemical oxygen demand (limit 20) gives.
            var means = Self.river.mapValues { _ in 0.0 }
            (means[.pH], means[.dissolvedOxygen]) = (7, .greatestFiniteMagnitude)
            means[.chemicalOxygenDemand] = value * 20
            return try #require(WaterQualityIndex(means, in: .river))
        }
        let partial = try #require(WaterQualityIndex([.pH: 7.1], in: .river))
        let all = [try city(7.1454), try city(3.0229), partial, try city(3.4643), try city(3.02291)]
        let ranking = WaterQualityIndex.ranking(all)
        #expect(ranking.map(\.place) == [1, 4, 3, 0] && ranking.map(\.rank) == [1, 1, 3, 4])
        #expect(abs(all[1].value - 3.0229) < 1e-9)
    }

    @Test("黑臭水体: limits belong to the better grade; the worst item decides")
    func foul() {
        #expect(FoulWater([.transparency: 0.25, .dissolvedOxygen: 2, .ammoniaNitrogen: 8]) == FoulWater.none)
        #expect(FoulWater([.transparency: 0.24, .dissolvedOxygen: 5]) == .light)
        #expect(FoulWater([.transparency: 0.09]) == .heavy && FoulWater([.transparency: 0.1]) == .light)
        #expect(FoulWater([.dissolvedOxygen: 0.2]) == .light && FoulWater([.dissolvedOxygen: 0.19]) == .heavy)
        #expect(FoulWater([.ammoniaNitrogen: 15]) == .light && FoulWater([.ammoniaNitrogen: 15.1]) == .heavy)
        #expect(FoulWater([.pH: 7]) == nil)
    }
}
