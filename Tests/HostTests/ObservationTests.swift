import Kafka
import Models
import Testing
import Text

@testable import Host

@Suite("Metrics and health")
struct ObservationTests {
    @Test("metrics are Prometheus' text form")
    func metrics() {
        let metrics = Metrics()
        let counter = metrics.counter("a_total", ["loop": "x\"y"], help: "As.")
        counter.add(2)
        metrics.gauge("b", help: "B.").set(1.5)
        metrics.histogram("c_seconds", help: "C.").observe(.milliseconds(3))
        let text = metrics.render()
        #expect(text.contains("# HELP a_total As.\n# TYPE a_total counter\na_total{loop=\"x\\\"y\"} 2\n"))
        #expect(text.contains("b 1.5\n"))
        #expect(text.contains("c_seconds_bucket{le=\"0.0025\"} 0\nc_seconds_bucket{le=\"0.005\"} 1\n"))
        #expect(text.contains("c_seconds_bucket{le=\"+Inf\"} 1\n"))
        #expect(text.contains("c_seconds_sum 0.003\nc_seconds_count 1\n"))
    }

    @Test("a text from outside is written without what nobody sees, and in short")
    func logged() throws {
        let piled = "a\u{202E}b" + String(repeating: "\u{301}", count: 100_000)
        let written = JSON.encode(Log.Field.text(piled))
        #expect(written.starts(with: "\"ab".utf8) && written.count <= 4 * Log.Field.textCharacters + 5)
    }

    @Test("a figure made again takes the place of the one before")
    func again() {
        let metrics = Metrics()
        metrics.counter("a_total", help: "").add()
        metrics.counter("a_total", help: "").add(5)
        #expect(metrics.render().contains("a_total 5\n"))
        #expect(!metrics.render().contains("a_total 1\n"))
    }

    @Test("a service is ready when all its parts are; what they note is told beside it")
    func health() {
        let health = Health()
        let (one, two) = (health.part("one"), health.part("two"))
        #expect(health.reasons == ["one: starting", "two: starting"])
        one.ready()
        two.ready("3 records wait for Kafka")
        #expect(health.reasons.isEmpty)
        #expect(health.notes == ["two: 3 records wait for Kafka"])
        health.expect(parts: 3)
        #expect(health.reasons == ["starting"])
        health.part("three").ready()
        #expect(health.reasons.isEmpty)
        one.notReady("waiting for the group")
        #expect(health.reasons == ["one: waiting for the group"])
    }

    @Test("counts have buckets of their own")
    func counts() {
        let metrics = Metrics()
        metrics.histogram("d", bounds: Metrics.Histogram.countBounds, help: "").observe(250)
        let text = metrics.render()
        #expect(text.contains("d_bucket{le=\"100.0\"} 0\nd_bucket{le=\"300.0\"} 1\n"))
        #expect(text.contains("d_sum 250.0\n"))
    }

    private static let place = TopicPartition(topic: "dayu.complaints.events", partition: 3)

    @Test("a loop tells where it stands once a second, and no more of a partition that it gave back")
    func standing() {
        let context = HostContext.testing(ClusterSettings(bootstrapServers: ""), prefix: "dayu.", folder: "")
        let standing = Standing(context, loop: "l")
        let start = ContinuousClock.now
        let labels = "{loop=\"l\",partition=\"3\",topic=\"complaints.events\"}"
        standing.tell(at: start, [Self.place: Position(next: 7)]) { _ in Position(next: 9) }
        standing.tell(at: start + .milliseconds(999), [Self.place: Position(next: 8)]) { _ in nil }
        #expect(context.metrics.render().contains("dayu_position\(labels) 7.0\n"))
        #expect(context.metrics.render().contains("dayu_lag\(labels) 2.0\n"))
        standing.tell(at: start + .seconds(1), [Self.place: Position(next: 9)]) { _ in Position(next: 9) }
        #expect(context.metrics.render().contains("dayu_lag\(labels) 0.0\n"))
        standing.withdraw()
        #expect(!context.metrics.render().contains("partition="))
    }

    @Test("restoring tells its progress once a second")
    func progress() {
        let context = HostContext.testing(ClusterSettings(bootstrapServers: ""), prefix: "dayu.", folder: "")
        let start = ContinuousClock.now
        let other = TopicPartition(topic: Self.place.topic, partition: 4)
        let to = [Self.place: Position(next: 900), other: Position(next: 1200)]
        let from = [Self.place: Position(next: 0), other: Position(next: 100)]
        var progress = RestoreProgress(context, loop: "l", from: from, to: to, at: start)
        let labels = "{loop=\"l\",partition=\"3\",topic=\"complaints.events\"}"
        #expect(context.metrics.render().contains("dayu_restore_remaining\(labels) 900.0\n"))
        var lines: [[String: Log.Field]] = []
        for next in stride(from: Int64(100), through: 900, by: 100) {
            // The clock is at 5 ms a record.
            let now = start + .milliseconds(5 * next)
            if let line = progress.read(100, of: Self.place, upTo: Position(next: next), at: now) {
                lines.append(line)
            }
        }
        #expect(lines.map { $0["records"] } == [.of(200), .of(400), .of(600), .of(800)])
        #expect(lines.first?["leftAtMost"] == .of(700 + 1100))
        #expect(lines.first?["recordsPerSecond"] == .of(200))
        #expect(lines.first?["secondsLeft"] == .of(9))
        progress.end(to)
        #expect(context.metrics.render().contains("dayu_restore_remaining\(labels) 0.0\n"))
    }
}
