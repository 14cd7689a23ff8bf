import Models
import Processing
import Testing
import Text

@testable import Operator

@Suite("dayu status, when dead letters are gone")
struct UntoldLossTests {
    private static let now = Instant(millisecondsSince1970: 1_795_412_495_120)
    private static let calm = Status(at: now, kafka: Status.Kafka(servers: "k:1", prefix: "dayu."))

    @Test("a loss whose dead letter is gone is a fault, too, by the service's own word")
    func untold() {
        let origin = DeadLetter.Origin(topic: .submissions, partition: 3, offset: 7)
        var letters = DeadLetters()
        var status = Self.calm
        let metrics = MetricsText(
            """
            dayu_records_lost_total{loop="dayu-routing",partition="3",topic="complaints.submissions"} 42.0
            dayu_records_lost_total{loop="dayu-disclosure",partition="0",topic="complaints.events"} 5.0
            """)
        let instance = Addresses.Instance(service: "routing", address: "127.0.0.1:9102")
        status.services = [Status.Service(instance, readiness: (200, "ready"), metrics: metrics)]
        let calm = status
        status.take(letters, gone: 9)
        let fault = status.faults.filter { $0.contains("the dead letter about it is gone") }
        #expect(fault.count == 1 && fault[0].contains("up to 42 records of complaints.submissions/3"))
        #expect(status.exitCode == .fault)
        #expect(status.text.contains("up to 9 records about earlier ones are gone"))

        // The letter is there: it tells alone, and once it is dismissed, nothing does.
        let letter = DeadLetter(
            DeadLetter.Lost(records: 42), from: origin, reason: "lost", reader: "dayu-routing", at: Self.now
        ).outgoing()
        letters.take(headers: letter.event.headers, value: letter.event.data)
        status = calm
        status.take(letters, gone: 0)
        #expect(status.untoldLosses == [])
        #expect(status.faults.contains { $0.hasPrefix("lost: dayu dead-letters") })
        let dismissal = DeadLetters.record(
            of: .init(origin: origin, by: "dayu", at: Self.now, reason: "known"))
        letters.take(headers: dismissal.event.headers, value: dismissal.event.data)
        status = calm
        status.take(letters, gone: 0)
        #expect(!status.faults.contains { $0.contains("submissions") })
    }

    @Test("dead letters that dayu broker dropped are a warning")
    func dropped() {
        var status = Self.calm
        status.kafka.cluster = "mockCluster7f00"
        status.take(DeadLetters(), gone: 3)
        #expect(status.warnings.contains { $0.contains("up to 3 records about them are gone") })
        status.warnings = []
        status.kafka.cluster = "c"
        status.take(DeadLetters(), gone: 3)
        #expect(status.warnings == [])
    }
}
