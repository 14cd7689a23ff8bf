import Models
import Processing

/// Facts in the making: each gets the next version, the moment and the cause of the input being decided.
struct Decision {
    private(set) var complaint: Complaint?
    private(set) var facts: [ComplaintFact] = []
    let id: ComplaintID
    let cause: String
    let traceparent: String?
    let now: Instant

    init(_ complaint: Complaint?, id: ComplaintID, cause: String, traceparent: String?, at now: Instant) {
        self.complaint = complaint
        self.id = id
        self.cause = cause
        self.traceparent = traceparent ?? complaint?.traceparent
        self.now = now
    }

    mutating func record(_ event: ComplaintEvent) {
        let fact = ComplaintFact(
            complaint: id, version: (complaint?.version ?? 0) + 1, at: now, cause: cause,
            traceparent: traceparent, event: event)
        facts.append(fact)
        complaint = Complaint.evolve(complaint, fact)
    }
}

/// The rules of a complaint's life. All of them are here, and nothing here reads a clock or writes a record.
struct Decider {
    var whereabouts: Whereabouts
    let rules: Rules

    // MARK: Submissions

    /// A submission is received, and goes to the one who answers for the water; it is never lost and never
    /// silently refused.
    func submitted(_ submission: Submission, _ decision: inout Decision) {
        guard decision.complaint == nil else { return }
        decision.record(.received(.init(submission: submission)))
        assign(submission, &decision)
    }

    private func assign(_ submission: Submission, _ decision: inout Decision) {
        let due = rules.due(for: whereabouts.registry.categories[submission.category], from: decision.now)
        let found: Placement.Found?
        let region: RegionID
        switch whereabouts.placement(of: submission) {
        case .atReach(let reach): (found, region) = (reach, reach.reach.region)
        case .inRegion(let whole, _): (found, region) = (nil, whole.id)
        case .outside:
            let text = "The place lies outside the waters of this city."
            decision.record(.rejected(.init(by: .system, reason: .outsideJurisdiction, text: text)))
            return
        }
        let chief = found.flatMap { whereabouts.chief(of: $0.reach) }
        let assignee = chief.map { Assignee($0) } ?? whereabouts.office(from: region)
        decision.record(
            .assigned(
                .init(
                    assignee: assignee ?? Assignee(nobodyIn: region), river: found?.reach.river,
                    reach: found?.reach.id, region: region,
                    why: found.map { chief == nil ? .noChief : .init($0.why) } ?? .noReach,
                    distanceMetres: found?.chosen.distanceMetres, due: due)))
    }

    // MARK: Actions

    /// The state machine: what may be done in which status, and what it leads to. The only catch-all is the
    /// refusal.
    func act(_ action: ComplaintAction, on complaint: Complaint, _ decision: inout Decision) throws(Refusal) {
        try checkRight(of: action, on: complaint)
        let by = action.by
        switch (complaint.status, action.verb) {
        case (.assigned, .accept):
            decision.record(.accepted(.init(by: by)))
        case (.assigned, .resolve(let text, let media)), (.accepted, .resolve(let text, let media)):
            let closesAt = decision.now + rules.closeAfter
            decision.record(.resolved(.init(by: by, text: text, media: media, closesAt: closesAt)))
        case (.resolved, .rate(let grade, let remark)):
            decision.record(.rated(.init(grade: grade, remark: remark)))
            if grade == .dissatisfied {
                reopen(complaint, by: by, reason: remark ?? "dissatisfied", &decision)
            } else {
                decision.record(.closed(.init(by: .system, reason: .rated)))
            }
        case (.resolved, .reopen(let reason)):
            reopen(complaint, by: by, reason: reason, &decision)
        case (.received, .note(let text, let media, let isPublic)),
            (.assigned, .note(let text, let media, let isPublic)),
            (.accepted, .note(let text, let media, let isPublic)),
            (.resolved, .note(let text, let media, let isPublic)):
            decision.record(.noted(.init(by: by, text: text, media: media, isPublic: isPublic)))
        case (.received, .close(let reason)), (.assigned, .close(let reason)),
            (.accepted, .close(let reason)),
            (.resolved, .close(let reason)):
            decision.record(.closed(.init(by: by, reason: .office, text: reason)))
        case (_, _):
            let (verb, status) = (action.verb.name.rawValue, complaint.status.rawValue)
            throw .rule("\(verb) is not possible for a complaint that is \(status)")
        }
    }

