import Models
import Text

/// What counting needs to know about the city in addition to the complaints.
struct City {
    /// The zone whose calendar days are the periods.
    let utcOffset: Duration
    /// A region and those above it, the nearest first.
    let regionChain: (RegionID) throws -> [RegionID]
}

/// What the figures need to know of one complaint: the fold of its facts.
struct CountedComplaint: Codable, Equatable, Sendable {
    /// An acceptance or a resolution: who did it, and how long it took.
    struct Deed: Codable, Equatable, Sendable {
        /// Nil where the figures name nobody: an office answers with its region.
        let official: String?
        let sinceReceived: Int64
        let sinceAssigned: Int64
        /// No deadline for it had passed before; and none while the complaint was with this chief.
        let isOnTime: Bool
        let isOwnOnTime: Bool
    }

    struct Rating: Codable, Equatable, Sendable {
        /// Whose resolution was rated.
        let official: String?
        let grade: Grade
    }

    /// Something that went wrong, and whom it concerns.
    struct Blame: Codable, Equatable, Sendable {
        /// Nil where the figures name nobody.
        let official: String?
        /// What did not happen in time; nil if the blame is for something else.
        var deadline: Deadline?
    }

    private(set) var version: Int
    private let receivedAt: Instant
    /// The day of reception. It stays the same if the time zone is set differently later.
    let period: String
    private var status = ComplaintStatus.received
    /// A deadline has passed since the complaint was received or last reopened.
    private var isOverdue = false
    private var regions: [RegionID] = []
    private var reach: ReachID?
    private var assignedAt: Instant?
    /// The chief or the department that has it now; nil while an office has it.
    private var assignee: String?
    /// Every chief and department to whom the complaint was assigned, in order of the first assignment.
    private var officials: [String] = []
    /// The very first acceptance, and the first acceptance of each of them.
    private var acceptances: [Deed] = []
    /// The reported resolution, until a checker has checked it.
    private var reported: Deed?
    /// The last resolution, until it is reopened.
    private var resolution: Deed?
    private var rating: Rating?
    /// Deadlines that passed, orders from the top, and reopenings, each with whom it concerns.
    private var lapses: [Blame] = []
    /// How many of the lapses were before the last reopening: from then on there is more time to resolve.
    private var formerLapses = 0
    private var orders: [Blame] = []
    private var reopenings: [Blame] = []

    private init(_ fact: ComplaintFact, in city: City) {
        version = fact.version
        receivedAt = fact.at
        period = Day(of: fact.at, offset: city.utcOffset).description
    }

    /// A fact whose version is not higher than the last one is known already and changes nothing.
    static func evolve(
        _ complaint: CountedComplaint?, _ fact: ComplaintFact, in city: City
    ) throws -> CountedComplaint? {
        guard var next = complaint else {
            guard case .received = fact.event else { return nil }
            return CountedComplaint(fact, in: city)
        }
        guard fact.version > next.version else { return next }
        next.version = fact.version
        try next.take(fact, in: city)
        return next
    }

    private mutating func take(_ fact: ComplaintFact, in city: City) throws {
        status = status.after(fact.event)
        switch fact.event {
        case .received, .noted, .urged, .transferred, .warned, .unreached, .extended, .edited, .rejected,
            .merged,
            .joined, .parted, .informed, .closed, .withheld, .released, .erased:
            break
        case .assigned(let assigned):
            assignedAt = fact.at
            reach = assigned.reach
            regions = try city.regionChain(assigned.region)
            assignee = assigned.assignee.official
            if let assignee, !officials.contains(assignee) { officials.append(assignee) }
        case .accepted(let accepted):
            let deed = deed(of: accepted.by, at: fact.at, by: .accept)
            let isNews = deed.official != nil && !acceptances.contains { $0.official == deed.official }
            if acceptances.isEmpty || isNews { acceptances.append(deed) }
        case .lapsed(let lapsed): lapse(under: lapsed.assignee, lapsed.deadline)
        case .escalated(let escalated): lapse(under: escalated.from, escalated.deadline)
        case .supervised(let supervised): orders.append(Blame(official: supervised.over.official))
        case .resolved(let resolved):
            let deed = deed(of: resolved.by, at: fact.at, by: .resolve)
            (resolution, reported) = resolved.checker == nil ? (deed, nil) : (nil, deed)
        case .verified(let verified): (resolution, reported) = (verified.passed ? reported : nil, nil)
        // The checker's delay does not count against the complaint.
        case .unchecked: (resolution, reported) = (reported, nil)
        case .rated(let rated):
            rating = Rating(official: resolution?.official, grade: rated.grade)
        case .reopened:
            isOverdue = false
            formerLapses = lapses.count
            reopenings.append(Blame(official: resolution?.official))
            resolution = nil
        }
    }

    private mutating func lapse(under assignee: Assignee, _ deadline: Deadline) {
        isOverdue = true
        lapses.append(Blame(official: assignee.official, deadline: deadline))
    }

