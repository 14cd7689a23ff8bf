import Models
import Testing

/// Worked numbers name their source; "own" ones were computed by hand or by a script.
@Suite("Evaluations")
struct EvaluationTests {
    static let july = EvaluationPeriod(.month, of: Day(daysSince1970: 20_643))
    static let month = Month(year: 2026, month: 7)

    private static let s = SectionID(literal: "s")

    /// The summary of one day with one reading for each set of values.
    static func summary(
        _ readings: [[Parameter: Double]], origin: Origin = .automatic, period: Period = .hour
    ) -> Summary {
        Summary(
            day: readings.enumerated().map { index, values in
                CountedReading(
                    observedAt: Instant(millisecondsSince1970: Int64(index) * 3_600_000),
                    series: Series(origin: origin, period: period),
                    values: ByParameter(values.mapValues { CountedReading.Value(figure: $0) }))
            })
    }

    static func section(
        _ id: String, _ values: [Parameter: Double], _ body: WaterBody = .river,
        target: WaterClass? = nil
    ) throws -> SectionSummaries {
        SectionSummaries(try #require(SectionID(id)), body, target: target, [month: summary([values])])
    }

    private func judge(
        _ values: [Parameter: Double], _ body: WaterBody = .river, target: WaterClass? = nil,
        rounding: Rounding = .official
    ) throws -> Evaluation {
        var rules = EvaluationRules()
        rules.rounding = rounding
        return try #require(
            Evaluation(
                [try Self.section("s", values, body, target: target)], as: .section, in: Self.july, by: rules)
        )
    }

