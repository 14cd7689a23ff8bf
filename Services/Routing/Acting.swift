import Models

/// What people do to a complaint. Whether they may at all is `Life`'s and `Rights`'.
extension Decider {
    func act(_ action: ComplaintAction, on complaint: Complaint, _ decision: inout Decision) throws(Declined)
    {
        // What a station takes back may be over already: somebody was quicker.
        if action.by.role == .system, action.verb.name == .resolve, !complaint.status.isOpen { return }
        try Life.check(action.verb.name, by: action.by.role, in: complaint.status)
        try Rights(hierarchy: hierarchy).check(action, on: complaint)
        let by = action.by
        switch action.verb {
        case .accept: decision.record(.accepted(.init(by: by)))
        case .note(let text, let media, let isPublic):
            decision.record(.noted(.init(by: by, text: text, media: media, isPublic: isPublic)))
        case .urge(let text):
            try checkUrging(complaint, by)
            decision.record(.urged(.init(by: by, text: text)))
        case .transfer(let destination, let reason):
            try transfer(complaint, by, to: destination, reason, &decision)
        case .resolve(let text, let media): try resolve(complaint, by, text, media, &decision)
        case .verify(let passed, let text, let media):
            verify(complaint, by, passed ? .passed : .failed, text, media, &decision)
        case .rate(let grade, let remark):
            decision.record(.rated(.init(grade: grade, remark: remark)))
            if grade == .dissatisfied {
                reopen(complaint, by: by, reason: remark ?? ComplaintEvent.Reopened.wordless, &decision)
            } else {
                close(
                    complaint, .init(by: .system, reason: .rated, reopensUntil: complaint.closesAt), &decision
                )
            }
        case .reopen(let reason):
            let isLate = complaint.status == .closed && now > complaint.reopensUntil ?? complaint.receivedAt
            if by.role == .citizen, isLate { throw Declined(.late, "the time to reopen it has passed") }
            reopen(complaint, by: by, reason: reason, &decision)
        case .reject(let reason, let text):
            decision.record(.rejected(.init(by: by, reason: reason, text: text)))
            inform(complaint, of: .rejected, text, &decision)
        case .merge(let target): try merge(complaint, by, into: target, &decision)
        case .edit(let correction, let reason): try edit(complaint, by, correction, reason, &decision)
        case .extend(let until, let reason): try extend(complaint, by, until, reason, &decision)
        case .close(let reason):
            let until = now + rules.closeAfter
            close(complaint, .init(by: by, reason: .office, text: reason, reopensUntil: until), &decision)
        case .join(let follower): join(complaint, follower, &decision)
        case .part(let reason):
            decision.record(.parted(.init(reason: reason)))
            begin(complaint, why: .parted, &decision)
        case .inform(let kind, let text):
            let target = complaint.target ?? complaint.id
            decision.record(.informed(.init(of: TrackingCode(target), event: kind, text: text)))
        }
    }

    /// A citizen may remind, and not flood; an office may as it likes.
    private func checkUrging(_ complaint: Complaint, _ by: Actor) throws(Declined) {
        guard by.role == .citizen else { return }
        guard complaint.urges.count < Rules.urgesPerRound else {
            throw Declined(.often, "it was urged \(Rules.urgesPerRound) times already")
        }
        if let last = complaint.urges.last, now < last + Rules.urgePause {
            throw Declined(.often, "it may be urged again from \(last + Rules.urgePause) on")
        }
    }

    // MARK: Not mine

    /// The first "not mine" goes where the one who says it proposes; the second goes up, so that nobody plays
    /// ping-pong. An office sends it where it wants.
    private func transfer(
        _ complaint: Complaint, _ by: Actor, to destination: Destination?, _ reason: String,
        _ decision: inout Decision
    ) throws(Declined) {
        guard let last = complaint.assignment, let assignedAt = complaint.assignedAt else { return }
        let isOffice = by.role == .office && !last.assignee.isActor(by)
        guard isOffice || now <= assignedAt + rules.transferWithin else {
            throw Declined(.late, "it can be passed on until \(assignedAt + rules.transferWithin) only")
        }
        let isProposed = destination != nil && (isOffice || complaint.refusals == 0)
        let next =
            isProposed ? try place(destination, keeping: last, complaint) : try above(last, complaint)
        guard next.assignee != last.assignee else {
            throw Declined(.target, "\(next.assignee.name.zh) has it already")
        }
        decision.record(.transferred(.init(by: by, from: last.assignee, to: destination, reason: reason)))
        decision.record(.assigned(next))
    }

