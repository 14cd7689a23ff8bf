import Kafka
import Models
import Processing
import Testing

@testable import Operator

@Suite("dayu status")
struct StatusTests {
    private static let now = Instant(millisecondsSince1970: 1_795_412_495_120)
    private static let instance = Addresses.Instance(service: "intake", address: "127.0.0.1:9101")

    private func addresses(_ environment: [String: String]) throws(Addresses.Fault) -> [String] {
        try Addresses(environment: environment).instances.map { "\($0.service)=\($0.address)" }
    }

    @Test("services are on this machine at their own ports, unless it is said where")
    func whereabouts() throws {
        #expect(
            try addresses([:])
                == [
                    "intake=127.0.0.1:9101", "routing=127.0.0.1:9102", "notification=127.0.0.1:9103",
                    "disclosure=127.0.0.1:9104", "analytics=127.0.0.1:9105",
                ])
        let hosts = "routing=a:1, routing=b:2,intake=[::1]:3"
        let told = try addresses(["DAYU_STATUS_HOSTS": hosts, "DAYU_ANALYTICS_ADMIN_PORT": "7"])
        #expect(
            told == [
                "intake=[::1]:3", "routing=a:1", "routing=b:2", "notification=127.0.0.1:9103",
                "disclosure=127.0.0.1:9104", "analytics=127.0.0.1:7",
            ])
        #expect(try Addresses(environment: ["DAYU_DISCLOSURE_PORT": "5"]).disclosure == "http://127.0.0.1:5")
        let api = ["DAYU_STATUS_DISCLOSURE": "http://site:8081/"]
        #expect(try Addresses(environment: api).disclosure == "http://site:8081")
    }

    @Test(
        "what names no place is refused",
        arguments: [
            ["DAYU_STATUS_HOSTS": "volcano=x:1"], ["DAYU_STATUS_HOSTS": "intake"],
            ["DAYU_STATUS_HOSTS": "intake=x"],
            ["DAYU_STATUS_HOSTS": "intake=x:1/../y"], ["DAYU_INTAKE_ADMIN_PORT": "0"],
            ["DAYU_DISCLOSURE_PORT": "http"],
        ])
    func nowhere(_ environment: [String: String]) {
        #expect(throws: Addresses.Fault.self) { try Addresses(environment: environment) }
    }

    @Test("a figure is read from Prometheus' text")
    func figures() {
        let text = """
            # HELP dayu_spool_records Records that wait on disk for Kafka.
            # TYPE dayu_spool_records gauge
            dayu_spool_records 12.0
            dayu_spool_records_total 99
            dayu_two{loop="a b"} 1
            dayu_two{loop="c"} 2
            dayu_bad NaN

            """
        let metrics = MetricsText(text)
        #expect(metrics.sum("dayu_spool_records") == 12)
        #expect(metrics.sum("dayu_two") == 3)
        #expect(metrics.sum("dayu_bad") == nil)
        #expect(metrics.sum("dayu_none") == nil)
        #expect(metrics.samples.map(\.labels).contains(["loop": "a b"]))
    }

    @Test("labels may hold any text")
    func labels() {
        let sample = MetricsText(#"x{a="1,2}",b="say \"hi\"\n\\"} 7"#).samples.first
        #expect(sample?.labels == ["a": "1,2}", "b": "say \"hi\"\n\\"])
        #expect(sample?.value == 7)
    }

    @Test("what a projection has before it is told by its service")
    func projections() {
        let text = """
            dayu_lag{loop="l",partition="0",topic="t"} 2.0
            dayu_lag{loop="l",partition="1",topic="t"} 3.0
            dayu_lag{loop="l",partition="0",topic="u"} 0.0
            dayu_lag{loop="other",partition="0",topic="t"} 9.0
            """
        let service = Status.Service(
            Self.instance, readiness: (200, "ready"), metrics: MetricsText(text))
        let lag = [service, service].lag(of: "l")
        #expect(lag.map(\.topic) == ["t", "u"])
        #expect(lag.map(\.records) == [10, 0])
        #expect(lag.map(\.isExact) == [false, true])
    }

    @Test("a service that hangs on a request is stuck, however ready it says it is, and that is a fault")
    func stuck() {
        let hangs = (status: 503, text: "http: a thread has worked on one request for 14 s\n")
        let service = Status.Service(
            Self.instance, health: hangs, readiness: (200, "ready"), metrics: MetricsText(""))
        #expect(service.state == .stuck)
        #expect(service.notes == ["http: a thread has worked on one request for 14 s"])
        var status = Status(at: Self.now, kafka: Status.Kafka(servers: "", prefix: ""))
        status.services = [service]
        #expect(status.faults == ["dayu-intake at 127.0.0.1:9101 is stuck"])
        #expect(status.text.contains("a thread has worked on one request"))
    }

    @Test("readiness is what the admin port says")
    func readiness() {
        func service(_ status: Int, _ text: String) -> Status.Service {
            Status.Service(Self.instance, readiness: (status, text), metrics: MetricsText(""))
        }
        #expect(service(200, "ready\n").state == .ready)
        #expect(service(200, "ready\n").notes == [])
        #expect(
            service(200, "ready\nwriter: 3 records wait for Kafka\n").notes == [
                "writer: 3 records wait for Kafka"
            ])
        #expect(service(503, "writer: starting\n").state == .notReady)
        #expect(service(503, "writer: starting\n").notes == ["writer: starting"])
        #expect(service(404, "no").state == .notReady)
        #expect(service(200, "ready").spool == nil)
    }

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

    @Test("complaints are counted over pages, and the oldest is found among all statuses")
    func complaints() {
        func page(_ seconds: Int64...) -> ServiceCheck.Page {
            ServiceCheck.Page(
                complaints: seconds.map {
                    .init(
                        trackingCode: "T\($0)", status: "assigned",
                        receivedAt: .init(millisecondsSince1970: $0))
                }, next: nil)
        }
        var tally = OpenComplaints()
        #expect(tally.status.open == 0 && tally.status.oldest == nil)
        tally.take(page(9, 5))
        tally.take(page(7))
        #expect(
            tally.status.open == 3 && tally.status.oldest?.trackingCode == "T5" && !tally.status.isAtLeast)
    }

    private var calm: Status {
        var status = Status(at: Self.now, kafka: .init(servers: "k:1", prefix: "dayu.", cluster: "c"))
        status.services = [
            Status.Service(
                Self.instance, readiness: (200, "ready\nwriter: 3 records wait for Kafka"),
                metrics: MetricsText("dayu_spool_records 3.0\n"))
        ]
        status.groups = [
            .init(name: "dayu-routing", members: 1, lag: [.init(topic: "t", records: 9, isExact: false)])
        ]
        status.deadLetters = .init(
            open: 2,
            newest: .init(
                origin: "registry/0/1", refusedAt: Self.now, refusedBy: "x", reason: "bad \u{1B}[31m"))
        status.complaints = .init(
            open: 1, isAtLeast: false,
            oldest: .init(
                trackingCode: "DY1", status: "assigned",
                receivedAt: Instant(millisecondsSince1970: Self.now.millisecondsSince1970 - 93_600_000)))
        return status
    }

    @Test("work that waits is no fault, and stands on the screen")
    func screen() {
        let text = calm.text
        #expect(calm.isWell && text.hasSuffix("All is well."))
        for part in [
            "k:1, cluster c, all topics under dayu.", "dayu-intake  ready  127.0.0.1:9101",
            "writer: 3 records wait",
            "dayu-routing  1        t ≤ 9", "2 open, the newest registry/0/1: bad \\u{1B}[31m",
            "Spool         3 records wait for Kafka", "1 open, the oldest for 1 d 2 h: DY1, assigned",
        ] {
            #expect(text.contains(part), "\(part) is not in\n\(text)")
        }
    }

    @Test("what is not ready, reachable or there is a fault")
    func faults() {
        var status = calm
        status.services.append(Status.Service(Self.instance, unreachable: "connection refused"))
        status.kafka.missingTopics = ["dayu.registry"]
        status.kafka.layoutFaults = ["topics that belong together differ in partitions: jobs 2, receipts 4"]
        status.unanswered = ["complaints: no answer"]
        #expect(
            status.faults == [
                "topics are missing: dayu.registry",
                "topics that belong together differ in partitions: jobs 2, receipts 4",
                "dayu-intake at 127.0.0.1:9101 is unreachable",
                "complaints: no answer",
            ])
        #expect(status.text.contains("Not well:\n  topics are missing: dayu.registry\n"))
        status = calm
        status.kafka.error = "not reachable"
        #expect(!status.isWell)
    }

    @Test("a warning is said and is no fault")
    func warnings() throws {
        var status = calm
        status.warnings = ["g has no valid key: its last one ended at noon"]
        #expect(status.isWell)
        #expect(
            status.text.hasSuffix(
                "Look after:\n  g has no valid key: its last one ended at noon\n\nAll is well."))
        let json = String(decoding: JSON.encode(status), as: UTF8.self)
        #expect(json.contains(#""warnings":["g has no valid key: its last one ended at noon"]"#))
    }

    @Test("ages have their two largest units")
    func ages() {
        #expect(Status.age(.seconds(59)) == "0 min")
        #expect(Status.age(.seconds(-5)) == "0 min")
        #expect(Status.age(.seconds(3660)) == "1 h 1 min")
        #expect(Status.age(.seconds(90_000)) == "1 d 1 h")
    }
}
