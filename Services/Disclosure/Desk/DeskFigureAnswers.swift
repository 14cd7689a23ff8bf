import HTTP
import Models
import Text

/// What a supervisor is told about his region and those below him.
extension DeskAsked {
    private static let figureParameters: Set<String> = ["by", "from", "to", "region", "table"]

    private enum Limit {
        static let days = 92
        static let months = 36
        static let usualDays = 30
        static let usualMonths = 12
    }

    func figures() throws -> DeskFiguresAnswer {
        let registry = gazetteer.registry
        var question = Question(request)
        let unit: DeskFigures.Unit = question.choice("by") ?? .day
        let form = "a day such as 2026-11-01"
        let zone = zone
        let to = question.value("to", form) { Day($0) } ?? zone.day(at: person.now)
        let from = question.value("from", form) { Day($0) } ?? Self.usualStart(unit, to)
        let most = unit == .day ? Limit.days : Limit.months * 31
        if from > to { question.refuse("from", "is after to") }
        if to.daysSince1970 - from.daysSince1970 >= most {
            question.refuse("from", "is more than \(most) days before to")
        }
        var scope = person.scope
        let region = question.region(of: registry)
        if let region { scope = scope.within(registry.regions(within: region)) }
        _ = question.choice("table") as DeskFiguresAnswer.Table?
        try question.check()
        try refuseUnknown(Self.figureParameters)
        if let region { try refuseForeign(region) }
        let days = from...to
        let span = zone.start(of: from)..<zone.start(of: to.adding(days: 1))
        return DeskFiguresAnswer(
            figures: DeskFigures(
                try reader.steps(scope, in: span),
                open: try reader.openNow(scope, on: zone.day(at: person.now), in: zone),
                days: days, by: unit, in: zone),
            days: days, unit: unit, region: region.map(gazetteer.reference), registry: registry)
    }

    /// Whole months, the last one as far as it has come.
    private static func usualStart(_ unit: DeskFigures.Unit, _ to: Day) -> Day {
        guard unit == .month else { return to.adding(days: 1 - Limit.usualDays) }
        let (year, month) = (to.year * 12 + to.month - Limit.usualMonths).quotientAndRemainder(dividingBy: 12)
        return Day(year: year, month: month + 1, day: 1) ?? to
    }

    func figureTable() throws -> [UInt8] {
        let table: DeskFiguresAnswer.Table =
            request.query["table"].flatMap(DeskFiguresAnswer.Table.init) ?? .periods
        return Spreadsheet.csv(try figures().rows(table))
    }
}

struct DeskFiguresAnswer: JSONWritable, Sendable {
    enum Table: String, CaseIterable, Sendable {
        case periods, officials
    }

    let figures: DeskFigures
    let days: ClosedRange<Day>
    let unit: DeskFigures.Unit
    let region: Reference?
    let registry: Registry

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("from", days.lowerBound.description)
            json.field("to", days.upperBound.description)
            json.field("by", unit.rawValue)
            json.field("region", orNull: region)
            json.field("total", TallyAnswer(tally: figures.total))
            json.field("periods", figures.periods.map { Period(name: $0.name, tally: $0.tally) })
            json.field("ages", figures.ages.map(AgeAnswer.init))
            json.field("officials", figures.people.map { PersonAnswer(person: $0, name: name($0.owner)) })
        }
    }

    private func name(_ owner: String) -> Name {
        let known: Name? =
            switch Official(owner) {
            case .chief(let id): registry.chiefs[id]?.name
            case .office(let id): registry.regions[id]?.name
            case .department(let id): registry.departments[id]?.name
            case nil: nil
            }
        return known ?? Name(zh: owner, en: owner)
    }

    // MARK: As a table

    private static let counts: [DeskStep.Kind] = DeskStep.Kind.allCases
    private static let shares = ["accepted in time %", "resolved in time %", "satisfied %"]

    func rows(_ table: Table) -> [[String]] {
        let kinds = Self.counts.map(\.rawValue)
        func cells(_ tally: DeskFigures.Tally) -> [String] {
            Self.counts.map { String(tally[$0]) }
                + [tally.acceptedInTime, tally.resolvedInTime, tally.satisfied].map(Self.percent)
        }
        switch table {
        case .periods:
            return [[unit.rawValue] + kinds + Self.shares]
                + figures.periods.map { [$0.name] + cells($0.tally) }
        case .officials:
            return [["official", "name", "open", "overdue"] + kinds + Self.shares]
                + figures.people.map { person in
                    [
                        person.owner, name(person.owner).zh, String(person.open), String(person.overdue),
                    ] + cells(person.tally)
                }
        }
    }

    /// With one digit behind the point, as the page shows it.
    private static func percent(_ share: Double?) -> String {
        guard let share else { return "" }
        let tenths = Int((share * 1000).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}

private struct TallyAnswer: JSONWritable {
    let tally: DeskFigures.Tally

    func write(to json: inout JSONWriter) { json.object { writeFields(to: &$0) } }

    func writeFields(to json: inout JSONWriter) {
        json.field("arrived", tally[.arrived])
        json.field("acceptedInTime", tally[.acceptedInTime])
        json.field("acceptMissed", tally[.acceptMissed])
        json.field("resolvedInTime", tally[.resolvedInTime])
        json.field("resolveMissed", tally[.resolveMissed])
        json.field("reopened", tally[.reopened])
        json.field("satisfied", tally[.satisfied])
        json.field("dissatisfied", tally[.dissatisfied])
    }
}

private struct Period: JSONWritable {
    let name: String
    let tally: DeskFigures.Tally

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("period", name)
            TallyAnswer(tally: tally).writeFields(to: &json)
        }
    }
}

private struct AgeAnswer: JSONWritable {
    let age: DeskFigures.Age

    func write(to json: inout JSONWriter) {
        json.object { json in
            // How many days ago it was received, both included; null: any more.
            json.field("fromDays", age.age.first)
            json.field("toDays", orNull: age.age.last)
            json.field("open", age.open)
            json.field("overdue", age.overdue)
        }
    }
}

private struct PersonAnswer: JSONWritable {
    let person: DeskFigures.Person
    let name: Name

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("official", person.owner)
            json.field("name", name)
            json.field("open", person.open)
            json.field("overdue", person.overdue)
            TallyAnswer(tally: person.tally).writeFields(to: &json)
        }
    }
}
