import Dispatch
import Foundation
import FoundationNetworking
import Glibc
import Synchronization

/// Why a request got no answer. An answer is never an error, whatever its status.
public enum ClientError: Error, Hashable, Sendable, CustomStringConvertible {
    case timeout
    /// Nobody listens at that address.
    case refused
    case other(String)

    public var description: String {
        switch self {
        case .timeout: "no answer in time"
        case .refused: "connection refused"
        case .other(let reason): reason
        }
    }
}

/// An HTTP client whose calls wait for the answer, for a loop that owns its thread.
///
/// It keeps no cookies, caches nothing and goes through no proxy. Redirects are followed within one origin
/// only, because what we send (a phone number, a token) is meant for the host the operator named.
public final class Client: Sendable {
    public struct Reply: Sendable {
        public let status: Int
        public let headers: Headers
        public let body: [UInt8]
    }

    private let session: URLSession
    private let transfers = Transfers()
    let timeout: Duration

    /// `replyBytes` limits the body of an answer; a longer one is an error.
    public init(
        timeout: Duration = .seconds(10), replyBytes: Int = 1_048_576, leavesOrigin: Bool = false,
        connectionsPerHost: Int = 6
    ) {
        precondition(timeout > .zero, "timeout \(timeout)")
        _ = withoutProxies
        self.timeout = timeout
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpCookieStorage = nil
        configuration.httpShouldSetCookies = false
        configuration.httpCookieAcceptPolicy = .never
        configuration.urlCache = nil
        configuration.urlCredentialStorage = nil
        configuration.httpMaximumConnectionsPerHost = connectionsPerHost
        session = URLSession(
            configuration: configuration,
            delegate: TransferDelegate(transfers, replyBytes: replyBytes, leavesOrigin: leavesOrigin),
            delegateQueue: nil)
    }

    deinit {
        session.invalidateAndCancel()
    }

    /// Sends and waits for the whole answer, at most for the client's timeout.
    public func send(
        _ method: Method, _ url: String, headers: Headers = [], body: [UInt8] = []
    ) throws(ClientError) -> Reply {
        let done = DispatchSemaphore(value: 0)
        let transfer = try begin(method, url, headers: headers, body: body) { done.signal() }
        guard done.wait(timeout: .after(timeout)) == .success else {
            transfer.cancel()
            throw .timeout
        }
        return try transfer.result()
    }

    /// Sends and returns at once. `ended` is called on one of the session's threads when there is a result.
    func begin(
        _ method: Method, _ url: String, headers: Headers, body: [UInt8],
        ended: @escaping @Sendable () -> Void
    ) throws(ClientError) -> Transfer {
        guard let address = URL(string: url), address.host != nil else {
            throw .other("\(url) is not an address")
        }
        var request = URLRequest(url: address)
        request.httpMethod = method.rawValue
        for (name, value) in headers { request.addValue(value, forHTTPHeaderField: name) }
        if !body.isEmpty { request.httpBody = Data(body) }
        // We keep the deadline ourselves, to the millisecond. URLSession's own timeout counts whole seconds
        // between two packets.
        request.timeoutInterval = Double(timeout.components.seconds) + 2

        let task = session.dataTask(with: request)
        let transfer = Transfer(task, ended)
        transfers.begin(transfer)
        task.resume()
        return transfer
    }
}

/// URLSession uses libcurl here, and libcurl takes proxies from the environment. This variable tells it to
/// use none.
private let withoutProxies: Void = {
    unsafe setenv("no_proxy", "*", 1)
}()

/// One request under way.
final class Transfer: Sendable {
    private struct Guarded {
        var status = 0
        var headers = Headers()
        var body: [UInt8] = []
        var error: ClientError?
    }

    private let guarded = Mutex(Guarded())
    private let task: URLSessionTask
    private let ended: @Sendable () -> Void

    init(_ task: URLSessionTask, _ ended: @escaping @Sendable () -> Void) {
        self.task = task
        self.ended = ended
    }