    /// If a clock was set back, the time counts as zero, never as negative.
    private func deed(of actor: Actor, at moment: Instant, by deadline: Deadline) -> Deed {
        let official = Self.owner(actor.role.rawValue, actor.id)
        let passed = passed
        return Deed(
            official: official,
            sinceReceived: max(0, (moment - receivedAt).wholeSeconds),
            sinceAssigned: max(0, (moment - (assignedAt ?? receivedAt)).wholeSeconds),
            isOnTime: passed.isInTime(deadline), isOwnOnTime: passed.isInTime(deadline, of: official))
    }

    /// What decides whether a deed is in time.
    private var passed: Lapses<String> {
        Lapses(
            lapses.compactMap { lapse in
                lapse.deadline.map { Lapses<String>.Lapse(owner: lapse.official, deadline: $0) }
            }, former: formerLapses)
    }
}

// MARK: - What it adds

extension CountedComplaint {
    /// What the complaint adds to the tallies of its day: a tally is the sum of these shares over all
    /// complaints, in whatever order their facts came.
    ///
    /// What is *on time* is decided by `Lapses`, as at the officials' desk.
    ///
    /// The city, the reach, and the region with every region above it (by the last assignment) count what
    /// happened to the complaint:
    ///
    /// - *received*: once;
    /// - *open*: its status is open (`ComplaintStatus.isOpen`); *overdue*: it is open, and a deadline has
    ///   passed since it was received or last reopened. That stays so when the complaint is escalated or gets
    ///   more time afterwards;
    /// - *accepted*: once, with the time from reception to the first acceptance; *on time* if no deadline to
    ///   accept had passed before. *Unanswered*: such a deadline has passed, it is open, and nobody has
    ///   accepted it or reported a resolution;
    /// - *resolved*: once, with the time from reception to the last report of a resolution. If a checker has
    ///   to check it, it counts after he has checked it or has let his time pass. Reopening takes it back.
    ///   *On time*: no deadline to resolve had passed before, since it was received or last reopened;
    /// - *rated* and *satisfied*: once, the last rating. Reopening does not take it back, because the
    ///   dissatisfied rating is often the reason for reopening;
    /// - *escalated* (a deadline passed, whether or not somebody stood above), *supervised* and *reopened*:
    ///   as often as it happened. They are never taken back.
    ///
    /// A chief counts what he did, and so does a department:
    ///
    /// - *received*: every complaint that was ever assigned to him, once;
    /// - *open* and *overdue*: those that are assigned to him now;
    /// - *accepted* and *resolved*: what he himself accepted, and what he was the last to resolve, with the
    ///   time since the assignment that was in force then. So nobody answers for the delay of an earlier
    ///   assignee: what he did is *on time* unless a deadline passed while it was his. A superior may act on
    ///   complaints that were never assigned to him;
    /// - *unanswered*: a deadline to accept passed while it was his, and he neither accepted it nor reported
    ///   a resolution, whoever did so later;
    /// - *rated* and *satisfied*: ratings of his resolutions;
    /// - *escalated*: deadlines that passed while it was his; *supervised*: orders over him; *reopened*: his
    ///   resolutions that were reopened.
    var share: [Scope: Tally] {
        var share: [Scope: Tally] = [:]
        let whole = tally
        for scope in [.city] + regions.map({ Scope(kind: .region, id: $0.rawValue) }) { share[scope] = whole }
        if let reach { share[Scope(kind: .reach, id: reach.rawValue)] = whole }
        let blamed = (lapses + orders + reopenings).map(\.official)
        let deeds = acceptances.map(\.official) + [resolution?.official, rating?.official] + blamed
        for official in Set(officials + deeds.compactMap { $0 }) {
            share[Scope(owner: official)] = tally(of: official)
        }
        return share
    }

    private var tally: Tally {
        var tally = Tally()
        tally.received = 1
        tally.open = status.isOpen ? 1 : 0
        tally.overdue = status.isOpen && isOverdue ? 1 : 0
        if let acceptance = acceptances.first {
            tally.count(accepted: acceptance.sinceReceived, onTime: acceptance.isOnTime)
        }
        if let resolution {
            tally.count(resolved: resolution.sinceReceived, onTime: resolution.isOnTime)
        }
        if let rating { tally.count(rating.grade) }
        let isAnswered =
            !acceptances.isEmpty || resolution != nil || reported != nil || !reopenings.isEmpty
        let isLate = !passed.isInTime(.accept)
        tally.unanswered = isLate && status.isOpen && !isAnswered ? 1 : 0
        (tally.escalated, tally.supervised) = (lapses.count, orders.count)
        tally.reopened = reopenings.count
        return tally
    }

