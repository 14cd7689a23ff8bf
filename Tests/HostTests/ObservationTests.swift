import Kafka
import Testing

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

    @Test("restoring tells its progress once a second")
    func progress() {
        let start = ContinuousClock.now
        let from = [0: Position(next: 0), 1: Position(next: 100)]
        let to = [0: Position(next: 900), 1: Position(next: 1200)]
        var progress = RestoreProgress(from: from, to: to, at: start)
        let tooFew = progress.line(after: 99, at: start + .seconds(5))
        let tooSoon = progress.line(after: 100, at: start + .milliseconds(999))
        let line = progress.line(after: 500, at: start + .seconds(2))
        let again = progress.line(after: 600, at: start + .milliseconds(2500))
        #expect(tooFew == nil)
        #expect(tooSoon == nil)
        #expect(line?["recordsPerSecond"] == .of(250))
        #expect(line?["ofAtMost"] == .of(2000))
        #expect(again == nil)
    }
}
