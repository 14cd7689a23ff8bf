import Kafka
import Models
import Processing
import Testing
import Text

@testable import Operator

@Suite("dayu status")
struct StatusTests {
    @Test("lost records of the registry are a fault")
    func registryGap() {
        var status = StatusSample.calm
        status.registryGap = PublishedRegistry(start: 7).gap
        #expect(status.exitCode == .fault)
        #expect(status.faults.contains { $0.contains("dayu registry publish brings it back") })
        status.registryGap = PublishedRegistry().gap
        #expect(status.exitCode == .done)
    }

    @Test("work that waits is no fault, and stands on the screen")
    func screen() {
        let text = StatusSample.calm.text
        #expect(StatusSample.calm.isWell && text.hasSuffix("All is well."))
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
        var status = StatusSample.calm
        status.services.append(Status.Service(StatusSample.instance, unreachable: "connection refused"))
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
        status = StatusSample.calm
        status.kafka.error = "not reachable"
        #expect(!status.isWell)
    }

    @Test("a warning is said, is no fault, and has an exit code of its own")
    func warnings() throws {
        var status = StatusSample.calm
        status.warnings = ["g has no valid key: its last key ended at noon"]
        #expect(status.isWell && status.exitCode == .warning && status.exitCode.rawValue == 2)
        #expect(
            status.text.hasSuffix(
                "Warnings:\n  g has no valid key: its last key ended at noon\n\nThere are only warnings."))
        #expect(StatusSample.calm.exitCode == .done)
        status.unanswered = ["complaints: no answer"]
        #expect(status.exitCode == .fault, "what can't be found out may be wrong")
        let json = String(decoding: JSON.encode(status), as: UTF8.self)
        #expect(json.contains(#""warnings":["g has no valid key: its last key ended at noon"]"#))
    }

    @Test("a key that ends soon is a warning and one that has ended a fault; so is a calendar")
    func ended() throws {
        let key = GatewayKey(
            gateway: EntityID(literal: "g"),
            sha256: try #require(KeyHash([UInt8](repeating: 1, count: 32))), validUntil: StatusSample.now)
        func status(at moment: Instant, year: Int) throws -> Status {
            var status = StatusSample.calm
            let last = try #require(Day("\(year)-10-01"))
            status.take(
                EndingKeys([key], at: moment).endings,
                CalendarEnd(
                    last: last, allowance: try #require(Allowance("20 working-days")), deadline: last,
                    hasEnded: year < 2026))
            return status
        }
        let before = try status(at: StatusSample.now - .seconds(1), year: 2026)
        #expect(before.isWell && before.warnings.count == 2, "\(before.faults)")
        #expect(before.exitCode == .warning)
        let after = try status(at: StatusSample.now + .seconds(1), year: 2025)
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
}
