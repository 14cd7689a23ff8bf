/// A reach that a complaint may be about, as measured at that time. So an officer can see why the complaint
/// went where it went, and where else it could have gone.
public struct Candidate: Hashable, Sendable, Codable {
    public let reach: ReachID
    public let river: RiverID
    /// If two are equally near within the accuracy of a position, the lower level comes first.
    public let level: Level
    public let distanceMetres: Double
    /// How far a place may lie from a water of this kind, for a complaint of this category.
    public let limitMetres: Double

    public init(
        reach: ReachID, river: RiverID, level: Level, distanceMetres: Double, limitMetres: Double
    ) {
        self.reach = reach
        self.river = river
        self.level = level
        self.distanceMetres = distanceMetres
        self.limitMetres = limitMetres
    }

    /// Why a candidate was chosen.
    public enum Reason: String, CaseIterable, Sendable, Codable {
        /// The citizen picked the reach.
        case picked
        /// The nearest reach of the river that the citizen named.
        case named
        /// The complaint is about an outfall, and one that is registered with this reach is near.
        case outfall
        /// This reach has the lower level. A reach of a higher level is nearer, but by less than the accuracy
        /// of a position.
        case lowerLevel = "lower-level"
        case nearest
    }
}
