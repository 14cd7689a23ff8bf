import Kafka
import Models

/// What a loop counts.
struct LoopFigures {
    let decided: Metrics.Counter
    let refused: Metrics.Counter
    let aborted: Metrics.Counter
    private let taken: Metrics.Counter
    private let emitted: Metrics.Counter
    private let batches: Metrics.Histogram
    private let commits: Metrics.Histogram
    private let metrics: Metrics
    private let labels: [String: String]
    private var counters: [String: Metrics.Counter] = [:]

    init(_ metrics: Metrics, loop: String, worker: Int = 0) {
        let labels = ["loop": loop, "worker": String(worker)]
        (self.metrics, self.labels) = (metrics, labels)
        decided = metrics.counter("dayu_facts_decided_total", labels, help: "Facts decided.")
        refused = metrics.counter(
            "dayu_records_refused_total", labels, help: "Records set aside as dead letters.")
        aborted = metrics.counter("dayu_transactions_aborted_total", labels, help: "Transactions aborted.")
        taken = metrics.counter("dayu_records_taken_total", labels, help: "Input records processed.")
        emitted = metrics.counter("dayu_records_emitted_total", labels, help: "Records written.")
        batches = metrics.histogram(
            "dayu_batch_records", labels, bounds: Metrics.Histogram.countBounds,
            help: "Input records committed together.")
        commits = metrics.histogram(
            "dayu_commit_seconds", labels, help: "Time from the last decision of a batch to its commit.")
    }

    /// Counts facts that have a figure of their own.
    mutating func count(_ counts: [String: Int]) {
        for (name, count) in counts {
            let counter =
                counters[name]
                ?? metrics.counter(
                    "dayu_counted_total", labels.merging(["what": name]) { $1 },
                    help: "Facts of some kinds, counted separately.")
            counters[name] = counter
            counter.add(count)
        }
    }

    func committed(batch: Int, emitted count: Int, in time: Duration) {
        taken.add(batch)
        emitted.add(count)
        batches.observe(Double(batch))
        commits.observe(time)
    }
}

/// How far a loop has read each of its partitions.
///
/// Both figures count offsets. The markers that end transactions have offsets too, so a lag may be larger
/// than the number of records. A loop that has read everything has a lag of 0.
final class Standing {
    private let metrics: Metrics
    private let topics: TopicNames
    private let standings: Standings
    private let loop: String
    private var gauges: [TopicPartition: (position: Metrics.Gauge, lag: Metrics.Gauge)] = [:]
    private var told: ContinuousClock.Instant?

    private static let every: Duration = .seconds(1)

    init(_ context: HostContext, loop: String) {
        metrics = context.metrics
        topics = context.topics
        standings = context.standings
        self.loop = loop
    }

    /// Publishes, once a second, each partition's position and its distance from the end.
    ///
    /// - Parameter resting: the partitions on which the loop stands still because it must; that is not a
    ///   fault.
    func tell(
        at now: ContinuousClock.Instant = .now, _ positions: @autoclosure () -> [TopicPartition: Position],
        resting: Set<TopicPartition> = [], end: (TopicPartition) -> Position?
    ) {
        if let told, now - told < Self.every { return }
        told = now
        let positions = positions()
        standings.replace(gauges.keys, by: positions, resting: resting, loop: loop)
        withdraw { positions[$0] == nil }
        for (place, position) in positions {
            let (standing, lag) = gauges[place] ?? make(for: place)
            standing.set(position.next)
            if let end = self.end(of: place, fetched: end(place)) {
                lag.set(max(0, end.next - position.next))
            }
        }
    }

    /// The end of a partition, by the loop's last fetch or by what the cluster has told since.
    func end(of place: TopicPartition, fetched: Position?) -> Position? {
        [fetched, standings.end(of: place)].compactMap(\.self).max()
    }

    /// Removes all gauges, because the partitions are gone.
    func withdraw() {
        standings.replace(gauges.keys, by: [:], loop: loop)
        withdraw { _ in true }
    }

    private func make(for place: TopicPartition) -> (position: Metrics.Gauge, lag: Metrics.Gauge) {
        let labels = labels(of: place, in: topics, loop: loop)
        let made = (
            position: metrics.gauge("dayu_position", labels, help: "The next offset to process."),
            lag: metrics.gauge("dayu_lag", labels, help: "Offsets between the position and the log's end.")
        )
        gauges[place] = made
        return made
    }

    private func withdraw(where isGone: (TopicPartition) -> Bool) {
        let gone = gauges.filter { isGone($0.key) }
        guard !gone.isEmpty else { return }
        metrics.withdraw(gone.values.flatMap { [$0.position, $0.lag] })
        for place in gone.keys { gauges[place] = nil }
    }
}

/// How far a restore has come, published once a second.
struct RestoreProgress {
    private let ends: [TopicPartition: Position]
    private let started: ContinuousClock.Instant
    private let remaining: [TopicPartition: Metrics.Gauge]
    private var told: ContinuousClock.Instant
    private var left: Int64
    private(set) var reached: [TopicPartition: Position]
    private(set) var count = 0

    init(
        _ context: HostContext, loop: String, from: [TopicPartition: Position],
        to ends: [TopicPartition: Position], at now: ContinuousClock.Instant
    ) {
        self.ends = ends
        reached = from
        started = now
        told = now
        left = 0
        remaining = Dictionary(
            uniqueKeysWithValues: ends.keys.map { place in
                let labels = labels(of: place, in: context.topics, loop: loop)
                let gauge = context.metrics.gauge(
                    "dayu_restore_remaining", labels, help: "Offsets that a restore still has to read.")
                return (place, gauge)
            })
        tell()
    }

    /// Adds this many records of a partition. Once a second it returns what to log about the whole restore.
    ///
    /// Offsets count control records too, so the number that is left is an upper bound.
    mutating func read(
        _ records: Int, of place: TopicPartition, upTo position: Position, at now: ContinuousClock.Instant
    ) -> [String: Log.Field]? {
        reached[place] = position
        count += records
        guard now - told >= .seconds(1) else { return nil }
        told = now
        tell()
        let rate = Int64(count) * 1000 / max(1, (now - started).wholeMilliseconds)
        return [
            "records": .of(count), "leftAtMost": .of(left), "recordsPerSecond": .of(rate),
            "secondsLeft": .of(left / max(1, rate)),
        ]
    }

    /// Notes that these partitions have been read to their ends.
    mutating func end(_ reached: [TopicPartition: Position]) {
        self.reached.merge(reached) { $1 }
        tell()
    }

    private mutating func tell() {
        left = 0
        for (place, end) in ends {
            let distance = max(0, end.next - (reached[place]?.next ?? 0))
            remaining[place]?.set(distance)
            left += distance
        }
    }
}

private func labels(of place: TopicPartition, in topics: TopicNames, loop: String) -> [String: String] {
    let topic = topics.topic(named: place.topic)?.rawValue ?? place.topic
    return ["loop": loop, "topic": topic, "partition": String(place.partition)]
}
