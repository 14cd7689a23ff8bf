import Models
import Text

/// Sums over all partitions. Means are computed only here: means of means would be wrong.
struct IndicatorList: JSONWritable, Sendable {
    let totals: [Reader.Total]
    let gazetteer: Gazetteer
    let city: Name

    func write(to json: inout JSONWriter) {
        let entries = totals.map { total in
            Entry(
                total: total, name: gazetteer.name(of: total.scope, city: city),
                level: gazetteer.level(of: total.scope))
        }
        json.object { $0.field("indicators", entries) }
    }

    private struct Entry: JSONWritable {
        let total: Reader.Total
        let name: Name
        let level: Level?

        func write(to json: inout JSONWriter) {
            let tally = total.tally
            json.object { json in
                json.field("scope", ScopeReference(scope: total.scope, name: name, level: level))
                json.field("period", total.period)
                json.field("received", tally.received)
                json.field("open", tally.open)
                json.field("overdue", tally.overdue)
                json.field("accepted", tally.accepted)
                json.field(
                    "meanSecondsToAccept", orNull: Self.mean(tally.secondsToAccept, of: tally.accepted))
                json.field("resolved", tally.resolved)
                json.field(
                    "meanSecondsToResolve", orNull: Self.mean(tally.secondsToResolve, of: tally.resolved))
                json.field("rated", tally.rated)
                json.field("satisfied", tally.satisfied)
                json.field("escalated", tally.escalated)
                json.field("supervised", tally.supervised)
                json.field("reopened", tally.reopened)
            }
        }

        private static func mean(_ sum: Int64, of count: Int) -> Double? {
            count > 0 ? (Double(sum) / Double(count)).rounded() : nil
        }
    }
}

struct ScopeReference: JSONWritable {
    let scope: Scope
    let name: Name
    let level: Level?

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("kind", scope.kind.rawValue)
            json.field("id", scope.id)
            json.field("name", name)
            // Only what is of one level can be compared. Null for a city, and for what has left the
            // registry.
            json.field("level", orNull: level)
        }
    }
}

extension Gazetteer {
    func name(of scope: Scope, city: Name) -> Name {
        let known: Name? =
            switch scope.kind {
            case .city: city
            case .region: RegionID(scope.id).flatMap { registry.regions[$0]?.name }
            case .reach: ReachID(scope.id).flatMap { registry.reaches[$0]?.name }
            case .chief: ChiefID(scope.id).flatMap { registry.chiefs[$0]?.name }
            case .department: DepartmentID(scope.id).flatMap { registry.departments[$0]?.name }
            }
        return Reference(scope.id, known).name
    }

    func level(of scope: Scope) -> Level? {
        switch scope.kind {
        case .city: nil
        case .region: RegionID(scope.id).flatMap { registry.regions[$0]?.level }
        case .reach: ReachID(scope.id).flatMap { registry.reaches[$0]?.level }
        case .chief: ChiefID(scope.id).flatMap { registry.chiefs[$0]?.level }
        // Departments of cities are compared with those of cities.
        case .department:
            DepartmentID(scope.id).flatMap { registry.departments[$0] }
                .flatMap { registry.regions[$0.region]?.level }
        }
    }
}
