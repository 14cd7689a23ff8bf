import Kafka
import Models
public import Processing
import Synchronization

/// Writes records for many threads, and tells each caller when its records are safe.
///
/// Callers hand over their requests as values. One thread owns the producer and the spool, and receives the
/// delivery reports. No caller waits for a report: the writer calls it back. While a partition takes no
/// records, they go to the spool. As long as the spool holds records of a lane, all new records of that lane
/// go there too, which keeps their order. The other lanes go on as usual.
public final class RecordWriter: Sendable {
    public enum Outcome: Sendable {
        /// Acknowledged by all in-sync replicas.
        case written
        /// On this machine's disk; the record goes to the log when Kafka is back, under the same identity.
        case spooled
        /// Neither written nor spooled; sending the same again is harmless.
        case failed(reason: String)
        /// The log never takes such a record, however often it is sent.
        case refused(reason: String)
    }

    fileprivate struct Order: Sendable {
        let records: [Outgoing]
        let then: @Sendable (Outcome) -> Void
    }

    private struct Inbox {
        var orders: [Order] = []
        var isOpen = false
        var waker: Waker?
    }

    private let context: HostContext
    private let stop: StopFlag
    private let spoolLimit: Int
    private let partitionBytes: Int
    private let inbox = Mutex(Inbox())
    private let spoolIsEmpty = Emptiness()

    /// The most orders that may wait to be sent; when there are more, the caller gets a refusal at once.
    private static let ordersLimit = 20_000

    /// - Parameter partitionBytes: the most bytes it writes to one partition; 0: no limit (`LogRoom`).
    public init(_ context: HostContext, spoolLimit: Int, partitionBytes: Int = 0, stop: StopFlag) {
        self.context = context
        self.partitionBytes = partitionBytes
        self.spoolLimit = spoolLimit
        self.stop = stop
    }

    /// Whether everything that this process has taken so far is on the log; false until the spool is open.
    public var hasNothingSpooled: Bool { spoolIsEmpty.isKnown }

    /// Hands over records; `then` is called once, on the writer's thread.
    public func write(_ records: [Outgoing], then: @escaping @Sendable (Outcome) -> Void) {
        let isTaken = inbox.withLock { inbox in
            guard inbox.isOpen, inbox.orders.count < Self.ordersLimit else { return false }
            inbox.orders.append(Order(records: records, then: then))
            inbox.waker?.wake()
            return true
        }
        if !isTaken { then(.failed(reason: "no more records can be accepted now")) }
    }

    /// The loop: runs until `stop` is raised and every caller has its outcome.
    public func run() throws {
        let desk = try WriterDesk(
            context, spoolLimit: spoolLimit, partitionBytes: partitionBytes, spoolIsEmpty)
        let cluster = try Cluster(context.cluster, clientID: "\(context.name).writer")
        // If the room is limited, nobody writes before the room is known.
        if partitionBytes > 0 { desk.learn(from: cluster, within: Patience.askMilliseconds) }
        inbox.withLock { $0.isOpen = true }
        desk.tell()
        defer { close() }
        while true {
            do {
                return try run(desk, cluster)
            } catch let error as KafkaError where error.remedy == .restart {
                // A producer that no longer works is no reason to refuse complaints: the spool takes them
                // meanwhile.
                context.log.error("the producer is renewed", ["reason": .of(error)])
                try desk.spoolPending()
            }
        }
    }

    private func run(_ desk: WriterDesk, _ cluster: borrowing Cluster) throws {
        let producer = try Producer(
            context.cluster, clientID: context.name, overrides: context.presets(LoopSettings.writer),
            onDelivery: { desk.note($0.token, $0.error) })
        inbox.withLock { $0.waker = producer.waker }
        while !stop.isRaised || desk.hasPending || hasOrders {
            let orders = takeOrders()
            if !orders.isEmpty { desk.learn(from: cluster) }
            try desk.take(orders, producer)
            try desk.drain(producer, isStopping: stop.isRaised)
            _ = producer.poll(timeoutMilliseconds: desk.patienceMilliseconds)
            try desk.settle()
        }
    }

    private var hasOrders: Bool { inbox.withLock { !$0.orders.isEmpty } }

