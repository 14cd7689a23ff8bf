import Foundation
import Host
import Models
import Processing
import Store
import Testing
import Text

@testable import Analytics

@Suite struct TalliesTests {
    private let received = Instant(millisecondsSince1970: 1_783_602_000_000)

    private func inMemory(_ body: (Tallies) throws -> Void) throws {
        let database = try Database(path: ":memory:")
        try database.migrate(Tallies.steps)
        try body(try Tallies(database, city: Place.city))
    }

    private func life(_ number: Int = 1) throws -> Life {
        var life = try Life(number, receivedAt: received)
        life.assign(.chief("c-1"), region: try id("town-1"), reach: try id("reach-1"))
        return life
    }

    @Test func aFactIsPublishedAsASnapshotOfEachScope() throws {
        try inMemory { tallies in
            for fact in try life().facts { try tallies.apply(Record(fact, partition: 3)) }
            let pending = try tallies.pending()
            #expect(
                pending.map(\.key) == [
                    "chief/c-1/2026-07-09/3", "city/all/2026-07-09/3", "reach/reach-1/2026-07-09/3",
                    "region/city/2026-07-09/3",
                    "region/district-1/2026-07-09/3", "region/town-1/2026-07-09/3",
                ])
            let one = try #require(pending.first)
            #expect(one.topic == .indicators)
            #expect(one.event.type == "org.dayu.indicator.counted.v1")
            #expect(one.event.id == "chief/c-1/2026-07-09/3/1")
            #expect(one.event.time == received + .seconds(60))
            let indicator = try JSON.decode(Indicator.self, from: one.event.data ?? [])
            #expect(indicator.key == one.key)
            #expect(indicator.tally.received == 1)
            #expect(indicator.tally.open == 1)
        }
    }

    @Test func onlyWhatChangedIsPublishedAgain() throws {
        try inMemory { tallies in
            var life = try life()
            for fact in life.facts { try tallies.apply(Record(fact)) }
            #expect(try tallies.pending() == tallies.pending())
            try tallies.published()
            #expect(try tallies.pending().isEmpty)

            life.add(.noted(.init(by: .citizen, isPublic: true, words: Outline(text: true))))
            try tallies.apply(Record(try #require(life.facts.last)))
            #expect(try tallies.pending().isEmpty)

            life.accept(.chief("c-9"))
            try tallies.apply(Record(try #require(life.facts.last)))
            let kinds = try tallies.pending().map(\.key)
            #expect(!kinds.contains("chief/c-1/2026-07-09/0"))
            #expect(kinds.contains("chief/c-9/2026-07-09/0"))
            #expect(kinds.contains("city/all/2026-07-09/0"))
        }
    }

    @Test func aRepeatedFactChangesNothing() throws {
        try inMemory { tallies in
            let facts = try life().facts
            for fact in facts { try tallies.apply(Record(fact)) }
            try tallies.published()
            for fact in facts + facts { try tallies.apply(Record(fact)) }
            #expect(try tallies.pending().isEmpty)
        }
    }

    @Test func whatIsNoFactIsPassedOver() throws {
        try inMemory { tallies in
            let fact = try #require(try life().facts.first)
            let whole = Record(fact)
            let tombstone = Record(
                topic: .events, partition: 0, offset: 0, timestamp: received, key: whole.key, value: nil,
                headers: whole.headers)
            let garbage = Record(
                topic: .events, partition: 0, offset: 0, timestamp: received, key: whole.key, value: [0xFF],
                headers: whole.headers)
            let bare = Record(
                topic: .events, partition: 0, offset: 0, timestamp: received, key: nil, value: whole.value,
                headers: [])
            for record in [tombstone, garbage, bare] { try tallies.apply(record) }
            #expect(try tallies.pending().isEmpty)
            try tallies.apply(whole)
            #expect(try tallies.pending().count == 1)
        }
    }

    /// The process dies between the commit and the broker's answer: the next one publishes.
    @Test func whatWasNotPublishedSurvivesARestart() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tallies-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "partition-0.sqlite").path
        var life = try life()

        func open<Result>(_ body: (Tallies) throws -> Result) throws -> Result {
            let database = try Database(path: path)
            try database.migrate(Tallies.steps)
            return try body(try Tallies(database, city: Place.city))
        }
        let before = try open { tallies in
            for fact in life.facts { try tallies.apply(Record(fact)) }
            return try tallies.pending()
        }
        #expect(!before.isEmpty)
        #expect(try open { try $0.pending() } == before)
        life.resolve(.chief("c-1"))
        try open { tallies in
            try tallies.published()
            try tallies.apply(Record(try #require(life.facts.last)))
            let city = try #require(try tallies.pending().first { $0.key.hasPrefix("city") })
            let tally = try JSON.decode(Indicator.self, from: city.event.data ?? []).tally
            #expect(tally.open == 0)
            #expect(tally.resolved == 1)
            #expect(tally.received == 1)
        }
    }
}
