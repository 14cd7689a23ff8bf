import Dispatch
import Synchronization

/// Several requests at once, for a loop that owns its thread: it begins them, and asks later what came of
/// them.
public final class Calls {
    public typealias Ended = (token: Int, result: Result<Client.Reply, ClientError>)

    private struct Call {
        let transfer: Transfer
        let deadline: ContinuousClock.Instant
    }

    private let client: Client
    private var running: [Int: Call] = [:]
    /// Requests that could not even begin.
    private var stillborn: [Ended] = []
    private let inbox = Inbox()

    /// The session's threads leave here what has ended.
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

        /// It may return early: the bell also rings for what was taken out already.
        func wait(_ time: Duration) { _ = bell.wait(timeout: .after(time)) }
    }

    public init(_ client: Client) {
        self.client = client
    }

    /// - Parameter token: names the call; no two that are under way have the same.
    public func begin(
        _ token: Int, _ method: Method, _ url: String, headers: Headers = [], body: [UInt8] = []
    ) {
        do throws(ClientError) {
            let transfer = try client.begin(method, url, headers: headers, body: body) { [inbox] in
                inbox.put(token)
            }
            running[token] = Call(transfer: transfer, deadline: .now + client.timeout)
        } catch {
            stillborn.append((token, .failure(error)))
        }
    }

    /// What has ended since the last call. Waits for the first one, at most so long.
    public func ended(within time: Duration) -> [Ended] {
        let limit = ContinuousClock.now + time
        while true {
            let ended = collect()
            let now = ContinuousClock.now
            guard ended.isEmpty, !running.isEmpty, now < limit else { return ended }
            let next = running.values.map(\.deadline).min() ?? limit
            inbox.wait(min(next, limit) - now)
        }
    }

    /// Lets go of everything: nothing that was begun before ends any more.
    public func cancel() {
        for call in running.values { call.transfer.cancel() }
        running.removeAll()
        stillborn.removeAll()
    }

    private func collect() -> [Ended] {
        var ended = stillborn
        stillborn.removeAll()
        for token in inbox.empty() {
            guard let call = running.removeValue(forKey: token) else { continue }
            ended.append((token, Result { () throws(ClientError) in try call.transfer.result() }))
        }
        let now = ContinuousClock.now
        for (token, call) in running where call.deadline <= now {
            call.transfer.cancel()
            running[token] = nil
            ended.append((token, .failure(.timeout)))
        }
        return ended
    }
}