    var identifier: Int { task.taskIdentifier }

    /// Call it when nobody waits for the answer any more.
    func cancel() { task.cancel() }

    func result() throws(ClientError) -> Client.Reply {
        let guarded = guarded.withLock { $0 }
        if let error = guarded.error { throw error }
        return Client.Reply(status: guarded.status, headers: guarded.headers, body: guarded.body)
    }

    /// False when the body is longer than the limit.
    fileprivate func receive(_ data: Data, limit: Int) -> Bool {
        guarded.withLock { guarded in
            guard guarded.body.count + data.count <= limit else {
                guarded.error = .other("the answer is longer than \(limit) bytes")
                return false
            }
            guarded.body.append(contentsOf: data)
            return true
        }
    }

    fileprivate func finish(_ response: HTTPURLResponse?, _ error: (any Error)?) {
        guarded.withLock { guarded in
            guarded.status = response?.statusCode ?? 0
            for (name, value) in response?.allHeaderFields ?? [:] {
                if let name = name as? String, let value = value as? String {
                    guarded.headers.add(name, value)
                }
            }
            if guarded.error == nil, let error { guarded.error = ClientError(error) }
            if guarded.error == nil, response == nil { guarded.error = .other("no answer") }
        }
        ended()
    }
}

extension ClientError {
    fileprivate init(_ error: any Error) {
        switch (error as? URLError)?.code {
        case .timedOut: self = .timeout
        case .cannotConnectToHost: self = .refused
        // Foundation's own words, which it has from libcurl: it takes no header that is not UTF-8.
        case .unknown where error.localizedDescription == "Failed writing header":
            self = .other("the answer has a header that is not UTF-8")
        default: self = .other(error.localizedDescription)
        }
    }
}

private final class Transfers: Sendable {
    private let running = Mutex<[Int: Transfer]>([:])

    func begin(_ transfer: Transfer) {
        running.withLock { $0[transfer.identifier] = transfer }
    }

    subscript(identifier: Int) -> Transfer? {
        running.withLock { $0[identifier] }
    }

    @discardableResult func end(_ identifier: Int) -> Transfer? {
        running.withLock { $0.removeValue(forKey: identifier) }
    }
}

private final class TransferDelegate: NSObject, URLSessionDataDelegate {
    private let transfers: Transfers
    private let replyBytes: Int
    private let leavesOrigin: Bool

    init(_ transfers: Transfers, replyBytes: Int, leavesOrigin: Bool) {
        self.transfers = transfers
        self.replyBytes = replyBytes
        self.leavesOrigin = leavesOrigin
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        guard let transfer = transfers[dataTask.taskIdentifier] else { return }
        if !transfer.receive(data, limit: replyBytes) { dataTask.cancel() }
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping (URLRequest?) -> Void
    ) {
        let isSameOrigin = origin(response.url) == origin(request.url)
        completionHandler(isSameOrigin || leavesOrigin ? request : nil)
    }

    /// A server that wants a password (RFC 9110 §11.6.1) has given its answer: our credentials are headers of
    /// the request. Without this method URLSession would suspend the request for ever.
    func urlSession(
        _ session: URLSession, task: URLSessionTask, didReceive challenge: URLAuthenticationChallenge,
        completionHandler: @escaping (URLSession.AuthChallengeDisposition, URLCredential?) -> Void
    ) {
        completionHandler(.cancelAuthenticationChallenge, nil)
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        let response = task.response as? HTTPURLResponse
        // The answer to a challenge is whole: its body came before the challenge.
        let isChallenge = response?.statusCode == 401 && (error as? URLError)?.code == .cancelled
        transfers.end(task.taskIdentifier)?.finish(response, isChallenge ? nil : error)
    }

    private func origin(_ url: URL?) -> [String] {
        let scheme = url?.scheme?.lowercased() ?? ""
        let port = url?.port ?? (scheme == "https" ? 443 : 80)
        return [scheme, url?.host?.lowercased() ?? "", "\(port)"]
    }
}
