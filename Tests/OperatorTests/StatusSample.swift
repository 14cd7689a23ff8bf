import Models
import Text

@testable import Operator

/// A status in which nothing is wrong, for tests that make something wrong.
enum StatusSample {
    static let now = Instant(millisecondsSince1970: 1_795_412_495_120)
    static let instance = Addresses.Instance(service: "intake", address: "127.0.0.1:9101")

    static var calm: Status {
        var status = Status(at: now, kafka: .init(servers: "k:1", prefix: "dayu.", cluster: "c"))
        status.services = [
            Status.Service(
                instance, readiness: (200, "ready\nwriter: 3 records wait for Kafka"),
                metrics: MetricsText("dayu_spool_records 3.0\n"))
        ]
        status.groups = [
            .init(name: "dayu-routing", members: 1, lag: [.init(topic: "t", records: 9, isExact: false)])
        ]
        status.deadLetters = .init(
            open: 2,
            newest: .init(
                origin: "registry/0/1", refusedAt: now, refusedBy: "x", reason: "bad \u{1B}[31m"))
        status.complaints = .init(
            open: 1, isAtLeast: false,
            oldest: .init(
                trackingCode: "DY1", status: "assigned",
                receivedAt: Instant(millisecondsSince1970: now.millisecondsSince1970 - 93_600_000)))
        return status
    }
}
