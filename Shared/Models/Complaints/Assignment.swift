/// Whoever has to act: a chief, a department, or the duty office of a region if there is neither.
public struct Assignee: Hashable, Sendable, Codable {
    public enum Kind: String, CaseIterable, Sendable, Codable {
        case chief, office, department
    }

    public let kind: Kind
    /// A chief's or a department's identifier, or the region of the office.
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

/// The deadlines of a complaint, named by the action that each waits for.
public enum Deadline: String, CaseIterable, Sendable, Codable {
    case accept, resolve
    /// Until then a checker must say whether the reported outcome is true.
    case verify
    /// After this a resolved complaint is closed automatically.
    case close
}

/// The moments by which each action must have happened; fixed at assignment.
public struct Due: Hashable, Sendable, Codable {
    public let accept: Instant
    public let resolve: Instant
    /// When four fifths of the time are over and the assignee is warned; nil: no warning.
    public let acceptAtRisk: Instant?
    public let resolveAtRisk: Instant?

    public init(
        accept: Instant, resolve: Instant, acceptAtRisk: Instant? = nil, resolveAtRisk: Instant? = nil
    ) {
        self.accept = accept
        self.resolve = resolve
        self.acceptAtRisk = acceptAtRisk
        self.resolveAtRisk = resolveAtRisk
    }
}

extension ComplaintEvent {
    /// The complaint was given to somebody: because of its place, by a transfer, after a missed deadline, or
    /// because the registry changed.
    public struct Assigned: Hashable, Sendable, Codable {
        public enum Why: String, CaseIterable, Sendable, Codable {
            /// The citizen picked the reach.
            case picked
            /// The nearest reach of the river that the citizen named.
            case named
            /// The complaint is about an outfall, and one that is registered with this reach is near.
            case outfall
            /// This reach has the lower level. A reach of a higher level is nearer, but by less than the
            /// accuracy of a position.
            case lowerLevel = "lower-level"
            /// The reach nearest to the place.
            case nearest
            /// No reach is near enough: the office of the region that contains the place.
            case noReach = "no-reach"
            /// The reach has no chief.
            case noChief = "no-chief"
            /// The matter is not a chief's: the department that its category names.
            case responsible
            case escalated
            /// No message reached the former assignee.
            case unreached
            case reopened
            /// The former assignee said that the complaint is not theirs.
            case transferred
            /// The complaint's category or place was corrected.
            case edited
            /// The registry names somebody else in the former assignee's position.
            case replaced
            /// The chief is out of office, and a deputy stands in.
            case deputy
            /// A checker found that it is not resolved.
            case unverified
            /// The complaint that it was merged into did not accept it.
            case parted
        }

        public let assignee: Assignee
        public let river: RiverID?
        public let reach: ReachID?
        public let region: RegionID
        public let why: Why
        /// The distance from the place to the reach.
        public let distanceMetres: Double?
        public let due: Due
        /// The reach's own chief, while the complaint is with that chief or a deputy; nil once it has gone
        /// elsewhere.
        public let chief: ChiefID?
        /// The superior chief whose turn it is, while the complaint is with that chief or a deputy.
        public let superior: ChiefID?
        /// The chosen reach with the distance measured when the place was looked up, and the reaches that
        /// came close. So an officer can see why the complaint went here, and where else it could have gone.
        public let chosen: Candidate?
        public let runnersUp: [Candidate]

        public init(
            assignee: Assignee, river: RiverID?, reach: ReachID?, region: RegionID, why: Why,
            distanceMetres: Double?, due: Due, chief: ChiefID? = nil, superior: ChiefID? = nil,
            chosen: Candidate? = nil, runnersUp: [Candidate] = []
        ) {
            self.assignee = assignee
            self.river = river
            self.reach = reach
            self.region = region
            self.why = why
            self.distanceMetres = distanceMetres
            self.due = due
            self.chief = chief
            self.superior = superior
            self.chosen = chosen
            self.runnersUp = runnersUp
        }
    }
}
