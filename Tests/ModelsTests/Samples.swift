import Geo
import Models
import Support
import Text

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

    mutating func complaint() -> TrackingCode { TrackingCode(digest: bytes(8)) }

    mutating func media() -> [String] {
        (0..<Int.random(in: 0...3, using: &self)).map { "https://a.example/\($0)" }
    }

    mutating func words() -> Words {
        Words(text: maybe { $0.text(0...60) }, media: media(), address: maybe { $0.text(0...20) })
    }

    mutating func outline() -> Outline {
        Outline(text: once(in: 2), pictures: .random(in: 0...9, using: &self))
    }

    mutating func number() -> PhoneNumber {
        guard let number = PhoneNumber(e164: "+8600000000\(Int.random(in: 100...999, using: &self))") else {
            preconditionFailure("a number of the samples is one")
        }
        return number
    }

    mutating func handle() -> NumberHandle { NumberHandle(bytes(NumberHandle.bytes)) }

    mutating func contact() -> Contact {
        Contact(
            name: maybe { $0.text(0...8) },
            phone: maybe { random in
                if random.once(in: 4), let short = try? CallableNumber("12345", country: nil) { return short }
                return .number(random.number())
            })
    }

    mutating func trail() -> Trail {
        Trail(at: instant(), cause: maybe { $0.text(1...20) }, traceparent: maybe { $0.text(1...20) })
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
            complaint: complaint(), category: identifier(), place: maybe { $0.coordinate() },
            datum: one(of: Datum.allCases), river: maybe { $0.identifier() },
            reach: maybe { $0.identifier() }, region: maybe { $0.identifier() },
            channel: one(of: Channel.allCases), gateway: maybe { $0.identifier() }, anonymous: once(in: 2),
            contactable: once(in: 2),
            words: maybe { $0.outline() }, submittedAt: instant())
    }

    mutating func candidate() -> Candidate {
        Candidate(
            reach: identifier(), river: identifier(), level: one(of: Level.allCases),
            distanceMetres: .random(in: 0...1e6, using: &self),
            limitMetres: .random(in: 0...1e6, using: &self))
    }

    // MARK: Readings

    mutating func measurement(of parameter: Parameter) -> Measurement {
        let figure = Double.random(in: parameter.plausible, using: &self)
        let value: Measurement.Value =
            switch Int.random(in: 0..<4, using: &self) {
            case 0: .withdrawn
            case 1 where parameter.hasDetectionLimit: .below(figure)
            default: .measured(figure)
            }
        return Measurement(
            value, flag: once(in: 2) ? .valid : one(of: Measurement.Flag.allCases),
            status: one(of: Measurement.Status.allCases), written: maybe { $0.text(0...5) },
            unit: maybe { $0.text(1...3) }, sampledAt: maybe { $0.instant() })
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
            section: identifier(), station: maybe { $0.identifier() }, gateway: maybe { $0.identifier() },
            observedAt: instant(),
            period: one(of: Period.allCases), origin: one(of: Origin.allCases),
            source: maybe { $0.text(1...20) }, reviewer: maybe { $0.actor() },
            publishedClass: maybe { $0.one(of: WaterClass.allCases) }, measurements: measurements())
    }

    mutating func reading() -> Reading {
        let key = ReadingKey(
            section: identifier(), observedAt: instant(), period: one(of: Period.allCases),
            origin: one(of: Origin.allCases))
        let parts = (0..<Int.random(in: 0...3, using: &self)).map { _ in
            Reading.Part(
                reportedAt: instant(), station: maybe { $0.identifier() },
                gateway: maybe { $0.identifier() }, source: maybe { $0.text(1...20) },
                reviewer: maybe { $0.actor() },
                publishedClass: maybe { $0.one(of: WaterClass.allCases) }, measurements: measurements())
        }
        return Reading(key, parts: parts)
    }

    mutating func assessment() -> Assessment {
        Assessment(reading(), of: one(of: WaterBody.allCases))
    }

    mutating func alarm(_ kind: AlarmEvent.Kind) -> AlarmEvent {
        let alarm = Alarm(section: identifier(), item: one(of: AlarmItem.allCases), since: instant())
        let complaint = complaint()
        let readings = (0..<Int.random(in: 0...3, using: &self)).map { _ in
            AlarmReading(observedAt: instant(), values: [one(of: Parameter.allCases): 0.25])
        }
        switch kind {
        case .raised:
            let limit = one(of: [.target(.III), .atLeast(2), .atMost(1.5), .within(6...9)] as [AlarmLimit])
            let exceedance = Exceedance(
                parameter: one(of: Parameter.allCases), value: 2.5, ratio: maybe { _ in 0.5 })
            return .raised(
                .init(
                    alarm: alarm, complaint: complaint, limit: limit, exceeded: [exceedance],
                    readings: readings))
        case .noted:
            return .noted(
                .init(
                    alarm: alarm, complaint: complaint, why: one(of: AlarmEvent.Noted.Why.allCases),
                    number: .random(in: 1...9, using: &self), latest: instant()))
        case .cleared:
            return .cleared(
                .init(alarm: alarm, complaint: complaint, through: instant(), readings: readings))
        }
    }

    // MARK: Notices

    mutating func notice(_ kind: NoticeEvent.Kind) -> NoticeEvent {
        let (reference, attempt) = (text(1...20), Int.random(in: 1...9, using: &self))
        let tried = NoticeEvent.Attempt(reference: reference, attempt: attempt)
        return switch kind {
        case .grouped:
            .grouped(
                .init(
                    reference: reference, into: text(1...20), about: one(of: ComplaintEvent.Kind.allCases),
                    complaint: complaint(), recipient: one(of: Recipient.Kind.allCases)))
        case .attempted:
            .attempted(
                .init(
                    reference: reference, attempt: attempt, about: one(of: ComplaintEvent.Kind.allCases),
                    complaint: complaint(), recipient: maybe { _ in .office }))
        case .taken:
            .taken(
                .init(
                    reference: reference, attempt: attempt, gateway: maybe { $0.text(1...20) },
                    mayArriveUntil: maybe { $0.instant() }, reportBy: maybe { $0.instant() }))
        case .unanswered: .unanswered(tried)
        case .deferred:
            .deferred(
                .init(
                    reference: reference, attempt: attempt, until: instant(),
                    reason: maybe { $0.text(0...20) }, unsent: .random(using: &self),
                    returned: .random(using: &self),
                    gateway: maybe { $0.text(1...20) }, mayArriveUntil: maybe { $0.instant() }))
        case .accepted:
            .accepted(
                .init(
                    reference: reference, attempt: attempt, gatewayReference: maybe { $0.text(1...20) }))
        case .delivered: .delivered(tried)
        case .unknown: .unknown(tried)
        case .failed:
            .failed(
                .init(
                    reference: reference, attempt: attempt, why: one(of: NoticeEvent.Failed.Why.allCases),
                    reason: maybe { $0.text(0...20) }))
        }
    }

    // MARK: Actions and events

    mutating func verb(_ name: ComplaintAction.Name) -> ComplaintAction.Verb {
        switch name {
        case .accept: .accept
        case .note: .note(isPublic: once(in: 2))
        case .urge: .urge
        case .transfer: .transfer(to: maybe { $0.destination() })
        case .resolve: .resolve
        case .verify: .verify(passed: once(in: 2))
        case .rate: .rate(one(of: Grade.allCases))
        case .reopen: .reopen
        case .reject: .reject(one(of: ComplaintEvent.Rejected.Reason.allCases))
        case .merge: .merge(into: complaint())
        case .edit: .edit(correction())
        case .extend: .extend(until: instant())
        case .close: .close
        case .withhold: .withhold(passage(), one(of: Passage.Reason.allCases))
        case .release: .release(passage())
        case .raise: .raise(over: actor())
        case .erase: .erase(until: instant())
        case .join: .join(follower: complaint())
        case .part: .part(one(of: ComplaintEvent.Parted.Why.allCases))
        case .inform:
            .inform(
                of: complaint(), event: one(of: ComplaintEvent.Kind.allCases), cause: text(1...20))
        }
    }

    mutating func passage() -> Passage {
        let picture = Passage.Part.picture(.random(in: 1...Limit.mediaCount, using: &self))
        return Passage(version: .random(in: 1...99, using: &self), part: one(of: [.all, .text, picture]))
    }

    mutating func event(_ kind: ComplaintEvent.Kind) -> ComplaintEvent {
        let by = actor()
        let words = maybe { $0.outline() }
        return switch kind {
        case .received: .received(.init(submission: submission()))
        case .assigned:
            .assigned(
                .init(
                    assignee: assignee(), river: maybe { $0.identifier() }, reach: maybe { $0.identifier() },
                    region: identifier(), why: one(of: ComplaintEvent.Assigned.Why.allCases),
                    distanceMetres: maybe { .random(in: 0...1e6, using: &$0) }, due: due(),
                    chief: maybe { $0.identifier() }, chosen: maybe { $0.candidate() },
                    runnersUp: (0..<Int.random(in: 0...2, using: &self)).map { _ in candidate() }))
        case .accepted: .accepted(.init(by: by))
        case .noted: .noted(.init(by: by, isPublic: once(in: 2), words: words))
        case .urged: .urged(.init(by: by, words: words))
        case .transferred:
            .transferred(.init(by: by, from: assignee(), to: maybe { $0.destination() }, words: words))
        case .warned:
            .warned(.init(deadline: one(of: Deadline.allCases), due: instant(), assignee: assignee()))
        case .lapsed:
            .lapsed(.init(deadline: one(of: Deadline.allCases), due: instant(), assignee: assignee()))
        case .escalated:
            .escalated(
                .init(
                    deadline: one(of: Deadline.allCases), due: instant(), from: assignee(), to: assignee()))
        case .unreached: .unreached(.init(official: assignee(), to: maybe { $0.assignee() }))
        case .supervised:
            .supervised(
                .init(order: .random(in: 1...9, using: &self), by: assignee(), over: assignee(), due: due()))
        case .extended: .extended(.init(by: by, until: instant(), words: words))
        case .resolved:
            .resolved(
                .init(
                    by: by, closesAt: instant(), checker: maybe { $0.assignee() },
                    verifyBy: maybe { $0.instant() }, words: words))
        case .verified:
            .verified(
                .init(by: by, passed: once(in: 2), closesAt: maybe { $0.instant() }, words: words))
        case .unchecked:
            .unchecked(
                .init(
                    checker: assignee(), due: instant(), superior: maybe { $0.assignee() },
                    closesAt: instant()))
        case .rated: .rated(.init(grade: one(of: Grade.allCases), words: words))
        case .reopened:
            .reopened(
                .init(
                    by: by, why: one(of: ComplaintEvent.Reopened.Why.allCases),
                    superior: maybe { $0.assignee() }, words: words))
        case .edited: .edited(.init(by: by, correction: correction(), words: words))
        case .rejected:
            .rejected(
                .init(by: by, reason: one(of: ComplaintEvent.Rejected.Reason.allCases), words: words))
        case .merged: .merged(.init(by: by, into: complaint(), words: words))
        case .joined: .joined(.init(follower: complaint()))
        case .parted: .parted(.init(why: one(of: ComplaintEvent.Parted.Why.allCases)))
        case .informed:
            .informed(
                .init(
                    of: complaint(), event: one(of: ComplaintEvent.Kind.allCases), cause: text(1...20),
                    words: words))
        case .withheld:
            .withheld(
                .init(by: by, passage: passage(), reason: one(of: Passage.Reason.allCases), words: words))
        case .released: .released(.init(by: by, passage: passage(), words: words))
        case .erased: .erased(.init(by: by, until: instant()))
        case .closed:
            .closed(
                .init(
                    by: by, reason: one(of: ComplaintEvent.Closed.Reason.allCases),
                    reopensUntil: maybe { $0.instant() }, words: words))
        }
    }
}
