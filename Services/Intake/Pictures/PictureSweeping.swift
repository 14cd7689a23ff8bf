import Host
import Media
import Models

/// Removes pictures that no words name: erased ones at once, unused ones when their time is over.
///
/// Nothing is removed before all words that the log has were read, nor while words of ours wait in the spool.
/// Words of another instance may wait in its spool; the time is long enough for that.
final class PictureSweeping {
    private let store: any MediaStore
    private let claims: ClaimReader
    private let news: ClaimNews
    private let unused: UnusedPictures
    private let kept: Duration
    private let context: HostContext
    private let removed: Metrics.Counter
    private let waiting: Metrics.Gauge
    private var nextSweep = ContinuousClock.now
    /// After a failure the next try is a while later.
    private var nextRemoval = ContinuousClock.now

    private static let longestInterval: Duration = .seconds(3600)
    private static let patience: Duration = .seconds(10)
    /// The share of its time after which a picture can't be used any more, and is not removed yet. So it is
    /// never removed while somebody begins to use it, whatever the instances' clocks say.
    private static let graceShare = 24

    init(
        _ store: any MediaStore, _ claims: ClaimReader, _ news: ClaimNews, _ unused: UnusedPictures,
        kept: Duration, _ context: HostContext
    ) {
        (self.store, self.claims, self.news, self.unused) = (store, claims, news, unused)
        (self.kept, self.context) = (kept, context)
        removed = context.metrics.counter(
            "dayu_pictures_removed_total", help: "Pictures removed from the store: erased, or never used.")
        waiting = context.metrics.gauge(
            "dayu_pictures_unused_bytes", help: "The room that pictures take which nobody has used yet.")
    }

    /// Called in each turn of the loop that reads the words.
    func turn(isWritten: Bool, isCurrent: () -> Bool) {
        waiting.set(Double(unused.bytes))
        let now = ContinuousClock.now
        let isRemovalDue = news.hasDropped && now >= nextRemoval
        let isSweepDue = isWritten && now >= nextSweep
        guard isRemovalDue || isSweepDue, isCurrent() else { return }
        do {
            if isRemovalDue { try removeDropped() }
            if isSweepDue {
                try sweep(at: .now)
                nextSweep = .now + min(Self.longestInterval, kept / Self.graceShare)
            }
        } catch {
            context.log.warning("pictures can't be removed now", ["reason": .text("\(error)")])
            (nextRemoval, nextSweep) = (.now + Self.patience, .now + Self.patience)
        }
    }

    private func removeDropped() throws {
        let names = try claims.dropped()
        for name in names {
            try store.remove(name)
            removed.add()
        }
        news.removed(names)
    }

    private func sweep(at now: Instant) throws {
        let end = now - (kept + kept / Self.graceShare)
        var found: [PictureName: (bytes: Int, changedAt: Instant)] = [:]
        var failure: (any Error)?
        try store.forEach { file in
            do {
                if try !claims.isClaimed(file.name) {
                    let known = found[file.name]
                    found[file.name] = (
                        (known?.bytes ?? 0) + file.bytes,
                        max(known?.changedAt ?? file.changedAt, file.changedAt)
                    )
                }
            } catch {
                failure = error
            }
            return failure == nil && !context.stop.isRaised
        }
        if let failure { throw failure }
        // A list that was broken off may lack the newer half of a picture.
        guard !context.stop.isRaised else { return }
        for (name, file) in found where file.changedAt < end {
            try store.remove(name)
            removed.add()
            found[name] = nil
        }
        try store.tidy(before: end)
        unused.adopt(found.mapValues(\.bytes), lookedAt: now)
    }
}
