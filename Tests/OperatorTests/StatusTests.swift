import Kafka
import Models
import Processing
import Testing
import Text

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

    @Test("lost records of the registry are a fault")
    func registryGap() {
        var status = calm
        status.registryGap = PublishedRegistry(start: 7).gap
        #expect(status.exitCode == .fault)
        #expect(status.faults.contains { $0.contains("dayu registry publish brings it back") })
        status.registryGap = PublishedRegistry().gap
        #expect(status.exitCode == .done)
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
        status.kafka.layoutFaults = [
            "topics that belong together have different numbers of partitions: jobs 2, receipts 4"
        ]
        status.unanswered = ["complaints: no answer"]
        #expect(
            status.faults == [
                "topics are missing: dayu.registry",
                "topics that belong together have different numbers of partitions: jobs 2, receipts 4",
                "dayu-intake at 127.0.0.1:9101 is unreachable",
                "complaints: no answer",
            ])
        #expect(status.text.contains("Not well:\n  topics are missing: dayu.registry\n"))
        status = calm
        status.kafka.error = "not reachable"
        #expect(!status.isWell)
    }

    @Test("a warning is said, is no fault, and has an exit code of its own")
    func warnings() throws {
        var status = calm
        status.warnings = ["g has no valid key: its last key ended at noon"]
        #expect(status.isWell && status.exitCode == .warning && status.exitCode.rawValue == 2)
        #expect(
            status.text.hasSuffix(
                "Warnings:\n  g has no valid key: its last key ended at noon\n\nThere are only warnings."))
        #expect(calm.exitCode == .done)
        status.unanswered = ["complaints: no answer"]
        #expect(status.exitCode == .fault, "what can't be found out may be wrong")
        let json = String(decoding: JSON.encode(status), as: UTF8.self)
        #expect(json.contains(#""warnings":["g has no valid key: its last key ended at noon"]"#))
    }

    @Test("a key that ends soon is a warning and one that has ended a fault; so is a calendar")
    func ended() throws {
        let key = GatewayKey(
            gateway: EntityID(literal: "g"),
            sha256: try #require(KeyHash([UInt8](repeating: 1, count: 32))), validUntil: Self.now)
        func status(at moment: Instant, year: Int) throws -> Status {
            var status = calm
            let last = try #require(Day("\(year)-10-01"))
            status.take(
                EndingKeys([key], at: moment).endings,
                CalendarEnd(
                    last: last, allowance: try #require(Allowance("20 working-days")), deadline: last,
                    hasEnded: year < 2026))
            return status
        }
        let before = try status(at: Self.now - .seconds(1), year: 2026)
        #expect(before.isWell && before.warnings.count == 2, "\(before.faults)")
        #expect(before.exitCode == .warning)
        let after = try status(at: Self.now + .seconds(1), year: 2025)
        #expect(after.warnings.isEmpty && after.faults.count == 2 && after.exitCode == .fault)
        #expect(after.faults.first?.hasPrefix("g has no valid key: its last key ended at") == true)
        #expect(after.faults.last?.hasPrefix("the calendar has no day after 2025") == true)
    }

    @Test("ages have their two largest units")
    func ages() {
        #expect(Status.age(.seconds(59)) == "0 min")
        #expect(Status.age(.seconds(-5)) == "0 min")
        #expect(Status.age(.seconds(3660)) == "1 h 1 min")
        #expect(Status.age(.seconds(90_000)) == "1 d 1 h")
    }

    // MARK: What is lost, held back or nearly full

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
        var status = calm
        status.kafka.held = [.init(topic: "dayu.a", partition: 0, offsets: 2, since: Self.now)]
        #expect(
            status.faults == [
                "2 records or fewer wait behind an open transaction on dayu.a partition 0, since \(Self.now)"
            ])
    }

    @Test("lost records are a fault until somebody dismisses their letter")
    func lost() throws {
        let origin = DeadLetter.Origin(topic: .reports, partition: 2, offset: 7)
        let letter = DeadLetter(
            DeadLetter.Lost(records: 5), from: origin, reason: "up to 5 records were lost", reader: "r",
            at: Self.now
        ).outgoing()
        var letters = DeadLetters()
        letters.take(headers: letter.event.headers, value: letter.event.data)
        var status = calm
        status.deadLetters = .init(letters.open)
        #expect(
            status.faults == [
                "up to 5 records were lost: dayu dead-letters dismiss readings.reports/2/7 once this is dealt with"
            ])
        let plan = letters.plan(for: .init(origins: [origin]), again: false, prefix: "")
        #expect(plan.sent.isEmpty && plan.impossible.first?.why.contains("dismiss") == true)
        let dismissal = DeadLetters.record(
            of: .init(origin: origin, by: "dayu", at: Self.now, reason: "known"))
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
            (
                #"dayu_records_lost_total{loop="dayu-disclosure",partition="1",topic="complaints.events"} 4"#,
                "up to 4 records of complaints.events/1"
            ),
            // This one writes a dead letter.
            (#"dayu_records_lost_total{loop="dayu-routing",partition="1",topic="t"} 4"#, nil),
        ] as [(String, String?)])
    func troubles(_ figures: String, _ expected: String?) {
        var status = calm
        status.services = [
            Status.Service(Self.instance, readiness: (200, "ready"), metrics: MetricsText(figures))
        ]
        #expect(status.faults.count == (expected == nil ? 0 : 1))
        if let expected {
            #expect(status.faults.first?.contains(expected) == true, "\(status.faults)")
            #expect(status.faults.first?.hasPrefix("dayu-intake at 127.0.0.1:9101: ") == true)
        }
    }

    @Test("a notice counts by the last word about it within the hour; one on its way does not")
    func tally() throws {
        let code = TrackingCode(digest: Array("one complaint".utf8))
        var tally = NoticeTally(at: Self.now)
        func take(_ event: NoticeEvent, minutesAgo: Int64 = 1) {
            tally.take(
                headers: CloudEvent(
                    id: "i", source: "s", type: "org.dayu.notice.\(event.kind.rawValue).v1",
                    trail: Trail(at: Self.now), data: event.data
                ).headers, value: event.data, at: Self.now - .seconds(60 * minutesAgo))
        }
        func attempt(_ reference: String) -> NoticeEvent.Attempt { .init(reference: reference, attempt: 1) }
        func deferred(_ reference: String) -> NoticeEvent {
            .deferred(.init(reference: reference, attempt: 1, until: Self.now, reason: nil))
        }
        func accepted(_ reference: String) -> NoticeEvent {
            .accepted(.init(reference: reference, attempt: 1, gatewayReference: nil))
        }
        take(
            .attempted(
                .init(reference: "way", attempt: 1, about: .assigned, complaint: code, recipient: .chief)))
        take(.taken(attempt("way")))
        take(deferred("late"))
        take(accepted("late"))
        // Held back by a limit, and kept from a number that nobody confirmed: the gateway was not asked.
        take(.deferred(.init(reference: "held", attempt: 0, until: Self.now, reason: nil)))
        take(.failed(.init(reference: "unconfirmed", attempt: 0, why: .unconfirmed)))
        take(accepted("not there"))
        take(.failed(.init(reference: "not there", attempt: 1, why: .undelivered)))
        take(.unanswered(attempt("silent")))
        take(deferred("again"))
        take(.delivered(attempt("phone")))
        take(deferred("long ago"), minutesAgo: 61)
        #expect(
            tally.notices == Status.Notices(passed: 2, deferred: 1, unanswered: 1, failed: 1))
    }

    @Test("none that gets through, or many that don't, are a fault; few of few are not")
    func share() {
        func notices(_ passed: Int, _ stuck: Int) -> Status.Notices {
            .init(passed: passed, deferred: stuck, unanswered: 0, failed: 0)
        }
        #expect(notices(0, 2).fault == nil)
        #expect(notices(0, 3).fault?.hasPrefix("3 of the last hour's 3 notices did not") == true)
        #expect(notices(1, 8).fault == nil && notices(1, 9).fault != nil)
        #expect(notices(8, 2).fault == nil)
        #expect(
            notices(7, 3).fault?.hasPrefix("3 of the last hour's 10 notices did not get through") == true)
        var status = calm
        status.notices = notices(0, 10)
        #expect(!status.isWell && status.text.contains("Notices       0 of the last hour's 10 got through"))
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
            Self.instance, readiness: (200, "ready"), metrics: MetricsText(""), clock: ahead)
        #expect(service.troubles.count == 1)
    }
}