    private func takeOrders() -> [Order] {
        inbox.withLock { inbox in
            defer { inbox.orders.removeAll(keepingCapacity: true) }
            return inbox.orders
        }
    }

    /// Every caller that still waits gets an answer, so that none waits for ever.
    private func close() {
        let orders = inbox.withLock { inbox in
            inbox.isOpen = false
            inbox.waker = nil
            defer { inbox.orders.removeAll() }
            return inbox.orders
        }
        for order in orders { order.then(.failed(reason: "the service is stopping")) }
    }
}

/// Whether the spool is known to be empty, for other threads.
private final class Emptiness: Sendable {
    private let flag = Atomic<Bool>(false)

    var isKnown: Bool { flag.load(ordering: .acquiring) }

    func note(_ isEmpty: Bool) { flag.store(isEmpty, ordering: .releasing) }
}

/// The work of the writer's thread: orders in flight, and the spool.
private final class WriterDesk {
    /// An order that was sent and waits for its reports.
    private struct Pending {
        let order: RecordWriter.Order
        var remaining: Int
        var failure: KafkaError?
        /// This order itself can't be taken; not another one of its batch.
        var isRefused = false
    }

    private let names: TopicNames
    private let log: Log
    private let health: Health.Part
    private let spool: Spool
    private let emptiness: Emptiness
    private let spoolLimit: Int
    private let written: Metrics.Counter
    private let spooled: Metrics.Counter
    private let refused: Metrics.Counter
    private let waiting: Metrics.Gauge
    private let aside: Metrics.Gauge

    private var pending: [UInt: Pending] = [:]
    private var done: [Pending] = []
    private var lastToken: UInt = 0

    private var lanes: Lanes
    private var room: LogRoom
    /// Outcomes of rounds that could not be written to the disk. Their lanes wait. A record that is not
    /// deleted from the spool is sent again: once that is harmless, but it would never end.
    private var unsettled: [Lane: SpoolDrain.Outcome] = [:]
    private var settleAgainAt = ContinuousClock.now
    /// The rounds of the lanes that have waiting records.
    private var rounds: [Lane: SpoolDrain] = [:]
    /// Why the last record could not be sent.
    private var hindrance: String?
    /// Why the spool took nothing when it was last needed.
    private var spoolFault: String?
    private var tryDiskAt = ContinuousClock.now

    /// How often to try a disk that took nothing.
    private static let tryDiskEvery: Duration = .seconds(2)

    init(_ context: HostContext, spoolLimit: Int, partitionBytes: Int, _ emptiness: Emptiness) throws {
        self.emptiness = emptiness
        room = LogRoom(bytes: partitionBytes)
        names = context.topics
        lanes = Lanes(context.topics)
        log = context.log
        health = context.health.part("writer")
        spool = try Spool(path: "\(context.dataFolder)/spool.sqlite", limit: spoolLimit)
        self.spoolLimit = spoolLimit
        let metrics = context.metrics
        written = metrics.counter("dayu_orders_written_total", help: "Orders that the log has acknowledged.")
        spooled = metrics.counter("dayu_orders_spooled_total", help: "Orders that went to the spool.")
        refused = metrics.counter(
            "dayu_orders_refused_total", help: "Orders that neither the log nor the spool took.")
        waiting = metrics.gauge("dayu_spool_records", help: "Records that wait on disk for Kafka.")
        aside = metrics.gauge(
            "dayu_spool_aside_records", help: "Records on disk that Kafka refused for good.")
        metrics.gauge(
            "dayu_spool_limit_records", help: "The largest number of records that the spool may hold."
        ).set(
            spoolLimit)
    }

    var hasPending: Bool {
        !pending.isEmpty || !done.isEmpty || rounds.values.contains { !$0.isIdle }
    }

    func learn(from cluster: borrowing Cluster, within milliseconds: Int32 = Lanes.askMilliseconds) {
        lanes.learn(from: cluster, within: milliseconds)
        room.learn(from: cluster, lanes, within: milliseconds)
    }

    /// Short while the spool waits for its next try.
    var patienceMilliseconds: Int32 {
        spool.isEmpty ? Patience.pollMilliseconds : 50
    }

