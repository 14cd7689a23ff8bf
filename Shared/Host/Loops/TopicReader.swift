import Kafka
import Models
import Processing

/// Reads partitions, outside any group, from a position to the end that they have at the moment.
final class TopicReader {
    private let consumer: Consumer
    private let cluster: Cluster
    private let context: HostContext
    /// The position of the next record of each partition.
    private(set) var reached: [TopicPartition: Position] = [:]
    private var recognition = Recognition()
    /// The partitions whose end was not reached since the reader last began to fetch.
    private var awaited: Set<TopicPartition> = []
    /// The reader fetches nothing until then.
    private var restsUntil: ContinuousClock.Instant?

    init(
        _ context: HostContext, purpose: String, presets: [String: String] = LoopSettings.consumer
    ) throws {
        self.context = context
        let clientID = "\(context.name).\(purpose)"
        consumer = try Consumer(
            context.cluster, clientID: clientID, group: nil, overrides: context.presets(presets))
        cluster = try Cluster(context.cluster, clientID: clientID)
    }

    /// The lowest available position of every partition of a topic.
    func start(of topic: Topic) throws -> [TopicPartition: Position] {
        let layout = try context.layout(of: [topic], from: cluster)
        let partitions = (0..<(layout.counts[topic] ?? 0)).map {
            TopicPartition(topic: context.topics.name(of: topic), partition: $0)
        }
        return try watermarks(of: partitions).mapValues(\.low)
    }

    func watermarks(of partitions: [TopicPartition]) throws -> [TopicPartition: Watermarks] {
        try context.ask("watermarks") { () throws(KafkaError) in
            try cluster.watermarks(of: partitions, timeoutMilliseconds: Patience.askMilliseconds)
        }
    }

    /// The end of a partition according to the last fetch.
    func knownEnd(of place: TopicPartition) -> Position? { consumer.knownEnd(of: place) }

    /// Reads everything up to the ends, and perhaps beyond. Returns how far each partition was read.
    ///
    /// An end is a high watermark, not the last stable offset. If a transaction is open before it, the reader
    /// waits for the end of that transaction (DESIGN, "A stateful service" 1).
    ///
    /// - Parameter ends: if nil, the high watermarks of this moment.
    @discardableResult
    func read(
        from positions: [TopicPartition: Position], to ends: [TopicPartition: Position]? = nil,
        stop: StopFlag, apply: (Record) throws -> Void
    ) throws -> [TopicPartition: Position] {
        reached = positions
        recognition = Recognition()
        guard !positions.isEmpty else { return [:] }
        try fetch()
        let ends = try ends ?? watermarks(of: Array(reached.keys)).mapValues(\.high)
        var open = ends.filter { $0.value > reached[$0.key] ?? .beginning }
        while !open.isEmpty {
            guard !stop.isRaised else { throw Stopped() }
            switch consumer.poll(timeoutMilliseconds: Patience.pollMilliseconds) {
            case .record(let fetched):
                guard let record = Record(fetched, names: context.topics) else { continue }
                let place = fetched.topicPartition
                try take(record, at: place, apply)
                if let end = open[place], record.position >= end { open[place] = nil }
            case .reachedEnd(let place, let position):
                try ended(place, position)
                if let end = open[place], position >= end { open[place] = nil }
            case .failed(let error):
                guard error.remedy != .restart, !error.isOffsetOutOfRange else { throw error }
                context.log.warning("reading", ["reason": .of(error)])
            default: continue
            }
        }
        return reached
    }

    /// Applies what has been fetched meanwhile. Returns the number of records.
    ///
    /// This is for topics that change rarely. A fetch that finds nothing costs both sides as much as one that
    /// finds something, so after meeting the end the reader fetches nothing for a while.
    ///
    /// - Parameter isAwaited: somebody waits for what is new, so the reader does not rest.
    func readAvailable(isAwaited: Bool = false, apply: (Record) throws -> Void) throws -> Int {
        if let restsUntil {
            guard isAwaited || ContinuousClock.now >= restsUntil else { return 0 }
            try fetch()
        }
        var count = 0
        while true {
            switch consumer.poll(timeoutMilliseconds: 0) {
            case .record(let fetched):
                guard let record = Record(fetched, names: context.topics) else { continue }
                if try take(record, at: fetched.topicPartition, apply) { count += 1 }
            case .reachedEnd(let place, let position): try ended(place, position)
            case .failed(let error):
                guard error.remedy != .restart, !error.isOffsetOutOfRange else { throw error }
                context.log.warning("reading", ["reason": .of(error)])
            case .idle:
                if awaited.isEmpty { try rest() }
                return count
            default: continue
            }
        }
    }

    private func fetch() throws {
        restsUntil = nil
        awaited = Set(reached.keys)
        try consumer.assign(recognition.begin(at: reached))
    }

    /// Returns whether the record was not read before.
    @discardableResult
    private func take(
        _ record: Record, at place: TopicPartition, _ apply: (Record) throws -> Void
    ) throws -> Bool {
        guard try recognition.isNew(record, at: place) else { return false }
        try apply(record)
        reached[place] = record.position
        return true
    }

    private func ended(_ place: TopicPartition, _ position: Position) throws {
        try recognition.ends(place, at: position, reached: reached[place])
        reached[place] = position
        awaited.remove(place)
    }

    private func rest() throws {
        try consumer.assign([:])
        restsUntil = .now + LoopSettings.rest
    }
}

/// Thrown when work ended early, because it was asked to stop.
struct Stopped: Error {}

/// How long the loops wait in each situation.
enum Patience {
    /// The member looks for news of its group this often while it restores.
    static let restoreSlice: Duration = .milliseconds(100)
    static let pollMilliseconds: Int32 = 200
    static let askMilliseconds: Int32 = 10_000
    /// Below `max.poll.interval.ms` (5 minutes): that is how long a group waits for a member that does not
    /// poll.
    static let weather: Duration = .seconds(240)
    /// For what is worth waiting for, however long it takes.
    static let endless: Duration = .seconds(100 * 365 * 86_400)
    /// How long a process that is asked to stop waits for deeds under way. A deed without an answer by then
    /// is asked for again later, so it may be done twice. An orderly stop ends within two seconds.
    static let lastOutcomes: Duration = .milliseconds(1500)
}

/// Topics are missing, or their numbers of partitions do not fit each other. Waiting does not help; an
/// operator must act.
struct TopicFault: Error, CustomStringConvertible {
    let description: String

    static func missing(_ name: String) -> Self {
        Self(description: "there is no topic \(name); make them with: dayu topics create")
    }
}
