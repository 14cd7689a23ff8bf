/// Whoever has to act: a chief, a department, or the duty office of a region where there is neither.
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

/// The deadlines of a complaint, each with the action it waits for.
public enum Deadline: String, CaseIterable, Sendable, Codable {
    case accept, resolve
    /// A checker has to say by this whether what was reported is so.
    case verify
    /// After this a resolved complaint closes by itself.
    case close
}

/// When what must have happened; fixed at assignment.
public struct Due: Hashable, Sendable, Codable {
    public let accept: Instant
    public let resolve: Instant
    /// When four fifths of the time are gone and the one who has it is warned; nil: he is not.
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
    /// It is somebody's now: by where it happened, by transfer, by silence, or because the registry changed.
    public struct Assigned: Hashable, Sendable, Codable {
        public enum Why: String, CaseIterable, Sendable, Codable {
            /// The citizen picked the reach.
            case picked
            /// The nearest reach of the river that he named.
            case named
            /// An outfall is what he complains about, and one that is registered with this reach is near.
            case outfall
            /// Another is nearer by less than a position can tell, and of a higher level.
            case lowerLevel = "lower-level"
            /// The reach nearest to the place.
            case nearest
            /// No reach near enough: the office of the region that contains the place.
            case noReach = "no-reach"
            /// The reach has no chief.
            case noChief = "no-chief"
            /// Not a chief's matter: the department that its category names.
            case responsible
            case escalated
            case reopened
            /// Whoever had it said that it is not his.
            case transferred
            /// Its category or place was corrected.
            case edited
            /// The registry has somebody else in his place.
            case replaced
            /// He is out of office.
            case deputy
            /// A checker found that it is not resolved.
            case unverified
            /// The complaint that it was merged into did not take it.
            case parted
        }

        public let assignee: Assignee
        public let river: RiverID?
        public let reach: ReachID?
        public let region: RegionID
        public let why: Why
        /// From the place to the reach.
        public let distanceMetres: Double?
        public let due: Due
        /// The reach's own chief, while he or whoever stands in for him has it; nil once it has gone
        /// elsewhere.
        public let chief: ChiefID?
        /// The chief above him whose turn it is, while that one or whoever stands in for him has it.
        public let superior: ChiefID?
        /// The reach as it was measured when the place was looked up, and those that came close: so that an
        /// officer can see why it went here, and where else it could have gone.
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
