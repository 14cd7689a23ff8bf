import Models

/// Sums over all partitions. A mean is made here and nowhere before: means of means would be wrong.
struct IndicatorList: Encodable, Sendable {
    struct ScopeReference: Encodable, Sendable {
        let kind: Scope.Kind
        let id: String
        let name: Name
    }

    struct Entry: Encodable, Sendable {
        let scope: ScopeReference
        let period: String
        let received: Int
        let open: Int
        let overdue: Int
        let accepted: Int
        @OrNull var meanSecondsToAccept: Double?
        let resolved: Int
        @OrNull var meanSecondsToResolve: Double?
        let rated: Int
        let satisfied: Int
        let escalated: Int
        let supervised: Int
        let reopened: Int

        init(_ total: Reader.Total, name: Name) {
            scope = ScopeReference(kind: total.scope.kind, id: total.scope.id, name: name)
            period = total.period
            let tally = total.tally
            received = tally.received
            open = tally.open
            overdue = tally.overdue
            accepted = tally.accepted
            meanSecondsToAccept = Self.mean(tally.secondsToAccept, of: tally.accepted)
            resolved = tally.resolved
            meanSecondsToResolve = Self.mean(tally.secondsToResolve, of: tally.resolved)
            rated = tally.rated
            satisfied = tally.satisfied
            escalated = tally.escalated
            supervised = tally.supervised
            reopened = tally.reopened
        }

        private static func mean(_ sum: Int64, of count: Int) -> Double? {
            count > 0 ? (Double(sum) / Double(count)).rounded() : nil
        }
    }

    let indicators: [Entry]

    init(_ totals: [Reader.Total], _ gazetteer: Gazetteer, city: Name) {
        indicators = totals.map { Entry($0, name: gazetteer.name(of: $0.scope, city: city)) }
    }
}

extension Gazetteer {
    fileprivate func name(of scope: Scope, city: Name) -> Name {
        let known: Name? =
            switch scope.kind {
            case .city: city
            case .region: RegionID(scope.id).flatMap { registry.regions[$0]?.name }
            case .reach: ReachID(scope.id).flatMap { registry.reaches[$0]?.name }
            case .chief: ChiefID(scope.id).flatMap { registry.chiefs[$0]?.name }
            }
        return Reference(scope.id, known).name
    }
}
