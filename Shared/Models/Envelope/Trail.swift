/// When something happened, what led to it, and the request with which everything began.
///
/// A trail goes from each input to everything that follows from it, so that one complaint can be followed
/// from the first request to the last message.
public struct Trail: Hashable, Sendable, Codable {
    public let at: Instant
    /// The identity of the input that led to it (`CloudEvent.asCause`). Nil if it came from outside.
    public let cause: String?
    /// W3C Trace Context, carried from the first request to the last attempt.
    public let traceparent: String?

    public init(at: Instant, cause: String? = nil, traceparent: String? = nil) {
        self.at = at
        self.cause = cause
        self.traceparent = traceparent
    }

    /// The same cause and request, at another moment.
    public func at(_ moment: Instant) -> Trail {
        Trail(at: moment, cause: cause, traceparent: traceparent)
    }

    /// The same request and moment, with another cause.
    public func causedBy(_ cause: String) -> Trail {
        Trail(at: at, cause: cause, traceparent: traceparent)
    }
}
