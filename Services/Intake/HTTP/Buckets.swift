import Processing

/// So many in a minute, and as many at once after a minute of rest.
struct Rate: Hashable, Sendable {
    let perMinute: Int

    init(perMinute: Int) {
        precondition(perMinute > 0, "a rate of \(perMinute) a minute")
        self.perMinute = perMinute
    }

    var refill: TokenBucket.Refill {
        TokenBucket.Refill(one: Self.minute / perMinute, all: Self.minute)
    }
    private static let minute = Duration.seconds(60)
}

/// A bucket for each of many, in bounded memory.
///
/// When as many as may be have come, all but those since then are forgotten. A forgotten one has a full
/// bucket again. So whoever commands many addresses gains little by that, for each of them has a bucket
/// anyway, and nobody is refused for want of a place.
struct Buckets<Key: Hashable & Sendable>: Sendable {
    private var recent: [Key: TokenBucket] = [:]
    private var former: [Key: TokenBucket] = [:]
    private let limit: Int

    /// - Parameter limit: half of how many are remembered at the most.
    init(limit: Int) {
        self.limit = limit
    }

    var count: Int { recent.count + former.count }

    mutating func take(from key: Key, _ rate: Rate, at now: Duration) -> Duration? {
        var bucket = recent[key] ?? former[key] ?? TokenBucket(fullAt: now)
        if recent[key] == nil, recent.count >= limit {
            former = recent
            recent = [:]
        }
        defer { recent[key] = bucket }
        return bucket.take(rate.refill, at: now)
    }
}
