import Models
import Processing

/// What the messages of one partition may spend of the city's limit: an even part of it. So no pusher asks
/// another one, and together they stay within the limit.
struct CityShare {
    private struct Window {
        let refill: TokenBucket.Refill
        var bucket: TokenBucket
    }

    private var windows: [Window]

    /// Half of the limit is kept for urgent messages, so that a flood of others takes nothing from them.
    /// There are fewer of them, but a part that is small makes each of them wait: with a fifth of 2,000 an
    /// hour a partition of four would send one every 36 s.
    private static let urgentPart = 0.5
    /// How full a share begins. A process that crashes again and again spends a tenth of an hour's each time,
    /// because no message goes without a token of each window.
    private static let firstPart = 0.1

    /// - Parameter now: the time since any beginning; see `TokenBucket`.
    init(_ limit: SendLimit, of kind: Pushing.Kind, partitions: Int, at now: Duration) {
        let part = (kind == .urgent ? Self.urgentPart : 1 - Self.urgentPart) / Double(max(1, partitions))
        windows = limit.windows.map { window in
            let tokens = Double(window.count) * part
            let refill = TokenBucket.Refill(one: window.span / tokens, all: window.span)
            return Window(refill: refill, bucket: TokenBucket(tokens * Self.firstPart, refill, at: now))
        }
    }

    /// Whether a message may go; then it counts.
    mutating func take(at now: Duration) -> Bool {
        guard windows.allSatisfy({ $0.bucket.wait($0.refill, at: now) == nil }) else { return false }
        for index in windows.indices { _ = windows[index].bucket.take(windows[index].refill, at: now) }
        return true
    }

    /// A partition that comes back brings no more than it left with: to hand partitions about gives nothing.
    mutating func keep(atMost former: CityShare) {
        for index in windows.indices where former.windows.indices.contains(index) {
            windows[index].bucket = windows[index].bucket.emptier(former.windows[index].bucket)
        }
    }
}
