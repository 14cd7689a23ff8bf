import Kafka
import Models
public import Processing
import Synchronization

/// Writes records for many threads and tells each when they are safe.
///
/// Requests are handed over as values; one thread owns the producer and the spool, and delivery reports come
/// back on it. No thread waits for a report: whoever asked is called. While Kafka is away the records go to
/// the spool, and as long as the spool holds anything everything goes there, so that order is kept.
public final class RecordWriter: Sendable {
    public enum Outcome: Sendable {
        /// Acknowledged by all in-sync replicas.
        case written
        /// On this machine's disk; it goes to the log when Kafka is back, under the same identity.
        case spooled
        /// Neither; sending the same again is harmless.
        case failed(reason: String)
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
    private let inbox = Mutex(Inbox())

    /// Orders that wait to be sent; beyond it the caller is told at once.
    private static let ordersLimit = 20_000

    public init(_ context: HostContext, spoolLimit: Int, stop: StopFlag) {
        self.context = context
        self.spoolLimit = spoolLimit
        self.stop = stop
    }

    /// Hands over records; `then` is called once, on the writer's thread.
    public func write(_ records: [Outgoing], then: @escaping @Sendable (Outcome) -> Void) {
        let isTaken = inbox.withLock { inbox in
            guard inbox.isOpen, inbox.orders.count < Self.ordersLimit else { return false }
            inbox.orders.append(Order(records: records, then: then))
            inbox.waker?.wake()
            return true
        }
        if !isTaken { then(.failed(reason: "the writer takes no more")) }
    }

    /// The loop: until `stop` is raised and everyone has been told his outcome.
    public func run() throws {
        let desk = try WriterDesk(context, spoolLimit: spoolLimit)
        inbox.withLock { $0.isOpen = true }
        desk.tell()
        defer { close() }
        while true {
            do {
                return try run(desk)
            } catch let error as KafkaError where error.remedy == .restart {
                // A producer that is of no more use is no reason to refuse complaints: the spool takes them
                // meanwhile.
                context.log.error("the producer is renewed", ["reason": .of(error)])
                try desk.spoolPending()
            }
        }
    }

