import LivedCity
import Models
import Processing
import Testing
import Text

@testable import Operator

@Suite("A past that nobody lived")
struct PastTests {
    @Test("the same seed gives the same bytes, and another one another past")
    func seeds() throws {
        func lines(_ seed: UInt64) throws -> [[UInt8]] {
            try Lived.live(seed: seed, complaints: 150, days: 60).written.map { LoggedRecord($0.record).line }
        }
        let first = try lines(7)
        #expect(first.count > 1000)
        #expect(try lines(7) == first)
        #expect(try lines(8) != first)
    }

    @Test("every outcome occurs, and as often as in a city")
    func outcomes() throws {
        let tally = try Lived.year.get().tally
        #expect(tally.complaints == 2000)
        let often: [ComplaintEvent.Kind: ClosedRange<Int>] = [
            .received: 2000...2200, .assigned: 2200...5000, .accepted: 1500...2600, .resolved: 1500...2600,
            .rated: 700...1500, .closed: 1500...2400, .rejected: 50...150, .merged: 5...120,
            .joined: 5...120, .informed: 5...400, .reopened: 30...400, .warned: 50...1500,
            .escalated: 50...800, .lapsed: 1...400, .supervised: 1...400, .transferred: 30...150,
            .urged: 10...250, .extended: 10...150, .edited: 10...80, .noted: 100...600, .withheld: 5...40,
            .released: 1...20, .verified: 5...600, .unchecked: 1...100,
        ]
        for (kind, range) in often {
            let count = tally.events[kind, default: 0]
            #expect(range.contains(count), "\(count) \(kind.rawValue)")
        }
        #expect(Set(tally.events.keys) == Set(often.keys))
        #expect((5...150).contains(tally.openAtTheEnd))
        #expect((tally.records[.alarms] ?? 0) > 10)
    }

    @Test("nobody refuses what was done, and nobody is told of it")
    func clean() throws {
        let tally = try Lived.year.get().tally
        for topic in [.deadLetters, .restrictedDeadLetters, .refusals] as [Topic] {
            #expect(tally.records[topic] == nil)
        }
        let told: [Topic] = [
            .noticeRequests, .noticeEvents, .jobs, .urgentJobs, .jobWithdrawals, .receipts, .messages, .links,
            .indicators,
        ]
        #expect(Set(tally.records.keys).isDisjoint(with: told))
        #expect(Set(tally.records.keys).isSubset(of: LivedCity.topics))
    }

    @Test("a complaint's events are numbered without gaps, and no record comes before its time")
    func order() throws {
        let past = try Lived.year.get()
        var versions: [TrackingCode: Int] = [:]
        for fact in try past.facts() {
            #expect(fact.version == versions[fact.complaint, default: 0] + 1)
            versions[fact.complaint] = fact.version
        }
        #expect(zip(past.written, past.written.dropFirst()).allSatisfy { $0.at <= $1.at })
        #expect(past.written.allSatisfy { $0.at <= Lived.until })
        // What a reading says of itself is older than the record that tells it, and so is its day.
        for written in past.written where ![.assessments, .summaries].contains(written.record.topic) {
            #expect(written.record.event.time == written.at)
        }
    }

    @Test("the records are those that live work writes: sources, types, keys and causes")
    func shape() throws {
        let past = try Lived.year.get()
        let sources: [Topic: Set<String>] = [
            .contacts: ["dayu-intake"], .words: ["dayu-intake", "dayu-analytics.alarming"],
            .submissions: ["dayu-intake", "dayu-analytics.alarming"],
            .actions: ["dayu-intake", "dayu-analytics.alarming", "dayu-routing"],
            .events: ["dayu-routing"], .reports: ["dayu-intake"], .assessments: ["dayu-analytics.grading"],
            .summaries: ["dayu-analytics.summarising"],
            .alarms: ["dayu-analytics.alarming"],
        ]
        for (topic, known) in sources {
            #expect(Set(past.of(topic).map(\.record.event.source)) == known, "\(topic.rawValue)")
        }
        for written in past.written {
            let event = written.record.event
            _ = try EventType(event.type)
            #expect(
                event.trail.traceparent != nil || event.source == "dayu-routing" || event.trail.cause != nil)
        }
        // Every event has its cause on the log, unless a deadline passed or somebody went on leave.
        let inputs = Set((past.of(.submissions) + past.of(.actions)).map(\.record.event.asCause))
        for fact in try past.facts()
        where !fact.cause.hasPrefix("elapsed/") && !fact.cause.hasPrefix("reviewed/") {
            #expect(inputs.contains(fact.cause), "\(fact.id) of \(fact.cause)")
        }
        // Whoever reads a fact finds the words that it refers to.
        let words = Set(past.of(.words).map(\.record.key))
        for fact in try past.facts() {
            if let key = fact.words { #expect(words.contains(key.description), "\(fact.id)") }
        }
    }

    @Test("whatever people say, and whatever is measured, says that it is invented; no number is anybody's")
    func marks() throws {
        let past = try Lived.year.get()
        for written in past.of(.words) where written.record.event.source == "dayu-intake" {
            let words = try JSON.decode(Words.self, from: written.record.event.data ?? [])
            for text in [words.text, words.address].compactMap(\.self) {
                #expect(text.hasPrefix("【模拟】") || text.hasPrefix("[Simulated] "), "\(text)")
            }
            #expect(words.media.allSatisfy { $0.hasPrefix("https://example.org/simulated-") })
        }
        for written in past.of(.contacts) {
            let text = String(decoding: written.record.event.data ?? [], as: UTF8.self)
            #expect(text.contains("+8600000"), "\(text)")
            #expect(["样例", "示例", "测试"].contains { text.contains($0) })
        }
        for written in past.of(.reports) {
            let report = try JSON.decode(Report.self, from: written.record.event.data ?? [])
            #expect(report.source?.contains("模拟") == true && report.source?.contains("simulated") == true)
        }
        #expect(past.of(.contacts).count > 500 && past.of(.reports).count > 5000)
    }

    @Test("a city four times as long-lived remembers no more at one time")
    func memory() throws {
        let short = try Lived.live(complaints: 500, days: 91).tally
        let long = try Lived.year.get().tally
        #expect(long.remembered < 2 * short.remembered)
        #expect(long.remembered < 300)
    }

    @Test("chiefs go on leave, and their complaints go to those who stand in for them")
    func absences() throws {
        var registry = Lived.registry
        let away = try Absence(from: #require(Day("2026-11-02")), to: #require(Day("2026-11-20")))
        for chief in registry.chiefs.values where chief.superior != nil && chief.level == .district {
            registry.put(
                .chief(
                    Chief(
                        id: chief.id, name: chief.name, title: chief.title, level: chief.level,
                        region: chief.region, superior: chief.superior, phone: chief.phone, absences: [away]))
            )
        }
        let facts = try Lived.live(complaints: 400, days: 60, registry: registry).facts()
        #expect(facts.contains { $0.cause.hasPrefix("reviewed/") })
        let zone = Zone.beijing
        for fact in facts {
            guard case .assigned(let assigned) = fact.event, away.contains(zone.day(at: fact.at)) else {
                continue
            }
            let chief = ChiefID(assigned.assignee.id).flatMap { registry.chiefs[$0] }
            #expect(assigned.assignee.kind != .chief || chief?.absences != [away], "\(fact.id)")
        }
    }

    @Test("where there is nothing to complain about nobody can live")
    func uninhabitable() throws {
        #expect(throws: Uninhabitable.noReaches) {
            try Lived.live(complaints: 1, days: 1, registry: Registry())
        }
    }
}
