/// This many requests in a minute, and the same number at once after a minute of rest.
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

/// A bucket for each of many keys, in bounded memory.
///
/// After `limit` new keys, all keys are forgotten that were not used since the last such moment. A forgotten
/// key has a full bucket again. An attacker with many addresses gains little by that, because each address
/// has a bucket of its own anyway; and nobody is refused because the memory is full.
public struct Buckets<Key: Hashable & Sendable>: Sendable {
    private var recent: [Key: TokenBucket] = [:]
    private var former: [Key: TokenBucket] = [:]
    private let limit: Int

    /// - Parameter limit: half of the number of keys that are remembered at most.
    public init(limit: Int) {
        self.limit = limit
    }

    public var count: Int { recent.count + former.count }

    /// Nil if a token was taken. Otherwise no token was taken, and the result is the time until there is one.
    ///
    /// - Parameter now: see `TokenBucket`.
    public mutating func take(from key: Key, _ rate: Rate, at now: Duration) -> Duration? {
        take(from: key, rate.refill, at: now)
    }

    public mutating func take(from key: Key, _ refill: TokenBucket.Refill, at now: Duration) -> Duration? {
        var bucket = recent[key] ?? former[key] ?? TokenBucket(fullAt: now)
        if recent[key] == nil, recent.count >= limit {
            former = recent
            recent = [:]
        }
        defer { recent[key] = bucket }
        return bucket.take(refill, at: now)
    }

    /// The token that was taken last was not used.
    public mutating func giveBack(to key: Key, _ rate: Rate) {
        guard var bucket = recent[key] ?? former[key] else { return }
        bucket.giveBack(rate.refill)
        recent[key] = bucket
    }

    /// The time until there is a token; nil if there is one now. No token is taken.
    public func wait(for key: Key, _ rate: Rate, at now: Duration) -> Duration? {
        (recent[key] ?? former[key])?.wait(rate.refill, at: now)
    }
}
