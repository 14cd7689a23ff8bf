import Geo
import Models

/// What people do to a complaint. `Life` and `Rights` decide whether they may do it.
extension Decider {
    func act(_ action: ComplaintAction, on complaint: Complaint, _ decision: inout Decision) throws(Declined)
    {
        // The system resolves a complaint when its station's alarm ends. Somebody has ended this one already.
        if action.by.role == .system, action.verb.name == .resolve, !complaint.status.isOpen { return }
        // A receipt may come days late. The complaint may be with somebody else by then.
        if case .raise(let official) = action.verb, !isWaiting(complaint, for: official) { return }
        try Life.check(action.verb.name, by: action.by.role, in: complaint.status)
        try Rights(hierarchy: hierarchy).check(action, on: complaint)
        let (by, words) = (action.by, action.words)
        switch action.verb {
        case .accept: decision.record(.accepted(.init(by: by)))
        case .note(let isPublic):
            decision.record(.noted(.init(by: by, isPublic: isPublic, words: words)))
        case .urge:
            try checkUrging(complaint, by)
            decision.record(.urged(.init(by: by, words: words)))
        case .transfer(let destination): try transfer(complaint, action, to: destination, &decision)
        case .resolve: try resolve(complaint, action, &decision)
        case .verify(let passed): verify(complaint, action, passed: passed, &decision)
        case .rate(let grade):
            decision.record(.rated(.init(grade: grade, words: words)))
            if grade.closes {
                close(
                    complaint, .init(by: .system, reason: .rated, reopensUntil: complaint.closesAt), &decision
                )
            } else {
                reopen(complaint, action, why: .rated, &decision)
            }
        case .reopen:
            let isLate = complaint.status == .closed && now > complaint.reopensUntil ?? complaint.receivedAt
            if by.role == .citizen, isLate { throw Declined(.late, "the time to reopen it has passed") }
            reopen(complaint, action, why: .asked, &decision)
        case .reject(let reason):
            decision.record(.rejected(.init(by: by, reason: reason, words: words)))
            inform(complaint, of: .rejected, words, &decision)
        case .merge(let target): try merge(complaint, action, into: target, &decision)
        case .edit(let correction): try edit(complaint, action, correction, &decision)
        case .extend(let until): try extend(complaint, action, until, &decision)
        case .close:
            let until = now + rules.closeAfter
            close(complaint, .init(by: by, reason: .office, reopensUntil: until, words: words), &decision)
        case .withhold(let passage, let reason):
            try check(passage, of: complaint)
            decision.record(.withheld(.init(by: by, passage: passage, reason: reason, words: words)))
        case .release(let passage):
            try check(passage, of: complaint)
            decision.record(.released(.init(by: by, passage: passage, words: words)))
        case .raise: raise(complaint, &decision)
        case .erase(let until): decision.record(.erased(.init(by: by, until: until)))
        case .join(let follower): join(complaint, follower, &decision)
        case .part(let why):
            decision.record(.parted(.init(why: why)))
            begin(complaint, why: .parted, &decision)
        case .inform(let target, let event, let cause):
            decision.record(.informed(.init(of: target, event: event, cause: cause, words: words)))
        }
    }

    private func check(_ passage: Passage, of complaint: Complaint) throws(Declined) {
        guard let saying = complaint.said.first(where: { $0.version == passage.version }) else {
            throw Declined(.target, "event \(passage.version) holds no public text or picture")
        }
        if case .picture(let number) = passage.part, number > saying.outline.pictures {
            throw Declined(.target, "event \(passage.version) has \(saying.outline.pictures) pictures")
        }
    }

    /// A citizen may urge a few times, with a pause in between. An office may urge as often as it likes.
    private func checkUrging(_ complaint: Complaint, _ by: Actor) throws(Declined) {
        guard by.role == .citizen else { return }
        guard complaint.urges.count < Rules.urgesPerRound else {
            throw Declined(.often, "it was already urged \(Rules.urgesPerRound) times")
        }
        if let last = complaint.urges.last, now < last + Rules.urgePause {
            throw Declined(.often, "it may be urged again only after \(last + Rules.urgePause)")
        }
    }

    // MARK: Not mine

    /// The first "not mine" sends the complaint where its author proposes. The second sends it one level up,
    /// so that a complaint does not go back and forth. An office sends it where the office wants.
    private func transfer(
        _ complaint: Complaint, _ action: ComplaintAction, to destination: Destination?,
        _ decision: inout Decision
    ) throws(Declined) {
        let by = action.by
        guard let last = complaint.assignment, let assignedAt = complaint.assignedAt else { return }
        let isOffice = by.role == .office && !last.assignee.isActor(by)
        guard isOffice || now <= assignedAt + rules.transferWithin else {
            throw Declined(.late, "it could be passed on only until \(assignedAt + rules.transferWithin)")
        }
        let isProposed = destination != nil && (isOffice || complaint.handBacks == 0)
        let next =
            isProposed ? try place(destination, keeping: last, complaint) : try above(last, complaint)
        guard next.assignee != last.assignee else {
            throw Declined(.target, "\(next.assignee.name.zh) already has it")
        }
        decision.record(
            .transferred(.init(by: by, from: last.assignee, to: destination, words: action.words)))
        decision.record(.assigned(next))
    }

    private func above(
        _ last: ComplaintEvent.Assigned, _ complaint: Complaint
    ) throws(Declined) -> ComplaintEvent.Assigned {
        guard
            let step = hierarchy.step(
                above: last.assignee, ladder: complaint.ladder, in: last.region, on: last.reach)
        else {
            throw Declined(.target, "no higher level exists; name a reach, an office or a department")
        }
        return .init(
            assignee: step.assignee, river: last.river, reach: last.reach, region: last.region,
            why: .transferred, distanceMetres: last.distanceMetres, due: kept(complaint, last),
            superior: step.superior)
    }

