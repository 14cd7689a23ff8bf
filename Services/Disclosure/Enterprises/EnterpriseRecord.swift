import HTTP
import Models

/// What one outfall discharged in a period, judged by the permits that are in force on each day.
struct OutfallRecord: Sendable {
    struct JudgedDay: Sendable {
        let day: Day
        let discharge: DischargeDay
        let judgement: DischargeJudgement
    }

    let outfall: Outfall
    let days: [JudgedDay]
    /// Days of the period that are over, on which it had to report and did not.
    let missing: [Day]
    /// Days of the period on which it had to report: those that are over, and today if it did.
    let daysExpected: Int
    /// The newest hour or day of all.
    let latest: (part: DischargeDay.Part, permits: [Parameter: Permit])?
    /// All limits that are in force in the period, in the order of items and days.
    let permits: [Permit]
    let breaches: [StoredBreach]

    var overall: DischargeTally { days.reduce(DischargeTally()) { $0 + $1.judgement.overall } }

    /// The items that were reported or have a limit, in the order of `Parameter`.
    var parameters: [Parameter] {
        let named = Set(permits.map(\.parameter)).union(days.flatMap(\.judgement.items.keys))
        return Parameter.allCases.filter(named.contains)
    }

    func tally(of parameter: Parameter) -> DischargeTally {
        days.reduce(DischargeTally()) { $0 + ($1.judgement.items[parameter]?.tally ?? DischargeTally()) }
    }

    /// - Parameter today: the newest day that is known; it is not over.
    init(_ outfall: Outfall, in period: EvaluationPeriod, today: Day, _ asked: API.Asked) throws {
        let registry = asked.gazetteer.registry
        let zone = registry.zone(of: outfall)
        let all = registry.permits(of: outfall.id)
        self.outfall = outfall
        days = try asked.reader.discharges(of: outfall.id, from: period.first, before: period.end)
            .map { day, discharge in
                let judgement = DischargeJudgement(
                    discharge, from: zone.start(of: day), by: all.inForce(on: day),
                    isOver: day < today)
                return JudgedDay(day: day, discharge: discharge, judgement: judgement)
            }
        let reported = Set(days.map(\.day))
        var missing: [Day] = []
        var day = period.first
        while day < min(period.end, today) {
            if !reported.contains(day), all.expectReports(on: day) { missing.append(day) }
            day = day.adding(days: 1)
        }
        self.missing = missing
        daysExpected = missing.count + reported.count { all.expectReports(on: $0) }
        latest = try asked.reader.latestDischarge(of: outfall.id).flatMap { day, discharge in
            (discharge.hours.last ?? discharge.whole).map {
                ($0, all.inForce(on: day))
            }
        }
        let last = period.end.adding(days: -1)
        permits = all.filter { permit in
            (permit.from.map { $0 <= last } ?? true) && (permit.to.map { period.first <= $0 } ?? true)
        }.sorted { left, right in
            left.parameter == right.parameter
                ? (left.from?.daysSince1970 ?? .min) < (right.from?.daysSince1970 ?? .min)
                : left.parameter.rawValue < right.parameter.rawValue
        }
        breaches = try asked.reader.breaches(
            of: outfall.id, from: zone.start(of: period.first), before: zone.start(of: period.end))
    }
}

/// An enterprise with what its outfalls discharged in a period.
struct EnterpriseRecord: Sendable {
    let enterprise: Enterprise
    let period: EvaluationPeriod
    let outfalls: [OutfallRecord]

    init(_ enterprise: Enterprise, in period: EvaluationPeriod, _ asked: API.Asked) throws {
        self.enterprise = enterprise
        self.period = period
        let today = asked.today
        outfalls = try asked.gazetteer.registry.outfalls(of: enterprise.id)
            .map { try OutfallRecord($0, in: period, today: today, asked) }
    }

    /// Of all outfalls: an hour of two outfalls is two hours.
    var overall: DischargeTally { outfalls.reduce(DischargeTally()) { $0 + $1.overall } }
    var daysExpected: Int { outfalls.reduce(0) { $0 + $1.daysExpected } }
    var breaches: [StoredBreach] { outfalls.flatMap(\.breaches) }
}

extension API {
    static let ofEnterprises = ["region", "period"]
    static let ofEnterprise = ["period"]

    /// Days of outfalls that one answer may judge: three hundred enterprises in a month.
    private static let outfallDays = 20_000

    static func enterprises(_ asked: Asked) throws -> EnterpriseList {
        var question = Question(asked.request)
        let region: RegionID? = question.id("region")
        let period = period(&question, asked)
        try question.check()
        let registry = asked.gazetteer.registry
        if let region, registry.regions[region] == nil { throw Problem.unknown("region") }
        let enterprises = registry.enterprises.values
            .filter { one in region.map { registry.isRegion(one.region, within: $0) } ?? true }
            .sorted { $0.id < $1.id }
        let count = enterprises.reduce(0) { $0 + registry.outfalls(of: $1.id).count }
        let length = period.end.daysSince1970 - period.first.daysSince1970
        guard count * length <= outfallDays else {
            throw Problem(
                status: 400,
                detail: "There are too many days in this answer: choose less with region or period.")
        }
        return EnterpriseList(
            period: period,
            entries: try enterprises.map { try EnterpriseRecord($0, in: period, asked) }, asked: asked)
    }

    static func enterprise(_ asked: Asked) throws -> EnterpriseAnswer {
        var question = Question(asked.request)
        let period = period(&question, asked)
        try question.check()
        let id: EnterpriseID = try question.path("enterprise")
        guard let enterprise = asked.gazetteer.registry.enterprises[id] else {
            throw Problem.unknown("enterprise")
        }
        return EnterpriseAnswer(record: try EnterpriseRecord(enterprise, in: period, asked), asked: asked)
    }

    /// The month of the newest day, if the request names none.
    private static func period(_ question: inout Question, _ asked: Asked) -> EvaluationPeriod {
        question.value("period", "a period: 2026, 2026-Q3, 2026-07, 2026-07-T1 (to T3), or a day") {
            EvaluationPeriod($0)
        } ?? EvaluationPeriod(.month, of: asked.today)
    }
}
