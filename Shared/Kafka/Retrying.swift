import Glibc

/// The pause before the same is tried again. It grows with each attempt up to the ceiling, and is shortened
/// by a random part of up to one half. So many clients of a broker that returns do not all call at the same
/// moment.
///
/// librdkafka 2.0.2 always waits `retry.backoff.ms` (it has no `retry.backoff.max.ms`). So only the calls
/// that we repeat ourselves spare a failing broker.
public struct Backoff: Hashable, Sendable {
    public let first: Duration
    public let ceiling: Duration

    public init(first: Duration, ceiling: Duration) {
        precondition(first > .zero && first <= ceiling, "a back-off from \(first) to \(ceiling)")
        self.first = first
        self.ceiling = ceiling
    }

    /// For calls that wait for one answer.
    public static let brief = Backoff(first: .milliseconds(20), ceiling: .seconds(1))

    /// - Parameters:
    ///   - attempt: how often it failed, from 1.
    ///   - chance: from 0 to 1; 1 takes the whole pause.
    public func pause(after attempt: Int, chance: Double) -> Duration {
        precondition(attempt > 0, "attempts count from 1, not \(attempt)")
        var pause = first
        for _ in 1..<attempt where pause < ceiling { pause *= 2 }
        return min(pause, ceiling) * (0.5 + min(max(chance, 0), 1) / 2)
    }
}

/// Decides whether and when a failed call is repeated. It reads no clock and draws no random number.
public struct Retrying: Sendable {
    private let backoff: Backoff
    private let deadline: ContinuousClock.Instant
    private(set) var attempts = 0

    public init(_ backoff: Backoff, until deadline: ContinuousClock.Instant) {
        self.backoff = backoff
        self.deadline = deadline
    }

    public func left(at now: ContinuousClock.Instant) -> Duration { max(.zero, deadline - now) }

    /// The pause before the next attempt; nil if the time is over. The last pause ends exactly with the time,
    /// so the last attempt is made at its very end.
    public mutating func pause(at now: ContinuousClock.Instant, chance: Double) -> Duration? {
        guard now < deadline else { return nil }
        attempts += 1
        return min(backoff.pause(after: attempts, chance: chance), left(at: now))
    }
}

extension Retrying {
    /// Asks until there is an answer, until an error that waiting can't mend, or until the time is over.
    ///
    /// - Parameters:
    ///   - pause: waits; it may do something useful meanwhile.
    ///   - call: gets the milliseconds that are left.
    static func ask<R>(
        withinMilliseconds milliseconds: Int32, pause: (Duration) -> Void = Retrying.sleep(for:),
        _ call: (Int32) throws(KafkaError) -> R
    ) throws(KafkaError) -> R {
        var retrying = Retrying(.brief, until: ContinuousClock.now + .milliseconds(Int(milliseconds)))
        while true {
            do throws(KafkaError) {
                return try call(Int32(clamping: retrying.left(at: .now).wholeMilliseconds))
            } catch {
                guard error.isPassing, let time = retrying.pause(at: .now, chance: .random(in: 0...1)) else {
                    throw error
                }
                pause(time)
            }
        }
    }

    static func sleep(for time: Duration) { _ = usleep(UInt32(max(0, time / .microseconds(1)))) }
}

extension Duration {
    var wholeMilliseconds: Int64 { Int64(self / .milliseconds(1)) }
}
