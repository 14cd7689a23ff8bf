/// A bucket of tokens, stored as the moment at which it is full again (the generic cell rate algorithm, ITU-T
/// I.371 annex A). A moment is a duration since any fixed beginning.
public struct TokenBucket: Hashable, Sendable {
    /// How fast tokens come back.
    public struct Refill: Hashable, Sendable {
        /// The time in which one token comes back.
        let one: Duration
        /// The time in which an empty bucket becomes full again. A bucket holds at least one token.
        let all: Duration

        public init(one: Duration, all: Duration) {
            self.one = one
            self.all = max(one, all)
        }
    }

    private var fullAt: Duration

    /// - Parameter moment: now, or earlier, for a full bucket.
    public init(fullAt moment: Duration) {
        fullAt = moment
    }

    /// A bucket that holds this many tokens.
    public init(_ tokens: Double, _ refill: Refill, at now: Duration) {
        fullAt = now + max(.zero, refill.all - refill.one * tokens)
    }

    /// The time until there is a token; nil if there is one now.
    public func wait(_ refill: Refill, at now: Duration) -> Duration? {
        let wait = full(refill, at: now) + refill.one - now - refill.all
        return wait > .zero ? wait : nil
    }

    /// A bucket is never emptier than empty, even if a clock jumped back.
    private func full(_ refill: Refill, at now: Duration) -> Duration {
        min(max(fullAt, now), now + refill.all)
    }

    /// Nil if a token was taken. Otherwise no token was taken, and the result is the time until there is one.
    public mutating func take(_ refill: Refill, at now: Duration) -> Duration? {
        if let wait = wait(refill, at: now) { return wait }
        fullAt = full(refill, at: now) + refill.one
        return nil
    }

    /// A full bucket stays full.
    public mutating func giveBack(_ refill: Refill) { fullAt -= refill.one }

    /// Whichever of the two holds less.
    public func emptier(_ other: TokenBucket) -> TokenBucket { fullAt > other.fullAt ? self : other }
}