    private func above(
        _ last: ComplaintEvent.Assigned, _ complaint: Complaint
    ) throws(Declined) -> ComplaintEvent.Assigned {
        guard let superior = hierarchy.superior(of: last.assignee, in: last.region) else {
            throw Declined(.target, "there is nobody above; name a reach, an office or a department")
        }
        return .init(
            assignee: superior, river: last.river, reach: last.reach, region: last.region,
            why: .transferred, distanceMetres: last.distanceMetres, due: kept(complaint, last))
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
            distance = target?.geometry.distance(from: complaint.matter.place).metres.rounded()
        case .office(let id):
            assignee = hierarchy.office(from: id)
            region = assignee == nil ? region : id
            if region != last.region { (river, reach, distance) = (nil, nil, nil) }
        case .department(let id):
            assignee = registry.departments[id].map(hierarchy.assignee)
        case nil: assignee = nil
        }
        guard let assignee else { throw Declined(.target, "nobody answers there") }
        return .init(
            assignee: assignee, river: river, reach: reach, region: region, why: .transferred,
            distanceMetres: distance, due: kept(complaint, last), chief: chief)
    }

    // MARK: The outcome

    private func resolve(
        _ complaint: Complaint, _ by: Actor, _ text: String, _ media: [String], _ decision: inout Decision
    ) throws(Declined) {
        let category = registry.categories[complaint.matter.category]
        let isStation = by.role == .system
        if category?.requiresPhoto == true, media.isEmpty, !isStation {
            throw Declined(.photo, "a report that it is resolved must show it: a photo is missing")
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
                    by: by, text: text, media: media, closesAt: closesAt, checker: checker,
                    verifyBy: verifyBy)))
        if checker == nil { inform(complaint, of: .resolved, text, &decision) }
    }

    func verify(
        _ complaint: Complaint, _ by: Actor, _ outcome: ComplaintEvent.Verified.Outcome, _ text: String?,
        _ media: [String], _ decision: inout Decision
    ) {
        let closesAt = now + rules.closeAfter
        decision.record(
            .verified(.init(by: by, outcome: outcome, text: text, media: media, closesAt: closesAt)))
        if outcome == .failed {
            begin(complaint, why: .unverified, &decision)
        } else {
            inform(complaint, of: .resolved, text, &decision)
        }
    }

    func close(_ complaint: Complaint, _ closed: ComplaintEvent.Closed, _ decision: inout Decision) {
        decision.record(.closed(closed))
        // That it closed by itself after it was resolved is no news to anybody.
        if closed.reason == .office { inform(complaint, of: .closed, closed.text, &decision) }
    }

    // MARK: What an office corrects

    private func edit(
        _ complaint: Complaint, _ by: Actor, _ correction: Correction, _ reason: String,
        _ decision: inout Decision
    ) throws(Declined) {
        if let category = correction.category, registry.categories[category] == nil {
            throw Declined(.target, "\(category) is not a category here")
        }
        let corrected = complaint.matter.corrected(by: correction)
        guard let assigned = assignment(of: corrected, why: .edited) else {
            throw Declined(.target, "the place lies outside the waters of this city")
        }
        decision.record(.edited(.init(by: by, correction: correction, reason: reason)))
        decision.record(.assigned(assigned))
    }

    private func extend(
        _ complaint: Complaint, _ by: Actor, _ until: Instant, _ reason: String, _ decision: inout Decision
    ) throws(Declined) {
        guard let due = complaint.assignment?.due.resolve, until > due, until > now else {
            throw Declined(.target, "an extension ends after the deadline that it extends")
        }
        guard until <= now + Rules.extensionAtMost else {
            throw Declined(.target, "an extension ends at most \(Rules.extensionDays) days from now")
        }
        decision.record(.extended(.init(by: by, until: until, reason: reason)))
    }
}

extension Hierarchy {
    /// The one who acts, as one to whom a complaint might be assigned.
    fileprivate func assignee(acting actor: Actor) -> Assignee? {
        guard let id = actor.id else { return nil }
        return switch actor.role {
        case .chief: ChiefID(id).flatMap { registry.chiefs[$0] }.map { Assignee($0) }
        case .department: DepartmentID(id).flatMap { registry.departments[$0] }.map(assignee)
        case .office: RegionID(id).flatMap { registry.regions[$0] }.map(Assignee.init(officeOf:))
        case .citizen, .checker, .system: nil
        }
    }
}
