import Models
import Testing

@testable import LivedCity

@Suite("When things happen in an invented city")
struct PlanTests {
    private let plan = CityPlan(complaints: 10_000, days: 365, until: Lived.until)

    private var arrivals: [Instant] { Array(Arrivals(plan, in: .beijing)) }

    @Test(
        "as many complaints come as are asked for, one after the other, within the time",
        arguments: [0, 1, 7, 2000])
    func count(_ complaints: Int) {
        var plan = plan
        plan.complaints = complaints
        let arrivals = Array(Arrivals(plan, in: .beijing))
        #expect(arrivals.count == complaints)
        #expect(arrivals == arrivals.sorted())
        #expect(arrivals.allSatisfy { plan.from <= $0 && $0 <= plan.until })
    }

    @Test("more come in July than in January, and by day than by night")
    func seasons() {
        func month(_ number: Int) -> Int {
            arrivals.count { Day(of: $0, offset: .seconds(8 * 3600)).month == number }
        }
        #expect(month(7) > 2 * month(1))
        let night = arrivals.count { ($0.millisecondsSince1970 / 3_600_000 + 8) % 24 < 6 }
        #expect(night > 0 && night * 10 < arrivals.count)
    }

    @Test("what belongs to warm water is complained about in summer")
    func categories() throws {
        let (summer, winter) = (
            Season(try #require(Day("2026-07-20"))), Season(try #require(Day("2026-01-20")))
        )
        let algae = try #require(CategoryCode("algal-bloom"))
        #expect(summer.weight(of: algae) > 5 * winter.weight(of: algae))
        let silt = try #require(CategoryCode("silt"))
        #expect(summer.weight(of: silt) == winter.weight(of: silt))
    }

    @Test("everybody has a temper of his own, and keeps it")
    func tempers() {
        let (now, due) = (Lived.until, Lived.until + .seconds(24 * 3600))
        func hours(_ id: String) -> Double {
            let name = Name(zh: id, en: id)
            let temper = Temper(of: Assignee(kind: .chief, id: id, name: name, level: .town), seed: 1)
            var chance = Chance(seed: 5)
            return (0..<200).reduce(0) { sum, _ in
                sum + (temper.moment(from: now, due: due, &chance) - now) / .seconds(3600)
            } / 200
        }
        let all = (0..<40).map { hours("chief-\($0)") }
        #expect(hours("chief-1") == all[1])
        #expect((all.max() ?? 0) > 3 * (all.min() ?? 0))
    }

    @Test("stations report every four hours in the last month, and before it one time in three, at all hours")
    func readings() throws {
        let waters = Waters(plan, Lived.registry, in: .beijing)
        var moments: [Instant] = []
        var next = waters.next(after: plan.from)
        while next <= plan.until {
            moments.append(next)
            next = waters.next(after: next)
        }
        let month = moments.filter { plan.until - $0 < .seconds(30 * 86_400) }
        #expect((178...181).contains(month.count))
        #expect((660...680).contains(moments.count - month.count))
        let hours = Set(moments.dropLast(month.count).map { $0.millisecondsSince1970 / 3_600_000 % 24 })
        #expect(hours.count == 6)
    }

    @Test("there is more oxygen in the water in winter, and in the afternoon")
    func curves() throws {
        let waters = Waters(plan, Lived.registry, in: .beijing)
        func oxygen(_ fits: (Instant) -> Bool) -> Double {
            var values: [Double] = []
            var next = waters.next(after: plan.from)
            while next <= plan.until {
                if fits(next) {
                    values += waters.reports(at: next).compactMap {
                        $0.report.measurements[.dissolvedOxygen]?.figure
                    }
                }
                next = waters.next(after: next)
            }
            return values.reduce(0, +) / Double(values.count)
        }
        func month(_ at: Instant) -> Int { Day(of: at, offset: .seconds(8 * 3600)).month }
        func hour(_ at: Instant) -> Int64 { (at.millisecondsSince1970 / 3_600_000 + 8) % 24 }
        #expect(oxygen { month($0) == 1 } > oxygen { month($0) == 7 } + 2)
        #expect(oxygen { hour($0) == 16 } > oxygen { hour($0) == 4 } + 0.3)
    }
}
