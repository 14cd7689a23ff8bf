/// What Intake knows of a source after it has asked it. Every answer is written with it, so an instance that
/// takes over goes on where another one stopped.
public struct SourceStanding: Hashable, Sendable, Codable {
    public enum Outcome: String, CaseIterable, Sendable, Codable {
        /// A document with at least one new reading.
        case taken
        /// Nothing new.
        case unchanged
        /// A document that can't be taken as it is.
        case refused
        /// No document.
        case failed
    }

    public let source: SourceID
    /// A digest of the registry's row. What was learned with another row does not count for this one.
    public var row: String
    public var askedAt: Instant
    public var nextAt: Instant
    public var outcome: Outcome
    /// The status of the answer; nil if there was none.
    public var status: Int?
    /// Why nothing could be taken, or which rows were left out.
    public var reason: String?
    /// How often in a row nothing could be taken, and since when.
    public var failures: Int
    public var failingSince: Instant?
    /// When it last gave a document that could be taken, or said that nothing had changed.
    public var answeredAt: Instant?
    /// When there were new readings for the last time, how many, and the time of the latest of them.
    public var broughtAt: Instant?
    public var brought: Int?
    public var observedAt: Instant?
    /// What to send with the next question (RFC 9110 §13.1).
    public var entityTag: String?
    public var lastModified: String?
    /// A digest of the last document that was taken whole.
    public var document: String?

    public static let type = EventType("source", "asked")

    public init(
        _ source: SourceID, row: String, askedAt: Instant, nextAt: Instant, outcome: Outcome,
        failures: Int = 0
    ) {
        self.source = source
        self.row = row
        self.askedAt = askedAt
        self.nextAt = nextAt
        self.outcome = outcome
        self.failures = failures
    }

    /// Whether its operator should be asked what is wrong: nothing came for three intervals, and for an hour.
    public func failsForLong(_ interval: Source.Interval, at now: Instant) -> Bool {
        failingSince.map { now - $0 >= max(interval.duration * 3, .seconds(3600)) } ?? false
    }
}

/// Which readings of a source the log already has. It is beside `SourceStanding`, because it is large and
/// changes more rarely.
public struct SeenReadings: Hashable, Sendable, Codable {
    public let source: SourceID
    /// Base64 of 16 bytes for each reading, the oldest first: eight of the digest of what identifies it, and
    /// eight of the digest of all of it.
    public let readings: String

    public static let type = EventType("source", "seen")

    public init(source: SourceID, readings: String) {
        self.source = source
        self.readings = readings
    }

    /// Its key, which is on the partition of the source.
    public static func key(of source: SourceID) -> String { "\(source)/seen" }
}
