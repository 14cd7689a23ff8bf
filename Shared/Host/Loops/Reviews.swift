import Models

/// How far each partition's review has come, and when time alone requires the next one.
///
/// A value type: the loop changes a copy and keeps it only if the transaction commits. So what was reviewed
/// in an aborted transaction is reviewed again.
struct Reviews: Equatable {
    /// For each partition under review: the last key that was reviewed, "" at first.
    private(set) var lastKeys: [Int32: String] = [:]
    private var timer: Timer?

    private struct Timer: Equatable {
        /// Nil if time alone requires no review.
        let due: Instant?
        let setAt: Instant
    }

    var isUnderWay: Bool { !lastKeys.isEmpty }

    /// Reviews these partitions from their first key on. A review that is under way begins again.
    mutating func begin(_ partitions: some Sequence<Int32>, at now: Instant, next: (Instant) -> Instant?) {
        lastKeys = Dictionary(uniqueKeysWithValues: partitions.map { ($0, "") })
        timer = Timer(due: next(now), setAt: now)
    }

    /// Begins a review if time requires it.
    mutating func tick(_ partitions: some Sequence<Int32>, at now: Instant, next: (Instant) -> Instant?) {
        guard let timer else { return }
        if let due = timer.due, due <= now {
            begin(partitions, at: now, next: next)
        } else if now < timer.setAt {
            // The clock was put back, so a review may be due earlier than the time we know.
            self.timer = Timer(due: next(now), setAt: now)
        }
    }

    /// Notes that these keys of a partition were reviewed. If there are fewer than `limit`, they were the
    /// last ones.
    mutating func reviewed(_ keys: [String], of partition: Int32, limit: Int) {
        lastKeys[partition] = keys.count < limit ? nil : keys.last
    }

    /// Forgets everything: the partitions are gone.
    mutating func clear() { self = Reviews() }
}
