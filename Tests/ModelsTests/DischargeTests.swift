import Models
import Support
import Testing
import Text

@Suite("What an outfall discharges, held against its permit")
struct DischargeTests {
    private static let outfall = EntityID<Outfall>(literal: "mill-1")
    private static let day = Day(daysSince1970: 20_600)
    /// Midnight in Beijing.
    private static let start = Zone.beijing.start(of: day)

    private static func permit(
        _ parameter: Parameter = .chemicalOxygenDemand, hourly: String? = nil, daily: String? = nil
    ) -> [Parameter: Permit] {
        [
            parameter: Permit(
                id: EntityID(literal: "p"), outfall: outfall, parameter: parameter,
                hourly: hourly.flatMap { PermitLimit($0) }, daily: daily.flatMap { PermitLimit($0) })
        ]
    }

    private static func hours(
        _ values: [Double?], of parameter: Parameter = .chemicalOxygenDemand, flows: [Double] = []
    ) -> DischargeDay {
        DischargeDay(
            hours: values.enumerated().map { number, value in
                var figures: [Parameter: Double] = [:]
                figures[parameter] = value
                if flows.indices.contains(number) { figures[.flow] = flows[number] }
                return DischargeDay.Part(
                    at: start + .seconds(3600 * number), figures: figures,
                    flagged: value == nil ? [parameter] : [])
            })
    }

    private static func judge(
        _ day: DischargeDay, _ permits: [Parameter: Permit], isOver: Bool = true
    ) -> DischargeJudgement {
        DischargeJudgement(day, from: start, by: permits, isOver: isOver)
    }

    @Test("a value equal to the limit keeps it; the next one above does not")
    func boundary() throws {
        let limit = 50.0
        let judged = Self.judge(
            Self.hours([limit.nextDown, limit, limit.nextUp]), Self.permit(hourly: "50"))
        let item = try #require(judged.items[.chemicalOxygenDemand])
        #expect(item.tally.hoursJudged == 3 && item.tally.hoursAbove == 1)
        #expect(item.breaches.map(\.at) == [Self.start + .seconds(7200)])
        #expect(item.breaches[0].period == .hour && item.breaches[0].limit == .atMost(50))
    }