    func take(_ orders: [RecordWriter.Order], _ producer: borrowing Producer) throws {
        let orders = orders.filter(takesUp)
        guard !orders.isEmpty else { return }
        guard !spool.isEmpty else { return try orders.forEach { try send($0, producer) } }
        let isFree = { [spool, lanes] (order: RecordWriter.Order) in
            order.records.allSatisfy { spool.isClear(lanes.lane(of: $0)) }
        }
        for order in orders where isFree(order) { try send(order, producer) }
        putAside(orders.filter { !isFree($0) })
    }

    private func takesUp(_ order: RecordWriter.Order) -> Bool {
        let isFirst = !room.isExhausted
        if room.take(order.records.map { ($0, lanes.lane(of: $0)) }) { return true }
        refused.add()
        order.then(.failed(reason: LogRoom.reason))
        if isFirst {
            log.error("no more records are accepted", ["reason": .text(LogRoom.reason)])
            tell()
        }
        return false
    }

    private func send(_ order: RecordWriter.Order, _ producer: borrowing Producer) throws {
        let token = nextToken()
        pending[token] = Pending(order: order, remaining: order.records.count)
        try send(order.records.map { (token, $0) }, producer)
    }

    private func send(
        _ records: [(token: UInt, record: Outgoing)], _ producer: borrowing Producer
    ) throws {
        var fatal: KafkaError?
        for (token, record) in records {
            do throws(KafkaError) {
                try producer.send(record, names: names, token: token)
            } catch {
                // The error is about this record alone: it has not been in any batch yet.
                if error.refusesRecord { pending[token]?.isRefused = true }
                // Every record gets a report, also those that a dead producer never sent.
                note(token, error)
                if error.remedy == .restart { fatal = error }
            }
        }
        if let fatal { throw fatal }
    }

    private func nextToken() -> UInt {
        lastToken += 1
        return lastToken
    }

    func note(_ token: UInt, _ error: KafkaError?) {
        let report = SpoolDrain.Report(error)
        for lane in rounds.keys where rounds[lane]?.note(token, report) == true { return }
        guard var order = pending[token] else { return }
        order.remaining -= 1
        order.failure = order.failure ?? error
        pending[token] = order.remaining == 0 ? nil : order
        if order.remaining == 0 { done.append(order) }
    }

    /// Answers the callers whose reports have arrived; records that the log did not take go to the spool.
    func settle() throws {
        guard !done.isEmpty else { return }
        let settled = done
        done.removeAll(keepingCapacity: true)
        var failed: [RecordWriter.Order] = []
        for order in settled {
            guard let failure = order.failure else {
                written.add()
                order.order.then(.written)
                continue
            }
            if order.isRefused {
                refused.add()
                log.warning("Kafka can't take a record", ["reason": .of(failure)])
                order.order.then(.refused(reason: failure.description))
            } else {
                hindrance = failure.description
                failed.append(order.order)
            }
        }
        if let hindrance, !failed.isEmpty {
            log.warning(
                "Kafka does not take records", ["reason": .text(hindrance), "orders": .of(failed.count)])
        }
        putAside(failed)
    }

    /// One commit, and one wait for the disk, for all orders that arrived together.
    private func putAside(_ orders: [RecordWriter.Order]) {
        guard !orders.isEmpty else { return }
        var fitting: [RecordWriter.Order] = []
        var count = 0
        // Once an order does not fit, later orders must not overtake it.
        for order in orders {
            guard spool.hasRoom(for: count + order.records.count) else { break }
            fitting.append(order)
            count += order.records.count
        }
        do {
            try spool.append(fitting.flatMap(\.records).map { ($0, lanes.lane(of: $0)) })
            spoolFault = nil
            // This comes before anybody gets an answer.
            emptiness.note(spool.isEmpty)
            spooled.add(fitting.count)
            for order in fitting { order.then(.spooled) }
            tell()
        } catch {
            // Most likely a full disk. The caller is told the truth, and the service goes on without a spool.
            refused.add(fitting.count)
            failed(error)
            for order in fitting { order.then(.failed(reason: "the spool can't be written")) }
        }
        let rest = orders.dropFirst(fitting.count)
        refused.add(rest.count)
        for order in rest { order.then(.failed(reason: "the spool is full")) }
    }

