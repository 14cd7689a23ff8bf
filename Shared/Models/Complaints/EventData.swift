// What each event carries.

extension ComplaintEvent {
    public struct Received: Hashable, Sendable, Codable {
        public let submission: Submission

        public init(submission: Submission) {
            self.submission = submission
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
        public let isPublic: Bool
        public let words: Outline?

        public init(by: Actor, isPublic: Bool, words: Outline?) {
            self.by = by
            self.isPublic = isPublic
            self.words = words
        }

        private enum CodingKeys: String, CodingKey {
            case by, words
            case isPublic = "public"
        }
    }

    /// Somebody reminded whoever has the complaint (催办).
    public struct Urged: Hashable, Sendable, Codable {
        public let by: Actor
        public let words: Outline?

        public init(by: Actor, words: Outline? = nil) {
            self.by = by
            self.words = words
        }
    }

    /// Whoever had the complaint said that it is not theirs, or an office gave it to somebody else (转办).
    public struct Transferred: Hashable, Sendable, Codable {
        public let by: Actor
        public let from: Assignee
        /// The proposed destination; nil: the official above was asked to decide.
        public let to: Destination?
        public let words: Outline?

        public init(by: Actor, from: Assignee, to: Destination?, words: Outline? = nil) {
            self.by = by
            self.from = from
            self.to = to
            self.words = words
        }
    }

    /// Four fifths of the time are over.
    public struct Warned: Hashable, Sendable, Codable {
        public let deadline: Deadline
        public let due: Instant
        public let assignee: Assignee

        public init(deadline: Deadline, due: Instant, assignee: Assignee) {
            self.deadline = deadline
            self.due = due
            self.assignee = assignee
        }
    }

    /// A due date passed without the action that it waits for, and there is no official above the assignee.
    public struct Lapsed: Hashable, Sendable, Codable {
        public let deadline: Deadline
        public let due: Instant
        public let assignee: Assignee

        public init(deadline: Deadline, due: Instant, assignee: Assignee) {
            self.deadline = deadline
            self.due = due
            self.assignee = assignee
        }
    }

    /// A due date passed without the action that it waits for: from now on somebody else is responsible.
    public struct Escalated: Hashable, Sendable, Codable {
        public let deadline: Deadline
        public let due: Instant
        public let from: Assignee
        public let to: Assignee

        public init(deadline: Deadline, due: Instant, from: Assignee, to: Assignee) {
            self.deadline = deadline
            self.due = due
            self.from = from
            self.to = to
        }
    }

    /// No message reaches the official: his number is dead, or the gateway never takes it. The complaint goes
    /// one level up at once.
    public struct Unreached: Hashable, Sendable, Codable {
        public let official: Assignee
        /// Nil if it stays: nobody stands above, or the official only has to check it.
        public let to: Assignee?

        public init(official: Assignee, to: Assignee?) {
            self.official = official
            self.to = to
        }
    }

    /// The complaint was escalated to the top: the office there orders the work to be done (督办).
    public struct Supervised: Hashable, Sendable, Codable {
        /// The first order is 1; each further missed deadline adds an order.
        public let order: Int
        public let by: Assignee
        /// Whoever missed the deadline.
        public let over: Assignee
        public let due: Due

        public init(order: Int, by: Assignee, over: Assignee, due: Due) {
            self.order = order
            self.by = by
            self.over = over
            self.due = due
        }
    }

    /// An office gave more time to resolve.
    public struct Extended: Hashable, Sendable, Codable {
        public let by: Actor
        public let until: Instant
        public let words: Outline?

        public init(by: Actor, until: Instant, words: Outline? = nil) {
            self.by = by
            self.until = until
            self.words = words
        }
    }

    public struct Resolved: Hashable, Sendable, Codable {
        public let by: Actor
        /// When it closes if nothing else happens.
        public let closesAt: Instant
        /// Who must check the outcome before the citizen is told; nil: nobody.
        public let checker: Assignee?
        public let verifyBy: Instant?
        public let words: Outline?

        public init(
            by: Actor, closesAt: Instant, checker: Assignee? = nil, verifyBy: Instant? = nil,
            words: Outline? = nil
        ) {
            self.by = by
            self.closesAt = closesAt
            self.checker = checker
            self.verifyBy = verifyBy
            self.words = words
        }
    }

    /// What a checker found after another official reported the complaint as resolved (查验).
    public struct Verified: Hashable, Sendable, Codable {
        public let by: Actor
        public let passed: Bool
        /// When it closes if nothing else happens; nil if it is not resolved.
        public let closesAt: Instant?
        public let words: Outline?

        public init(by: Actor, passed: Bool, closesAt: Instant?, words: Outline? = nil) {
            self.by = by
            self.passed = passed
            self.closesAt = closesAt
            self.words = words
        }
    }

    /// The checker said nothing in time: the citizen is asked without a check.
    public struct Unchecked: Hashable, Sendable, Codable {
        public let checker: Assignee
        public let due: Instant
        /// The official above the checker, who is told.
        public let superior: Assignee?
        /// When it closes if nothing else happens.
        public let closesAt: Instant

