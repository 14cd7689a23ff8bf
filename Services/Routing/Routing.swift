import Models
import Processing
import Text

/// Brings each complaint to whoever answers for the water, and one level up where nobody acts in time.
///
/// It reads no words: what people write is on `complaints.words`, and nothing is decided by it.
struct Routing: Processor {
    enum Input: Equatable, Sendable {
        /// The trail is for everything that follows from the input (`CloudEvent.next`).
        case submitted(Submission, Trail)
        case acted(ComplaintAction, Trail)
        /// The moment has come at which the complaint asked to be woken up.
        case elapsed(TrackingCode)
        /// Somebody else may have to answer for it now.
        case reviewed(TrackingCode)
    }

    enum Fact: Equatable, Sendable {
        case happened(ComplaintFact)
        /// An action was refused; whoever asked for it is told.
        case refused(ActionRefusal, Trail)
        /// A request to another complaint.
        case asked(ComplaintAction, id: String, Trail)
        /// Words that were erased and arrived again; with the citizen's own words, also the contact.
        case erasedAgain(WordsKey, contact: Bool, Trail)
    }

    private var whereabouts: Whereabouts
    private let rules: Rules

    init(registry: Registry = Registry(), rules: Rules = Rules()) {
        whereabouts = Whereabouts(registry: registry, rules: rules)
        self.rules = rules
    }

    static let name = "dayu-routing"
    var name: String { Self.name }
    /// 7: with the gateway that brought the complaint, and whether anybody can be reached.
    let stateShape = 7
    let inputs: [Topic] = [.submissions, .actions]
    let memory: [Topic] = [.events]

    mutating func adopt(_ registry: Registry) {
        whereabouts = whereabouts.adopting(registry)
    }

    // MARK: Reading

    func understand(_ record: Record) throws(Malformed) -> (key: String, input: Input) {
        let event = try record.cloudEvent()
        let key = try record.keyText()
        guard let data = event.data else {
            throw Malformed("", "the \(record.topic.rawValue) record has no data")
        }
        switch record.topic {
        case .submissions:
            let submission = try JSON.decode(Submission.self, from: data)
            try check(submission.faults, submission.complaint, key)
            return (key, .submitted(submission, trail(after: event)))
        case .actions:
            let action = try JSON.decode(ComplaintAction.self, from: data)
            try check(action.faults, action.complaint, key)
            return (key, .acted(action, trail(after: event)))
        default:
            throw Malformed("", "\(record.topic.rawValue) is not an input of routing")
        }
    }

    /// The cause is written into a header of each event. A cause that is too long for a header is replaced by
    /// a short name. Its events can be read, but readers find no words for them. No service of this suite
    /// writes such a long cause.
    private func trail(after event: CloudEvent) -> Trail {
        let next = event.next
        let cause = event.asCause
        guard cause.utf8.count > Limit.headerBytes else { return next }
        return next.causedBy(ShortName.of(cause))
    }

    private func check(_ faults: [FieldFault], _ complaint: TrackingCode, _ key: String) throws(Malformed) {
        if !faults.isEmpty { throw Malformed(faults) }
        // Another key would put the record on another partition, and two instances would own one complaint.
        guard complaint.compact == key else {
            throw Malformed("complaint", "differs from the record's key")
        }
    }

    func recall(_ record: Record) throws(Malformed) -> (key: String, fact: Fact) {
        (try record.keyText(), .happened(try ComplaintFact(try record.cloudEvent())))
    }

    // MARK: Deciding

    func decide(
        _ state: Complaint?, _ input: Input, at now: Instant, caughtUp: Bool
    ) throws(Refusal) -> [Fact] {
        let decider = Decider(whereabouts: whereabouts, rules: rules, now: now)
        switch input {
        case .submitted(let submission, let trail):
            if let state {
                guard state.fingerprint == submission.fingerprint else { throw .rule(Self.taken) }
                return again(trail.at(now), contact: true, on: state)
            }
            var decision = Decision(state, code: submission.complaint, trail: trail.at(now))
            decider.submitted(submission, &decision)
            return decision.decided
        case .acted(let action, let trail):
            var decision = Decision(state, code: action.complaint, trail: trail.at(now))
            guard let state else {
                // The submission is on another topic: a quick action may overtake it.
                guard caughtUp else { throw .awaits(.submissions) }
                guard case .join(let follower) = action.verb else { throw .rule(Self.unknown) }
                decision.ask(follower, to: .part(.unknown))
                return decision.decided
            }
            guard trail.cause.map(state.causes.contains) != true else {
                return again(trail.at(now), contact: false, on: state)
            }
            do throws(Declined) {
                guard action.isAbout(state) else { throw Declined(.unknown, Self.unknown) }
                try checkCount(action, on: state)
                try decider.act(action, on: state, &decision)
                return decision.decided
            } catch {
                return [refused(action, error, trail.at(now))]
            }
        case .elapsed(let code):
            guard let state else { return [] }
            let cause = "elapsed/\(code.compact).\(state.version)"
            var decision = Decision(state, code: code, trail: Trail(at: now, cause: cause))
            decider.elapsed(on: state, &decision)
            return decision.decided
        case .reviewed(let code):
            guard let state else { return [] }
            let cause = "reviewed/\(code.compact).\(state.version)"
            var decision = Decision(state, code: code, trail: Trail(at: now, cause: cause))
            decider.review(state, &decision)
            return decision.decided
        }
    }

