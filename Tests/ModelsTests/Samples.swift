import Models
import Support

/// Values drawn from a seed: every field is present in some and absent in others.
extension SplitMix64 {
    mutating func maybe<Value>(_ value: (inout SplitMix64) -> Value) -> Value? {
        once(in: 2) ? nil : value(&self)
    }

    mutating func instant() -> Instant {
        Instant(millisecondsSince1970: .random(in: -62_135_596_800_000...253_402_300_799_999, using: &self))
    }

    mutating func coordinate() -> Coordinate {
        Coordinate(
            longitude: .random(in: -180...180, using: &self), latitude: .random(in: -90...90, using: &self))
    }

    mutating func identifier<Entity>() -> EntityID<Entity> {
        let text =
            "e" + String((0..<Int.random(in: 0...20, using: &self)).map { _ in one(of: Array("a9.-")) })
        guard let id = EntityID<Entity>(text) else { preconditionFailure("\(text) is an identifier") }
        return id
    }

    mutating func complaint() -> ComplaintID {
        ComplaintID(gateway: text(1...8), idempotencyKey: text(0...20))
    }

    mutating func media() -> [String] {
        (0..<Int.random(in: 0...3, using: &self)).map { "https://a.example/\($0)" }
    }

    mutating func actor() -> Actor {
        Actor(role: one(of: Role.allCases), id: maybe { $0.text(1...10) })
    }

    mutating func name() -> Name { Name(zh: text(1...8), en: text(1...8)) }

    mutating func assignee() -> Assignee {
        Assignee(
            kind: one(of: [.chief, .office, .department]), id: text(1...8), name: name(),
            title: maybe { $0.text(1...8) },
            level: one(of: Level.allCases))
    }

    mutating func due() -> Due {
        Due(
            accept: instant(), resolve: instant(), acceptAtRisk: maybe { $0.instant() },
            resolveAtRisk: maybe { $0.instant() })
    }

    mutating func destination() -> Destination {
        switch Int.random(in: 0..<3, using: &self) {
        case 0: .reach(identifier())
        case 1: .office(identifier())
        default: .department(identifier())
        }
    }

    mutating func correction() -> Correction {
        Correction(
            category: maybe { $0.identifier() }, place: maybe { $0.coordinate() },
            river: maybe { $0.identifier() }, reach: maybe { $0.identifier() })
    }

    mutating func submission() -> Submission {
        Submission(
            complaint: complaint(), category: identifier(), text: text(1...60), place: coordinate(),
            address: maybe { $0.text(0...20) }, river: maybe { $0.identifier() },
            reach: maybe { $0.identifier() },
            media: media(), channel: one(of: Channel.allCases), gateway: text(1...8), anonymous: once(in: 2),
            contactable: once(in: 2), submittedAt: instant())
    }

    mutating func measurement(of parameter: Parameter) -> Measurement {
        let figure = Double.random(in: parameter.plausible, using: &self)
        let values: [Measurement.Value] =
            [.measured(figure), .withdrawn] + (parameter.hasDetectionLimit ? [.below(figure)] : [])
        return Measurement(
            one(of: values), flag: one(of: Measurement.Flag.allCases),
            status: one(of: Measurement.Status.allCases),
            written: maybe { $0.one(of: ["0.01L", "＜0.010", "\"0\""]) },
            unit: maybe { $0.one(of: ["ug/L", "μg/L"]) }, sampledAt: maybe { $0.instant() })
    }

    mutating func measurements() -> [Parameter: Measurement] {
        var measurements: [Parameter: Measurement] = [:]
        for parameter in Parameter.allCases where once(in: 3) {
            measurements[parameter] = measurement(of: parameter)
        }
        return measurements
    }

    mutating func report() -> Report {
        Report(
            section: identifier(), station: maybe { $0.identifier() }, observedAt: instant(),
            period: one(of: Period.allCases), origin: one(of: Origin.allCases),
            source: maybe { $0.text(1...20) }, reviewer: maybe { $0.actor() },
            publishedClass: maybe { $0.one(of: WaterClass.allCases) }, measurements: measurements())
    }

    mutating func assessment() -> Assessment {
        let first = report()
        var reading = Reading(first, reportedAt: instant())
        for _ in 0..<Int.random(in: 0...3, using: &self) {
            reading.take(
                Report(
                    section: first.section, observedAt: first.observedAt, period: first.period,
                    origin: first.origin, source: maybe { $0.text(1...20) },
                    measurements: measurements()), reportedAt: instant())
        }
        return Assessment(reading, of: one(of: WaterBody.allCases))
    }

