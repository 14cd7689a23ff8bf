import Kafka
import Models
public import Processing
import Synchronization

/// Writes records for many threads and tells each when the log has them.
///
/// Requests are handed over as values; one thread owns the producer, and delivery reports come back on it. No thread waits for
/// a report: whoever asked is called.
public final class RecordWriter: Sendable {
    public enum Outcome: Sendable {
        /// Acknowledged by all in-sync replicas.
        case written
        /// Not known to be on the log; sending the same again is harmless.
        case failed(reason: String)
    }

    private struct Order: Sendable {
        let records: [Outgoing]
        let then: @Sendable (Outcome) -> Void
    }

    private struct Inbox {
        var orders: [Order] = []
        var isOpen = false
        var waker: Waker?
    }

    /// An order that was sent and waits for its reports.
    private struct Pending {
        var remaining: Int
        var failure: String?
        let then: @Sendable (Outcome) -> Void
    }

    private let context: HostContext
    private let stop: StopFlag
    private let inbox = Mutex(Inbox())
    private let written: Metrics.Counter
    private let failed: Metrics.Counter

    /// Orders that wait to be sent; beyond it the caller is told at once.
    private static let ordersLimit = 20_000

    public init(_ context: HostContext, stop: StopFlag) {
        self.context = context
        self.stop = stop
        written = context.metrics.counter("dayu_records_written_total", help: "Records the log has acknowledged.")
        failed = context.metrics.counter("dayu_records_failed_total", help: "Records the log has not taken.")
    }

    /// Hands over records; `then` is called once, on the writer's thread, when all are on the log or one is known not to be.
    public func write(_ records: [Outgoing], then: @escaping @Sendable (Outcome) -> Void) {
        let isTaken = inbox.withLock { inbox in
            guard inbox.isOpen, inbox.orders.count < Self.ordersLimit else { return false }
            inbox.orders.append(Order(records: records, then: then))
            inbox.waker?.wake()
            return true
        }
        if !isTaken { then(.failed(reason: "the writer takes no more")) }
    }

    /// The loop: until `stop` is raised and everything taken has been told its outcome.
    public func run() throws {
        let reports = Reports()
        let producer = try Producer(
            context.cluster, clientID: context.name, overrides: context.presets(LoopSettings.plainProducer),
            onDelivery: { token, error, _, _ in reports.note(token, error?.description) })
        let health = context.health.part("writer")
        inbox.withLock {
            $0.isOpen = true
            $0.waker = producer.waker
        }
        defer { close() }
        health.ready()
        while !stop.isRaised || !reports.isEmpty || hasOrders {
            for order in takeOrders() { try send(order, producer, reports) }
            _ = producer.poll(timeoutMilliseconds: Patience.pollMilliseconds)
            settle(reports)
        }
    }

    private func send(_ order: Order, _ producer: borrowing Producer, _ reports: Reports) throws {
        let token = reports.open(Pending(remaining: order.records.count, then: order.then))
        for record in order.records {
            do throws(KafkaError) {
                try producer.send(OutgoingRecord(record, names: context.topics), token: token)
            } catch {
                guard error.remedy != .restart else { throw error }
                reports.note(token, error.description)
            }
        }
    }

    private func settle(_ reports: Reports) {
        for done in reports.takeDone() {
            if let failure = done.failure {
                failed.add()
                context.log.warning("a record was not written", ["reason": .text(failure)])
                done.then(.failed(reason: failure))
            } else {
                written.add()
                done.then(.written)
            }
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

    /// Orders by token; used on the writer's thread alone.
    private final class Reports {
        private var pending: [UInt: Pending] = [:]
        private var done: [Pending] = []
        private var last: UInt = 0

        var isEmpty: Bool { pending.isEmpty && done.isEmpty }

        func open(_ order: Pending) -> UInt {
            last += 1
            if order.remaining == 0 { done.append(order) } else { pending[last] = order }
            return last
        }

        func note(_ token: UInt, _ failure: String?) {
            guard var order = pending[token] else { return }
            order.remaining -= 1
            order.failure = order.failure ?? failure
            pending[token] = order.remaining == 0 ? nil : order
            if order.remaining == 0 { done.append(order) }
        }

        func takeDone() -> [Pending] {
            defer { done.removeAll(keepingCapacity: true) }
            return done
        }
    }
}
