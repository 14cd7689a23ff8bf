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

    /// Somebody reminded whoever has it (催办).
    public struct Urged: Hashable, Sendable, Codable {
        public let by: Actor
        public let text: String?

        public init(by: Actor, text: String? = nil) {
            self.by = by
            self.text = text
        }
    }

    /// Whoever had it said that it is not his, or an office gave it to somebody else (转办).
    public struct Transferred: Hashable, Sendable, Codable {
        public let by: Actor
        public let from: Assignee
        /// What was proposed; nil: whoever stands above was asked to decide.
        public let to: Destination?
        public let reason: String

        public init(by: Actor, from: Assignee, to: Destination?, reason: String) {
            self.by = by
            self.from = from
            self.to = to
            self.reason = reason
        }
    }

    /// Four fifths of the time are gone.
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

    /// A due date passed without the action it waits for.
    public struct Escalated: Hashable, Sendable, Codable {
        public let deadline: Deadline
        public let due: Instant
        public let from: Assignee
        /// Nil where nobody stands above: the complaint stays, and is supervised.
        public let to: Assignee?

        public init(deadline: Deadline, due: Instant, from: Assignee, to: Assignee?) {
            self.deadline = deadline
            self.due = due
            self.from = from
            self.to = to
        }
    }

    /// It went all the way up: the office at the top orders it to be done (督办).
    public struct Supervised: Hashable, Sendable, Codable {
        /// The first order is 1; each further deadline that is missed brings another.
        public let order: Int
        public let by: Assignee
        /// Whoever let it lie.
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
        public let reason: String

        public init(by: Actor, until: Instant, reason: String) {
            self.by = by
            self.until = until
            self.reason = reason
        }
    }

    public struct Resolved: Hashable, Sendable, Codable {
        public let by: Actor
        public let text: String
        public let media: [String]
        /// When it closes if nobody says otherwise.
        public let closesAt: Instant
        /// Who has to see for himself before the citizen is told; nil: nobody.
        public let checker: Assignee?
        public let verifyBy: Instant?

        public init(
            by: Actor, text: String, media: [String], closesAt: Instant, checker: Assignee? = nil,
            verifyBy: Instant? = nil
        ) {
            self.by = by
            self.text = text
            self.media = media
            self.closesAt = closesAt
            self.checker = checker
            self.verifyBy = verifyBy
        }
    }

    /// What came of looking at what was reported (查验).
    public struct Verified: Hashable, Sendable, Codable {
        public enum Outcome: String, CaseIterable, Sendable, Codable {
            case passed, failed
            /// The checker said nothing in his time: the citizen is asked nevertheless.
            case unchecked
        }

        public let by: Actor
        public let outcome: Outcome
        public let text: String?
        public let media: [String]
        /// When it closes if nobody says otherwise.
        public let closesAt: Instant

        public init(
            by: Actor, outcome: Outcome, text: String? = nil, media: [String] = [], closesAt: Instant
        ) {
            self.by = by
            self.outcome = outcome
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

    /// The citizen is not satisfied (追加处理).
    public struct Reopened: Hashable, Sendable, Codable {
        /// The reason of a bad grade that was given without a word.
        public static let wordless = Grade.dissatisfied.rawValue
        /// What was said; nil where the grade says it all.
        public var words: String? { reason == Self.wordless ? nil : reason }

        public let by: Actor
        public let reason: String
        /// Who stands above the one who answered, and is told.
        public let superior: Assignee?

        public init(by: Actor, reason: String, superior: Assignee? = nil) {
            self.by = by
            self.reason = reason
            self.superior = superior
        }
    }

    /// An officer corrected what it is about or where it is.
    public struct Edited: Hashable, Sendable, Codable {
        public let by: Actor
        public let correction: Correction
        public let reason: String

        public init(by: Actor, correction: Correction, reason: String) {
            self.by = by
            self.correction = correction
            self.reason = reason
        }
    }

    public struct Rejected: Hashable, Sendable, Codable {
        public enum Reason: String, CaseIterable, Sendable, Codable {
            case outsideJurisdiction = "outside-jurisdiction"
            case notWater = "not-water"
            /// Nobody could find what is meant.
            case insufficient
            /// Somebody else than the river chiefs is responsible; the text says who.
            case handledElsewhere = "handled-elsewhere"
            case abuse
        }

        public let by: Actor
        public let reason: Reason
        /// For the citizen: why, and who takes it instead.
        public let text: String?

        public init(by: Actor, reason: Reason, text: String? = nil) {
            self.by = by
            self.reason = reason
            self.text = text
        }
    }

    /// It goes on as part of another.
    public struct Merged: Hashable, Sendable, Codable {
        public let by: Actor
        public let into: TrackingCode
        /// Nil in records of before complaints told each other.
        public let target: ComplaintID?

        public init(by: Actor, into: TrackingCode, target: ComplaintID? = nil) {
            self.by = by
            self.into = into
            self.target = target
        }
    }

    /// Another complaint was merged into this one.
    public struct Joined: Hashable, Sendable, Codable {
        public let follower: ComplaintID
        public let code: TrackingCode

        public init(follower: ComplaintID, code: TrackingCode) {
            self.follower = follower
            self.code = code
        }
    }

    /// The other complaint did not take it; it stands by itself again.
    public struct Parted: Hashable, Sendable, Codable {
        public let reason: String

        public init(reason: String) {
            self.reason = reason
        }
    }

    /// Something happened to the complaint that it was merged into.
    public struct Informed: Hashable, Sendable, Codable {
        public let of: TrackingCode
        public let event: Kind
        public let text: String?

        public init(of: TrackingCode, event: Kind, text: String? = nil) {
            self.of = of
            self.event = event
            self.text = text
        }
    }

    public struct Closed: Hashable, Sendable, Codable {
        public enum Reason: String, CaseIterable, Sendable, Codable {
            case rated, elapsed, office
        }

        public let by: Actor
        public let reason: Reason
        public let text: String?
        /// Until when the citizen may reopen it.
        public let reopensUntil: Instant?

        public init(by: Actor, reason: Reason, text: String? = nil, reopensUntil: Instant? = nil) {
            self.by = by
            self.reason = reason
            self.text = text
            self.reopensUntil = reopensUntil
        }
    }
}
