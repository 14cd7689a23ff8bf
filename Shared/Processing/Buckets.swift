/// So many in a minute, and as many at once after a minute of rest.
public struct Rate: Hashable, Sendable {
    public let perMinute: Int

    public init(perMinute: Int) {
        precondition(perMinute > 0, "a rate of \(perMinute) a minute")
        self.perMinute = perMinute
    }

    public var refill: TokenBucket.Refill {
        TokenBucket.Refill(one: Self.minute / perMinute, all: Self.minute)
    }
    private static let minute = Duration.seconds(60)
}

/// A bucket for each of many, in bounded memory.
///
/// When as many as may be have come, all but those since then are forgotten. A forgotten one has a full
/// bucket again. So whoever commands many addresses gains little by that, for each of them has a bucket
/// anyway, and nobody is refused for want of a place.
public struct Buckets<Key: Hashable & Sendable>: Sendable {
    private var recent: [Key: TokenBucket] = [:]
    private var former: [Key: TokenBucket] = [:]
    private let limit: Int

    /// - Parameter limit: half of how many are remembered at the most.
    public init(limit: Int) {
        self.limit = limit
    }

    public var count: Int { recent.count + former.count }

    /// Nil: a token was taken. Else nothing was, and one is there after this time.
    ///
    /// - Parameter now: see `TokenBucket`.
    public mutating func take(from key: Key, _ rate: Rate, at now: Duration) -> Duration? {
        var bucket = recent[key] ?? former[key] ?? TokenBucket(fullAt: now)
        if recent[key] == nil, recent.count >= limit {
            former = recent
            recent = [:]
        }
        defer { recent[key] = bucket }
        return bucket.take(rate.refill, at: now)
    }
}
