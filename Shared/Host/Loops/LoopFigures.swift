/// What a loop counts of itself.
struct LoopFigures {
    let decided: Metrics.Counter
    let refused: Metrics.Counter
    let aborted: Metrics.Counter
    private let taken: Metrics.Counter
    private let emitted: Metrics.Counter
    private let batches: Metrics.Counter
    private let commits: Metrics.Histogram

    init(_ metrics: Metrics, loop: String) {
        let labels = ["loop": loop]
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