    private func tally(of official: String) -> Tally {
        var tally = Tally()
        tally.received = officials.contains(official) ? 1 : 0
        if assignee == official {
            tally.open = status.isOpen ? 1 : 0
            tally.overdue = status.isOpen && isOverdue ? 1 : 0
        }
        if let acceptance = acceptances.first(where: { $0.official == official }) {
            tally.count(accepted: acceptance.sinceAssigned, onTime: acceptance.isOwnOnTime)
        }
        if let resolution, resolution.official == official {
            tally.count(resolved: resolution.sinceAssigned, onTime: resolution.isOwnOnTime)
        }
        if let rating, rating.official == official { tally.count(rating.grade) }
        let isLate = !passed.isInTime(.accept, of: official)
        tally.unanswered = isLate && !hasAnswered(official) ? 1 : 0
        tally.escalated = lapses.count { $0.official == official }
        tally.supervised = orders.count { $0.official == official }
        tally.reopened = reopenings.count { $0.official == official }
        return tally
    }

    private func hasAnswered(_ official: String) -> Bool {
        acceptances.contains { $0.official == official } || resolution?.official == official
            || reported?.official == official || reopenings.contains { $0.official == official }
    }
}

extension Tally {
    fileprivate mutating func count(accepted seconds: Int64, onTime: Bool) {
        accepted = 1
        acceptedOnTime = onTime ? 1 : 0
        secondsToAccept = seconds
        timesToAccept.add(seconds)
    }

    fileprivate mutating func count(resolved seconds: Int64, onTime: Bool) {
        resolved = 1
        resolvedOnTime = onTime ? 1 : 0
        secondsToResolve = seconds
        timesToResolve.add(seconds)
    }

    fileprivate mutating func count(_ grade: Grade) {
        rated = 1
        satisfied = grade.isSatisfied ? 1 : 0
        verySatisfied = grade == .verySatisfied ? 1 : 0
        neutral = grade == .neutral ? 1 : 0
    }
}

extension CountedComplaint {
    /// `chief/wang`, `department/sewers`; nil for whoever has no figures of his own.
    fileprivate static func owner(_ kind: String, _ id: String?) -> String? {
        let kinds: [Scope.Kind] = [.chief, .department]
        return id.flatMap { id in kinds.contains { $0.rawValue == kind } ? "\(kind)/\(id)" : nil }
    }
}

extension Assignee {
    fileprivate var official: String? { CountedComplaint.owner(kind.rawValue, id) }
}

extension Scope {
    fileprivate init(owner: String) {
        let parts = owner.split(separator: "/", maxSplits: 1).map(String.init)
        guard parts.count == 2, let kind = Kind(rawValue: parts[0]) else {
            preconditionFailure("\(owner) has no figures")
        }
        self.init(kind: kind, id: parts[1])
    }
}

// MARK: - As it is stored

// A counted complaint is read and written with every event, so it has its own coding (`JSONReadable`).

extension CountedComplaint: JSONReadable, JSONWritable {
    init(_ json: JSONNode) throws(Malformed) {
        version = try json.field("version")
        receivedAt = try json.field("receivedAt")
        period = try json.field("period")
        status = try json.field("status")
        isOverdue = try json.field("isOverdue")
        regions = try json.field("regions")
        reach = try json.field("reach")
        assignedAt = try json.field("assignedAt")
        assignee = try json.field("assignee")
        officials = try json.field("officials")
        acceptances = try json.field("acceptances")
        reported = try json.field("reported")
        resolution = try json.field("resolution")
        rating = try json.field("rating")
        lapses = try json.field("lapses")
        formerLapses = try json.field("formerLapses")
        orders = try json.field("orders")
        reopenings = try json.field("reopenings")
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("acceptances", acceptances)
            json.field("assignedAt", assignedAt)
            json.field("assignee", assignee)
            json.field("formerLapses", formerLapses)
            json.field("isOverdue", isOverdue)
            json.field("lapses", lapses)
            json.field("officials", officials)
            json.field("orders", orders)
            json.field("period", period)
            json.field("rating", rating)
            json.field("reach", reach)
            json.field("receivedAt", receivedAt)
            json.field("regions", regions)
            json.field("reopenings", reopenings)
            json.field("reported", reported)
            json.field("resolution", resolution)
            json.field("status", status)
            json.field("version", version)
        }
    }
}

extension CountedComplaint.Deed: JSONReadable, JSONWritable {
    init(_ json: JSONNode) throws(Malformed) {
        official = try json.field("official")
        sinceReceived = Int64(try json.field("sinceReceived") as Int)
        sinceAssigned = Int64(try json.field("sinceAssigned") as Int)
        isOnTime = try json.field("isOnTime")
        isOwnOnTime = try json.field("isOwnOnTime")
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("isOnTime", isOnTime)
            json.field("isOwnOnTime", isOwnOnTime)
            json.field("official", official)
            json.field("sinceAssigned", Int(sinceAssigned))
            json.field("sinceReceived", Int(sinceReceived))
        }
    }
}

extension CountedComplaint.Rating: JSONReadable, JSONWritable {
    init(_ json: JSONNode) throws(Malformed) {
        official = try json.field("official")
        grade = try json.field("grade")
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("grade", grade)
            json.field("official", official)
        }
    }
}

extension CountedComplaint.Blame: JSONReadable, JSONWritable {
    init(_ json: JSONNode) throws(Malformed) {
        official = try json.field("official")
        deadline = try json.field("deadline")
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("deadline", deadline)
            json.field("official", official)
        }
    }
}