    mutating func alarm(_ kind: AlarmEvent.Kind) -> AlarmEvent {
        let alarm = Alarm(section: identifier(), item: one(of: AlarmItem.allCases), since: instant())
        let readings = (0..<Int.random(in: 0...3, using: &self)).map { _ in
            AlarmReading(observedAt: instant(), values: [one(of: Parameter.allCases): 0.25])
        }
        switch kind {
        case .raised:
            let limit = one(of: [.target(.III), .atLeast(2), .atMost(1.5), .within(6...9)] as [AlarmLimit])
            let exceedance = Exceedance(
                parameter: one(of: Parameter.allCases), value: 2.5, ratio: maybe { _ in 0.5 })
            return .raised(.init(alarm: alarm, limit: limit, exceeded: [exceedance], readings: readings))
        case .noted:
            return .noted(
                .init(
                    alarm: alarm, why: one(of: AlarmEvent.Noted.Why.allCases),
                    number: .random(in: 1...9, using: &self), latest: instant()))
        case .cleared: return .cleared(.init(alarm: alarm, through: instant(), readings: readings))
        }
    }

    mutating func verb(_ name: ComplaintAction.Name) -> ComplaintAction.Verb {
        switch name {
        case .accept: .accept
        case .note: .note(text: text(0...20), media: media(), isPublic: once(in: 2))
        case .urge: .urge(text: maybe { $0.text(0...20) })
        case .transfer: .transfer(to: maybe { $0.destination() }, reason: text(0...20))
        case .resolve: .resolve(text: text(0...20), media: media())
        case .verify: .verify(passed: once(in: 2), text: text(0...20), media: media())
        case .rate: .rate(one(of: Grade.allCases), remark: maybe { $0.text(0...20) })
        case .reopen: .reopen(reason: text(0...20))
        case .reject: .reject(one(of: ComplaintEvent.Rejected.Reason.allCases), text: text(0...20))
        case .merge: .merge(into: complaint())
        case .edit: .edit(correction(), reason: text(0...20))
        case .extend: .extend(until: instant(), reason: text(0...20))
        case .close: .close(reason: maybe { $0.text(0...20) })
        case .join: .join(follower: complaint())
        case .part: .part(reason: text(0...20))
        case .inform: .inform(of: one(of: ComplaintEvent.Kind.allCases), text: maybe { $0.text(0...20) })
        }
    }

    mutating func event(_ kind: ComplaintEvent.Kind) -> ComplaintEvent {
        let (by, words) = (actor(), text(0...20))
        return switch kind {
        case .received: .received(.init(submission: submission()))
        case .assigned:
            .assigned(
                .init(
                    assignee: assignee(), river: maybe { $0.identifier() }, reach: maybe { $0.identifier() },
                    region: identifier(), why: one(of: ComplaintEvent.Assigned.Why.allCases),
                    distanceMetres: maybe { .random(in: 0...1e6, using: &$0) }, due: due(),
                    chief: maybe { $0.identifier() }))
        case .accepted: .accepted(.init(by: by))
        case .noted: .noted(.init(by: by, text: words, media: media(), isPublic: once(in: 2)))
        case .urged: .urged(.init(by: by, text: maybe { $0.text(0...20) }))
        case .transferred:
            .transferred(.init(by: by, from: assignee(), to: maybe { $0.destination() }, reason: words))
        case .warned:
            .warned(.init(deadline: one(of: Deadline.allCases), due: instant(), assignee: assignee()))
        case .escalated:
            .escalated(
                .init(
                    deadline: one(of: Deadline.allCases), due: instant(), from: assignee(),
                    to: maybe { $0.assignee() }))
        case .supervised:
            .supervised(
                .init(order: .random(in: 1...9, using: &self), by: assignee(), over: assignee(), due: due()))
        case .extended: .extended(.init(by: by, until: instant(), reason: words))
        case .resolved:
            .resolved(
                .init(
                    by: by, text: words, media: media(), closesAt: instant(),
                    checker: maybe { $0.assignee() }, verifyBy: maybe { $0.instant() }))
        case .verified:
            .verified(
                .init(
                    by: by, outcome: one(of: ComplaintEvent.Verified.Outcome.allCases),
                    text: maybe { $0.text(0...20) }, media: media(), closesAt: instant()))
        case .rated: .rated(.init(grade: one(of: Grade.allCases), remark: maybe { $0.text(0...20) }))
        case .reopened: .reopened(.init(by: by, reason: words, superior: maybe { $0.assignee() }))
        case .edited: .edited(.init(by: by, correction: correction(), reason: words))
        case .rejected:
            .rejected(
                .init(
                    by: by, reason: one(of: ComplaintEvent.Rejected.Reason.allCases),
                    text: maybe { $0.text(0...20) }))
        case .merged:
            .merged(.init(by: by, into: TrackingCode(complaint()), target: maybe { $0.complaint() }))
        case .joined: .joined(.init(follower: complaint(), code: TrackingCode(complaint())))
        case .parted: .parted(.init(reason: words))
        case .informed:
            .informed(
                .init(
                    of: TrackingCode(complaint()), event: one(of: ComplaintEvent.Kind.allCases),
                    text: maybe { $0.text(0...20) }))
        case .closed:
            .closed(
                .init(
                    by: by, reason: one(of: [.rated, .elapsed, .office]), text: maybe { $0.text(0...20) },
                    reopensUntil: maybe { $0.instant() }))
        }
    }
}
