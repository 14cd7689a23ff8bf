/// So many in a minute, and as many at once after a minute of rest.
struct Rate: Hashable, Sendable {
    let perMinute: Int

    init(perMinute: Int) {
        precondition(perMinute > 0, "a rate of \(perMinute) a minute")
        self.perMinute = perMinute
    }

    /// The time in which one token comes back.
    fileprivate var interval: Duration { Rate.minute / perMinute }
    fileprivate static let minute = Duration.seconds(60)
}

/// A bucket of tokens, known by the moment at which it is full again (the generic cell rate algorithm, ITU-T
/// I.371 annex A). A moment is the time since any beginning that does not move, as a wall clock's may.
struct TokenBucket: Hashable, Sendable {
    private var fullAt: Duration

    /// A full one.
    init(at now: Duration) {
        fullAt = now
    }

    /// Nil: a token was taken. Else nothing was, and one is there after this time.
    mutating func take(_ rate: Rate, at now: Duration) -> Duration? {
        let after = max(fullAt, now) + rate.interval
        let wait = after - now - Rate.minute
        guard wait <= .zero else { return wait }
        fullAt = after
        return nil
    }
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
        var bucket = recent[key] ?? former[key] ?? TokenBucket(at: now)
        if recent[key] == nil, recent.count >= limit {
            former = recent
            recent = [:]
        }
        defer { recent[key] = bucket }
        return bucket.take(rate, at: now)
    }
}
