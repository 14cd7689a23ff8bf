import Models

/// What Routing knows of one complaint: the fold of its facts.
struct Complaint: Codable, Equatable, Sendable {
    let id: ComplaintID
    var version: Int
    var status: ComplaintStatus
    let submission: Submission
    let receivedAt: Instant
    var assignment: ComplaintEvent.Assigned?
    /// The deadlines of this assignment that have passed and were acted upon.
    var missed: Set<Deadline> = []
    var closesAt: Instant?
    /// The inputs that have led to facts: each leads to them once.
    var causes: Set<String>
    var traceparent: String?
}

extension Complaint {
    /// The only way in which a complaint changes, in live work and in restoring.
    static func evolve(_ complaint: Complaint?, _ fact: ComplaintFact) -> Complaint? {
        guard var next = complaint else {
            guard case .received(let received) = fact.event else { return nil }
            return Complaint(
                id: fact.complaint, version: fact.version, status: .received, submission: received.submission,
                receivedAt: fact.at, causes: [fact.cause], traceparent: fact.traceparent)
        }
        // A fact that is not news: the own log is read from a position that may lie before what the store
        // holds.
        guard fact.version > next.version else { return next }
        next.version = fact.version
        next.causes.insert(fact.cause)
        switch fact.event {
        case .received, .noted, .rated: break
        case .assigned(let assigned):
            next.status = .assigned
            next.assignment = assigned
            next.missed = []
            next.closesAt = nil
        case .accepted: next.status = .accepted
        case .escalated(let escalated): next.missed.insert(escalated.deadline)
        case .resolved(let resolved):
            next.status = .resolved
            next.closesAt = resolved.closesAt
        case .reopened: next.status = .received
        case .rejected: next.status = .rejected
        case .merged: next.status = .merged
        case .closed:
            next.status = .closed
            next.closesAt = nil
        }
        return next
    }

    /// The deadlines that run now, each with its moment.
    var running: [(deadline: Deadline, at: Instant)] {
        var running: [(deadline: Deadline, at: Instant)] = []
        switch status {
        case .received, .closed, .rejected, .merged: break
        case .assigned:
            if let due = assignment?.due { running = [(.accept, due.accept), (.resolve, due.resolve)] }
        case .accepted:
            if let due = assignment?.due { running = [(.resolve, due.resolve)] }
        case .resolved:
            if let closesAt { running = [(.close, closesAt)] }
        }
        return running.filter { !missed.contains($0.deadline) }
    }

    /// Whether anything more can happen to it.
    var isOver: Bool {
        switch status {
        case .closed, .rejected, .merged: true
        case .received, .assigned, .accepted, .resolved: false
        }
    }
}