    private func checkRight(of action: ComplaintAction, on complaint: Complaint) throws(Refusal) {
        let may =
            switch (action.by.role, action.verb) {
            case (.office, .accept), (.office, .note), (.office, .resolve), (.office, .close): true
            case (.citizen, .note), (.citizen, .rate), (.citizen, .reopen): true
            case (.chief, .accept), (.chief, .note), (.chief, .resolve): isInCharge(action.by, of: complaint)
            case (.system, .note): true
            case (_, _): false
            }
        guard may else {
            throw .rule("\(action.by.role.rawValue) may not \(action.verb.name.rawValue) this complaint")
        }
    }

    /// The assigned chief and everybody above him.
    private func isInCharge(_ actor: Actor, of complaint: Complaint) -> Bool {
        guard let id = actor.id, let assignee = complaint.assignment?.assignee else { return false }
        return assignee.kind == .chief && (assignee.id == id || whereabouts.isSuperior(id, of: assignee.id))
    }

    /// A dissatisfied citizen reaches the authority again (追加处理): the same one who answered, with new
    /// deadlines.
    private func reopen(_ complaint: Complaint, by: Actor, reason: String, _ decision: inout Decision) {
        decision.record(.reopened(.init(by: by, reason: reason)))
        guard let last = complaint.assignment else { return assign(complaint.submission, &decision) }
        let due = rules.due(
            for: whereabouts.registry.categories[complaint.submission.category], from: decision.now)
        decision.record(.assigned(last.again(to: last.assignee, why: .reopened, due: due)))
    }

    // MARK: Deadlines

    /// Works off what is due: one step for each deadline, however long nobody looked.
    func elapsed(on complaint: Complaint, _ decision: inout Decision) {
        guard let first = complaint.running.filter({ $0.at <= decision.now }).min(by: { $0.at < $1.at })
        else {
            return
        }
        switch first.deadline {
        case .close: decision.record(.closed(.init(by: .system, reason: .elapsed)))
        case .accept, .resolve: escalate(complaint, first.deadline, due: first.at, &decision)
        }
    }

    /// Silence has a consequence: the complaint goes one level up. At the top it stays, and stays marked.
    private func escalate(
        _ complaint: Complaint, _ deadline: Deadline, due: Instant, _ decision: inout Decision
    ) {
        guard let last = complaint.assignment else { return }
        let superior = whereabouts.superior(of: last.assignee, in: last.region)
        decision.record(.escalated(.init(deadline: deadline, due: due, from: last.assignee, to: superior)))
        guard let superior else { return }
        let fresh = rules.due(
            for: whereabouts.registry.categories[complaint.submission.category], from: decision.now)
        let resolve =
            deadline == .accept && last.due.resolve > fresh.accept ? last.due.resolve : fresh.resolve
        decision.record(
            .assigned(
                last.again(to: superior, why: .escalated, due: Due(accept: fresh.accept, resolve: resolve))))
    }
}

extension ComplaintEvent.Assigned {
    fileprivate func again(to assignee: Assignee, why: Why, due: Due) -> Self {
        Self(
            assignee: assignee, river: river, reach: reach, region: region, why: why,
            distanceMetres: distanceMetres, due: due)
    }
}

extension ComplaintEvent.Assigned.Why {
    fileprivate init(_ reason: Candidate.Reason) {
        self =
            switch reason {
            case .picked: .picked
            case .named, .outfall, .lowerLevel, .nearest: .nearest
            }
    }
}

extension Assignee {
    /// A region whose registry names neither chief nor office still keeps its complaints, and escalates them
    /// upward.
    fileprivate init(nobodyIn region: RegionID) {
        self.init(
            kind: .office, id: region.rawValue, name: Name(zh: "值班室", en: "Duty office"), level: .village)
    }
}