    /// A repeated input decides nothing. But if its words were erased, the repetition has put them on the log
    /// again, so they are erased again.
    private func again(_ trail: Trail, contact: Bool, on complaint: Complaint) -> [Fact] {
        guard let cause = trail.cause, complaint.erased.contains(cause) else { return [] }
        return [.erasedAgain(WordsKey(complaint: complaint.code, cause: cause), contact: contact, trail)]
    }

    private static let taken = "another complaint has this tracking code"
    private static let unknown = "there is no such complaint"

    /// Notes and the like could go on without end, so their number is limited. An action that brings a
    /// complaint to its end is always taken.
    private func checkCount(_ action: ComplaintAction, on complaint: Complaint) throws(Declined) {
        let isEndless: Bool =
            switch action.verb.name {
            case .note, .urge, .transfer, .edit, .extend: true
            case .accept, .resolve, .verify, .rate, .reopen, .reject, .merge, .close: false
            // It must always be possible to hide or erase what the public must not see.
            case .withhold, .release, .erase: false
            // An assignment leads to one at most.
            case .raise: false
            // Followers have a limit of their own, and a complaint that can't join must be told.
            case .join, .part, .inform: false
            }
        guard !isEndless || complaint.causes.count < Limit.actionsPerComplaint else {
            throw Declined(.often, "a complaint takes at most \(Limit.actionsPerComplaint) actions")
        }
    }

    private func refused(_ action: ComplaintAction, _ declined: Declined, _ trail: Trail) -> Fact {
        let refusal = ActionRefusal(
            complaint: action.complaint, action: trail.cause ?? "", verb: action.verb.name, by: action.by,
            reason: declined.reason, detail: declined.detail, at: trail.at)
        return .refused(refusal, trail)
    }

    func evolve(_ state: Complaint?, _ fact: Fact) -> Complaint? {
        guard case .happened(let fact) = fact else { return state }
        return Complaint.evolve(state, fact)
    }

    // MARK: Telling

    func records(of fact: Fact) -> [Outgoing] {
        switch fact {
        case .happened(let fact):
            [Outgoing(topic: .events, key: fact.complaint.compact, event: fact.cloudEvent(source: name))]
        case .refused(let refusal, let trail):
            [
                Outgoing(
                    .refusals, key: refusal.complaint.compact, id: refusal.action, source: name,
                    type: EventType("action", "refused"), trail: trail, data: JSON.encode(refusal))
            ]
        case .asked(let action, let id, let trail):
            [
                Outgoing(
                    .actions, key: action.complaint.compact, id: id, source: name,
                    type: EventType("action", action.verb.name.rawValue), trail: trail,
                    data: JSON.encode(action))
            ]
        case .erasedAgain(let words, let contact, let trail):
            [tombstone(.words, words.description, "words", words.complaint, trail)]
                + (contact
                    ? [tombstone(.contacts, words.complaint.compact, "contact", words.complaint, trail)] : [])
        }
    }

    private func tombstone(
        _ topic: Topic, _ key: String, _ what: String, _ complaint: TrackingCode, _ trail: Trail
    ) -> Outgoing {
        Outgoing(
            topic, key: key, id: "erased/\(key)/\(trail.at)", source: name, type: EventType(what, "erased"),
            subject: complaint.compact, trail: trail, data: nil)
    }

    /// An action on a complaint that does not exist is set aside, because its submission may still arrive and
    /// the action can be replayed then. Whoever asked for the action is told anyway.
    func answer(to input: Input, refused reason: String, at now: Instant) -> [Outgoing] {
        guard case .acted(let action, let trail) = input else { return [] }
        return records(of: refused(action, Declined(.unknown, reason), trail.at(now)))
    }

    // MARK: Waking

    func wakeUp(of state: Complaint) -> Instant? { state.nextMoment }

    func wokenUp(_ key: String) -> Input? { TrackingCode(key).map(Input.elapsed) }

    func review(_ key: String) -> Input? { TrackingCode(key).map(Input.reviewed) }

    /// Chiefs go on leave and come back on days that the registry names.
    func nextReview(after now: Instant) -> Instant? {
        let chiefs = whereabouts.registry.chiefs.values.lazy.filter { !$0.absences.isEmpty }
        return chiefs.flatMap { chief in
            let zone = whereabouts.registry.zone(in: chief.region)
            return chief.absences.flatMap { absence in
                [absence.from, absence.to.adding(days: 1)].map { zone.first(minute: 0, of: $0) }
            }
        }.filter { $0 > now }.min()
    }
}

extension ComplaintAction {
    /// Whether the id that proved the citizen is the complaint's, and not another with the same code.
    fileprivate func isAbout(_ complaint: Complaint) -> Bool {
        guard let fingerprint else { return true }
        return complaint.fingerprint.map { $0.utf8.elementsEqual(fingerprint.utf8) } ?? false
    }
}