    private func place(
        _ destination: Destination?, keeping last: ComplaintEvent.Assigned, _ complaint: Complaint
    ) throws(Declined) -> ComplaintEvent.Assigned {
        var (river, reach, region) = (last.river, last.reach, last.region)
        var distance = last.distanceMetres
        let assignee: Assignee?
        var chief: ChiefID?
        switch destination {
        case .reach(let id):
            let target = registry.reaches[id]
            let answering = target.flatMap { hierarchy.answering(for: $0) }
            (assignee, chief) = (answering?.assignee, answering?.chief)
            (river, reach, region) = (target?.river, target?.id, target?.region ?? region)
            distance = complaint.matter.place.flatMap { place in
                target?.geometry.distance(from: place).metres.rounded()
            }
        case .office(let id):
            assignee = hierarchy.office(from: id)
            region = assignee == nil ? region : id
            if region != last.region { (river, reach, distance) = (nil, nil, nil) }
        case .department(let id):
            assignee = hierarchy.department(id)
        case nil: assignee = nil
        }
        guard let assignee else { throw Declined(.target, "nobody is responsible there") }
        return .init(
            assignee: assignee, river: river, reach: reach, region: region, why: .transferred,
            distanceMetres: distance, due: kept(complaint, last), chief: chief)
    }

    // MARK: The outcome

    private func resolve(
        _ complaint: Complaint, _ action: ComplaintAction, _ decision: inout Decision
    ) throws(Declined) {
        let by = action.by
        let category = registry.categories[complaint.matter.category]
        let isStation = by.role == .system
        if category?.requiresPhoto == true, (action.words?.pictures ?? 0) < 1, !isStation {
            throw Declined(
                .photo, "a photo is missing: in this category it must show that the complaint is resolved")
        }
        var checker: Assignee?
        if let category, category.requiresVerification, !isStation, let last = complaint.assignment {
            let doers = [last.assignee] + [hierarchy.assignee(acting: by)].compactMap { $0 }
            checker = hierarchy.checker(for: category, in: last.region, of: doers)
        }
        let verifyBy = checker.flatMap { _ in
            complaint.assignment.map { rules.verifyBy(in: $0.region, of: registry, from: now) }
        }
        let closesAt = (verifyBy ?? now) + rules.closeAfter
        decision.record(
            .resolved(
                .init(
                    by: by, closesAt: closesAt, checker: checker, verifyBy: verifyBy, words: action.words)))
        if checker == nil { inform(complaint, of: .resolved, action.words, &decision) }
    }

    private func verify(
        _ complaint: Complaint, _ action: ComplaintAction, passed: Bool, _ decision: inout Decision
    ) {
        let closesAt = passed ? now + rules.closeAfter : nil
        decision.record(
            .verified(.init(by: action.by, passed: passed, closesAt: closesAt, words: action.words)))
        if passed {
            inform(complaint, of: .resolved, action.words, &decision)
        } else {
            begin(complaint, why: .unverified, &decision)
        }
    }

    func close(_ complaint: Complaint, _ closed: ComplaintEvent.Closed, _ decision: inout Decision) {
        decision.record(.closed(closed))
        // The followers were told when the complaint was resolved. They are not told again when it closes by
        // itself.
        if closed.reason == .office { inform(complaint, of: .closed, closed.words, &decision) }
    }

    // MARK: What an office corrects

    private func edit(
        _ complaint: Complaint, _ action: ComplaintAction, _ correction: Correction,
        _ decision: inout Decision
    ) throws(Declined) {
        if let category = correction.category, registry.categories[category] == nil {
            throw Declined(.target, "\(category) is not a category of the registry")
        }
        if correction.category == .stationAlarm, complaint.matter.category != .stationAlarm {
            throw Declined(.target, "\(CategoryCode.stationAlarm) is for the alarms of stations only")
        }
        let corrected = complaint.matter.corrected(by: correction)
        guard let assigned = assignment(of: corrected, why: .edited) else {
            throw Declined(.target, "the place lies outside the waters of this city")
        }
        decision.record(.edited(.init(by: action.by, correction: correction, words: action.words)))
        decision.record(.assigned(assigned))
    }

    private func extend(
        _ complaint: Complaint, _ action: ComplaintAction, _ until: Instant, _ decision: inout Decision
    ) throws(Declined) {
        guard let due = complaint.assignment?.due.resolve, until > due, until > now else {
            throw Declined(.target, "an extension must end after the deadline that it extends")
        }
        guard until <= now + Rules.extensionAtMost else {
            throw Declined(.target, "an extension must end within \(Rules.extensionDays) days from now")
        }
        decision.record(.extended(.init(by: action.by, until: until, words: action.words)))
    }
}

extension Hierarchy {
    /// The actor as an assignee; nil for a role to which no complaint is assigned, or if the registry lacks
    /// him.
    fileprivate func assignee(acting actor: Actor) -> Assignee? {
        guard let id = actor.id else { return nil }
        return switch actor.role {
        case .chief: ChiefID(id).flatMap { registry.chiefs[$0] }.map { Assignee($0) }
        case .department: DepartmentID(id).flatMap { registry.departments[$0] }.map(assignee)
        case .office: RegionID(id).flatMap { registry.regions[$0] }.map(Assignee.init(officeOf:))
        case .citizen, .checker, .follower, .system: nil
        }
    }
}
