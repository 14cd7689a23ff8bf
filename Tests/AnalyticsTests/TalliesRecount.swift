import Models

@testable import Analytics

/// The figures counted anew from the bare facts, scope by scope, with nothing of the service's own.
struct Recount {
    private(set) var tallies: [String: Tally] = [:]

    init(_ lives: [Life]) {
        for life in lives {
            let facts = life.facts
            let last = Self.lastAssignment(facts)
            var scopes = ["city/all"]
            if let last {
                let region = last.region.rawValue
                scopes.append("region/\(region)")
                if let district = Place.above[region] { scopes += ["region/\(district)", "region/city"] }
                if let reach = last.reach { scopes.append("reach/\(reach)") }
            }
            for scope in scopes { add(Self.whole(facts), scope, facts) }
            let chiefs = ["c-1", "c-2", "c-3", "c-4", "c-9"].map { "chief/\($0)" }
            for official in chiefs + ["department/sewers"] { add(Self.own(facts, official), official, facts) }
        }
    }

    private mutating func add(_ tally: Tally, _ scope: String, _ facts: [ComplaintFact]) {
        guard tally != Tally() else { return }
        let day = Day(of: facts[0].at, offset: .seconds(8 * 3600))
        tallies["\(scope)/\(day)", default: Tally()] =
            tallies["\(scope)/\(day)", default: Tally()] + tally
    }

    private static func whole(_ facts: [ComplaintFact]) -> Tally {
        var tally = Tally()
        tally.received = 1
        tally.open = isOpen(facts) ? 1 : 0
        tally.overdue = isOpen(facts) && hasMissedADeadline(facts) ? 1 : 0
        if let accepted = facts.first(where: { $0.event.kind == .accepted }) {
            tally.accepted = 1
            tally.secondsToAccept = seconds(from: facts[0], to: accepted)
            tally.timesToAccept = DurationSketch([tally.secondsToAccept])
            tally.acceptedOnTime = late(.accept, facts, before: accepted).isEmpty ? 1 : 0
        }
        if let resolved = standingResolution(facts) {
            tally.resolved = 1
            tally.secondsToResolve = seconds(from: facts[0], to: resolved)
            tally.timesToResolve = DurationSketch([tally.secondsToResolve])
            tally.resolvedOnTime = late(.resolve, facts, before: resolved).isEmpty ? 1 : 0
        }
        if let grade = lastGrade(facts) {
            tally.rated = 1
            tally.satisfied = grade == .satisfied || grade == .verySatisfied ? 1 : 0
            tally.verySatisfied = grade == .verySatisfied ? 1 : 0
            tally.neutral = grade == .neutral ? 1 : 0
        }
        let isLate = !late(.accept, facts).isEmpty
        tally.unanswered = isLate && isOpen(facts) && !isAnswered(facts) ? 1 : 0
        tally.escalated = facts.count { lateHolder($0) != nil }
        tally.supervised = facts.count { $0.event.kind == .supervised }
        tally.reopened = facts.count { $0.event.kind == .reopened }
        return tally
    }

    private static func own(_ facts: [ComplaintFact], _ official: String) -> Tally {
        var tally = Tally()
        let assignees = facts.compactMap { fact in
            if case .assigned(let assigned) = fact.event { assigned.assignee } else { nil }
        }
        tally.received = assignees.contains { name($0) == official } ? 1 : 0
        if let now = assignees.last, name(now) == official {
            tally.open = whole(facts).open
            tally.overdue = whole(facts).overdue
        }
        if let accepted = facts.first(where: { $0.event.kind == .accepted && doer($0) == official }) {
            tally.accepted = 1
            tally.secondsToAccept = seconds(from: assignment(before: accepted, facts), to: accepted)
            tally.timesToAccept = DurationSketch([tally.secondsToAccept])
            tally.acceptedOnTime = late(.accept, facts, before: accepted, of: official).isEmpty ? 1 : 0
        }
        if let resolved = standingResolution(facts), doer(resolved) == official {
            tally.resolved = 1
            tally.secondsToResolve = seconds(from: assignment(before: resolved, facts), to: resolved)
            tally.timesToResolve = DurationSketch([tally.secondsToResolve])
            tally.resolvedOnTime = late(.resolve, facts, before: resolved, of: official).isEmpty ? 1 : 0
        }
        if let rated = facts.last(where: { $0.event.kind == .rated }),
            let judged = facts.last(where: { $0.event.kind == .resolved && $0.version < rated.version }),
            doer(judged) == official
        {
            tally.rated = 1
            tally.satisfied = whole(facts).satisfied
            tally.verySatisfied = whole(facts).verySatisfied
            tally.neutral = whole(facts).neutral
        }
        let isLate = !late(.accept, facts, of: official).isEmpty
        tally.unanswered = isLate && !isAnswered(facts, by: official) ? 1 : 0
        tally.escalated = facts.count { lateHolder($0).map(name) == official }
        tally.supervised = facts.count { fact in
            guard case .supervised(let supervised) = fact.event else { return false }
            return name(supervised.over) == official
        }
        tally.reopened = facts.count { fact in
            fact.event.kind == .reopened
                && standingResolution(Array(facts.prefix { $0.version < fact.version })).flatMap(doer)
                    == official
        }
        return tally
    }

