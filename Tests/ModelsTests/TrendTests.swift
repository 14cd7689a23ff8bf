import Models
import Support
import Testing

@testable import Models

@Suite("Trends: worked numbers")
struct TrendTests {
    @Test("by rating: one level is a change, two are a marked one")
    func ratings() {
        #expect(Trend(from: .good, to: .good) == .unchanged)
        #expect(Trend(from: .good, to: .excellent) == .better)
        #expect(Trend(from: .heavilyPolluted, to: .lightlyPolluted) == .muchBetter)
        #expect(Trend(from: .good, to: .lightlyPolluted) == .worse)
        #expect(Trend(from: .excellent, to: .heavilyPolluted) == .muchWorse)
    }

    private func shares(_ good: Int, _ bad: Int, of all: Int) -> ClassShares {
        ClassShares(
            Array(repeating: .II, count: good) + Array(repeating: .worseThanV, count: bad)
                + Array(repeating: .IV, count: all - good - bad))
    }

    @Test("by shares: 省界 2011, 15 of 19 after 90 %: −11.1 points is 有所变差 (yuxin186.com gongbao 2610206)")
    func shares() {
        // The former year's number is not printed; 90.0 % with the same share worse than V gives
        // the 11.1 points.
        let (former, now) = (shares(171, 10, of: 190), shares(150, 10, of: 190))
        #expect(abs(Trend.difference(from: former, to: now) + 11.05) < 0.01)
        #expect(Trend(from: former, to: now) == .worse)
    }

    @Test(
        "exactly 10 and 20 points belong to the smaller change",
        arguments: [
            (50, 60, Trend.unchanged), (50, 61, .better), (50, 70, .better), (50, 71, .muchBetter),
            (60, 50, .unchanged), (61, 50, .worse), (70, 50, .worse), (71, 50, .muchWorse),
        ])
    func limits(_ before: Int, _ after: Int, _ trend: Trend) {
        #expect(Trend(from: shares(before, 0, of: 100), to: shares(after, 0, of: 100)) == trend)
        #expect(Trend(from: shares(0, 0, of: 0), to: shares(after, 0, of: 100)) == nil)
    }

    @Test("fewer sections worse than V are better, too")
    func bad() {
        #expect(Trend(from: shares(50, 30, of: 100), to: shares(50, 15, of: 100)) == .better)
    }

    @Test("Spearman, 2001 to 2005: −0.8, no significant trend (m.cornels-photography.com/paper/205284861)")
    func spearman() throws {
        let trend = try #require(RankTrend([1.700, 1.722, 1.648, 1.695, 1.505]))
        #expect(abs(trend.correlation + 0.8) < 1e-12 && trend.isSignificant == false)
        let falling = try #require(RankTrend([5, 4, 3, 2, 1]))
        #expect(abs(falling.correlation + 1) < 1e-12 && falling.isSignificant == true)
        // Ties get the mean of their ranks: 1, 2.5, 2.5, 4 against 1, 2, 3, 4.
        let tied = try #require(RankTrend([1, 2, 2, 4]))
        #expect(abs(tied.correlation - 0.9486832980505138) < 1e-12)
        #expect(RankTrend([1, 2, 3]) == nil && RankTrend([1, 1, 1, 1]) == nil)
        #expect(try #require(RankTrend((0..<12).map(Double.init))).probability == nil)
        #expect(try #require(RankTrend((0..<24).map(Double.init))).probability == 0)
    }

    /// Values whose ranks give a correlation as near to the wanted one as it goes.
    private func trend(_ count: Int, near wanted: Double) throws -> RankTrend {
        var values = (0..<count).map(Double.init)
        var best = try #require(RankTrend(values))
        // Each swap of neighbours takes a little away.
        while best.correlation > wanted {
            let before = best
            for place in 0..<(count - 1) where values[place] < values[place + 1] {
                var other = values
                other.swapAt(place, place + 1)
                let trend = try #require(RankTrend(other))
                guard trend.correlation >= wanted else { continue }
                (values, best) = (other, trend)
                break
            }
            if best.correlation == before.correlation { break }
        }
        return best
    }

