/// How a route answers.
public enum Answer {
    case now(Response)
    /// The request is suspended, no thread waits for it; the promise is answered when there is something to
    /// say.
    case later((Promise) -> Void)
}

/// The one answer a suspended request waits for, given from any thread, even before the route has returned.
///
/// A promise dropped without an answer gives 500: a request never waits for somebody who is gone.
public final class Promise: Sendable {
    private let pending: Pending

    init(_ pending: Pending) {
        self.pending = pending
    }

    deinit {
        pending.cutShort(Problem(status: 500, detail: "The request was dropped unanswered.").response)
    }

    /// Once; a second answer is a programming error. After the server has drained it goes nowhere.
    public func answer(_ response: Response) {
        pending.answer(response)
    }
}
