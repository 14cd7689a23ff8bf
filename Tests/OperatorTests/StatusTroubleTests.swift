import Kafka
import Models
import Processing
import Testing
import Text

@testable import Operator

@Suite("dayu status: what is lost, held back or nearly full, and whose clock is wrong")
struct StatusTroubleTests {
    @Test("a distance is from what is committed, or from what is left, to the end")
    func distances() {
        let marks = Watermarks(low: Position(next: 10), high: Position(next: 15))
        #expect(Backlog(marks, committed: Position(next: 12))?.offsets == 3)
        #expect(Backlog(marks, committed: nil)?.offsets == 5)
        #expect(Backlog(marks, committed: Position(next: 3))?.offsets == 5)
        #expect(Backlog(marks, committed: Position(next: 15)) == nil)
        // Ahead of the log: it was made anew.
        #expect(Backlog(marks, committed: Position(next: 99)) == nil)
    }

    @Test("waiting records are counted where they could be read, else the distance stands for them")
    func lag() throws {
        let high = Watermarks(low: Position(next: 0), high: Position(next: 8))
        let distance = try #require(Backlog(high, committed: Position(next: 2)))
        let (first, second) = (
            TopicPartition(topic: "a", partition: 0), TopicPartition(topic: "a", partition: 1)
        )
        let distances = [first: distance, second: distance]
        let counted = Status.Lag(.actions, distances, counted: [first: 1, second: 0])
        #expect(counted.records == 1 && counted.isExact)
        let partly = Status.Lag(.actions, distances, counted: [first: 1])
        #expect(partly.records == 7 && !partly.isExact)
        let level = Status.Lag(.actions, [:], counted: [:])
        #expect(level.records == 0 && level.isExact)
    }

