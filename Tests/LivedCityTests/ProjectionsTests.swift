import Foundation
import Host
import LivedCity
import Models
import Processing
import Store
import Testing
import Text

@testable import Analytics
@testable import Disclosure

/// The past, as those read it who show and count it.
@Suite("What is shown and counted of a past")
struct ProjectionsTests {
    /// Each complaint's status, by its events alone.
    private static func statuses(of past: Lived.Past) throws -> [ComplaintStatus: Int] {
        var statuses: [TrackingCode: ComplaintStatus] = [:]
        for fact in try past.facts() {
            statuses[fact.complaint] = (statuses[fact.complaint] ?? .received).after(fact.event)
        }
        return statuses.values.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }

    @Test("the read model shows every complaint in its status, and every reading")
    func readModel() throws {
        let past = try Lived.year.get()
        let database = try Database(path: ":memory:")
        try database.migrate(ReadModel.steps)
        let model = try ReadModel(
            database, onSkip: { record, malformed in Issue.record("\(record.topic): \(malformed)") },
            onUncompacted: { _ in })
        try database.transaction {
            for entity in Lived.registry.entities {
                try model.apply(
                    Record(
                        topic: .registry, partition: 0, offset: 0, timestamp: Lived.until,
                        key: Array(entity.key.description.utf8), value: entity.data, headers: []))
            }
            for record in past.records where ReadModel.topics.contains(record.topic) {
                try model.apply(record)
            }
        }
        #expect(model.skipped == 0)
        let shown = try database.prepare("SELECT status, count(*) FROM complaints GROUP BY status").all {
            ($0.text(0), Int($0.integer(1)))
        }
        let expected = try Self.statuses(of: past).map { ($0.key.rawValue, $0.value) }
        #expect(Dictionary(uniqueKeysWithValues: shown) == Dictionary(uniqueKeysWithValues: expected))
        let readings = try database.prepare("SELECT count(*) FROM readings").first { $0.integer(0) }
        #expect(readings.map(Int.init) == past.tally.reports)
        // Each month of the year has figures, so it has a bulletin.
        let months = try database.prepare("SELECT count(DISTINCT month) FROM month_summaries").first {
            $0.integer(0)
        }
        #expect(try #require(months) >= 12)
    }

    /// What the desk counts, by official.
    private static func steps(of past: Lived.Past) throws -> [String: [DeskStep.Kind: Int]] {
        let database = try Database(path: ":memory:")
        try database.execute(DeskSteps.schema)
        let counting = try DeskSteps(database)
        var complaints: [TrackingCode: PublicComplaint] = [:]
        try database.transaction {
            for fact in try past.facts() {
                let before = complaints[fact.complaint]
                guard let after = PublicComplaint.evolve(before, fact), after != before else { continue }
                complaints[fact.complaint] = after
                try counting.take(fact, before: before, after: after)
            }
        }
        var steps: [String: [DeskStep.Kind: Int]] = [:]
        try database.prepare("SELECT holder, kind, count(*) FROM desk_steps GROUP BY holder, kind").forEach {
            guard let kind = DeskStep.Kind(rawValue: $0.text(1)) else { return }
            steps[$0.text(0), default: [:]][kind] = Int($0.integer(2))
        }
        return steps
    }

    @Test("the tallies of the city's months add up to what happened")
    func tallies() throws {
        let past = try Lived.year.get()
        let database = try Database(path: ":memory:")
        try database.migrate(Tallies.steps)
        let city = City(utcOffset: .seconds(8 * 3600)) { region in
            Lived.registry.regionChain(from: region).map(\.id)
        }
        let tallies = try Tallies(database, city: city)
        for record in past.records where record.topic == .events { try tallies.apply(record) }
        let indicators = try tallies.pending().map {
            try JSON.decode(Indicator.self, from: $0.event.data ?? [])
        }
        let whole = indicators.filter { $0.key.hasPrefix("city/all/") }
        #expect((12...13).contains(Set(whole.map { $0.period.prefix(7) }).count))
        #expect(whole.count > 300, "by days")
        func sum(_ figure: KeyPath<Tally, Int>) -> Int { whole.reduce(0) { $0 + $1.tally[keyPath: figure] } }
        #expect(sum(\.received) == past.tally.events[.received])
        let open = try Self.statuses(of: past).filter { $0.key.isOpen }.values.reduce(0, +)
        #expect(sum(\.open) == open && open == past.tally.openAtTheEnd)
        #expect(sum(\.reopened) > 0 && sum(\.overdue) > 0 && sum(\.satisfied) > 0)
        #expect(sum(\.supervised) == past.tally.events[.supervised])
        #expect(sum(\.acceptedOnTime) > 0 && sum(\.acceptedOnTime) <= sum(\.accepted))
        #expect(sum(\.resolvedOnTime) > 0 && sum(\.resolvedOnTime) <= sum(\.resolved))
        let times = whole.reduce(DurationSketch()) { $0 + $1.tally.timesToAccept }
        #expect(times.count == sum(\.accepted))
        // The desk counts by the day of the deed and not of the reception; over all days that is the same.
        let desk = try Self.steps(of: past)
        let chiefs = Dictionary(
            grouping: indicators.filter { $0.scope.kind == .chief }, by: \.scope.id
        ).mapValues { $0.reduce(Tally()) { $0 + $1.tally } }
        #expect(chiefs.count > 10)
        for (id, tally) in chiefs {
            let counted = desk["chief/\(id)"] ?? [:]
            #expect(counted[.acceptedInTime] ?? 0 == tally.acceptedOnTime, "\(id)")
            #expect(
                counted[.acceptMissed] ?? 0 == tally.accepted - tally.acceptedOnTime + tally.unanswered,
                "\(id)")
        }
        // Every district has its figures, and they are not all the same.
        let districts = indicators.filter { $0.key.hasPrefix("region/") }
        let received = districts.reduce(into: [String: Int]()) {
            $0[$1.scope.id, default: 0] += $1.tally.received
        }
        #expect(Set(received.values).count > 10)
    }
}
