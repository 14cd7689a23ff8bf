import Models
import Processing
import Testing

@testable import Analytics

@Suite struct GradingTests {
    private let now = Instant(millisecondsSince1970: 1_800_000_000_000)
    private let grading: Grading

    init() throws {
        let section = Section(
            id: try id("jiekou"), name: Name(zh: "街口", en: "Jiekou"), river: try id("xinan-river"),
            body: .river,
            place: Coordinate(longitude: 118.7, latitude: 29.7))
        let lake = Section(
            id: try id("santandao"), name: Name(zh: "三潭岛", en: "Santandao"), river: try id("qiandao-lake"),
            body: .lake, place: Coordinate(longitude: 118.9, latitude: 29.5))
        let station = Station(
            id: try id("st-1"), section: section.id, name: "街口站", deviceNumber: "010000A8900016F000169DC0")
        grading = Grading(registry: Registry([.section(section), .section(lake), .station(station)]))
    }

    /// given: a registry. when: a record comes. then: what is published.
    private func when(_ record: Record, at now: Instant? = nil) throws -> (
        outgoing: [Outgoing], verdict: Verdict
    ) {
        var partition = Partition<Grading> { _ in nil }
        let outcome = try partition.take(record, with: grading, at: now ?? self.now, caughtUp: false)
        guard case .done(let outgoing, let verdict) = outcome else { throw Waited() }
        #expect(!partition.hasChanges, "grading keeps no state")
        return (outgoing, verdict)
    }

    private struct Waited: Error {}

    private func reading(
        _ values: [Parameter: Double], of section: String = "jiekou", at moment: Instant? = nil
    ) throws -> Reading {
        Reading(section: try id(section), observedAt: moment ?? now, values: values, source: "CNEMC")
    }

    private func record(_ reading: Reading, key: String? = nil) -> Record {
        Record(
            topic: .reports, key: key ?? reading.section.rawValue,
            CloudEvent(
                id: "post/1", source: "dayu-intake", type: "org.dayu.reading.reported.v1",
                trail: Trail(
                    at: reading.observedAt,
                    traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
                data: JSON.encode(reading)))
    }

    @Test func aReadingBecomesAnAssessment() throws {
        let reading = try reading([.ammoniaNitrogen: 0.5, .dissolvedOxygen: 8, .totalNitrogen: 3])
        let (outgoing, verdict) = try when(record(reading))
        #expect(verdict == .decided(facts: 1))
        let one = try #require(outgoing.first)
        #expect(outgoing.count == 1)
        #expect(one.topic == .assessments)
        #expect(one.key == "jiekou")
        #expect(one.event.id == "jiekou/\(now)")
        #expect(one.event.type == "org.dayu.reading.assessed.v1")
        #expect(one.event.time == now)
        #expect(one.event.trail.cause == "post/1")
        #expect(one.event.trail.traceparent == "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
        let expected = Assessment(
            reading: reading, body: .river, waterClass: .II,
            classes: [.ammoniaNitrogen: .II, .dissolvedOxygen: .I], decisive: [.ammoniaNitrogen])
        #expect(try JSON.decode(Assessment.self, from: one.event.data ?? []) == expected)
    }

    @Test func theSameReadingIsTheSameAssessment() throws {
        let record = record(try reading([.pH: 7]))
        #expect(try when(record).outgoing == when(record).outgoing)
    }

    @Test func theSectionSaysWhichLimitsApply() throws {
        let (outgoing, _) = try when(record(try reading([.totalPhosphorus: 0.03], of: "santandao")))
        let assessment = try JSON.decode(Assessment.self, from: outgoing.first?.event.data ?? [])
        #expect(assessment.body == .lake)
        #expect(assessment.waterClass == .III)
    }

    @Test func aStationStandsForItsSection() throws {
        let (outgoing, _) = try when(record(try reading([.pH: 7], of: "st-1")))
        let one = try #require(outgoing.first)
        #expect(one.key == "jiekou")
        let assessment = try JSON.decode(Assessment.self, from: one.event.data ?? [])
        #expect(assessment.reading.section.rawValue == "jiekou")
        #expect(assessment.reading.station?.rawValue == "st-1")
        #expect(one.event.id == assessment.reading.id)
    }

    @Test func whatIsNotGradedIsStillPublished() throws {
        let (outgoing, _) = try when(record(try reading([.waterTemperature: 21])))
        let assessment = try JSON.decode(Assessment.self, from: outgoing.first?.event.data ?? [])
        #expect(assessment.waterClass == nil)
        #expect(assessment.decisive.isEmpty)
    }

    // MARK: Refusals

    private func expectRefusal(_ record: Record, _ reason: String, at now: Instant? = nil) throws {
        let (outgoing, verdict) = try when(record, at: now)
        #expect(verdict == .refused(reason: reason))
        #expect(outgoing.map(\.topic) == [.deadLetters])
    }

    @Test func anUnknownSectionIsSetAside() throws {
        try expectRefusal(
            record(try reading([.pH: 7], of: "nowhere")), "nowhere is neither a section nor a station here")
    }

    @Test func anImplausibleValueIsSetAside() throws {
        try expectRefusal(record(try reading([.pH: 15])), "values.w01001: 15.0 is outside 0.0…14.0 ")
    }

    @Test func anotherKeyIsSetAside() throws {
        try expectRefusal(
            record(try reading([.pH: 7]), key: "santandao"), "section: differs from the record's key")
    }

    @Test func theFutureIsSetAside() throws {
        let anHour = Duration.milliseconds(Limit.readingAheadMilliseconds)
        let reading = try reading([.pH: 7], at: now + anHour)
        #expect(try when(record(reading)).verdict == .decided(facts: 1))
        let early = Instant(millisecondsSince1970: now.millisecondsSince1970 - 1)
        try expectRefusal(
            record(reading), "observedAt lies in the future: \(reading.observedAt)", at: early)
    }

    @Test func whatIsNoReadingIsSetAside() throws {
        let reading = try reading([.pH: 7])
        let whole = record(reading)
        for value in [nil, Array("{}".utf8), Array("[1]".utf8), [0xFF, 0xFE]] as [[UInt8]?] {
            let broken = Record(
                topic: .reports, partition: 0, offset: 0, timestamp: now, key: whole.key, value: value,
                headers: whole.headers)
            #expect(try when(broken).outgoing.map(\.topic) == [.deadLetters])
        }
        let bare = Record(
            topic: .reports, partition: 0, offset: 0, timestamp: now, key: whole.key, value: whole.value,
            headers: [])
        try expectRefusal(bare, "ce_specversion: is missing")
    }
}
