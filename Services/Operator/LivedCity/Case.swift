import Intake
import Models

/// What the city's people know of one complaint that is not over yet: enough to act on it.
struct Case {
    /// The citizen's submission; nil for the alarm of a station.
    let taken: OpenReception.Taken?
    var chance: Chance
    let category: CategoryCode
    private(set) var status = ComplaintStatus.received
    private(set) var region: RegionID?
    private(set) var reach: ReachID?
    private(set) var assignee: Assignee?
    private(set) var due: Due?
    /// The version of the last assignment. Earlier assignees have nothing to do any more.
    private(set) var turn = 0
    private(set) var assignments = 0
    private(set) var checker: Assignee?
    /// Complaints that were merged into it.
    private(set) var followers: [TrackingCode] = []
    private(set) var isWithheld = false

    init(taken: OpenReception.Taken?, category: CategoryCode, chance: Chance) {
        self.taken = taken
        self.category = category
        self.chance = chance
    }

    var isInHand: Bool { status == .assigned || status == .accepted }

    mutating func take(_ fact: ComplaintFact) {
        status = status.after(fact.event)
        switch fact.event {
        case .assigned(let assigned):
            (assignee, region, reach, due) = (
                assigned.assignee, assigned.region, assigned.reach, assigned.due
            )
            turn = fact.version
            assignments += 1
            checker = nil
        case .supervised(let supervised): due = supervised.due
        case .resolved(let resolved): checker = resolved.checker
        case .joined(let joined): followers.append(joined.follower)
        case .withheld: isWithheld = true
        case .released: isWithheld = false
        default: break
        }
    }
}

/// Something that somebody intends to do. He does it if the complaint is still in the state that he expects.
enum Intent {
    /// The assignee, in this turn.
    case accept(turn: Int)
    case note(turn: Int)
    case handBack(turn: Int)
    case resolve(turn: Int)
    // The office.
    case extend(turn: Int)
    case reject(turn: Int)
    case merge(turn: Int)
    case correct(turn: Int)
    case withhold, release
    // The checker.
    case verify
    // The citizen.
    case urge
    case rate
    case reopen
    /// Nobody does anything about the complaint any more.
    case forget
}