    // MARK: Questions to the facts

    /// The deadlines of a kind that passed; of that to resolve only those since it was last reopened.
    private static func late(
        _ deadline: Deadline, _ facts: [ComplaintFact], before end: ComplaintFact? = nil,
        of official: String? = nil
    ) -> [ComplaintFact] {
        let before = facts.filter { $0.version < end?.version ?? .max }
        let reopened = before.last { $0.event.kind == .reopened }?.version ?? 0
        return before.filter { fact in
            let (passed, holder): (Deadline, Assignee)
            switch fact.event {
            case .escalated(let escalated): (passed, holder) = (escalated.deadline, escalated.from)
            case .lapsed(let lapsed): (passed, holder) = (lapsed.deadline, lapsed.assignee)
            default: return false
            }
            guard passed == deadline, deadline == .accept || fact.version > reopened else { return false }
            return official.map { name(holder) == $0 } ?? true
        }
    }

    /// Accepted, reported as resolved and not found wrong, or reopened after it was.
    private static func isAnswered(_ facts: [ComplaintFact], by official: String? = nil) -> Bool {
        func isHis(_ fact: ComplaintFact) -> Bool { official == nil || doer(fact) == official }
        if facts.contains(where: { $0.event.kind == .accepted && isHis($0) }) { return true }
        for reopened in facts where reopened.event.kind == .reopened {
            guard let official else { return true }
            let former = Array(facts.prefix { $0.version < reopened.version })
            if standingResolution(former).flatMap(doer) == official { return true }
        }
        let since = facts.last { $0.event.kind == .reopened }?.version ?? 0
        guard let report = facts.last(where: { $0.event.kind == .resolved && $0.version > since }) else {
            return false
        }
        let isWrong = facts.contains { fact in
            guard fact.version > report.version, case .verified(let verified) = fact.event else {
                return false
            }
            return !verified.passed
        }
        return !isWrong && isHis(report)
    }

    private static func isOpen(_ facts: [ComplaintFact]) -> Bool {
        for fact in facts.reversed() {
            switch fact.event {
            case .received, .assigned, .accepted, .reopened, .parted: return true
            case .rejected, .merged, .closed, .unchecked: return false
            case .resolved(let resolved): return resolved.checker != nil
            case .verified(let verified): return !verified.passed
            default: continue
            }
        }
        return false
    }

    /// Who let an acceptance or a resolution lie.
    private static func lateHolder(_ fact: ComplaintFact) -> Assignee? {
        switch fact.event {
        case .escalated(let escalated): escalated.from
        case .lapsed(let lapsed): lapsed.assignee
        default: nil
        }
    }

    private static func hasMissedADeadline(_ facts: [ComplaintFact]) -> Bool {
        let reopened = facts.last { $0.event.kind == .reopened }?.version ?? 0
        return facts.contains { lateHolder($0) != nil && $0.version > reopened }
    }

    /// The last report since it was reopened, where nobody had to check it, or somebody did or could have.
    private static func standingResolution(_ facts: [ComplaintFact]) -> ComplaintFact? {
        let reopened = facts.last { $0.event.kind == .reopened }?.version ?? 0
        guard let last = facts.last(where: { $0.event.kind == .resolved && $0.version > reopened }),
            case .resolved(let resolved) = last.event
        else { return nil }
        let isFound = facts.contains { fact in
            guard fact.version > last.version else { return false }
            return switch fact.event {
            case .verified(let verified): verified.passed
            case .unchecked: true
            default: false
            }
        }
        return resolved.checker == nil || isFound ? last : nil
    }

    private static func lastGrade(_ facts: [ComplaintFact]) -> Grade? {
        facts.compactMap { fact in if case .rated(let rated) = fact.event { rated.grade } else { nil } }.last
    }

    private static func lastAssignment(_ facts: [ComplaintFact]) -> ComplaintEvent.Assigned? {
        facts.compactMap { fact in if case .assigned(let assigned) = fact.event { assigned } else { nil } }
            .last
    }

    private static func assignment(before fact: ComplaintFact, _ facts: [ComplaintFact]) -> ComplaintFact {
        facts.last { $0.event.kind == .assigned && $0.version < fact.version } ?? facts[0]
    }

    private static func doer(_ fact: ComplaintFact) -> String? {
        switch fact.event {
        case .accepted(let accepted): name(accepted.by)
        case .resolved(let resolved): name(resolved.by)
        default: nil
        }
    }

    private static func name(_ actor: Actor) -> String? {
        actor.role == .chief || actor.role == .department ? "\(actor.role)/\(actor.id ?? "")" : nil
    }

    private static func name(_ assignee: Assignee) -> String { "\(assignee.kind)/\(assignee.id)" }

    private static func seconds(from start: ComplaintFact, to end: ComplaintFact) -> Int64 {
        max(0, (end.at.millisecondsSince1970 - start.at.millisecondsSince1970) / 1000)
    }
}
