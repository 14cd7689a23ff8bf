import Models

/// What comes of one input: facts, each with the next version, the moment and the cause, and what is asked of
/// other complaints.
struct Decision {
    private(set) var complaint: Complaint?
    private(set) var facts: [Routing.Fact] = []
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
        facts.append(.happened(fact))
        complaint = Complaint.evolve(complaint.take(), fact)
    }

    /// Asks something of another complaint, which may be in the hands of another instance. What is asked is
    /// named by its reason and its place among what that led to, so that asking again is the same action.
    mutating func ask(_ other: ComplaintID, to verb: ComplaintAction.Verb) {
        let name = ComplaintID(gateway: Routing.name, idempotencyKey: "\(id) \(cause) \(facts.count)")
        facts.append(
            .asked(
                ComplaintAction(complaint: other, by: .system, verb: verb), id: name.description, at: now,
                traceparent: traceparent))
    }
}