    private func failed(_ error: any Error) {
        log.error("the spool can't be written", ["reason": .text("\(error)")])
        spoolFault = "\(error)"
        tryDiskAt = .now + Self.tryDiskEvery
        tell()
    }

    /// The service is not ready meanwhile, so nobody sends an order that would show that there is room again.
    /// So the desk tries the disk itself.
    private func tryDisk() {
        guard spoolFault != nil, unsettled.isEmpty, .now >= tryDiskAt else { return }
        do {
            try spool.tryDisk()
            spoolFault = nil
            log.info("the spool can be written again")
            tell()
        } catch {
            tryDiskAt = .now + Self.tryDiskEvery
        }
    }

    // MARK: Draining

    /// For each lane: sends the oldest records, waits for the reports, deletes from the spool what the log
    /// has, and goes on. After a failure the lane pauses.
    func drain(_ producer: borrowing Producer, isStopping: Bool) throws {
        for lane in rounds.keys {
            if let outcome = rounds[lane]?.end(at: .now) { settle(outcome, of: lane) }
        }
        settleAgain()
        tryDisk()
        let waiting = spool.lanes
        rounds = rounds.filter { waiting.contains($0.key) || !$0.value.isIdle }
        // The rest stays in the spool until the next start.
        guard !isStopping else { return }
        for lane in waiting where unsettled[lane] == nil {
            var round = rounds[lane] ?? SpoolDrain()
            guard round.mayBegin(at: .now) else { continue }
            let records = round.begin(try spool.first(round.window, of: lane), nextToken: nextToken)
            rounds[lane] = round
            try send(records, producer)
        }
    }

    private func settleAgain() {
        guard !unsettled.isEmpty, .now >= settleAgainAt else { return }
        for (lane, outcome) in unsettled { settle(outcome, of: lane) }
    }

    private func settle(_ outcome: SpoolDrain.Outcome, of lane: Lane) {
        do {
            try spool.settle(lane, delivered: outcome.delivered, refused: outcome.refused)
        } catch {
            unsettled[lane] = outcome
            settleAgainAt = .now + SpoolDrain.pause
            return failed(error)
        }
        if unsettled.removeValue(forKey: lane) != nil, unsettled.isEmpty { spoolFault = nil }
        for (number, reason) in outcome.refused {
            log.error(
                "a record that Kafka refuses for good is set aside in the spool",
                ["number": .of(number), "reason": .text(reason)])
        }
        hindrance = outcome.hindrance
        if let hindrance {
            log.warning("the spool waits", ["reason": .text(hindrance), "records": .of(spool.count)])
        } else if spool.isEmpty {
            log.info("the spool is empty")
        }
        tell()
    }

    /// The producer is gone. What it had in flight is safe on disk, and is sent again.
    func spoolPending() throws {
        for lane in rounds.keys { rounds[lane]?.abandon(at: .now) }
        let orders = (done + pending.sorted { $0.key < $1.key }.map(\.value)).map(\.order)
        done.removeAll()
        pending.removeAll()
        putAside(orders)
    }

    /// Tells the operator how full the spool is.
    func tell() {
        emptiness.note(spool.isEmpty)
        waiting.set(spool.count)
        aside.set(spool.asideCount)
        var notes: [String] = []
        if !spool.isEmpty {
            notes.append("\(spool.count) records wait for Kafka" + (hindrance.map { ": \($0)" } ?? ""))
        }
        if spool.asideCount > 0 {
            notes.append("\(spool.asideCount) records that Kafka refused are set aside until the next start")
        }
        if spool.isNearlyFull, spoolLimit > 0 {
            notes.append("the spool is nearly full (of \(spoolLimit) records)")
        }
        let note = notes.joined(separator: "; ")
        if let spoolFault {
            health.notReady("the spool can't be written: \(spoolFault)")
        } else if room.isExhausted {
            health.notReady(LogRoom.reason)
        } else if !spool.hasRoom(for: 1) {
            health.notReady("the spool is full (\(spoolLimit)): \(note)")
        } else {
            health.ready(note.isEmpty ? nil : note)
        }
    }
}
