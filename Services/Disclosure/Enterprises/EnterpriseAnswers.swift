import Models
import Text

extension DischargeTally {
    func writeFields(to json: inout JSONWriter) {
        json.field("hoursReported", hoursReported)
        json.field("hoursFlagged", hoursFlagged)
        json.field("hoursJudged", hoursJudged)
        json.field("hoursAbove", hoursAbove)
        json.field("shareAbove", orNull: shareAbove)
        json.field("daysReported", daysReported)
        json.field("daysJudged", daysJudged)
        json.field("daysAbove", daysAbove)
    }

    fileprivate static let columns = [
        "hoursReported", "hoursFlagged", "hoursJudged", "hoursAbove", "daysReported", "daysJudged",
        "daysAbove",
    ]

    fileprivate var cells: [String] {
        [hoursReported, hoursFlagged, hoursJudged, hoursAbove, daysReported, daysJudged, daysAbove]
            .map(String.init)
    }
}

/// All enterprises of a region, with what is counted of each in a period.
struct EnterpriseList: JSONWritable {
    let period: EvaluationPeriod
    let entries: [EnterpriseRecord]
    let asked: API.Asked

    func write(to json: inout JSONWriter) {
        json.object { json in
            PeriodFields(period: period, today: asked.today).writeFields(to: &json)
            json.field("enterprises", entries.map { Entry(record: $0, gazetteer: asked.gazetteer) })
        }
    }

    private struct Entry: JSONWritable {
        let record: EnterpriseRecord
        let gazetteer: Gazetteer

        func write(to json: inout JSONWriter) {
            json.object { json in
                EnterpriseFields(enterprise: record.enterprise, gazetteer: gazetteer).writeFields(to: &json)
                json.field("outfalls", record.outfalls.count)
                record.overall.writeFields(to: &json)
                json.field("daysExpected", record.daysExpected)
                json.field("complaints", record.breaches.count)
                json.field("openComplaints", record.breaches.count { $0.status?.isOpen ?? true })
            }
        }
    }

    func csv() -> [UInt8] {
        let head =
            ["period", "enterprise", "name", "nameEn", "region", "permit", "outfalls"]
            + DischargeTally.columns + ["daysExpected", "complaints"]
        return Spreadsheet.csv([head] + entries.map(row))
    }

    private func row(_ record: EnterpriseRecord) -> [String] {
        let one = record.enterprise
        let known: [String] = [
            period.description, one.id.rawValue, one.name.zh, one.name.en, one.region.rawValue,
            one.permit ?? "", "\(record.outfalls.count)",
        ]
        return known + record.overall.cells + ["\(record.daysExpected)", "\(record.breaches.count)"]
    }
}

private struct PeriodFields {
    let period: EvaluationPeriod
    let today: Day

    func writeFields(to json: inout JSONWriter) {
        json.field("period", period.description)
        json.field("first", period.first.description)
        json.field("last", period.end.adding(days: -1).description)
        // The newest day that is known; its mean is not judged yet.
        json.field("today", today.description)
    }
}

private struct EnterpriseFields {
    let enterprise: Enterprise
    let gazetteer: Gazetteer

    func writeFields(to json: inout JSONWriter) {
        json.field("id", enterprise.id)
        json.field("name", enterprise.name)
        json.field("industry", orNull: enterprise.industry)
        json.field("region", gazetteer.reference(enterprise.region))
        json.field("permit", orNull: enterprise.permit)
    }
}

/// An enterprise, its outfalls, what they may discharge and what they did.
struct EnterpriseAnswer: JSONWritable {
    let record: EnterpriseRecord
    let asked: API.Asked

    func write(to json: inout JSONWriter) {
        let enterprise = record.enterprise
        json.object { json in
            EnterpriseFields(enterprise: enterprise, gazetteer: asked.gazetteer).writeFields(to: &json)
            json.field("address", orNull: enterprise.address)
            json.field("place", orNull: enterprise.place)
            json.field("responsible", asked.gazetteer.reference(enterprise.responsible))
            json.field("url", orNull: enterprise.url)
            PeriodFields(period: record.period, today: asked.today).writeFields(to: &json)
            json.field("leastHours", DischargeJudgement.leastHours)
            json.field(
                "outfalls", record.outfalls.map { OutfallAnswer(record: $0, gazetteer: asked.gazetteer) })
        }
    }

    /// A row for each day and item.
    func days() -> [UInt8] {
        let head =
            ["outfall", "day", "parameter", "name", "unit", "hourlyLimit", "dailyLimit"]
            + DischargeTally.columns + ["mean", "worst", "worstAt"]
        let rows = record.outfalls.flatMap { outfall in
            outfall.days.flatMap { day in
                Parameter.allCases.compactMap { parameter in
                    day.judgement.items[parameter].map { row(outfall.outfall, day.day, parameter, $0) }
                }
            }
        }
        return Spreadsheet.csv([head] + rows)
    }

