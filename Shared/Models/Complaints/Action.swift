public import Geo
public import Text

/// The capacity in which someone acts.
public enum Role: String, CaseIterable, Sendable, Codable {
    case citizen, chief, office, department
    /// A department that checks what another one has done (查验).
    case checker
    /// Somebody who wants to hear of a complaint that is not his. He may do nothing to it.
    case follower
    case system
}

/// Who acts. A citizen has no identifier: a citizen's name is personal data and is in no event.
public struct Actor: Hashable, Sendable, Codable {
    public let role: Role
    /// A chief's or a department's identifier, or the region of an office.
    public let id: String?
    /// The person of an office who acted. Only the officials' desk tells it; the public is not told.
    public let clerk: ClerkID?

    public init(role: Role, id: String? = nil, clerk: ClerkID? = nil) {
        self.role = role
        self.id = id
        self.clerk = clerk
    }

    /// The official, whichever person acted for it.
    public var official: Actor { clerk == nil ? self : Actor(role: role, id: id) }

    public static let citizen = Actor(role: .citizen)
    public static let system = Actor(role: .system)
}

/// The four grades of the Hangzhou app: 非常满意, 比较满意, 一般, 不满意.
public enum Grade: String, CaseIterable, Sendable, Codable {
    case verySatisfied = "very-satisfied"
    case satisfied
    case neutral
    case dissatisfied

    public var isSatisfied: Bool { self == .verySatisfied || self == .satisfied }

    /// Whether it closes the complaint; the other grade gives it back to be done again.
    public var closes: Bool { self != .dissatisfied }
}

/// Where a complaint is to go: to the chief of a reach, to the office of a region, or to a department.
public enum Destination: Hashable, Sendable {
    case reach(ReachID)
    case office(RegionID)
    case department(DepartmentID)
}

/// What an officer corrects in a submission; a nil field stays as it is.
public struct Correction: Hashable, Sendable, Codable {
    public let category: CategoryCode?
    public let place: Coordinate?
    public let river: RiverID?
    public let reach: ReachID?

    public init(
        category: CategoryCode? = nil, place: Coordinate? = nil, river: RiverID? = nil, reach: ReachID? = nil
    ) {
        self.category = category
        self.place = place
        self.river = river
        self.reach = reach
    }

    public var isEmpty: Bool { self == Correction() }

    /// The river that a complaint names after this correction. The citizen's choice no longer counts if the
    /// officer moved the place, or named a reach and no river.
    public func river(after picked: RiverID?) -> RiverID? {
        river ?? (place != nil || reach != nil ? nil : picked)
    }

    public func reach(after picked: ReachID?) -> ReachID? {
        reach ?? (place != nil || river != nil ? nil : picked)
    }
}

/// What someone wants to happen to a complaint. Only Routing decides whether it may happen.
public struct ComplaintAction: Hashable, Sendable {
    public enum Verb: Hashable, Sendable {
        case accept
        case note(isPublic: Bool)
        /// Reminds whoever has the complaint (催办).
        case urge
        /// "Not mine" (转办). Without a destination, the official above decides where it goes.
        case transfer(to: Destination?)
        case resolve
        /// What a checker found after another official reported the complaint as resolved.
        case verify(passed: Bool)
        case rate(Grade)
        case reopen
        case reject(ComplaintEvent.Rejected.Reason)
        case merge(into: TrackingCode)
        case edit(Correction)
        /// Gives more time to resolve the complaint.
        case extend(until: Instant)
        case close
        /// Hides a passage from the public, for now.
        case withhold(Passage, Passage.Reason)
        case release(Passage)

        /// No message reaches this official (a dead number, say). Only Notification writes this.
        case raise(over: Actor)

        /// Only the operator's command writes this; it has removed the words already. Afterwards nobody shows
        /// what was said until this moment, even where it can still be read.
        case erase(until: Instant)

        // Messages between complaints; only Routing writes them.

        /// Another complaint was merged into this one.
        case join(follower: TrackingCode)
        /// The complaint that this one was merged into does not accept it.
        case part(ComplaintEvent.Parted.Why)
        /// Something happened to the complaint that this one follows, directly or through others. The words
        /// said with it are stored under that complaint and this cause.
        case inform(of: TrackingCode, event: ComplaintEvent.Kind, cause: String)
    }

    public let complaint: TrackingCode
    public let by: Actor
    public let verb: Verb
    /// Where the complaint's id was the citizen's proof: the fingerprint of that id. It must be the
    /// submission's, because the code has 60 bits only, and whoever has many codes finds another id for one
    /// of them.
    public let fingerprint: String?
    /// Where a gateway says something for the citizen: that gateway. It must be the one that brought the
    /// complaint.
    public let gateway: GatewayID?
    /// The outline of the words said with the action; the words are on `complaints.words`.
    public let words: Outline?

    public init(
        complaint: TrackingCode, by: Actor, verb: Verb, fingerprint: String? = nil, gateway: GatewayID? = nil,
        words: Outline? = nil
    ) {
        self.complaint = complaint
        self.by = by
        self.verb = verb
        self.fingerprint = fingerprint
        self.gateway = gateway
        self.words = words
    }

    public var faults: [FieldFault] {
        switch verb {
        case .edit(let correction):
            if correction.isEmpty {
                return [FieldFault("", "must correct the category or the place", .correctionMissing)]
            }
            return correction.place.map {
                $0.isOnEarth ? [] : [FieldFault("place", "is not on Earth", .placeWrong)]
            } ?? []
        case .withhold(let passage, _), .release(let passage):
            return passage.version > 0
                ? [] : [FieldFault("passage.version", "is not 1 or more", .choiceWrong)]
        case .accept, .note, .urge, .transfer, .resolve, .verify, .rate, .reopen, .reject, .merge, .extend,
            .close, .raise, .erase, .join, .part, .inform:
            return []
        }
    }
}

extension ComplaintAction {
    /// The names of the verbs, in JSON and in problem details.
    public enum Name: String, CaseIterable, Sendable, Codable {
        case accept, note, urge, transfer, resolve, verify, rate, reopen, reject, merge, edit, extend, close
        case withhold, release, raise, erase
        case join, part, inform
    }
}

extension ComplaintAction.Verb {
    public var name: ComplaintAction.Name {
        switch self {
        case .accept: .accept
        case .note: .note
        case .urge: .urge
        case .transfer: .transfer
        case .resolve: .resolve
        case .verify: .verify
        case .rate: .rate
        case .reopen: .reopen
        case .reject: .reject
        case .merge: .merge
        case .edit: .edit
        case .extend: .extend
        case .close: .close
        case .withhold: .withhold
        case .release: .release
        case .raise: .raise
        case .erase: .erase
        case .join: .join
        case .part: .part
        case .inform: .inform
        }
    }
}
