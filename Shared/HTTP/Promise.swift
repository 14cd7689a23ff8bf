/// How a route answers.
public enum Answer {
    case now(Response)
    /// The request is suspended and no thread waits for it. The promise is answered when there is an answer.
    case later((Promise) -> Void)
}

/// The one answer that a suspended request waits for. Any thread may give it, even before the route has
/// returned.
///
/// A promise dropped without an answer gives 500: so a request never waits for an owner that is gone.
public final class Promise: Sendable {
    private let pending: Pending

    init(_ pending: Pending) {
        self.pending = pending
    }

    deinit {
        pending.cutShort(
            Problem(status: 500, detail: "The request got no answer inside the service.").response)
    }

    /// Call it once; a second answer is a programming error. After the server has drained, the answer is
    /// dropped.
    public func answer(_ response: Response) {
        pending.answer(response)
    }
}
