import Dispatch
import Synchronization

/// Several requests at once, for a loop that owns its thread: the loop begins requests, and asks later for
/// their results.
public final class Calls {
    public typealias Ended = (token: Int, result: Result<Client.Reply, ClientError>)

    /// When a call without an answer is given up.
    public struct Patience: Sendable {
        /// How long the other side may be silent. It may work off one call after another: as long as it
        /// answers any of them, the others wait for their turn.
        let silence: Duration
        /// How long a call may wait at most, whatever the others get.
        let limit: Duration

        public init(silence: Duration, limit: Duration) {
            self.silence = silence
            self.limit = limit
        }

        /// - Parameter answered: when the other side last answered any call.
        public func deadline(
            begun: ContinuousClock.Instant, answered: ContinuousClock.Instant?
        ) -> ContinuousClock.Instant {
            min(begun + limit, max(begun, answered ?? begun) + silence)
        }
    }

    private struct Call {
        let transfer: Transfer
        let begun: ContinuousClock.Instant
    }

    private let client: Client
    private let patience: Patience
    /// When the last answer came.
    private var answered: ContinuousClock.Instant?
    private var running: [Int: Call] = [:]
    /// Requests that could not even begin.
    private var stillborn: [Ended] = []
    private let inbox = Inbox()

    /// The session's threads put the tokens of ended requests here.
    private final class Inbox: Sendable {
        private let tokens = Mutex<[Int]>([])
        private let bell = DispatchSemaphore(value: 0)

        func put(_ token: Int) {
            tokens.withLock { $0.append(token) }
            bell.signal()
        }

        func empty() -> [Int] {
            tokens.withLock { tokens in
                defer { tokens.removeAll() }
                return tokens
            }
        }

        /// It may return early: the bell may also ring for a result that was already taken out.
        func wait(_ time: Duration) { _ = bell.wait(timeout: .after(time)) }
    }

    /// - Parameter silence: how long the other side may answer no call at all; a single call is given up
    ///   after the client's timeout. By preset the two are the same: each call's time begins with the call.
    public init(_ client: Client, silence: Duration? = nil) {
        self.client = client
        patience = Patience(silence: silence ?? client.timeout, limit: client.timeout)
    }

    /// - Parameter token: names the call; no two calls under way may have the same token.
    public func begin(
        _ token: Int, _ method: Method, _ url: String, headers: Headers = [], body: [UInt8] = []
    ) {
        do throws(ClientError) {
            let transfer = try client.begin(method, url, headers: headers, body: body) { [inbox] in
                inbox.put(token)
            }
            running[token] = Call(transfer: transfer, begun: .now)
        } catch {
            stillborn.append((token, .failure(error)))
        }
    }

    /// The calls that have ended since the last time. Waits for the first one, at most as long as `time`.
    public func ended(within time: Duration) -> [Ended] {
        let limit = ContinuousClock.now + time
        while true {
            let ended = collect()
            let now = ContinuousClock.now
            guard ended.isEmpty, !running.isEmpty, now < limit else { return ended }
            let next = running.values.map(deadline(of:)).min() ?? limit
            inbox.wait(min(next, limit) - now)
        }
    }

    /// Cancels everything: no call that was begun before this will end.
    public func cancel() {
        for call in running.values { call.transfer.cancel() }
        running.removeAll()
        stillborn.removeAll()
    }

    private func deadline(of call: Call) -> ContinuousClock.Instant {
        patience.deadline(begun: call.begun, answered: answered)
    }

    private func collect() -> [Ended] {
        var ended = stillborn
        stillborn.removeAll()
        for token in inbox.empty() {
            guard let call = running.removeValue(forKey: token) else { continue }
            let result = Result { () throws(ClientError) in try call.transfer.result() }
            if case .success = result { answered = .now }
            ended.append((token, result))
        }
        let now = ContinuousClock.now
        for (token, call) in running where deadline(of: call) <= now {
            call.transfer.cancel()
            running[token] = nil
            ended.append((token, .failure(.timeout)))
        }
        return ended
    }
}
