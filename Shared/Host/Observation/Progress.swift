import Kafka
import Synchronization

/// Finds partitions where records wait and nobody reads them.
///
/// A consumer may be dead without a sign: it polls, it meets no error, and its last fetch said that nothing
/// waits. So the ends of the partitions are asked for independently of the loops, and a loop is judged by its
/// positions: a loop that stood still for `patience`, while records waited all the time, is stuck.
struct Progress {
    /// One partition, as one loop reads it.
    struct Place: Hashable {
        let loop: String
        let partition: TopicPartition
    }

    /// A loop that stands still although records wait.
    struct Stuck: Equatable {
        let place: Place
        /// Offsets up to the end of the partition, markers of transactions included.
        let waiting: Int64
    }

    private struct Stand {
        let position: Position
        let since: ContinuousClock.Instant
    }

    private let patience: Duration
    /// Where a loop was when a record first waited behind its position.
    private var stands: [Place: Stand] = [:]

    init(patience: Duration) { self.patience = patience }

    /// - Parameter ends: the high watermarks; they count records of open transactions, too.
    mutating func stuck(
        _ positions: [Place: Position], ends: [TopicPartition: Position], at now: ContinuousClock.Instant
    ) -> [Stuck] {
        stands = stands.filter { positions[$0.key] == $0.value.position }
        var stuck: [Stuck] = []
        for (place, position) in positions {
            guard let end = ends[place.partition], end > position else {
                stands[place] = nil
                continue
            }
            let stand = stands[place] ?? Stand(position: position, since: now)
            stands[place] = stand
            if now - stand.since >= patience {
                stuck.append(Stuck(place: place, waiting: end.next - position.next))
            }
        }
        return stuck.sorted {
            ($0.place.loop, $0.place.partition) < ($1.place.loop, $1.place.partition)
        }
    }
}

/// Asks for the ends of partitions, and gets along without those that have no leader.
struct Ends {
    /// The partitions that gave no answer the last time.
    private var silent: Set<TopicPartition> = []

    /// Waiting for an answer that does not come takes time. After this many of them a round ends.
    private static let silentLimit = 3

    /// - Parameter question: the end of one partition, or nil where none can be had now.
    mutating func ask(
        for places: [TopicPartition], _ question: (TopicPartition) -> Position?
    ) -> [TopicPartition: Position] {
        var ends: [TopicPartition: Position] = [:]
        var failures = 0
        // Partitions that gave no answer are asked last, so that they do not delay the others.
        for place in places.filter({ !silent.contains($0) }) + places.filter(silent.contains) {
            guard failures < Self.silentLimit else { break }
            ends[place] = question(place)
            if ends[place] == nil {
                failures += 1
                silent.insert(place)
            } else {
                silent.remove(place)
            }
        }
        return ends
    }
}

/// How far the loops of a process have read, and where the partitions end. Each loop reports its positions
/// once a second. The ends come from `ProgressWatch`.
///
/// A loop knows an end from its last fetch alone. While it fetches nothing from a partition, because too much
/// waits already, it would not see what is added.
public final class Standings: Sendable {
    private struct State {
        var positions: [Progress.Place: Position] = [:]
        /// The partitions on which a loop stands still because it must.
        var resting: Set<Progress.Place> = []
        var ends: [TopicPartition: Position] = [:]
    }

    private let state = Mutex(State())

    func replace(
        _ former: some Sequence<TopicPartition>, by now: [TopicPartition: Position],
        resting: Set<TopicPartition> = [], loop: String
    ) {
        state.withLock { state in
            for place in former where now[place] == nil {
                let gone = Progress.Place(loop: loop, partition: place)
                state.positions[gone] = nil
                state.resting.remove(gone)
            }
            for (place, position) in now {
                let stand = Progress.Place(loop: loop, partition: place)
                state.positions[stand] = position
                state.resting.remove(stand)
                if resting.contains(place) { state.resting.insert(stand) }
            }
        }
    }

    /// The positions of the loops that ought to read.
    var all: [Progress.Place: Position] {
        state.withLock { state in state.positions.filter { !state.resting.contains($0.key) } }
    }

    /// The partitions that any loop has.
    var partitions: Set<TopicPartition> { state.withLock { Set($0.positions.keys.map(\.partition)) } }

    func end(of place: TopicPartition) -> Position? { state.withLock { $0.ends[place] } }

    /// Keeps the ends as the cluster has just told them.
    func note(_ ends: [TopicPartition: Position]) { state.withLock { $0.ends = ends } }
}