        public init(checker: Assignee, due: Instant, superior: Assignee?, closesAt: Instant) {
            self.checker = checker
            self.due = due
            self.superior = superior
            self.closesAt = closesAt
        }
    }

    public struct Rated: Hashable, Sendable, Codable {
        public let grade: Grade
        public let words: Outline?

        public init(grade: Grade, words: Outline? = nil) {
            self.grade = grade
            self.words = words
        }
    }

    /// The citizen is not satisfied, or an office is not (追加处理).
    public struct Reopened: Hashable, Sendable, Codable {
        public enum Why: String, CaseIterable, Sendable, Codable {
            /// The citizen's grade was "dissatisfied"; the words belong to the grade.
            case rated
            /// Somebody asked for it in words.
            case asked
        }

        public let by: Actor
        public let why: Why
        /// The official above the one who answered, who is told.
        public let superior: Assignee?
        public let words: Outline?

        public init(by: Actor, why: Why, superior: Assignee? = nil, words: Outline? = nil) {
            self.by = by
            self.why = why
            self.superior = superior
            self.words = words
        }
    }

    /// An officer corrected what the complaint is about or where it is.
    public struct Edited: Hashable, Sendable, Codable {
        public let by: Actor
        public let correction: Correction
        public let words: Outline?

        public init(by: Actor, correction: Correction, words: Outline? = nil) {
            self.by = by
            self.correction = correction
            self.words = words
        }
    }

    public struct Rejected: Hashable, Sendable, Codable {
        public enum Reason: String, CaseIterable, Sendable, Codable {
            case outsideJurisdiction = "outside-jurisdiction"
            case notWater = "not-water"
            /// The description is not enough to find what is meant.
            case insufficient
            /// Somebody other than the river chiefs is responsible; the words say who.
            case handledElsewhere = "handled-elsewhere"
            case abuse
        }

        public let by: Actor
        public let reason: Reason
        public let words: Outline?

        public init(by: Actor, reason: Reason, words: Outline? = nil) {
            self.by = by
            self.reason = reason
            self.words = words
        }
    }

    /// The complaint goes on as part of another one.
    public struct Merged: Hashable, Sendable, Codable {
        public let by: Actor
        public let into: TrackingCode
        public let words: Outline?

        public init(by: Actor, into: TrackingCode, words: Outline? = nil) {
            self.by = by
            self.into = into
            self.words = words
        }
    }

    /// Another complaint was merged into this one.
    public struct Joined: Hashable, Sendable, Codable {
        public let follower: TrackingCode

        public init(follower: TrackingCode) {
            self.follower = follower
        }
    }

    /// The other complaint did not accept this one, which stands by itself again.
    public struct Parted: Hashable, Sendable, Codable {
        public enum Why: String, CaseIterable, Sendable, Codable {
            /// There is no such complaint.
            case unknown
            case closed, rejected
            /// They were merged into each other.
            case circular
            /// Too many complaints were merged into the other one already.
            case full
        }

        public let why: Why

        public init(why: Why) {
            self.why = why
        }
    }

    /// Something happened to the complaint that it was merged into.
    public struct Informed: Hashable, Sendable, Codable {
        public let of: TrackingCode
        public let event: Kind
        /// The words said with it are stored under that complaint and this cause.
        public let cause: String
        public let words: Outline?

        public init(of: TrackingCode, event: Kind, cause: String, words: Outline? = nil) {
            self.of = of
            self.event = event
            self.cause = cause
            self.words = words
        }
    }

    /// An office hides a passage from the public.
    public struct Withheld: Hashable, Sendable, Codable {
        public let by: Actor
        public let passage: Passage
        public let reason: Passage.Reason
        public let words: Outline?

        public init(by: Actor, passage: Passage, reason: Passage.Reason, words: Outline? = nil) {
            self.by = by
            self.passage = passage
            self.reason = reason
            self.words = words
        }
    }

    /// An office says that the public may see a passage.
    public struct Released: Hashable, Sendable, Codable {
        public let by: Actor
        public let passage: Passage
        public let words: Outline?

        public init(by: Actor, passage: Passage, words: Outline? = nil) {
            self.by = by
            self.passage = passage
            self.words = words
        }
    }

    /// The operator erased what was said until a moment, and who complained.
    ///
    /// Events are kept for ever, tombstones are not. So a store that was restored from an old backup learns
    /// of the erasure from this event, and readers of words drop all that are not newer.
    public struct Erased: Hashable, Sendable, Codable {
        public let by: Actor
        public let until: Instant

        public init(by: Actor, until: Instant) {
            self.by = by
            self.until = until
        }
    }

    public struct Closed: Hashable, Sendable, Codable {
        public enum Reason: String, CaseIterable, Sendable, Codable {
            case rated, elapsed, office
        }

        public let by: Actor
        public let reason: Reason
        /// Until when the citizen may reopen the complaint.
        public let reopensUntil: Instant?
        public let words: Outline?

        public init(by: Actor, reason: Reason, reopensUntil: Instant? = nil, words: Outline? = nil) {
            self.by = by
            self.reason = reason
            self.reopensUntil = reopensUntil
            self.words = words
        }
    }
}