    @Test("records behind an open transaction are a fault, and are not counted as if they could be read")
    func held() throws {
        let (place, other) = (
            TopicPartition(topic: "a", partition: 0), TopicPartition(topic: "a", partition: 1)
        )
        func marks(_ high: Int64) -> Watermarks {
            Watermarks(low: Position(next: 0), high: Position(next: high))
        }
        let held = Held.all([place: marks(9), other: marks(9)], stable: [place: marks(7), other: marks(9)])
        #expect(held == [place: Held(from: Position(next: 7), to: Position(next: 9))])
        let distance = try #require(Backlog(marks(9), committed: Position(next: 6)))
        let lag = Status.Lag(.actions, [place: distance], counted: [place: 1], held: held)
        #expect(lag.records == 3 && !lag.isExact)
        var status = StatusSample.calm
        status.kafka.held = [.init(topic: "dayu.a", partition: 0, offsets: 2, since: StatusSample.now)]
        #expect(
            status.faults == [
                "2 records or fewer wait behind an open transaction on dayu.a partition 0, since \(StatusSample.now)"
            ])
    }

    @Test("lost records are a fault until somebody dismisses their letter")
    func lost() throws {
        let origin = DeadLetter.Origin(topic: .reports, partition: 2, offset: 7)
        let letter = DeadLetter(
            DeadLetter.Lost(records: 5), from: origin, reason: "up to 5 records were lost", reader: "r",
            at: StatusSample.now
        ).outgoing()
        var letters = DeadLetters()
        letters.take(headers: letter.event.headers, value: letter.event.data)
        var status = StatusSample.calm
        status.deadLetters = .init(letters.open)
        #expect(
            status.faults == [
                "up to 5 records were lost: dayu dead-letters dismiss readings.reports/2/7 once this is dealt with"
            ])
        let plan = letters.plan(for: .init(origins: [origin]), again: false, prefix: "")
        #expect(plan.sent.isEmpty && plan.impossible.first?.why.contains("dismiss") == true)
        let dismissal = DeadLetters.record(
            of: .init(origin: origin, by: "dayu", at: StatusSample.now, reason: "known"))
        letters.take(headers: dismissal.event.headers, value: dismissal.event.data)
        status.deadLetters = .init(letters.open)
        #expect(status.isWell)
    }

    @Test(
        "what a service's figures tell is a fault",
        arguments: [
            ("dayu_disk_free_bytes 9000000.0\ndayu_disk_least_bytes 9000001.0", "disk is nearly full: 9 MB"),
            ("dayu_disk_free_bytes 9.0\ndayu_disk_least_bytes 9.0", nil),
            (
                "dayu_spool_limit_records 10.0\ndayu_spool_records 7.0\ndayu_spool_aside_records 1.0",
                "spool is nearly full: 8 of 10"
            ),
            ("dayu_spool_limit_records 10.0\ndayu_spool_records 7.0", nil),
            ("dayu_spool_limit_records 0.0\ndayu_spool_records 0.0", nil),
            (#"dayu_sms_answers_not_understood{pusher="ordinary-0"} 3.0"#, "last 3 answers"),
            (#"dayu_sms_answers_not_understood{pusher="ordinary-0"} 0.0"#, nil),
            (#"dayu_sms_unfit_kinds{gateway="aliyun-1"} 2.0"#, "aliyun-1 does not take 2 kinds of notices"),
            (#"dayu_sms_unfit_kinds{gateway="aliyun-1"} 0.0"#, nil),
            (
                #"dayu_records_lost_total{loop="dayu-disclosure",partition="1",topic="complaints.events"} 4"#,
                "up to 4 records of complaints.events/1"
            ),
            // This one writes a dead letter.
            (#"dayu_records_lost_total{loop="dayu-routing",partition="1",topic="t"} 4"#, nil),
        ] as [(String, String?)])
    func troubles(_ figures: String, _ expected: String?) {
        var status = StatusSample.calm
        status.services = [
            Status.Service(StatusSample.instance, readiness: (200, "ready"), metrics: MetricsText(figures))
        ]
        #expect(status.faults.count == (expected == nil ? 0 : 1))
        if let expected {
            #expect(status.faults.first?.contains(expected) == true, "\(status.faults)")
            #expect(status.faults.first?.hasPrefix("dayu-intake at 127.0.0.1:9101: ") == true)
        }
    }

    @Test("a clock is judged by the middle of the round trip and of the second that is told")
    func clocks() throws {
        let sent = try #require(Instant(rfc3339: "2026-11-29T08:49:37Z"))
        func difference(_ date: String, tripMilliseconds trip: Int64 = 200) -> ClockDifference? {
            ClockDifference(date: date, sent: sent, received: sent + .milliseconds(trip))
        }
        let same = difference("Sun, 29 Nov 2026 08:49:37 GMT")
        #expect(same == ClockDifference(milliseconds: 400, uncertainty: 600) && same?.trouble == nil)
        #expect(difference("Sun, 29 Nov 2026 08:49:42 GMT")?.trouble == nil, "perhaps not above 5 s")
        let ahead = difference("Sun, 29 Nov 2026 08:50:37 GMT")
        #expect(ahead?.trouble == "its clock is at least 59 s ahead of this machine's")
        let behind = difference("Sun, 29 Nov 2026 08:48:37 GMT")
        #expect(behind?.trouble == "its clock is at least 59 s behind this machine's")
        #expect(difference("Sun, 29 Nov 2026 08:49:47 GMT", tripMilliseconds: 30_000)?.trouble == nil)
        for wrong in ["", "yesterday", "Sun, 29 Non 2026 08:49:37 GMT", "29 Nov 2026 08:49:37"] {
            #expect(difference(wrong) == nil)
        }
        let stamped = ClockDifference(
            stamp: sent + .seconds(-20), sent: sent, received: sent + .milliseconds(30))
        #expect(stamped == ClockDifference(milliseconds: -20_015, uncertainty: 15))
        var brokers = Status(at: sent, kafka: Status.Kafka(servers: "", prefix: ""))
        brokers.take([
            2: .difference(stamped), 3: .unstamped,
            1: .difference(ClockDifference(milliseconds: 9, uncertainty: 9)),
        ])
        #expect(brokers.faults == ["broker 2: its clock is at least 20 s behind this machine's"])
        #expect(brokers.warnings == ["no time can be had from broker 3: its clock is not known"])
        brokers.take(nil)
        #expect(brokers.warnings.count == 2)
        let service = Status.Service(
            StatusSample.instance, readiness: (200, "ready"), metrics: MetricsText(""), clock: ahead)
        #expect(service.troubles.count == 1)
    }
}
