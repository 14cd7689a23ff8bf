/// A bucket of tokens, known by the moment at which it is full again (the generic cell rate algorithm, ITU-T
/// I.371 annex A). A moment is the time since any beginning.
public struct TokenBucket: Hashable, Sendable {
    /// How tokens come back.
    public struct Refill: Hashable, Sendable {
        /// The time in which one comes back.
        let one: Duration
        /// The time in which an empty bucket is full again. A bucket holds one token at the least.
        let all: Duration

        public init(one: Duration, all: Duration) {
            self.one = one
            self.all = max(one, all)
        }
    }

    private var fullAt: Duration

    /// - Parameter moment: now, or before, for a full one.
    public init(fullAt moment: Duration) {
        fullAt = moment
    }

    /// One that holds so many tokens.
    public init(_ tokens: Double, _ refill: Refill, at now: Duration) {
        fullAt = now + max(.zero, refill.all - refill.one * tokens)
    }

    /// After what time a token is there; nil where one is.
    public func wait(_ refill: Refill, at now: Duration) -> Duration? {
        let wait = full(refill, at: now) + refill.one - now - refill.all
        return wait > .zero ? wait : nil
    }

    /// No bucket is emptier than empty, whatever a clock says that jumped back.
    private func full(_ refill: Refill, at now: Duration) -> Duration {
        min(max(fullAt, now), now + refill.all)
    }

    /// Nil: a token was taken. Else nothing was, and one is there after this time.
    public mutating func take(_ refill: Refill, at now: Duration) -> Duration? {
        if let wait = wait(refill, at: now) { return wait }
        fullAt = full(refill, at: now) + refill.one
        return nil
    }

    /// The one of the two that holds less.
    public func emptier(_ other: TokenBucket) -> TokenBucket { fullAt > other.fullAt ? self : other }
}
