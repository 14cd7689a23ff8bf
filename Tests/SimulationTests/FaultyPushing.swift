import Host
import Models
import Processing

@testable import Notification

/// The pusher with the planted bug that lies in it.
struct FaultyPushing: Outside {
    private var pushing: Pushing
    let bug: Bug?

    init(_ pushing: Pushing, bug: Bug?) {
        self.pushing = pushing
        self.bug = bug
    }

    var room: Int { pushing.room }
    var isBusy: Bool { pushing.isBusy }
    var mayLearnMore: Bool { pushing.mayLearnMore }

    mutating func ends() { pushing.ends() }

    mutating func note(_ record: Record) {
        // A job that waits is judged by the time alone.
        if bug != .sendsWithdrawn { pushing.note(record) }
    }

    mutating func own(_ partitions: Set<Int32>, of count: Int, at now: Instant) {
        pushing.own(partitions, of: count, at: now)
    }

    mutating func allows(_ record: Record, at now: Instant) -> Bool { pushing.allows(record, at: now) }

    func announce(_ record: Record, at now: Instant) -> (outgoing: [Outgoing], deed: Pushing.Taken?) {
        pushing.announce(record, at: now)
    }

    mutating func begin(_ deed: Pushing.Taken, at now: Instant) { pushing.begin(deed, at: now) }

    mutating func outcomes(within wait: Duration, at now: Instant) -> [Outgoing] {
        pushing.outcomes(within: wait, at: now)
    }

    func drop(_ deed: Pushing.Taken, at now: Instant) -> [Outgoing] { pushing.drop(deed, at: now) }

    mutating func stop(at now: Instant) -> [Outgoing] { pushing.stop(at: now) }
}
