/// Everything that can happen to a complaint, in the past tense: the only truth about it.
public enum ComplaintEvent: Hashable, Sendable {
    case received(Received)
    case assigned(Assigned)
    case accepted(Accepted)
    case noted(Noted)
    case escalated(Escalated)
    case resolved(Resolved)
    case rated(Rated)
    case reopened(Reopened)
    case rejected(Rejected)
    case merged(Merged)
    case closed(Closed)

    public enum Kind: String, CaseIterable, Sendable, Codable {
        case received, assigned, accepted, noted, escalated, resolved, rated, reopened, rejected, merged,
            closed
    }
}

/// Whoever has to act: a chief, or the duty office of a region where there is none.
public struct Assignee: Hashable, Sendable, Codable {
    public enum Kind: String, Sendable, Codable {
        case chief, office
    }

    public let kind: Kind
    /// A chief's identifier, or the region of the office.
    public let id: String
    public let name: Name
    public let title: String?
    public let level: Level

    public init(kind: Kind, id: String, name: Name, title: String? = nil, level: Level) {
        self.kind = kind
        self.id = id
        self.name = name
        self.title = title
        self.level = level
    }
}

/// The deadlines of a complaint, each with the action it waits for.
public enum Deadline: String, CaseIterable, Sendable, Codable {
    case accept, resolve
    /// After this a resolved complaint closes by itself.
    case close
}

/// When what must have happened; fixed at assignment.
public struct Due: Hashable, Sendable, Codable {
    public let accept: Instant
    public let resolve: Instant

    public init(accept: Instant, resolve: Instant) {
        self.accept = accept
        self.resolve = resolve
    }
}

extension ComplaintEvent {
    public struct Received: Hashable, Sendable, Codable {
        public let submission: Submission

        public init(submission: Submission) {
            self.submission = submission
        }
    }

    public struct Assigned: Hashable, Sendable, Codable {
        public enum Why: String, Sendable, Codable {
            /// The citizen picked the reach.
            case picked
            /// The reach nearest to the place, or to the place on the river he named.
            case nearest
            /// No reach near enough: the office of the region that contains the place.
            case noReach = "no-reach"
            /// The reach has no chief.
            case noChief = "no-chief"
            case escalated
            case reopened
        }

        public let assignee: Assignee
        public let river: RiverID?
        public let reach: ReachID?
        public let region: RegionID
        public let why: Why
        /// From the place to the reach.
        public let distanceMetres: Double?
        public let due: Due

        public init(
            assignee: Assignee, river: RiverID?, reach: ReachID?, region: RegionID, why: Why,
            distanceMetres: Double?, due: Due
        ) {
            self.assignee = assignee
            self.river = river
            self.reach = reach
            self.region = region
            self.why = why
            self.distanceMetres = distanceMetres
            self.due = due
        }
    }

    public struct Accepted: Hashable, Sendable, Codable {
        public let by: Actor

        public init(by: Actor) {
            self.by = by
        }
    }

    public struct Noted: Hashable, Sendable, Codable {
        public let by: Actor
        public let text: String
        public let media: [String]
        public let isPublic: Bool

        public init(by: Actor, text: String, media: [String], isPublic: Bool) {
            self.by = by
            self.text = text
            self.media = media
            self.isPublic = isPublic
        }

        private enum CodingKeys: String, CodingKey {
            case by, text, media
            case isPublic = "public"
        }
    }

    /// A due date passed without the action it waits for.
    public struct Escalated: Hashable, Sendable, Codable {
        public let deadline: Deadline
        public let due: Instant
        public let from: Assignee
        /// Nil where nobody stands above: the complaint stays, marked overdue.
        public let to: Assignee?

        public init(deadline: Deadline, due: Instant, from: Assignee, to: Assignee?) {
            self.deadline = deadline
            self.due = due
            self.from = from
            self.to = to
        }
    }

    public struct Resolved: Hashable, Sendable, Codable {
        public let by: Actor
        public let text: String
        public let media: [String]
        /// When it closes if nobody says otherwise.
        public let closesAt: Instant

