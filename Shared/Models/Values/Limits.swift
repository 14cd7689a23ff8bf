/// The bounds of every value that comes from outside. Crossing one is a fault of the sender that names the
/// bound.
public enum Limit {
    public static let identifierBytes = 64
    public static let nameCharacters = 120
    /// A complaint's or an action's text.
    public static let textCharacters = 2000
    public static let addressCharacters = 300
    public static let phoneCharacters = 32
    public static let mediaCount = 9
    public static let mediaBytes = 2048
    public static let gatewayBytes = 64
    public static let idempotencyKeyBytes = 255
    /// A record's value, well below the broker's default of 1 MB.
    public static let recordBytes = 262_144
    public static let headerBytes = 4096
    /// A record's key; ours are names with marks between.
    public static let keyBytes = 1024
    /// The name of a member of a JSON object, and a word out of a few.
    ///
    /// A text of marks that pile up on a letter takes the square of its length to hash or to compare, because
    /// Swift does both by canonical equivalence (Unicode, UAX #15). So what is hashed or compared is short.
    public static let wordBytes = 64
    /// Actions that one complaint takes in its life.
    public static let actionsPerComplaint = 1000
    /// Complaints that one complaint takes in.
    public static let followersPerComplaint = 1000
    /// Readings older than this are history to import, not a clock gone wrong; readings ahead of us are.
    public static let readingAheadMilliseconds: Int64 = 3_600_000
}
