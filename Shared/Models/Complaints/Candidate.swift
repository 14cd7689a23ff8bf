/// A reach that a complaint may be about, as it was measured at the time: so that an officer can see why it
/// went where it went, and where else it could have gone.
public struct Candidate: Hashable, Sendable, Codable {
    public let reach: ReachID
    public let river: RiverID
    /// Where two are as near as a position can tell, the lower level comes first.
    public let level: Level
    public let distanceMetres: Double
    /// How far a place may lie from a water of its kind in a complaint of this category.
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

    /// Why a candidate is the one.
    public enum Reason: String, CaseIterable, Sendable, Codable {
        /// The citizen picked the reach.
        case picked
        /// The nearest reach of the river that he named.
        case named
        /// An outfall is what he complains about, and one that is registered with this reach is near.
        case outfall
        /// Another is nearer by less than a position can tell, and of a higher level.
        case lowerLevel = "lower-level"
        case nearest
    }
}