        public init(by: Actor, text: String, media: [String], closesAt: Instant) {
            self.by = by
            self.text = text
            self.media = media
            self.closesAt = closesAt
        }
    }

    public struct Rated: Hashable, Sendable, Codable {
        public let grade: Grade
        public let remark: String?

        public init(grade: Grade, remark: String?) {
            self.grade = grade
            self.remark = remark
        }
    }

    public struct Reopened: Hashable, Sendable, Codable {
        public let by: Actor
        public let reason: String

        public init(by: Actor, reason: String) {
            self.by = by
            self.reason = reason
        }
    }

    public struct Rejected: Hashable, Sendable, Codable {
        public enum Reason: String, Sendable, Codable {
            case outsideJurisdiction = "outside-jurisdiction"
            case notWater = "not-water"
            case abuse
        }

        public let by: Actor
        public let reason: Reason
        public let text: String?

        public init(by: Actor, reason: Reason, text: String? = nil) {
            self.by = by
            self.reason = reason
            self.text = text
        }
    }

    public struct Merged: Hashable, Sendable, Codable {
        public let by: Actor
        public let into: TrackingCode

        public init(by: Actor, into: TrackingCode) {
            self.by = by
            self.into = into
        }
    }

    public struct Closed: Hashable, Sendable, Codable {
        public enum Reason: String, Sendable, Codable {
            case rated, elapsed, office
        }

        public let by: Actor
        public let reason: Reason
        public let text: String?

        public init(by: Actor, reason: Reason, text: String? = nil) {
            self.by = by
            self.reason = reason
            self.text = text
        }
    }
}

// MARK: - As bytes

extension ComplaintEvent {
    public var kind: Kind {
        switch self {
        case .received: .received
        case .assigned: .assigned
        case .accepted: .accepted
        case .noted: .noted
        case .escalated: .escalated
        case .resolved: .resolved
        case .rated: .rated
        case .reopened: .reopened
        case .rejected: .rejected
        case .merged: .merged
        case .closed: .closed
        }
    }

    public var data: [UInt8] {
        switch self {
        case .received(let value): JSON.encode(value)
        case .assigned(let value): JSON.encode(value)
        case .accepted(let value): JSON.encode(value)
        case .noted(let value): JSON.encode(value)
        case .escalated(let value): JSON.encode(value)
        case .resolved(let value): JSON.encode(value)
        case .rated(let value): JSON.encode(value)
        case .reopened(let value): JSON.encode(value)
        case .rejected(let value): JSON.encode(value)
        case .merged(let value): JSON.encode(value)
        case .closed(let value): JSON.encode(value)
        }
    }

    public init(kind: Kind, data: [UInt8]) throws(Malformed) {
        self =
            switch kind {
            case .received: .received(try JSON.decode(Received.self, from: data))
            case .assigned: .assigned(try JSON.decode(Assigned.self, from: data))
            case .accepted: .accepted(try JSON.decode(Accepted.self, from: data))
            case .noted: .noted(try JSON.decode(Noted.self, from: data))
            case .escalated: .escalated(try JSON.decode(Escalated.self, from: data))
            case .resolved: .resolved(try JSON.decode(Resolved.self, from: data))
            case .rated: .rated(try JSON.decode(Rated.self, from: data))
            case .reopened: .reopened(try JSON.decode(Reopened.self, from: data))
            case .rejected: .rejected(try JSON.decode(Rejected.self, from: data))
            case .merged: .merged(try JSON.decode(Merged.self, from: data))
            case .closed: .closed(try JSON.decode(Closed.self, from: data))
            }
    }
}

/// Where a complaint stands. `overdue`, `urged` and `supervised` are marks beside it and never hide it.
public enum ComplaintStatus: String, CaseIterable, Sendable, Codable {
    case received, assigned, accepted, resolved, closed, rejected, merged

    public var isOpen: Bool {
        switch self {
        case .received, .assigned, .accepted: true
        case .resolved, .closed, .rejected, .merged: false
        }
    }
}
