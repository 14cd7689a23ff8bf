import Kafka
import Models
import Processing
import Testing
import Text

@testable import Operator

@Suite("dayu status: where the services are, and what they tell")
struct StatusServicesTests {
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
        #expect(
            try addresses(["DAYU_DESK_SITE": "https://desk.example.org", "DAYU_DESK_ADMIN_PORT": "8"]).last
                == "desk=127.0.0.1:8")
        #expect(try addresses(["DAYU_STATUS_HOSTS": "desk=a:1"]).last == "desk=a:1")
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
            StatusSample.instance, readiness: (200, "ready"), metrics: MetricsText(text))
        let lag = [service, service].lag(of: "l")
        #expect(lag.map(\.topic) == ["t", "u"])
        #expect(lag.map(\.records) == [10, 0])
        #expect(lag.map(\.isExact) == [false, true])
    }

    @Test("a service that hangs on a request is stuck, however ready it says it is, and that is a fault")
    func stuck() {
        let hangs = (status: 503, text: "http: a thread has worked on one request for 14 s\n")
        let service = Status.Service(
            StatusSample.instance, health: hangs, readiness: (200, "ready"), metrics: MetricsText(""))
        #expect(service.state == .stuck)
        #expect(service.notes == ["http: a thread has worked on one request for 14 s"])
        var status = Status(at: StatusSample.now, kafka: Status.Kafka(servers: "", prefix: ""))
        status.services = [service]
        #expect(status.faults == ["dayu-intake at 127.0.0.1:9101 is stuck"])
        #expect(status.text.contains("a thread has worked on one request"))
    }

    @Test("readiness is what the admin port says")
    func readiness() {
        func service(_ status: Int, _ text: String) -> Status.Service {
            Status.Service(StatusSample.instance, readiness: (status, text), metrics: MetricsText(""))
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
}
