public import Text

/// The limits of the vocabulary's values (`Limit`).
extension Limit {
    public static let identifierBytes = 64
    public static let nameCharacters = 120
    /// The text of a complaint or an action.
    /// As many as an Open311 client may send (GeoReport v2, `description`).
    public static let textCharacters = 4000
    public static let addressCharacters = 300
    public static let phoneCharacters = 32
    public static let mediaCount = 9
    public static let mediaBytes = 2048
    /// A picture's file, as it is sent.
    public static let pictureBytes = 20_971_520
    public static let idempotencyKeyBytes = 255
    /// A record's value, well below the broker's default of 1 MB.
    public static let recordBytes = 262_144
    public static let headerBytes = 4096
    /// A record's key; our keys are names with marks between them.
    public static let keyBytes = 1024
    /// The most actions that one complaint takes in its life.
    public static let actionsPerComplaint = 1000
    /// The most complaints that can be merged into one.
    public static let followersPerComplaint = 1000
    /// How far a reading's time may be ahead of our clock: beyond that, a clock is wrong. Old readings have
    /// no such limit, because they may be imported history.
    public static let readingAheadMilliseconds: Int64 = 3_600_000
}
