import Kafka
import Models

/// What a loop counts of itself.
struct LoopFigures {
    let decided: Metrics.Counter
    let refused: Metrics.Counter
    let aborted: Metrics.Counter
    private let taken: Metrics.Counter
    private let emitted: Metrics.Counter
    private let batches: Metrics.Counter
    private let commits: Metrics.Histogram

    init(_ metrics: Metrics, loop: String, worker: Int = 0) {
        let labels = ["loop": loop, "worker": String(worker)]
        decided = metrics.counter("dayu_facts_decided_total", labels, help: "Facts decided.")
        refused = metrics.counter(
            "dayu_records_refused_total", labels, help: "Records set aside as dead letters.")
        aborted = metrics.counter("dayu_transactions_aborted_total", labels, help: "Transactions aborted.")
        taken = metrics.counter("dayu_records_taken_total", labels, help: "Input records worked off.")
        emitted = metrics.counter("dayu_records_emitted_total", labels, help: "Records written.")
        batches = metrics.counter("dayu_batches_total", labels, help: "Batches committed.")
        commits = metrics.histogram("dayu_commit_seconds", labels, help: "Time from begin to committed.")
    }

    func committed(batch: Int, emitted count: Int, in time: Duration) {
        taken.add(batch)
        emitted.add(count)
        batches.add()
        commits.observe(time)
    }
}

/// How far a restore has come, told once a second.
struct RestoreProgress {
    private let total: Int64
    private let started: ContinuousClock.Instant
    private var told: ContinuousClock.Instant

    init<Place: Hashable>(
        from: [Place: Position], to ends: [Place: Position], at now: ContinuousClock.Instant
    ) {
        total = ends.reduce(0) { $0 + max(0, $1.value.next - (from[$1.key]?.next ?? 0)) }
        started = now
        told = now
    }

    /// What to log after `count` records; nil where the second is not over.
    ///
    /// The clock is asked every hundredth record alone. Offsets count control records too, so the estimate is
    /// an upper bound.
    mutating func line(after count: Int, at now: @autoclosure () -> ContinuousClock.Instant) -> [String: Log
        .Field]?
    {
        guard count % 100 == 0 else { return nil }
        let now = now()
        guard now - told >= .seconds(1) else { return nil }
        told = now
        let elapsed = max(1, (now - started).wholeMilliseconds)
        let rate = Int64(count) * 1000 / elapsed
        return [
            "records": .of(count), "ofAtMost": .of(total), "recordsPerSecond": .of(rate),
            "secondsLeft": .of(max(0, total - Int64(count)) / max(1, rate)),
        ]
    }
}