    private func run(_ desk: WriterDesk) throws {
        let producer = try Producer(
            context.cluster, clientID: context.name, overrides: context.presets(LoopSettings.writer),
            onDelivery: { token, error, _, _ in desk.note(token, error) })
        inbox.withLock { $0.waker = producer.waker }
        while !stop.isRaised || desk.hasPending || hasOrders {
            try desk.take(takeOrders(), producer)
            try desk.drain(producer)
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

    /// Whoever still waits is told; nobody waits for ever.
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

/// What the writer's thread has before it: orders in flight, and the spool.
private final class WriterDesk {
    /// An order that was sent and waits for its reports.
    private struct Pending {
        let order: RecordWriter.Order
        var remaining: Int
        var failure: KafkaError?
    }

    private let names: TopicNames
    private let log: Log
    private let health: Health.Part
    private let spool: Spool
    private let written: Metrics.Counter
    private let spooled: Metrics.Counter
    private let refused: Metrics.Counter
    private let waiting: Metrics.Gauge

    private var pending: [UInt: Pending] = [:]
    private var done: [Pending] = []
    private var lastToken: UInt = 0

    /// The part of the spool that is on its way.
    private var draining: (through: Int64, token: UInt)?
    private var drainRemaining = 0
    private var drainFailure: KafkaError?
    private var drainAgainAt = Instant(millisecondsSince1970: 0)

    private static let drainRecords = 500
    private static let drainPause: Duration = .seconds(1)

    init(_ context: HostContext, spoolLimit: Int) throws {
        names = context.topics
        log = context.log
        health = context.health.part("writer")
        spool = try Spool(path: "\(context.dataFolder)/spool.sqlite", limit: spoolLimit)
        let metrics = context.metrics
        written = metrics.counter("dayu_orders_written_total", help: "Orders the log has acknowledged.")
        spooled = metrics.counter("dayu_orders_spooled_total", help: "Orders that went to the spool.")
        refused = metrics.counter("dayu_orders_refused_total", help: "Orders that neither took.")
        waiting = metrics.gauge("dayu_spool_records", help: "Records that wait on disk for Kafka.")
    }

    var hasPending: Bool { !pending.isEmpty || !done.isEmpty || draining != nil }

    /// Short while the spool waits for its next try.
    var patienceMilliseconds: Int32 {
        spool.isEmpty ? Patience.pollMilliseconds : 50
    }

    func take(_ orders: [RecordWriter.Order], _ producer: borrowing Producer) throws {
        guard !orders.isEmpty else { return }
        guard spool.isEmpty else { return try putAside(orders) }
        for order in orders { try send(order, producer) }
    }

    private func send(_ order: RecordWriter.Order, _ producer: borrowing Producer) throws {
        lastToken += 1
        let token = lastToken
        pending[token] = Pending(order: order, remaining: order.records.count)
        try send(order.records, token, producer)
    }

    private func send(_ records: [Outgoing], _ token: UInt, _ producer: borrowing Producer) throws {
        var fatal: KafkaError?
        for record in records {
            do throws(KafkaError) {
                try producer.send(OutgoingRecord(record, names: names), token: token)
            } catch {
                // Each record is accounted for, also those that a dead producer never saw.
                note(token, error)
                if error.remedy == .restart { fatal = error }
            }
        }
        if let fatal { throw fatal }
    }

    func note(_ token: UInt, _ error: KafkaError?) {
        if let draining, draining.token == token {
            drainFailure = drainFailure ?? error
            drainRemaining -= 1
            return
        }
        guard var order = pending[token] else { return }
        order.remaining -= 1
        order.failure = order.failure ?? error
        pending[token] = order.remaining == 0 ? nil : order
        if order.remaining == 0 { done.append(order) }
    }

    /// Tells those whose reports are in; what the log did not take goes to the spool.
    func settle() throws {
        guard !done.isEmpty else { return }
        let settled = done
        done.removeAll(keepingCapacity: true)
        let (taken, failed) = (settled.filter { $0.failure == nil }, settled.filter { $0.failure != nil })
        for order in taken {
            written.add()
            order.order.then(.written)
        }
        if let reason = failed.first?.failure {
            log.warning(
                "the log does not take records", ["reason": .of(reason), "orders": .of(failed.count)])
        }
        try putAside(failed.map(\.order))
    }

    /// One commit, and one wait for the disk, for all that came together.
    private func putAside(_ orders: [RecordWriter.Order]) throws {
        guard !orders.isEmpty else { return }
        var fitting: [RecordWriter.Order] = []
        var count = 0
        // Orders that came later are not let past one that does not fit.
        for order in orders {
            guard spool.hasRoom(for: count + order.records.count) else { break }
            fitting.append(order)
            count += order.records.count
        }
        try spool.append(fitting.flatMap(\.records))
        spooled.add(fitting.count)
        for order in fitting { order.then(.spooled) }
        let rest = orders.dropFirst(fitting.count)
        refused.add(rest.count)
        for order in rest { order.then(.failed(reason: "the spool is full")) }
        tell()
    }

    // MARK: Draining

    /// Sends the oldest part of the spool, waits for its reports, forgets it, and goes on; after a failure it
    /// pauses.
    func drain(_ producer: borrowing Producer) throws {
        if let draining {
            guard drainRemaining == 0 else { return }
            self.draining = nil
            if let drainFailure {
                log.warning("the spool waits", ["reason": .of(drainFailure), "records": .of(spool.count)])
                drainAgainAt = .now + Self.drainPause
            } else {
                try spool.remove(through: draining.through)
                if spool.isEmpty { log.info("the spool is empty") }
            }
            drainFailure = nil
            tell()
        }
        guard !spool.isEmpty, .now >= drainAgainAt else { return }
        let entries = try spool.first(Self.drainRecords)
        guard let last = entries.last else { return }
        lastToken += 1
        draining = (last.number, lastToken)
        drainRemaining = entries.count
        try send(entries.map(\.record), lastToken, producer)
    }

    /// The producer is gone: what it had in flight is safe on disk, and is sent again.
    func spoolPending() throws {
        draining = nil
        drainFailure = nil
        let orders = (done + pending.sorted { $0.key < $1.key }.map(\.value)).map(\.order)
        done.removeAll()
        pending.removeAll()
        drainAgainAt = .now + Self.drainPause
        try putAside(orders)
    }

    /// How full the spool is, to whoever looks after the service.
    func tell() {
        waiting.set(spool.count)
        if !spool.hasRoom(for: 1) {
            health.notReady("the spool is full")
        } else {
            health.ready(spool.isEmpty ? nil : "\(spool.count) records wait for Kafka")
        }
    }
}
