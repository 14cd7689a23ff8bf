public import Text

/// Everything that can happen to a complaint, in the past tense. These events are the only source of truth
/// about it.
public enum ComplaintEvent: Hashable, Sendable {
    case received(Received)
    case assigned(Assigned)
    case accepted(Accepted)
    case noted(Noted)
    case urged(Urged)
    case transferred(Transferred)
    case warned(Warned)
    case lapsed(Lapsed)
    case escalated(Escalated)
    case unreached(Unreached)
    case supervised(Supervised)
    case extended(Extended)
    case resolved(Resolved)
    case verified(Verified)
    case unchecked(Unchecked)
    case rated(Rated)
    case reopened(Reopened)
    case edited(Edited)
    case rejected(Rejected)
    case merged(Merged)
    case joined(Joined)
    case parted(Parted)
    case informed(Informed)
    case closed(Closed)
    case withheld(Withheld)
    case released(Released)
    case erased(Erased)

    public enum Kind: String, CaseIterable, Sendable, Codable {
        case received, assigned, accepted, noted, urged, transferred, warned, lapsed, escalated, unreached
        case supervised, extended, resolved, verified, unchecked, rated, reopened, edited, rejected, merged,
            joined
        case parted, informed, closed, withheld, released, erased
    }
}

/// The status of a complaint. `overdue`, `urged` and `supervised` are marks beside the status and never hide
/// it.
public enum ComplaintStatus: String, CaseIterable, Sendable, Codable {
    /// Nobody has had it yet.
    case received
    case assigned, accepted
    /// Reported as resolved; a checker must confirm it (待查验).
    case verifying
    case resolved
    /// It came back (the citizen is not satisfied, a checker found it not resolved, the complaint that it was
    /// merged into did not accept it) and will be assigned again.
    case returned
    case closed, rejected, merged

    public var isOpen: Bool {
        switch self {
        case .received, .assigned, .accepted, .verifying, .returned: true
        case .resolved, .closed, .rejected, .merged: false
        }
    }

    /// The status after an event that happens in this status. All transitions are here and nowhere else.
    public func after(_ event: ComplaintEvent) -> ComplaintStatus {
        switch event {
        case .received: .received
        case .assigned: .assigned
        case .accepted: .accepted
        case .resolved(let resolved): resolved.checker == nil ? .resolved : .verifying
        case .verified(let verified): verified.passed ? .resolved : .returned
        // If the checker says nothing, the complaint goes on without a check.
        case .unchecked: .resolved
        case .reopened, .parted: .returned
        case .rejected: .rejected
        case .merged: .merged
        case .closed: .closed
        case .noted, .urged, .transferred, .warned, .lapsed, .escalated, .unreached, .supervised, .extended,
            .rated, .edited, .joined, .informed, .withheld, .released, .erased:
            self
        }
    }
}

extension ComplaintEvent {
    /// The outline of the words said with the event.
    public var outline: Outline? {
        switch self {
        case .received(let received): received.submission.words
        case .noted(let noted): noted.words
        case .urged(let urged): urged.words
        case .transferred(let transferred): transferred.words
        case .extended(let extended): extended.words
        case .resolved(let resolved): resolved.words
        case .verified(let verified): verified.words
        case .rated(let rated): rated.words
        case .reopened(let reopened): reopened.words
        case .edited(let edited): edited.words
        case .rejected(let rejected): rejected.words
        case .merged(let merged): merged.words
        case .informed(let informed): informed.words
        case .closed(let closed): closed.words
        case .withheld(let withheld): withheld.words
        case .released(let released): released.words
        case .assigned, .accepted, .warned, .lapsed, .escalated, .unreached, .supervised, .unchecked, .joined,
            .parted, .erased:
            nil
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
        case .urged: .urged
        case .transferred: .transferred
        case .warned: .warned
        case .lapsed: .lapsed
        case .escalated: .escalated
        case .unreached: .unreached
        case .supervised: .supervised
        case .extended: .extended
        case .resolved: .resolved
        case .verified: .verified
        case .unchecked: .unchecked
        case .rated: .rated
        case .reopened: .reopened
        case .edited: .edited
        case .rejected: .rejected
        case .merged: .merged
        case .joined: .joined
        case .parted: .parted
        case .informed: .informed
        case .closed: .closed
        case .withheld: .withheld
        case .released: .released
        case .erased: .erased
        }
    }