    @Test("pH has a range, whose both ends keep it, and no multiple")
    func range() throws {
        let judged = Self.judge(
            Self.hours([5.99, 6, 9, 9.01], of: .pH), Self.permit(.pH, hourly: "6-9"))
        let item = try #require(judged.items[.pH])
        #expect(
            item.breaches.map(\.value) == [5.99, 9.01] && item.breaches.allSatisfy { $0.multiple == nil })
        #expect(
            Self.judge(Self.hours([9.5, 5.1, 7], of: .pH), Self.permit(.pH, hourly: "6-9"))
                .items[.pH]?.worst?.figures[.pH] == 5.1)
    }

    @Test("the multiple is value / limit − 1")
    func multiple() {
        #expect(PermitLimit.atMost(50).multiple(of: 62) == 62.0 / 50 - 1)
        #expect(PermitLimit.atMost(0).multiple(of: 1) == nil)
    }

    @Test("flagged hours are reported and not judged")
    func flags() throws {
        let judged = Self.judge(Self.hours([60, nil, nil, 40]), Self.permit(hourly: "50"))
        let item = try #require(judged.items[.chemicalOxygenDemand])
        #expect(
            item.tally.hoursReported == 4 && item.tally.hoursFlagged == 2 && item.tally.hoursJudged == 2
                && item.tally.hoursAbove == 1)
        #expect(judged.overall.hoursReported == 4 && judged.overall.hoursFlagged == 2)
    }

    @Test(
        "a day needs eighteen valid hours; with seventeen the reported mean counts, and without one nothing")
    func enoughHours() {
        func mean(_ count: Int, told: Double?) -> Double? {
            let hours = Self.hours(Array(repeating: 40, count: count)).hours
            let whole = told.map { DischargeDay.Part(at: Self.start, figures: [.chemicalOxygenDemand: $0]) }
            return Self.judge(DischargeDay(hours: hours, whole: whole), Self.permit(daily: "50"))
                .items[.chemicalOxygenDemand]?.mean
        }
        #expect(DischargeJudgement.leastHours == 18)
        #expect(mean(18, told: 70) == 40 && mean(17, told: 70) == 70 && mean(17, told: nil) == nil)
    }

    @Test("a mean of equal values is that value, and keeps a limit of it")
    func noNoise() throws {
        for value in [0.1, 0.3, 33.3, 49.7, 1e-5, 12_345.678] {
            let judged = Self.judge(
                Self.hours(Array(repeating: value, count: 24)), Self.permit(daily: "\(value)"))
            let item = try #require(judged.items[.chemicalOxygenDemand])
            #expect(item.mean == value && item.tally.daysAbove == 0 && item.tally.daysJudged == 1, "\(value)")
        }
    }

    @Test("the mean is weighted with the flow if every valid hour has one, and arithmetic otherwise")
    func weights() throws {
        var values: [Double?] = Array(repeating: 40, count: 20)
        values[0] = 100
        var flows = Array(repeating: 1.0, count: 20)
        flows[0] = 81
        func mean(_ flows: [Double]) throws -> Double {
            try #require(
                Self.judge(Self.hours(values, flows: flows), [:]).items[.chemicalOxygenDemand]?.mean)
        }
        // (81 · 100 + 19 · 40) / 100
        #expect(try mean(flows) == 88.6)
        #expect(try mean(Array(flows.dropLast())) == 43)
        // Nothing flowed: then no hour weighs more than another.
        #expect(try mean(Array(repeating: 0, count: 20)) == 43)
    }

    @Test("the mean of pH is that of the hydrogen ions")
    func acid() throws {
        let values: [Double?] = (0..<20).map { $0 < 10 ? 6 : 8 }
        let mean = try #require(
            Self.judge(Self.hours(values, of: .pH), Self.permit(.pH, daily: "6-9")).items[.pH]?.mean)
        #expect(abs(mean - 6.296709) < 1e-6)
    }

    @Test("the mean of a day is judged when the day is over")
    func over() throws {
        let day = Self.hours(Array(repeating: 60, count: 24))
        #expect(Self.judge(day, Self.permit(daily: "50"), isOver: false).breaches.isEmpty)
        let breach = try #require(Self.judge(day, Self.permit(daily: "50")).breaches.first)
        #expect(breach.period == .day && breach.at == Self.start && breach.value == 60)
    }

    @Test("what has no limit is reported and not judged")
    func noLimit() throws {
        let judged = Self.judge(Self.hours([60, 70], flows: [1, 2]), [:])
        let item = try #require(judged.items[.chemicalOxygenDemand])
        #expect(item.tally.hoursReported == 2 && item.tally.hoursJudged == 0 && item.breaches.isEmpty)
        #expect(judged.items[.flow]?.tally.hoursReported == 2 && judged.overall.hoursJudged == 0)
    }

    @Test("an hour of several items counts once for the outfall, and is above if one of them is")
    func overall() {
        let hour = DischargeDay.Part(
            at: Self.start, figures: [.chemicalOxygenDemand: 60, .ammoniaNitrogen: 9])
        let permits = Self.permit(hourly: "50").merging(Self.permit(.ammoniaNitrogen, hourly: "8")) { $1 }
        let overall = Self.judge(DischargeDay(hours: [hour]), permits).overall
        #expect(overall.hoursJudged == 1 && overall.hoursAbove == 1 && overall.daysReported == 1)
        #expect(overall.shareAbove == 1)
    }

    @Test("of several values of an hour a valid one counts, and a station's before a laboratory's")
    func sources() {
        func reading(_ origin: Origin, _ value: Double?, _ period: Period = .hour) -> CountedReading {
            CountedReading(
                observedAt: Self.start, series: Series(origin: origin, period: period),
                values: [.chemicalOxygenDemand: .init(figure: value)])
        }
        func counted(_ readings: CountedReading...) -> Double? {
            DischargeDay(readings).hours.first?.figures[.chemicalOxygenDemand]
        }
        #expect(counted(reading(.manual, 30), reading(.automatic, 40)) == 40)
        #expect(counted(reading(.manual, 30), reading(.automatic, nil)) == 30)
        #expect(counted(reading(.automatic, nil)) == nil)
        // A value of a moment is no mean of an hour.
        #expect(DischargeDay([reading(.automatic, 40, .instant)]).isEmpty)
        #expect(DischargeDay([reading(.automatic, 40, .day)]).whole?.figures == [.chemicalOxygenDemand: 40])
    }

    @Test("limits are read as they are written", arguments: ["50", "0.5", "5e-05", "6-9", "6.5-8.5", "0"])
    func limits(text: String) throws {
        let limit = try #require(PermitLimit(text))
        #expect(PermitLimit(limit.description) == limit)
        #expect(try JSON.decode([PermitLimit].self, from: JSON.encode([limit])) == [limit])
    }

    @Test(
        "what is no limit is none",
        arguments: ["", "-", "-5", "9-6", "6-", "a", "0x10", "nan", "inf", "6-8-9", "5 0", "1e999"])
    func noLimits(text: String) { #expect(PermitLimit(text) == nil) }

    @Test("a permit is in force from its first day to its last, and overlaps what shares a day with it")
    func dates() {
        func permit(_ from: Int?, _ to: Int?) -> Permit {
            Permit(
                id: EntityID(literal: "p"), outfall: Self.outfall, parameter: .pH,
                from: from.map { Day(daysSince1970: $0) }, to: to.map { Day(daysSince1970: $0) })
        }
        let some = permit(10, 20)
        let inForce = [9, 10, 20, 21].map { some.isInForce(on: Day(daysSince1970: $0)) }
        #expect(inForce == [false, true, true, false])
        #expect(
            some.overlaps(permit(20, nil)) && some.overlaps(permit(nil, 10))
                && some.overlaps(permit(nil, nil)))
        #expect(!some.overlaps(permit(21, nil)) && !some.overlaps(permit(nil, 9)))
    }

    // MARK: Properties

    private static func arbitrary(_ random: inout SplitMix64) -> [CountedReading] {
        (0..<Int.random(in: 0...40, using: &random)).map { _ in
            let values: ByParameter<CountedReading.Value> = [
                .chemicalOxygenDemand: .init(
                    figure: Int.random(in: 0..<5, using: &random) == 0
                        ? nil : Double(Int.random(in: 0...100, using: &random))),
                .flow: .init(figure: Double(Int.random(in: 0...3, using: &random))),
            ]
            return CountedReading(
                observedAt: start + .seconds(3600 * Int.random(in: 0..<24, using: &random)),
                series: Series(
                    origin: Origin.allCases.randomElement(using: &random) ?? .manual,
                    period: Period.allCases.randomElement(using: &random) ?? .hour),
                values: values)
        }
    }

    /// Of one time and series there is one reading: the readings of Grading are merged.
    private static func merged(_ readings: [CountedReading]) -> [CountedReading] {
        struct Key: Hashable {
            let at: Instant
            let series: Series
        }
        return Array(
            Dictionary(readings.map { (Key(at: $0.observedAt, series: $0.series), $0) }) { $1 }.values)
    }

    @Test("readings in any order give the same day; it is read as it was written")
    func anyOrder() throws {
        for seed in UInt64(0)..<200 {
            var random = SplitMix64(seed: seed)
            let readings = Self.merged(Self.arbitrary(&random))
            let day = DischargeDay(readings.shuffled(using: &random))
            #expect(day == DischargeDay(readings), "seed \(seed)")
            #expect(try JSON.decode(DischargeDay.self, from: JSON.encode(day)) == day, "seed \(seed)")
        }
    }

    @Test("tallies of days in any order and split equal one pass")
    func split() {
        for seed in UInt64(0)..<100 {
            var random = SplitMix64(seed: seed)
            let tallies = (0..<20).map { _ in
                Self.judge(
                    DischargeDay(Self.merged(Self.arbitrary(&random))),
                    Self.permit(hourly: "50", daily: "40")
                ).overall
            }
            func sum(_ some: [DischargeTally]) -> DischargeTally { some.reduce(DischargeTally(), +) }
            let parts = Dictionary(grouping: tallies.shuffled(using: &random)) { _ in
                Int.random(in: 0..<4, using: &random)
            }
            #expect(sum(parts.values.map(sum)) == sum(tallies), "seed \(seed)")
        }
    }
}
