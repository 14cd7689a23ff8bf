import Intake
import Models
import Processing

/// What people do when the moment has come: the action, if it still makes sense.
struct ActingPeople {
    let plan: CityPlan
    let registry: Registry
    let reception: OpenReception

    /// - Parameter twin: finds the earlier complaint about the same matter.
    /// - Returns: the action's records; none if it no longer fits the state of the complaint.
    func act(
        _ intent: Intent, on code: TrackingCode, _ known: inout Case, at now: Instant,
        twin: (Case) -> TrackingCode?
    ) throws -> [Outgoing] {
        let speech = Speech(registry: registry)
        var voice = known.chance.split()
        func does(
            _ verb: ComplaintAction.Verb, _ acting: OpenReception.Acting?, _ saying: Saying? = nil
        ) throws -> [Outgoing] {
            guard let acting else { return [] }
            let words = saying.map { speech.said($0, &voice) } ?? Words()
            return try reception.take(verb, saying: words, by: acting, at: now, chance: &voice)
        }
        let holder = known.assignee.map { OpenReception.Acting.official(Actor($0), on: code) }
        let office = known.region.flatMap(nearestOffice).map { OpenReception.Acting.official($0, on: code) }
        let citizen = known.taken.map(OpenReception.Acting.citizen)
        let isCurrent = known.isInHand && intent.turn == known.turn

        switch intent {
        case .accept: return isCurrent && known.status == .assigned ? try does(.accept, holder) : []
        case .note: return isCurrent ? try does(.note(isPublic: true), holder, .noted) : []
        case .handBack: return isCurrent ? try handBack(known, code, does) : []
        case .resolve: return isCurrent ? try does(.resolve, holder, .resolved) : []
        case .extend:
            guard isCurrent, let due = known.due?.resolve, due > now else { return [] }
            return try does(.extend(until: due + .days(5)), office, .more)
        case .reject:
            let reason = known.chance.one(
                of: [.notWater, .insufficient, .handledElsewhere] as [ComplaintEvent.Rejected.Reason])
            return isCurrent ? try does(.reject(reason), office, .notWater) : []
        case .merge:
            guard isCurrent, let twin = twin(known) else { return [] }
            return try does(.merge(into: twin), office, .merged)
        case .correct:
            guard isCurrent, let reach = known.reach else { return [] }
            return try does(.edit(Correction(reach: reach)), office, .corrected)
        case .withhold:
            let passage = Passage(version: 1, part: .text)
            return known.isWithheld ? [] : try does(.withhold(passage, .personalData), office)
        case .release:
            return known.isWithheld ? try does(.release(Passage(version: 1, part: .text)), office) : []
        case .verify: return try verify(&known, code, does)
        case .urge: return known.isInHand ? try does(.urge, citizen) : []
        case .rate: return known.status == .resolved ? try rate(&known, citizen, does) : []
        case .reopen:
            return known.status == .resolved || known.status == .closed
                ? try does(.reopen, citizen, .again) : []
        case .forget: return []
        }
    }

    private typealias Does = (
        ComplaintAction.Verb, OpenReception.Acting?, Saying?
    ) throws -> [Outgoing]

    /// Passes the complaint to a department of the region, or to whoever stands above.
    private func handBack(
        _ known: Case, _ code: TrackingCode, _ does: Does
    ) throws -> [Outgoing] {
        guard let assignee = known.assignee, assignee.kind != .office, let region = known.region else {
            return []
        }
        let department = registry.departments(in: region).first { $0.id.rawValue != assignee.id }
        return try does(
            .transfer(to: department.map { .department($0.id) }),
            .official(Actor(assignee), on: code), .notMine)
    }

    private func verify(_ known: inout Case, _ code: TrackingCode, _ does: Does) throws -> [Outgoing] {
        guard known.status == .verifying, let checker = known.checker else { return [] }
        let actor =
            checker.kind == .department ? Actor(role: .checker, id: checker.id) : Actor(checker)
        let passed = known.chance.happens(0.85)
        return try does(.verify(passed: passed), .official(actor, on: code), passed ? .passed : .failed)
    }

    private func rate(
        _ known: inout Case, _ citizen: OpenReception.Acting?, _ does: Does
    ) throws -> [Outgoing] {
        let temper = known.assignee.map { Temper(of: $0, seed: plan.seed) }
        let isDone = temper?.isThorough(&known.chance) ?? true
        let isQuick = known.assignments == 1
        let grades: [(Grade, weight: Double)] = [
            (.verySatisfied, weight: isQuick ? 5 : 1), (.satisfied, weight: 4), (.neutral, weight: 2),
            (.dissatisfied, weight: isQuick ? 0.1 : 0.5),
        ]
        let grade = isDone ? known.chance.one(weighing: grades) : .dissatisfied
        let saying: Saying? =
            grade == .dissatisfied ? .unhappy : known.chance.happens(0.3) && grade.isSatisfied ? .happy : nil
        return try does(.rate(grade), citizen, saying)
    }

    /// The nearest office.
    private func nearestOffice(to region: RegionID) -> Actor? {
        registry.told(from: region) { $0.dutyOffice == nil ? nil : Actor(role: .office, id: $0.id.rawValue) }
    }
}

extension Intent {
    /// The turn in which the action is meant; nil if it does not depend on a turn.
    fileprivate var turn: Int? {
        switch self {
        case .accept(let turn), .note(let turn), .handBack(let turn), .resolve(let turn), .extend(let turn),
            .reject(let turn), .merge(let turn), .correct(let turn):
            turn
        case .withhold, .release, .verify, .urge, .rate, .reopen, .forget: nil
        }
    }
}

extension Actor {
    fileprivate init(_ assignee: Assignee) {
        let role: Role =
            switch assignee.kind {
            case .chief: .chief
            case .office: .office
            case .department: .department
            }
        self.init(role: role, id: assignee.id)
    }
}