    private func row(
        _ outfall: Outfall, _ day: Day, _ parameter: Parameter, _ item: DischargeJudgement.Item
    ) -> [String] {
        [
            outfall.id.rawValue, day.description, parameter.rawValue, parameter.name.zh, parameter.unit,
            item.hourlyLimit?.description ?? "", item.dailyLimit?.description ?? "",
        ] + item.tally.cells + [
            item.mean.map { "\(parameter.shown($0))" } ?? "",
            item.worst?.figures[parameter].map { "\(parameter.shown($0))" } ?? "",
            item.worst?.at.description ?? "",
        ]
    }

    /// A row for each hour and item.
    func hours() -> [UInt8] {
        let head = ["outfall", "at", "parameter", "value", "unit", "hourlyLimit", "above"]
        let rows = record.outfalls.flatMap { outfall in
            outfall.days.flatMap { day in
                day.discharge.hours.flatMap { hour in
                    outfall.parameters.filter(hour.isReported).map { parameter in
                        let limit = day.judgement.items[parameter]?.hourlyLimit
                        let value = hour.figures[parameter]
                        // Empty: not judged, because the value does not count or has no limit.
                        let above = value.flatMap { value in limit.map { "\(!$0.allows(value))" } }
                        return [
                            outfall.outfall.id.rawValue, hour.at.description, parameter.rawValue,
                            value.map { "\(parameter.shown($0))" } ?? "", parameter.unit,
                            limit?.description ?? "",
                            above ?? "",
                        ]
                    }
                }
            }
        }
        return Spreadsheet.csv([head] + rows)
    }
}

private struct OutfallAnswer: JSONWritable {
    let record: OutfallRecord
    let gazetteer: Gazetteer

    func write(to json: inout JSONWriter) {
        let outfall = record.outfall
        json.object { json in
            json.field("id", outfall.id)
            json.field("name", outfall.name)
            json.field("kind", outfall.kind.rawValue)
            json.field("river", gazetteer.reference(outfall.river))
            json.field("place", outfall.place)
            record.overall.writeFields(to: &json)
            json.field("daysExpected", record.daysExpected)
            json.field("permits", record.permits.map(PermitAnswer.init))
            json.field(
                "latest", orNull: record.latest.map { LatestAnswer(part: $0.part, permits: $0.permits) })
            json.field(
                "items", record.parameters.map { ItemAnswer(parameter: $0, tally: record.tally(of: $0)) })
            json.field("days", record.days.map(DayAnswer.init))
            json.field("missing", record.missing.map(\.description))
            json.field("breaches", record.breaches.map(BreachAnswer.init))
        }
    }
}

private struct PermitAnswer: JSONWritable {
    let permit: Permit

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("parameter", permit.parameter)
            json.field("hourly", orNull: permit.hourly?.description)
            json.field("daily", orNull: permit.daily?.description)
            json.field("from", orNull: permit.from?.description)
            json.field("to", orNull: permit.to?.description)
        }
    }
}

private struct LatestAnswer: JSONWritable {
    let part: DischargeDay.Part
    let permits: [Parameter: Permit]

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("at", part.at)
            json.field("figures", part.figures.shown)
            json.field("flagged", part.flagged)
            json.field(
                "above",
                Parameter.allCases.filter { parameter in
                    guard let value = part.figures[parameter], let limit = permits[parameter]?.hourly else {
                        return false
                    }
                    return !limit.allows(value)
                })
        }
    }
}

private struct ItemAnswer: JSONWritable {
    let parameter: Parameter
    let tally: DischargeTally

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("parameter", parameter)
            json.field("name", parameter.name)
            json.field("unit", parameter.unit)
            tally.writeFields(to: &json)
        }
    }
}

private struct DayAnswer: JSONWritable {
    let day: OutfallRecord.JudgedDay

    init(_ day: OutfallRecord.JudgedDay) { self.day = day }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("day", day.day.description)
            day.judgement.overall.writeFields(to: &json)
            json.field(
                "items",
                day.judgement.items.reduce(into: [Parameter: Item]()) { items, one in
                    items[one.key] = Item(parameter: one.key, item: one.value)
                })
        }
    }

    private struct Item: JSONWritable {
        let parameter: Parameter
        let item: DischargeJudgement.Item

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.field("hoursReported", item.tally.hoursReported)
                json.field("hoursFlagged", item.tally.hoursFlagged)
                json.field("hoursAbove", item.tally.hoursAbove)
                json.field("mean", orNull: item.mean.map(parameter.shown))
                json.field("dayAbove", orNull: item.tally.daysJudged > 0 ? item.tally.daysAbove > 0 : nil)
            }
        }
    }
}

private struct BreachAnswer: JSONWritable {
    let breach: StoredBreach

    init(_ breach: StoredBreach) { self.breach = breach }

    func write(to json: inout JSONWriter) {
        let first = breach.raised.first
        json.object { json in
            json.field("parameter", first.parameter)
            json.field("kind", first.period)
            json.field("since", first.at)
            json.field("value", first.value)
            json.field("limit", first.limit.description)
            json.field("multiple", orNull: first.multiple)
            json.field("trackingCode", breach.raised.complaint.description)
            json.field("status", orNull: breach.status)
            json.field("ended", orNull: breach.ended?.why.rawValue)
            json.field("through", orNull: breach.ended?.through)
            json.field("hours", orNull: breach.ended?.count.hours)
            json.field("days", orNull: breach.ended?.count.days)
        }
    }
}