    /// The handbooks' table at 0.05. Its limits for 12, 14 and 16 values, 0.506, 0.456 and 0.425, are
    /// approximations; Zar's table (Biostatistical Analysis, B.20) has these.
    @Test(
        "Spearman over up to twenty years by the exact table",
        arguments: [(10, 0.564), (12, 0.503), (14, 0.464), (16, 0.429), (18, 0.401), (20, 0.380)])
    func spearmanOfManyYears(_ count: Int, _ least: Double) throws {
        let critical = try #require(RankTrend.critical(of: count))
        #expect(abs(critical - least) < 0.001)
        let above = try trend(count, near: critical)
        #expect(above.isSignificant && above.method == .exact && above.probability == nil)
        let below = try trend(count, near: critical - 0.05)
        #expect(below.correlation >= critical || !below.isSignificant)
    }

    @Test("Spearman over more years by Student's t", arguments: [21, 25, 30])
    func spearmanOfMoreYears(_ count: Int) throws {
        let clear = try trend(count, near: 0.5)
        #expect(clear.isSignificant && clear.method == .student)
        #expect(try #require(clear.probability) <= 0.05)
        let flat = try trend(count, near: 0.1)
        #expect(!flat.isSignificant && (flat.probability ?? 0) > 0.2)
    }

    /// Tables of Student's distribution: the 0.95 and 0.975 quantiles of 8, 10 and 30 degrees of freedom.
    @Test(
        "the tail of Student's distribution",
        arguments: [
            (8, 1.859548, 0.05), (8, 2.306004, 0.025), (10, 1.812461, 0.05), (30, 1.697261, 0.05),
            (1, 1, 0.25), (10, 0, 0.5), (8, -1.859548, 0.95),
        ])
    func student(_ freedom: Int, _ t: Double, _ tail: Double) {
        #expect(abs(studentTail(t, degreesOfFreedom: freedom) - tail) < 1e-6)
    }

    /// Of each set of ranks that the first values can have: in how many orders they give which Σd².
    @Test("the table of critical values is the exact one", arguments: 4...11)
    func critical(_ count: Int) throws {
        var orders = [0: [0: 1]]
        for place in 0..<count {
            var longer: [Int: [Int: Int]] = [:]
            for (taken, squares) in orders {
                for rank in 0..<count where taken & (1 << rank) == 0 {
                    let more = (rank - place) * (rank - place)
                    for (sum, number) in squares {
                        longer[taken | 1 << rank, default: [:]][sum + more, default: 0] += number
                    }
                }
            }
            orders = longer
        }
        let squares = try #require(orders[(1 << count) - 1])
        let total = squares.values.reduce(0, +)
        var cumulated = 0
        var most = 0
        for (sum, number) in squares.sorted(by: { $0.key < $1.key }) {
            cumulated += number
            if cumulated * 20 > total { break }
            most = sum
        }
        let least = 1 - 6 * Double(most) / Double(count * (count * count - 1))
        #expect(abs((RankTrend.critical(of: count) ?? 0) - least) < 1e-9)
    }

    @Test("seasonal Kendall: slope and p equal to pymannkendall 1.4.3, seasonal_test(period=4)")
    func kendall() throws {
        let years: [[Double]] = [
            [0.62, 0.48, 0.31, 0.55], [0.58, 0.50, 0.30, 0.51], [0.60, 0.44, 0.27, 0.52],
            [0.51, 0.41, 0.27, 0.47], [0.49, 0.43, 0.22, 0.44],
        ]
        let trend = try #require(SeasonalKendall(seasons: (0..<4).map { season in years.map { $0[season] } }))
        #expect(trend.score == -31 && abs(trend.variance - 65.6667) < 0.00005)
        #expect(abs(trend.z + 3.702105) < 5e-7 && abs(trend.probability - 0.000213818) < 5e-10)
        #expect(abs(trend.slope + 0.0241667) < 5e-8)
    }

    @Test("years without a value are left out; nothing to compare gives nothing")
    func gaps() throws {
        let whole = try #require(SeasonalKendall(seasons: [[1, 2, 3, 4]]))
        let gap = try #require(SeasonalKendall(seasons: [[1, nil, 3, 4]]))
        #expect(whole.slope == 1 && gap.slope == 1 && gap.score == 3)
        #expect(SeasonalKendall(seasons: [[1], [nil, 2]]) == nil)
        #expect(SeasonalKendall(seasons: [[2, 2, 2]]) == nil && SeasonalKendall(seasons: []) == nil)
        let even = try #require(SeasonalKendall(seasons: [[1, 2, 1]]))
        #expect(even.score == 0 && even.z == 0 && even.probability == 1)
    }
}
