import Models
import Processing

/// Carries each complaint to the one who answers for the water, and its silence upward.
struct Routing: Processor {
    enum Input: Equatable, Sendable {
        case submitted(Submission, cause: String, traceparent: String?)
        case acted(ComplaintAction, cause: String, traceparent: String?)
        /// The moment came that the complaint waited for.
        case elapsed(ComplaintID)
        /// Somebody else may have to answer for it now.
        case reviewed(ComplaintID)
    }

    enum Fact: Equatable, Sendable {
        case happened(ComplaintFact)
        /// Nothing came of an action; whoever asked for it is told.
        case refused(ActionRefusal, traceparent: String?)
        /// Asked of another complaint.
        case asked(ComplaintAction, id: String, at: Instant, traceparent: String?)
    }

    private var whereabouts: Whereabouts
    private let rules: Rules

    init(registry: Registry = Registry(), rules: Rules = Rules()) {
        whereabouts = Whereabouts(registry: registry, rules: rules)
        self.rules = rules
    }

    static let name = "dayu-routing"
    var name: String { Self.name }
    /// 3: of the submission only what is decided by.
    let stateShape = 3
    let inputs: [Topic] = [.submissions, .actions]
    let memory: [Topic] = [.events]

    mutating func adopt(_ registry: Registry) {
        whereabouts = whereabouts.adopting(registry)
    }

    // MARK: Reading

    func understand(_ record: Record) throws(Malformed) -> (key: String, input: Input) {
        let event = try record.cloudEvent()
        let key = try record.keyText()
        guard let data = event.data else { throw Malformed("", "a \(record.topic.rawValue) record has data") }
        switch record.topic {
        case .submissions:
            let submission = try JSON.decode(Submission.self, from: data)
            try check(submission.faults, submission.complaint, key)
            return (key, .submitted(submission, cause: cause(of: event), traceparent: event.traceparent))
        case .actions:
            let action = try JSON.decode(ComplaintAction.self, from: data)
            try check(action.faults, action.complaint, key)
            return (key, .acted(action, cause: cause(of: event), traceparent: event.traceparent))
        default:
            throw Malformed("", "\(record.topic.rawValue) is no input of routing")
        }
    }

    /// An event's id is unique within its source only (CloudEvents §3.1.1): two gateways may number theirs
    /// alike.
    private func cause(of event: CloudEvent) -> String {
        let cause = "\(event.source)/\(event.id)"
        // It goes on into a header; where both are as long as a header may be, a name stands for them.
        return cause.utf8.count <= Limit.headerBytes
            ? cause : ComplaintID(gateway: event.source, idempotencyKey: event.id).description
    }

    private func check(_ faults: [FieldFault], _ complaint: ComplaintID, _ key: String) throws(Malformed) {
        if !faults.isEmpty { throw Malformed(faults) }
        // Another key would put it on another partition, and two instances would own one complaint.
        guard complaint.description == key else {
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
        case .submitted(let submission, let cause, let traceparent):
            var decision = Decision(
                state, id: submission.complaint, cause: cause, traceparent: traceparent, at: now)
            decider.submitted(submission, &decision)
            return decision.facts
        case .acted(let action, let cause, let traceparent):
            var decision = Decision(
                state, id: action.complaint, cause: cause, traceparent: traceparent, at: now)
            guard let state else {
                // The submission is on another topic: a quick action may overtake it.
                guard caughtUp else { throw .awaits(.submissions) }
                guard case .join(let follower) = action.verb else { throw .rule(Self.unknown) }
                decision.ask(follower, to: .part(reason: Self.unknown))
                return decision.facts
            }
            guard !state.causes.contains(cause) else { return [] }
            do throws(Declined) {
                try checkCount(action, on: state)
                try decider.act(action, on: state, &decision)
                return decision.facts
            } catch {
                return [refused(action, cause, error, traceparent: traceparent, at: now)]
            }
        case .elapsed(let id):
            guard let state else { return [] }
            var decision = Decision(
                state, id: id, cause: "elapsed/\(id).\(state.version)", traceparent: nil, at: now)
            decider.elapsed(on: state, &decision)
            return decision.facts
        case .reviewed(let id):
            guard let state else { return [] }
            var decision = Decision(
                state, id: id, cause: "reviewed/\(id).\(state.version)", traceparent: nil, at: now)
            decider.review(state, &decision)
            return decision.facts
        }
    }

    private static let unknown = "there is no such complaint"

    /// Some things can be done without end; what brings the complaint to its end is always taken.
    private func checkCount(_ action: ComplaintAction, on complaint: Complaint) throws(Declined) {
        let isEndless: Bool =
            switch action.verb.name {
            case .note, .urge, .transfer, .edit, .extend: true
            case .accept, .resolve, .verify, .rate, .reopen, .reject, .merge, .close: false
            // Their number has limits of its own, and one who is not taken in must be told.
            case .join, .part, .inform: false
            }
        guard !isEndless || complaint.causes.count < Limit.actionsPerComplaint else {
            throw Declined(.often, "a complaint takes at most \(Limit.actionsPerComplaint) actions")
        }
    }

    private func refused(
        _ action: ComplaintAction, _ cause: String, _ declined: Declined, traceparent: String?,
        at now: Instant
    ) -> Fact {
        let refusal = ActionRefusal(
            complaint: action.complaint, action: cause, verb: action.verb.name, by: action.by,
            reason: declined.reason, detail: declined.detail, at: now)
        return .refused(refusal, traceparent: traceparent)
    }

    func evolve(_ state: Complaint?, _ fact: Fact) -> Complaint? {
        guard case .happened(let fact) = fact else { return state }
        return Complaint.evolve(state, fact)
    }

    // MARK: Telling

    func records(of fact: Fact) -> [Outgoing] {
        switch fact {
        case .happened(let fact):
            [Outgoing(topic: .events, key: fact.complaint.description, event: fact.cloudEvent(source: name))]
        case .refused(let refusal, let traceparent): [record(of: refusal, traceparent)]
        case .asked(let action, let id, let now, let traceparent):
            [
                Outgoing(
                    topic: .actions, key: action.complaint.description,
                    event: CloudEvent(
                        id: id, source: name,
                        type: EventType("action", action.verb.name.rawValue).description,
                        subject: action.complaint.description, time: now, traceparent: traceparent,
                        data: JSON.encode(action)))
            ]
        }
    }

    private func record(of refusal: ActionRefusal, _ traceparent: String?) -> Outgoing {
        let key = refusal.complaint.description
        return Outgoing(
            topic: .refusals, key: key,
            event: CloudEvent(
                id: refusal.action, source: name, type: EventType("action", "refused").description,
                subject: key, time: refusal.at, cause: refusal.action, traceparent: traceparent,
                data: JSON.encode(refusal)))
    }

    /// An action on a complaint that there is not is set aside, because its submission may turn up and it can
    /// be replayed then; whoever asked for it is told all the same.
    func answer(to input: Input, refused reason: String, at now: Instant) -> [Outgoing] {
        guard case .acted(let action, let cause, let traceparent) = input else { return [] }
        let refusal = refused(
            action, cause, Declined(.unknown, reason), traceparent: traceparent, at: now)
        return records(of: refusal)
    }

    // MARK: Waking

    func wakeUp(of state: Complaint) -> Instant? { state.nextMoment }

    func wokenUp(_ key: String) -> Input? { ComplaintID(key).map(Input.elapsed) }

    func review(_ key: String) -> Input? { ComplaintID(key).map(Input.reviewed) }

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
