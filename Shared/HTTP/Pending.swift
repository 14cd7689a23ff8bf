import CMicroHTTPD
import Synchronization

/// Connects a promise with the request it belongs to.
///
///     open ──suspend──► suspended ──answer──► answered ──take──► over
///       └────────────────answer───────────────────▲
///
/// `suspend`, `take` and `end` are called on the connection's polling thread, `answer` and `cutShort` on any
/// thread. The lock is held while libmicrohttpd resumes the connection. It calls no code of ours from there,
/// so nothing can deadlock. And whoever gets the lock next knows that the call has returned: a server stops
/// its daemon only after every request has passed `take` or `end`, or was cut short.
final class Pending: Sendable {
    private enum State {
        case open
        case suspended(SuspendedConnection)
        case answered(Response)
        /// The client left while the request waited.
        case abandoned
        case over
    }

    private struct Guarded {
        var state = State.open
        var wasAnswered = false
    }

    private let guarded = Mutex(Guarded())

    /// The owner's answer.
    func answer(_ response: Response) {
        guarded.withLock { guarded in
            precondition(!guarded.wasAnswered, "a promise was answered twice")
            guarded.wasAnswered = true
            Pending.settle(&guarded.state, response)
        }
    }

    /// What a resumed connection finds.
    enum Outcome {
        case response(Response)
        case hungUp
    }

    /// The client is gone: lets go of its connection now. An answer from the owner is then dropped.
    func hangUp() {
        guarded.withLock { guarded in
            guard case .suspended(let connection) = guarded.state else { return }
            guarded.state = .abandoned
            connection.resume()
        }
    }

    /// Our own answer, because the owner gave none. It changes nothing if there is an answer.
    func cutShort(_ response: @autoclosure () -> Response) {
        guarded.withLock { guarded in
            Pending.settle(&guarded.state, response())
        }
    }

    private static func settle(_ state: inout State, _ response: @autoclosure () -> Response) {
        switch state {
        case .open:
            state = .answered(response())
        case .suspended(let connection):
            state = .answered(response())
            connection.resume()
        case .answered, .abandoned, .over:
            break
        }
    }

    /// Suspends the connection, unless the answer exists already: then returns the answer.
    func suspend(_ connection: SuspendedConnection) -> Response? {
        guarded.withLock { guarded in
            guard case .open = guarded.state else { return Pending.answer(in: &guarded.state) }
            connection.suspend()
            guarded.state = .suspended(connection)
            return nil
        }
    }

    /// The answer for a resumed connection.
    func take() -> Outcome? {
        guarded.withLock { guarded in
            if case .abandoned = guarded.state { return .hungUp }
            return Pending.answer(in: &guarded.state).map(Outcome.response)
        }
    }

    /// The connection is gone; a later answer is dropped.
    func end() {
        guarded.withLock { $0.state = .over }
    }

    private static func answer(in state: inout State) -> Response? {
        guard case .answered(let response) = state else { return nil }
        state = .over
        return response
    }
}

/// A connection as a promise may touch it.
@safe struct SuspendedConnection: @unchecked Sendable {
    // because MHD_resume_connection may be called from any thread (microhttpd.h) on a suspended connection,
    // which lives until it is resumed; MHD_suspend_connection is called by `Pending.suspend`, on the polling
    // thread.
    private let raw: OpaquePointer

    init(_ raw: OpaquePointer) {
        unsafe self.raw = raw
    }

    func suspend() {
        unsafe MHD_suspend_connection(raw)
    }

    func resume() {
        unsafe MHD_resume_connection(raw)
    }
}