    private func river(_ sections: [[Parameter: Double]], _ body: WaterBody = .river) throws -> Evaluation {
        try #require(
            Evaluation(
                try sections.enumerated().map { try Self.section("s\($0.offset)", $0.element, body) },
                as: .waters(target: nil), in: Self.july, by: EvaluationRules()))
    }

    // MARK: Means

    @Test("a mean of pH is that of the hydrogen ions: 6 and 8 give 6.297 (总站水字〔2020〕90号)")
    func ions() throws {
        var rules = EvaluationRules()
        rules.rounding = .none
        let summary = Self.summary([[.pH: 6], [.pH: 8]])
        let evaluation = try #require(
            Evaluation(
                [SectionSummaries(Self.s, .river, [Self.month: summary])], as: .section,
                in: Self.july, by: rules))
        #expect(abs((evaluation.items[.pH]?.mean ?? 0) - 6.297) < 0.0005)
        // The vector of Journey.SurfaceWater: 7.08.
        let vector = Self.summary([6.5, 7.9, 8.8, 9, 6.78, 8.87].map { [.pH: $0] })
        let other = try #require(
            Evaluation(
                [SectionSummaries(Self.s, .river, [Self.month: vector])], as: .section,
                in: Self.july, by: rules))
        #expect(abs((other.items[.pH]?.mean ?? 0) - 7.08) < 0.005)
    }

    @Test("below a limit of detection half of it counts, and is printed as the limit")
    func belowDetection() throws {
        let below = Measurement(.below(0.01))
        let reading = { (hour: Int64, value: Measurement) in
            CountedReading(
                observedAt: Instant(millisecondsSince1970: hour * 3_600_000),
                series: Series(origin: .manual, period: .instant),
                values: [.petroleum: CountedReading.Value(value)])
        }
        func item(_ readings: [CountedReading]) throws -> ItemMean {
            var rules = EvaluationRules()
            rules.rounding = .none
            let sections = [
                SectionSummaries(
                    Self.s, .river, [Self.month: Summary(day: readings)])
            ]
            let evaluation = try #require(Evaluation(sections, as: .section, in: Self.july, by: rules))
            return try #require(evaluation.items[.petroleum])
        }
        let alone = try item([reading(0, below)])
        #expect(alone.mean == 0.005 && alone.text(of: .petroleum) == "0.01L" && alone.isBelow)
        let fine = try item([reading(0, Measurement(.below(0.00004)))])
        #expect(fine.text(of: .petroleum) == "0.00004L")
        #expect(try item([reading(0, Measurement(0.00002))]).text(of: .petroleum) == "0.00002")
        #expect(try item([reading(0, Measurement(3))]).text(of: .petroleum) == "3")
        let mixed = try item([reading(0, below), reading(1, Measurement(0.015))])
        #expect(mixed.mean == 0.01 && mixed.text(of: .petroleum) == "0.01" && !mixed.isBelow)
    }

    @Test("values that are flagged do not count, and the share of valid ones is told")
    func flags() throws {
        let values: [CountedReading.Value] = [
            .init(Measurement(2)), .init(Measurement(.measured(99), flag: .fault)),
            .init(Measurement(.measured(4), status: .valid)), .init(Measurement(6)),
        ]
        let summary = Summary(
            day: values.enumerated().map { index, value in
                CountedReading(
                    observedAt: Instant(millisecondsSince1970: Int64(index)),
                    series: Series(origin: .automatic, period: .hour), values: [.permanganateIndex: value])
            })
        let evaluation = try #require(
            Evaluation(
                [SectionSummaries(Self.s, .river, [Self.month: summary])], as: .section,
                in: Self.july, by: EvaluationRules()))
        let item = try #require(evaluation.items[.permanganateIndex])
        #expect(item.mean == 4 && item.values == 3 && item.flagged == 1 && item.validShare == 0.75)
        #expect(item.provisional == 2 && evaluation.provisionalValues == 2)
    }

    @Test("an item whose values are all flagged has no mean, and its flagged values are told")
    func flaggedOnly() throws {
        func summary(_ values: [Parameter: CountedReading.Value]) -> Summary {
            Summary(day: [
                CountedReading(
                    observedAt: Instant(millisecondsSince1970: 0),
                    series: Series(origin: .automatic, period: .hour), values: ByParameter(values))
            ])
        }
        let flagged = CountedReading.Value(figure: nil)
        let half = summary([.pH: .init(figure: 7), .copper: flagged])
        let none = summary([.pH: flagged, .copper: flagged])
        func judge(_ months: [Month: Summary], _ kind: EvaluationPeriod.Kind) throws -> Evaluation {
            try #require(
                Evaluation(
                    [SectionSummaries(Self.s, .river, months)], as: .section,
                    in: EvaluationPeriod(kind, of: Self.month.first), by: EvaluationRules()))
        }
        let month = try judge([Self.month: half], .month)
        #expect(month.items.keys.elementsEqual([.pH]) && month.flaggedOnly == [.copper: 1])
        // A month of which nothing counts is none, and its flagged values are still in the share of a
        // quarter.
        let next = Month(year: Self.month.year, month: Self.month.month + 1)
        let quarter = try judge([Self.month: half, next: none], .quarter)
        #expect(quarter.items[.pH]?.mean == 7 && quarter.items[.pH]?.validShare == 0.5)
        #expect(quarter.flaggedOnly == [.copper: 2] && !quarter.isComplete)
        // So are those of a section of which nothing counts; the section itself is not judged.
        let other = SectionSummaries(try #require(SectionID("t")), .river, [Self.month: none])
        let river = try #require(
            Evaluation(
                [SectionSummaries(Self.s, .river, [Self.month: half]), other], as: .waters(target: nil),
                in: Self.july, by: EvaluationRules()))
        #expect(river.sections.map(\.section) == [Self.s] && river.flaggedOnly == [.copper: 2])
        #expect(river.items[.pH]?.values == 1 && river.items[.pH]?.flagged == 1)
    }

    @Test("a water that is judged by shares is black and smelly by its means, as one with fewer sections is")
    func foul() throws {
        let points = (1...6).map { [Parameter.ammoniaNitrogen: Double($0) * 4] }
        for count in [4, 6] {
            let water = try river(Array(points.prefix(count)))
            #expect(water.method == (count < 5 ? .means : .shares) && water.foul == .light, "\(count)")
        }
        #expect(try river([[.pH: 7]]).foul == nil)
    }

    @Test("automatic before manual for the six items that stations have, manual before automatic else (82号)")
    func origins() throws {
        let automatic = Self.summary([[.ammoniaNitrogen: 1, .chemicalOxygenDemand: 10]])
        let manual = Self.summary(
            [[.ammoniaNitrogen: 2, .chemicalOxygenDemand: 20, .copper: 0.5]], origin: .manual,
            period: .instant)
        let both = SectionSummaries(
            Self.s, .river, [Self.month: automatic + manual])
        let evaluation = try #require(
            Evaluation([both], as: .section, in: Self.july, by: EvaluationRules()))
        #expect(evaluation.items[.ammoniaNitrogen]?.mean == 1)
        #expect(evaluation.items[.ammoniaNitrogen]?.origin == .automatic)
        #expect(evaluation.items[.chemicalOxygenDemand]?.mean == 20)
        #expect(evaluation.items[.copper]?.mean == 0.5)
    }

    @Test("the mean of all values, or of the days' means: a setting")
    func meansOfDays() throws {
        let month =
            Self.summary([[.ammoniaNitrogen: 1], [.ammoniaNitrogen: 1], [.ammoniaNitrogen: 1]])
            + Self.summary([[.ammoniaNitrogen: 2]])
        let sections = [SectionSummaries(Self.s, .river, [Self.month: month])]
        var rules = EvaluationRules()
        #expect(
            Evaluation(sections, as: .section, in: Self.july, by: rules)?.items[.ammoniaNitrogen]?.unrounded
                == 1.25)
        rules.means = .days
        #expect(
            Evaluation(sections, as: .section, in: Self.july, by: rules)?.items[.ammoniaNitrogen]?.unrounded
                == 1.5)
        rules.leastValues = 5
        let few = try #require(Evaluation(sections, as: .section, in: Self.july, by: rules))
        #expect(few.items[.ammoniaNitrogen]?.waterClass == nil && few.waterClass == nil && few.rating == nil)
    }

    @Test("a year is the mean of its months, however many values each has, and needs eight of them")
    func years() throws {
        func year(_ months: Int) throws -> Evaluation {
            let summaries = (1...months).map { number in
                (
                    Month(year: 2026, month: number),
                    Self.summary(
                        Array(repeating: [.ammoniaNitrogen: Double(number), .pH: 7], count: number))
                )
            }
            let section = SectionSummaries(
                Self.s, .river, Dictionary(uniqueKeysWithValues: summaries))
            return try #require(
                Evaluation(
                    [section], as: .section, in: EvaluationPeriod(.year, of: Self.july.first),
                    by: EvaluationRules()))
        }
        let whole = try year(12)
        #expect(whole.items[.ammoniaNitrogen]?.unrounded == 6.5 && whole.isComplete)
        #expect(whole.items[.ammoniaNitrogen]?.values == 78)
        #expect(try !year(7).isComplete && year(8).isComplete)
    }

    // MARK: Rounding

    @Test(
        "the class of the rounded mean is not that of the unrounded one",
        arguments: [
            (Parameter.permanganateIndex, 2.0296, 2.0, WaterClass.I, WaterClass.II),
            (.totalPhosphorus, 0.4003, 0.4, .V, .worseThanV), (.dissolvedOxygen, 4.9806, 5, .III, .IV),
            (.pH, 9.2686, 9, .I, .worseThanV),
        ])
    func rounded(
        _ parameter: Parameter, _ value: Double, _ mean: Double, _ official: WaterClass, _ exact: WaterClass
    ) throws {
        let rounded = try judge([parameter: value])
        #expect(rounded.items[parameter]?.mean == mean && rounded.waterClass == official)
        #expect(try judge([parameter: value], rounding: .none).waterClass == exact)
    }

    @Test("half to even (GB/T 8170), and never to nothing")
    func halves() {
        let round = { Rounding.official.apply(to: $0, of: .ammoniaNitrogen) }
        #expect(round(0.125) == 0.12 && round(0.135) == 0.14 && round(0.145) == 0.14)
        #expect(round(0.1450001) == 0.15 && round(1.005) == 1.0 && round(1.015) == 1.02)
        #expect(round(0.004) == 0.004 && round(0.00023) == 0.0002 && round(0) == 0)
        #expect(Rounding.official.apply(to: -0.04, of: .waterTemperature) == -0.04)
    }

    // MARK: Classes and pollutants

    @Test("木兰溪三江口, 2018-05: 轻度污染, 总磷(0.3),溶解氧 (hbj.putian.gov.cn t20180531_992500)")
    func putian() throws {
        let evaluation = try judge([.totalPhosphorus: 0.26, .dissolvedOxygen: 4.1, .ammoniaNitrogen: 0.5])
        #expect(evaluation.rating == .lightlyPolluted)
        #expect(evaluation.mainPollutants.map(\.text) == ["总磷(0.3)", "溶解氧"])
    }

    @Test("西湖村, 2016-04: 氨氮/1.3、总磷/0.6、化学需氧量/0.2 (swhqglq.gov.cn post_434417), and not oxygen")
    func guangdong() throws {
        let evaluation = try judge([
            .ammoniaNitrogen: 2.3, .totalPhosphorus: 0.32, .chemicalOxygenDemand: 24, .dissolvedOxygen: 4.1,
        ])
        #expect(evaluation.rating == .heavilyPolluted && evaluation.waterClass == .worseThanV)
        #expect(evaluation.mainPollutants.map(\.text) == ["氨氮(1.3)", "总磷(0.6)", "化学需氧量(0.2)"])
    }

    @Test("cyanide and heavy metals beyond their limits come first, whatever their class")
    func poison() throws {
        let evaluation = try judge([
            .ammoniaNitrogen: 2.3, .lead: 0.06, .cyanide: 0.3, .permanganateIndex: 12,
        ])
        #expect(
            evaluation.mainPollutants.map(\.parameter) == [.cyanide, .lead, .ammoniaNitrogen])
    }

    @Test("no main pollutants up to III; multiples in lakes against the lakes' limit")
    func limits() throws {
        #expect(try judge([.ammoniaNitrogen: 1]).mainPollutants.isEmpty)
        let lake = try judge([.totalPhosphorus: 0.08], .lake)
        #expect(lake.waterClass == .IV && lake.mainPollutants.map(\.text) == ["总磷(0.6)"])
    }

    @Test("total nitrogen and coliforms are judged beside the class; nitrogen only in lakes")
    func beside() throws {
        let values: [Parameter: Double] = [
            .pH: 7, .totalNitrogen: 3, .faecalColiforms: 15_000, .waterTemperature: 30,
        ]
        let lake = try judge(values, .lake)
        #expect(lake.waterClass == .I)
        #expect(lake.beside == [.totalNitrogen: .worseThanV, .faecalColiforms: .IV])
        #expect(try judge(values).beside == [.faecalColiforms: .IV])
    }

    @Test("items beyond the target have multiples against the target's limit")
    func targets() throws {
        let evaluation = try judge(
            [.ammoniaNitrogen: 0.75, .totalPhosphorus: 0.05, .dissolvedOxygen: 5.5], target: .II)
        #expect(evaluation.meetsTarget == false && evaluation.mainPollutants.isEmpty)
        #expect(evaluation.beyondTarget.map(\.text) == ["溶解氧", "氨氮(0.5)"])
        #expect(try judge([.ammoniaNitrogen: 0.5], target: .II).meetsTarget == true)
        #expect(try judge([.ammoniaNitrogen: 0.5]).meetsTarget == nil)
        #expect(try judge([.waterTemperature: 20], target: .II).meetsTarget == nil)
    }

    // MARK: Rivers

    @Test(
        "table 2: bulletins of 2011 (yuxin186.com/fanwen/gongbao/2610206), Fujian and Putian 2018",
        arguments: [
            (32, 31, 0, 96.9, Rating.excellent), (94, 76, 5, 80.9, .good),
            (62, 45, 5, 72.6, .lightlyPolluted),
            (19, 15, 1, 78.9, .good), (6, 5, 0, 83.3, .good), (345, 319, 0, 92.5, .excellent),
            (10, 9, 1, 90, .excellent), (4, 3, 1, 75, .good), (10, 7, 2, 70, .moderatelyPolluted),
            (10, 6, 4, 60, .heavilyPolluted), (10, 0, 10, 0, .heavilyPolluted),
        ])
    func shares(_ sections: Int, _ good: Int, _ worst: Int, _ percent: Double, _ rating: Rating) {
        let shares = ClassShares(
            Array(repeating: .III, count: good) + Array(repeating: .worseThanV, count: worst)
                + Array(repeating: .IV, count: sections - good - worst))
        #expect(Rating(shares) == rating)
        #expect((shares.percent(shares.upToIII) * 10).rounded() / 10 == percent)
    }

    @Test("four sections by their means, five by shares")
    func fewAndMany() throws {
        let sections: [[Parameter: Double]] = [
            [.ammoniaNitrogen: 2.5], [.ammoniaNitrogen: 0.5], [.ammoniaNitrogen: 0.5],
            [.ammoniaNitrogen: 0.5],
        ]
        let few = try river(sections)
        #expect(few.method == .means && few.items[.ammoniaNitrogen]?.mean == 1 && few.waterClass == .III)
        #expect(few.rating == .good && few.sections.map(\.waterClass) == [.worseThanV, .II, .II, .II])
        let many = try river(sections + [[.ammoniaNitrogen: 0.5, .totalPhosphorus: 0.3]])
        #expect(many.method == .shares && many.waterClass == nil)
        #expect(many.shares.upToIII == 3 && many.shares.worseThanV == 1)
        #expect(many.rating == .moderatelyPolluted, "60 % up to III, 20 % worse than V")
        #expect(many.mainPollutants.map(\.parameter) == [.ammoniaNitrogen, .totalPhosphorus])
        #expect(many.mainPollutants.map(\.share) == [0.2, 0.2])
    }

    @Test("a lake is judged once over all its points; rivers with lakes by shares")
    func lakes() throws {
        let points: [[Parameter: Double]] = (1...6).map { [.totalPhosphorus: Double($0) / 100] }
        let lake = try river(points, .lake)
        #expect(lake.method == .means && lake.items[.totalPhosphorus]?.mean == 0.035)
        #expect(lake.waterClass == .III)
        let mixed = try #require(
            Evaluation(
                [
                    try Self.section("a", [.totalPhosphorus: 0.04], .lake),
                    try Self.section("b", [.totalPhosphorus: 0.04], .river),
                ], as: .waters(target: nil), in: Self.july, by: EvaluationRules()))
        #expect(mixed.method == .shares && mixed.sections.map(\.waterClass) == [.III, .II])
    }

    @Test("nothing measured, nothing judged")
    func nothing() throws {
        let empty = SectionSummaries(Self.s, .river, [Self.month: Summary()])
        #expect(Evaluation([empty], as: .section, in: Self.july, by: EvaluationRules()) == nil)
        #expect(Evaluation([], as: .waters(target: nil), in: Self.july, by: EvaluationRules()) == nil)
        let warm = try judge([.waterTemperature: 21.26])
        #expect(warm.waterClass == nil && warm.rating == nil && warm.items[.waterTemperature]?.mean == 21.3)
    }
}
