import Models
import Processing

/// Carries each complaint to the one who answers for the water, and its silence upward.
struct Routing: Processor {
    enum Input: Equatable, Sendable {
        case submitted(Submission, cause: String, traceparent: String?)
        case acted(ComplaintAction, cause: String, traceparent: String?)
        /// The moment came that the complaint waited for.
        case elapsed(ComplaintID)
    }

    private var decider: Decider

    init(registry: Registry = Registry(), rules: Rules = Rules()) {
        decider = Decider(whereabouts: Whereabouts(registry: registry, rules: rules), rules: rules)
    }

    let name = "dayu-routing"
    let inputs: [Topic] = [.submissions, .actions]
    let memory: [Topic] = [.events]

    mutating func adopt(_ registry: Registry) {
        decider.whereabouts.adopt(registry)
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

    func recall(_ record: Record) throws(Malformed) -> (key: String, fact: ComplaintFact) {
        (try record.keyText(), try ComplaintFact(try record.cloudEvent()))
    }

    // MARK: Deciding

    func decide(
        _ state: Complaint?, _ input: Input, at now: Instant, caughtUp: Bool
    ) throws(Refusal) -> [ComplaintFact] {
        switch input {
        case .submitted(let submission, let cause, let traceparent):
            var decision = Decision(
                state, id: submission.complaint, cause: cause, traceparent: traceparent, at: now)
            decider.submitted(submission, &decision)
            return decision.facts
        case .acted(let action, let cause, let traceparent):
            // The submission is on another topic: a quick action may overtake it.
            guard let state else {
                throw caughtUp ? .rule("there is no such complaint") : .awaits(.submissions)
            }
            guard !state.causes.contains(cause) else { return [] }
            // Only notes can come without end; what brings the complaint to its end is always taken.
            guard state.causes.count < Limit.actionsPerComplaint || action.verb.name != .note else {
                throw .rule("a complaint takes at most \(Limit.actionsPerComplaint) actions")
            }
            var decision = Decision(state, id: state.id, cause: cause, traceparent: traceparent, at: now)
            try decider.act(action, on: state, &decision)
            return decision.facts
        case .elapsed(let id):
            guard let state else { return [] }
            var decision = Decision(
                state, id: id, cause: "elapsed/\(id).\(state.version)", traceparent: nil, at: now)
            decider.elapsed(on: state, &decision)
            return decision.facts
        }
    }

    func evolve(_ state: Complaint?, _ fact: ComplaintFact) -> Complaint? {
        Complaint.evolve(state, fact)
    }

    func records(of fact: ComplaintFact) -> [Outgoing] {
        [Outgoing(topic: .events, key: fact.complaint.description, event: fact.cloudEvent(source: name))]
    }

    func alarm(of state: Complaint) -> Instant? {
        state.running.map(\.at).min()
    }

    func alarmed(_ key: String) -> Input? {
        ComplaintID(key).map(Input.elapsed)
    }
}