    public var data: [UInt8] {
        switch self {
        case .received(let value): JSON.encode(value)
        case .assigned(let value): JSON.encode(value)
        case .accepted(let value): JSON.encode(value)
        case .noted(let value): JSON.encode(value)
        case .urged(let value): JSON.encode(value)
        case .transferred(let value): JSON.encode(value)
        case .warned(let value): JSON.encode(value)
        case .lapsed(let value): JSON.encode(value)
        case .escalated(let value): JSON.encode(value)
        case .unreached(let value): JSON.encode(value)
        case .supervised(let value): JSON.encode(value)
        case .extended(let value): JSON.encode(value)
        case .resolved(let value): JSON.encode(value)
        case .verified(let value): JSON.encode(value)
        case .unchecked(let value): JSON.encode(value)
        case .rated(let value): JSON.encode(value)
        case .reopened(let value): JSON.encode(value)
        case .edited(let value): JSON.encode(value)
        case .rejected(let value): JSON.encode(value)
        case .merged(let value): JSON.encode(value)
        case .joined(let value): JSON.encode(value)
        case .parted(let value): JSON.encode(value)
        case .informed(let value): JSON.encode(value)
        case .closed(let value): JSON.encode(value)
        case .withheld(let value): JSON.encode(value)
        case .released(let value): JSON.encode(value)
        case .erased(let value): JSON.encode(value)
        }
    }

    public init(kind: Kind, data: [UInt8]) throws(Malformed) {
        self =
            switch kind {
            case .received: .received(try JSON.decode(Received.self, from: data))
            case .assigned: .assigned(try JSON.decode(Assigned.self, from: data))
            case .accepted: .accepted(try JSON.decode(Accepted.self, from: data))
            case .noted: .noted(try JSON.decode(Noted.self, from: data))
            case .urged: .urged(try JSON.decode(Urged.self, from: data))
            case .transferred: .transferred(try JSON.decode(Transferred.self, from: data))
            case .warned: .warned(try JSON.decode(Warned.self, from: data))
            case .lapsed: .lapsed(try JSON.decode(Lapsed.self, from: data))
            case .escalated: .escalated(try JSON.decode(Escalated.self, from: data))
            case .unreached: .unreached(try JSON.decode(Unreached.self, from: data))
            case .supervised: .supervised(try JSON.decode(Supervised.self, from: data))
            case .extended: .extended(try JSON.decode(Extended.self, from: data))
            case .resolved: .resolved(try JSON.decode(Resolved.self, from: data))
            case .verified: .verified(try JSON.decode(Verified.self, from: data))
            case .unchecked: .unchecked(try JSON.decode(Unchecked.self, from: data))
            case .rated: .rated(try JSON.decode(Rated.self, from: data))
            case .reopened: .reopened(try JSON.decode(Reopened.self, from: data))
            case .edited: .edited(try JSON.decode(Edited.self, from: data))
            case .rejected: .rejected(try JSON.decode(Rejected.self, from: data))
            case .merged: .merged(try JSON.decode(Merged.self, from: data))
            case .joined: .joined(try JSON.decode(Joined.self, from: data))
            case .parted: .parted(try JSON.decode(Parted.self, from: data))
            case .informed: .informed(try JSON.decode(Informed.self, from: data))
            case .closed: .closed(try JSON.decode(Closed.self, from: data))
            case .withheld: .withheld(try JSON.decode(Withheld.self, from: data))
            case .released: .released(try JSON.decode(Released.self, from: data))
            case .erased: .erased(try JSON.decode(Erased.self, from: data))
            }
    }
}
