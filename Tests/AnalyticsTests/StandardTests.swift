import Models
import Testing

/// GB 3838-2002 table 1, copied from the standard a second time and in its own order, so that a slip in one
/// copy shows.
@Suite struct StandardTests {
    private static let table = """
        3   w01009  7.5      6        5       3      2
        4   w01019  2        4        6       10     15
        5   w01018  15       15       20      30     40
        6   w01017  3        3        4       6      10
        7   w21003  0.15     0.5      1.0     1.5    2.0
        8   w21011  0.02     0.1      0.2     0.3    0.4
        8L  w21011  0.01     0.025    0.05    0.1    0.2
        9L  w21001  0.2      0.5      1.0     1.5    2.0
        10  w20122  0.01     1.0      1.0     1.0    1.0
        11  w20123  0.05     1.0      1.0     2.0    2.0
        12  w21017  1.0      1.0      1.0     1.5    1.5
        13  w20128  0.01     0.01     0.01    0.02   0.02
        14  w20119  0.05     0.05     0.05    0.1    0.1
        15  w20111  0.00005  0.00005  0.0001  0.001  0.001
        16  w20115  0.001    0.005    0.005   0.005  0.01
        17  w20117  0.01     0.05     0.05    0.05   0.1
        18  w20120  0.01     0.01     0.05    0.05   0.1
        19  w21016  0.005    0.05     0.2     0.2    0.2
        20  w23002  0.002    0.002    0.005   0.01   0.1
        21  w22001  0.05     0.05     0.05    0.5    1.0
        22  w19002  0.2      0.2      0.2     0.3    0.3
        23  w21019  0.05     0.1      0.2     0.5    1.0
        24  w02003  200      2000     10000   20000  40000
        """

    struct Item: CustomTestStringConvertible {
        let number: String
        let parameter: Parameter
        let body: WaterBody
        let limits: [Double]

        var testDescription: String { "item \(number) \(parameter)" }
    }

    /// Items with the same limits for rivers and lakes appear once for each.
    private static let items: [Item] = table.split(separator: "\n").flatMap { line in
        let fields = line.split(separator: " ").map(String.init)
        let limits = fields.dropFirst(2).compactMap { Double($0) }
        guard let parameter = Parameter(rawValue: fields[1]), limits.count == 5 else { return [Item]() }
        let bodies: [WaterBody] =
            fields[0].hasSuffix("L") ? [.lake] : fields[0] == "8" ? [.river] : [.river, .lake]
        return bodies.map { Item(number: fields[0], parameter: parameter, body: $0, limits: limits) }
    }

    @Test func theWholeTableIsCompared() {
        #expect(Self.items.count == 20 * 2 + 3)
    }

    @Test(arguments: items)
    func limitsAreThoseOfTheStandard(_ item: Item) {
        let demand = Standard.demand(on: item.parameter, in: item.body)
        #expect(demand?.limits == item.limits)
        #expect(demand?.isInverted == (item.parameter == .dissolvedOxygen))
    }

    /// At a limit the better class, the last bit beyond it the next class whose limit differs.
    @Test(arguments: items)
    func limitsAreInclusive(_ item: Item) {
        guard let demand = Standard.demand(on: item.parameter, in: item.body) else {
            Issue.record("no demand")
            return
        }
        for limit in item.limits {
            let atLimit = item.limits.firstIndex(of: limit).map { $0 + 1 }
            #expect(demand.waterClass(of: limit).number == atLimit)
            let next = item.limits.lastIndex(of: limit).map { $0 + 2 }
            let beyond = demand.isInverted ? limit.nextDown : limit.nextUp
            #expect(demand.waterClass(of: beyond).number == next)
        }
    }

    @Test(arguments: items)
    func oneItemAloneGivesAClass(_ item: Item) {
        for limit in item.limits {
            let judgement = Standard.grade([item.parameter: limit], of: item.body)
            if [.totalNitrogen, .faecalColiforms].contains(item.parameter) {
                #expect(judgement.waterClass == nil)
                #expect(judgement.classes.isEmpty)
            } else {
                #expect(judgement.waterClass?.number == item.limits.firstIndex(of: limit).map { $0 + 1 })
                #expect(judgement.decisive == [item.parameter])
            }
        }
    }

    @Test(arguments: WaterBody.allCases)
    func pHIsInsideOrWorseThanV(_ body: WaterBody) {
        for (value, expected) in [
            (6.0, WaterClass.I), (7.3, .I), (9.0, .I), (6.0.nextDown, .worseThanV), (9.0.nextUp, .worseThanV),
            (0, .worseThanV), (14, .worseThanV),
        ] {
            #expect(Standard.grade([.pH: value], of: body).waterClass == expected)
        }
    }

    @Test func twentyOneItemsDecide() {
        #expect(Parameter.allCases.filter(Standard.decides).count == 21)
        for parameter in [
            Parameter.waterTemperature, .totalNitrogen, .faecalColiforms, .conductivity, .turbidity,
            .chlorophyllA, .algalDensity, .transparency,
        ] {
            #expect(!Standard.decides(parameter))
            #expect(Standard.grade([parameter: 1e9], of: .lake).waterClass == nil)
        }
    }

    @Test func phosphorusOfALakeIsJudgedMoreStrictly() {
        let values: [Parameter: Double] = [.totalPhosphorus: 0.1]
        #expect(Standard.grade(values, of: .river).waterClass == .II)
        #expect(Standard.grade(values, of: .lake).waterClass == .IV)
        #expect(Standard.demand(on: .totalNitrogen, in: .river) == nil)
    }

    @Test func theWorstDecidesAndAllWorstAreNamed() {
        let judgement = Standard.grade(
            [
                .dissolvedOxygen: 4, .ammoniaNitrogen: 1.2, .totalPhosphorus: 0.02, .waterTemperature: 31,
                .totalNitrogen: 9,
            ], of: .river)
        #expect(judgement.waterClass == .IV)
        #expect(judgement.decisive == [.dissolvedOxygen, .ammoniaNitrogen])
        #expect(
            judgement.classes == [.dissolvedOxygen: .IV, .ammoniaNitrogen: .IV, .totalPhosphorus: .I])
    }

    @Test func nothingGradableGivesNoClass() {
        let judgement = Standard.grade([:], of: .river)
        #expect(judgement.waterClass == nil)
        #expect(judgement.decisive.isEmpty)
    }

    /// 7.04 would round to 7.0 and 0.025 to 0.03 if values were rounded to the digits that they are reported
    /// with.
    @Test func nothingIsRounded() {
        #expect(Standard.grade([.permanganateIndex: 6.04], of: .river).waterClass == .IV)
        #expect(Standard.grade([.totalPhosphorus: 0.0204], of: .river).waterClass == .II)
        #expect(Standard.grade([.dissolvedOxygen: 7.46], of: .river).waterClass == .II)
    }
}
