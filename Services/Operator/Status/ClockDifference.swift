import Models

/// How far the clock of a service or a broker is from this machine's.
///
/// The services' clocks decide deadlines and the ends of links. The brokers' clocks decide how long topics
/// keep records and when a gateway's complaint came.
struct ClockDifference: Equatable {
    /// Above zero where the service is ahead.
    let milliseconds: Int64
    /// Half the round trip, and for a service also half of the second, because `Date` gives only whole
    /// seconds.
    let uncertainty: Int64

    private static let tolerated: Int64 = 5000

    init(milliseconds: Int64, uncertainty: Int64) {
        self.milliseconds = milliseconds
        self.uncertainty = uncertainty
    }

    /// The difference of a broker that stamped a record between the two moments.
    init(stamp: Instant, sent: Instant, received: Instant) {
        let halfTrip = (received - sent).wholeMilliseconds / 2
        self.init(milliseconds: (stamp - sent).wholeMilliseconds - halfTrip, uncertainty: halfTrip)
    }

    /// The difference of a service, by the `Date` of its answer (RFC 9110 §6.6.1). Nil where `date` is not
    /// written as `Sun, 06 Nov 1994 08:49:37 GMT` (§5.6.7).
    init?(date: String, sent: Instant, received: Instant) {
        guard let moment = Instant(httpDate: date) else { return nil }
        let halfTrip = (received - sent).wholeMilliseconds / 2
        milliseconds = (moment - sent).wholeMilliseconds + 500 - halfTrip
        uncertainty = halfTrip + 500
    }

    var trouble: String? {
        let seconds = (abs(milliseconds) - uncertainty) / 1000
        guard abs(milliseconds) - uncertainty > Self.tolerated else { return nil }
        return
            "its clock is at least \(seconds) s \(milliseconds > 0 ? "ahead of" : "behind") this machine's"
    }
}
