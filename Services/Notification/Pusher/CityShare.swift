import Models
import Processing

/// The share of the city's limit that the messages of one partition may use. All partitions have equal
/// shares. So pushers stay within the limit together without asking each other.
struct CityShare {
    private struct Window {
        let refill: TokenBucket.Refill
        var bucket: TokenBucket
    }

    private var windows: [Window]

    /// Half of the limit is kept for urgent messages, so that a flood of other messages takes nothing from
    /// them. Urgent messages are fewer, but with a small part each of them would wait: with a fifth of 2,000
    /// an hour, one of four partitions would send one every 36 s.
    private static let urgentPart = 0.5
    /// How full a share is at the start. A process that crashes again and again spends at most a tenth of an
    /// hour's share each time, because each message needs a token of every window.
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

    /// Whether a message may go. If so, it is counted.
    mutating func take(at now: Duration) -> Bool {
        guard windows.allSatisfy({ $0.bucket.wait($0.refill, at: now) == nil }) else { return false }
        for index in windows.indices { _ = windows[index].bucket.take(windows[index].refill, at: now) }
        return true
    }

    /// A partition that comes back has no more left than when it was revoked. So a pusher gains nothing when
    /// partitions are reassigned.
    mutating func keep(atMost former: CityShare) {
        for index in windows.indices where former.windows.indices.contains(index) {
            windows[index].bucket = windows[index].bucket.emptier(former.windows[index].bucket)
        }
    }
}
