import Geo
import Models
import Processing
import Support
import Testing
import Text

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

    /// given: a registry, and what came before. when: a record comes. then: what is published.
    private func when(
        _ record: Record, at now: Instant? = nil, after former: [Record] = []
    ) throws -> (outgoing: [Outgoing], verdict: Verdict) {
        var partition = Partition<Grading> { _ in nil }
        for record in former {
            _ = try partition.take(record, with: grading, at: now ?? self.now, caughtUp: false)
        }
        let outcome = try partition.take(record, with: grading, at: now ?? self.now, caughtUp: false)
        guard case .done(let outgoing, let verdict) = outcome else { throw Waited() }
        return (outgoing, verdict)
    }

    private struct Waited: Error {}

    private func report(
        _ values: [Parameter: Double], of section: String = "jiekou", at moment: Instant? = nil
    ) throws -> Report {
        try report(measurements: [Parameter: Measurement](values), of: section, at: moment)
    }

    private func report(
        measurements: [Parameter: Measurement], of section: String = "jiekou", at moment: Instant? = nil,
        period: Period = .instant
    ) throws -> Report {
        Report(
            section: try id(section), observedAt: moment ?? now, period: period, source: "CNEMC",
            measurements: measurements)
    }

    /// - Parameter minute: after the hour at which the clock of these tests stands; negative before it.
    private func record(_ report: Report, minute: Int = -10, key: String? = nil) -> Record {
        Record(
            topic: .reports, key: key ?? report.section.rawValue,
            CloudEvent(
                id: "post/1", source: "dayu-intake", type: "org.dayu.reading.reported.v1",
                trail: Trail(
                    at: now + .seconds(60 * minute),
                    traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
                data: JSON.encode(report)))
    }

    private func assessment(_ outgoing: [Outgoing]) throws -> Assessment {
        try JSON.decode(Assessment.self, from: outgoing.first?.event.data ?? [])
    }

    @Test func aReportBecomesAnAssessment() throws {
        let report = try report([.ammoniaNitrogen: 0.5, .dissolvedOxygen: 8, .totalNitrogen: 3])
        let (outgoing, verdict) = try when(record(report))
        #expect(verdict == .decided(facts: 1))
        let one = try #require(outgoing.first)
        #expect(outgoing.count == 1)
        #expect(one.topic == .assessments)
        #expect(one.key == "jiekou")
        #expect(one.event.id == "jiekou/\(now)/instant/automatic/1" && one.event.version == 1)
        #expect(one.event.type == "org.dayu.reading.assessed.v1")
        #expect(one.event.time == now)
        #expect(one.event.trail.cause == "dayu-intake/post/1")
        #expect(one.event.trail.traceparent == "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
        let expected = Assessment(
            reading: Reading(report, reportedAt: now + .seconds(-600)), body: .river, waterClass: .II,
            classes: [.ammoniaNitrogen: .II, .dissolvedOxygen: .I], decisive: [.ammoniaNitrogen])
        #expect(try assessment(outgoing) == expected)
    }

    @Test func theSameReportAgainDecidesNothing() throws {
        let report = try report([.pH: 7])
        let again = try when(record(report, minute: -5), after: [record(report)])
        #expect(again.verdict == .decided(facts: 0) && again.outgoing.isEmpty)
        let empty = try when(record(try self.report([:])))
        #expect(empty.verdict == .decided(facts: 0), "nothing was measured")
    }

    /// Three systems may pass on the same document. Each of them writes it, since none knows of the others.
    @Test func theSameMeasurementsOfOtherSendersDecideNothing() throws {
        let reports = try ["a", "b", "c"].map { name in
            Report(
                section: try id("jiekou"), gateway: try id(name), observedAt: now, source: name,
                measurements: [.pH: Measurement(7), .ammoniaNitrogen: Measurement(.below(0.025))])
        }
        let first = try when(record(reports[0], minute: -9))
        #expect(try assessment(first.outgoing).reading.parts.map(\.source) == ["a"])
        for (other, minutes) in [(reports[1], [-9, -8]), (reports[2], [-9, -5]), (reports[1], [-9, -20])] {
            let again = try when(
                record(other, minute: minutes[1]), after: [record(reports[0], minute: minutes[0])])
            #expect(again.verdict == .decided(facts: 0) && again.outgoing.isEmpty)
        }
    }

    @Test func partsAreOneReading() throws {
        let parts = [record(try report([.ammoniaNitrogen: 3])), record(try report([.dissolvedOxygen: 8]))]
        let (outgoing, _) = try when(parts[1], after: [parts[0]])
        let whole = try assessment(outgoing)
        #expect(whole.reading.figures == [.ammoniaNitrogen: 3, .dissolvedOxygen: 8])
        #expect(whole.waterClass == .worseThanV && whole.decisive == [.ammoniaNitrogen])
        #expect(outgoing.first?.event.version == 2)
    }

    @Test func anotherPeriodIsAnotherReading() throws {
        let hour = try report(measurements: [.dissolvedOxygen: Measurement(8)], period: .hour)
        let (outgoing, _) = try when(record(hour), after: [record(try report([.ammoniaNitrogen: 3]))])
        #expect(try assessment(outgoing).waterClass == .I)
        #expect(outgoing.first?.event.version == 1)
    }

    @Test func aCorrectionIsJudgedAndALateOneIsNot() throws {
        let (first, second) = (try report([.ammoniaNitrogen: 3]), try report([.ammoniaNitrogen: 0.3]))
        let corrected = try when(record(second, minute: -5), after: [record(first)])
        #expect(try assessment(corrected.outgoing).waterClass == .II)
        let late = try when(record(first), after: [record(second, minute: -5)])
        #expect(late.outgoing.isEmpty)
    }

    @Test func aClockThatIsAheadForbidsNoCorrection() throws {
        let wrong = record(try report([.pH: 7]), minute: 600_000)
        let (outgoing, _) = try when(record(try report([.pH: 8]), minute: 0), after: [wrong])
        #expect(try assessment(outgoing).reading.figures == [.pH: 8])
    }

    @Test func onlyWhatIsFlaggedValidIsJudged() throws {
        let report = try report(measurements: [
            .ammoniaNitrogen: Measurement(.measured(99), flag: .calibration),
            .mercury: Measurement(.below(0.00004)), .dissolvedOxygen: Measurement(6.5),
        ])
        let judged = try assessment(try when(record(report)).outgoing)
        #expect(judged.classes == [.mercury: .I, .dissolvedOxygen: .II])
        #expect(judged.reading.measurements[.ammoniaNitrogen]?.flag == .calibration)
    }

    @Test func whatIsWithdrawnIsJudgedNoMore() throws {
        let gone = try report(measurements: [.ammoniaNitrogen: Measurement(.withdrawn)])
        let (outgoing, _) = try when(
            record(gone, minute: -5), after: [record(try report([.ammoniaNitrogen: 3, .pH: 7]))])
        let judged = try assessment(outgoing)
        #expect(judged.waterClass == .I && judged.reading.figures == [.pH: 7])
    }

    @Test func theSectionSaysWhichLimitsApply() throws {
        let (outgoing, _) = try when(record(try report([.totalPhosphorus: 0.03], of: "santandao")))
        let assessment = try assessment(outgoing)
        #expect(assessment.body == .lake)
        #expect(assessment.waterClass == .III)
    }

    @Test func sentAgainUnderOtherLimitsItIsJudgedAnew() throws {
        let report = try report([.totalPhosphorus: 0.03])
        var partition = Partition<Grading> { _ in nil }
        _ = try partition.take(record(report), with: grading, at: now, caughtUp: false)
        let section = Section(
            id: try id("jiekou"), name: Name(zh: "街口", en: "Jiekou"), river: try id("xinan-river"),
            body: .lake, place: Coordinate(longitude: 118.7, latitude: 29.7))
        let other = Grading(registry: Registry([.section(section)]))
        let outcome = try partition.take(record(report), with: other, at: now, caughtUp: false)
        guard case .done(let outgoing, _) = outcome else { throw Waited() }
        #expect(try assessment(outgoing).waterClass == .III)
    }

    @Test func whatIsNotGradedIsStillPublished() throws {
        let (outgoing, _) = try when(record(try report([.waterTemperature: 21])))
        let assessment = try assessment(outgoing)
        #expect(assessment.waterClass == nil)
        #expect(assessment.decisive.isEmpty)
    }

    // MARK: Remembering

    /// Reports of a few readings, out of order and repeated; what another instance reads from the log is what
    /// this one knows, and a report that comes again after it decides nothing.
    @Test(arguments: UInt64(0)..<100)
    func theLogGivesTheStatesBack(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let records = try (0..<40).map { _ in
            let parameter = random.one(of: [Parameter.pH, .dissolvedOxygen, .ammoniaNitrogen])
            let measurement = Measurement(
                random.one(of: [.measured(1), .measured(2), .withdrawn]),
                status: random.one(of: [.provisional, .valid]))
            return record(
                try report(
                    measurements: [parameter: measurement],
                    at: now + .seconds(-3600 * Int.random(in: 1...2, using: &random)),
                    period: random.one(of: [.instant, .hour])),
                minute: .random(in: -20...0, using: &random))
        }
        var live = Partition<Grading> { _ in nil }
        var written: [Record] = []
        for record in records {
            let outcome = try live.take(record, with: grading, at: now, caughtUp: false)
            guard case .done(let outgoing, .decided) = outcome else { throw Waited() }
            written += outgoing.map { Record(topic: $0.topic, key: $0.key, $0.event) }
        }
        let ids = try written.map { try $0.cloudEvent().id }
        #expect(Set(ids).count == ids.count, "seed \(seed)")
        var restored = Partition<Grading> { _ in nil }
        for record in written { try restored.recall(record, with: grading) }
        // From an earlier position once more.
        for record in written.suffix(5) { try restored.recall(record, with: grading) }
        let keys = Set(try records.map { try grading.understand($0).key })
        for key in keys {
            let state = try live.state(of: key)
            #expect(try restored.state(of: key) == state, "seed \(seed)")
            let stored = try #require(state).stored
            #expect(try Grading.State(stored: stored) == state, "seed \(seed)")
        }
        for record in records {
            let before = restored.changeCount
            let outcome = try restored.take(record, with: grading, at: now, caughtUp: false)
            guard case .done(let outgoing, .decided) = outcome else { throw Waited() }
            // Only of two that were reported at one moment the later to come holds.
            if outgoing.isEmpty { #expect(restored.changeCount == before) }
        }
    }

    @Test func whatLeavesMemoryIsReadFromTheStore() throws {
        let first = record(try report([.pH: 7]))
        var partition = Partition<Grading> { _ in nil }
        _ = try partition.take(first, with: grading, at: now, caughtUp: false)
        let stored = Dictionary(uniqueKeysWithValues: partition.changes.map { ($0.key, $0.state) })
        #expect(Array(stored.keys) == ["jiekou/\(now)/instant/automatic"])
        partition = Partition<Grading> { try stored[$0].flatMap { $0 }.map(Grading.State.init(stored:)) }
        let second = try partition.take(
            record(try report([.turbidity: 1]), minute: -5), with: grading, at: now, caughtUp: false)
        guard case .done(let outgoing, _) = second else { throw Waited() }
        #expect(try assessment(outgoing).reading.figures == [.pH: 7, .turbidity: 1])
        partition.saved()
        #expect(!partition.hasChanges)
    }

    // MARK: Refusals

    private func expectRefusal(_ record: Record, _ reason: String, at now: Instant? = nil) throws {
        let (outgoing, verdict) = try when(record, at: now)
        #expect(verdict == .refused(reason: reason))
        #expect(outgoing.map(\.topic) == [.deadLetters])
    }

    @Test func anUnknownSectionIsSetAside() throws {
        try expectRefusal(
            record(try report([.pH: 7], of: "nowhere")),
            "nowhere is neither a section nor an enterprise's outfall of the registry")
    }

    @Test func anImplausibleValueIsSetAside() throws {
        try expectRefusal(
            record(try report([.pH: 15])), "measurements.w01001.value: 15.0 is outside 0.0…14.0")
    }

    @Test func aStationIsNoSection() throws {
        try expectRefusal(
            record(try report([.pH: 7], of: "st-1")),
            "st-1 is neither a section nor an enterprise's outfall of the registry")
    }

    @Test func anotherKeyIsSetAside() throws {
        try expectRefusal(
            record(try report([.pH: 7]), key: "santandao"), "section: differs from the record's key")
    }

    @Test func theFutureIsSetAside() throws {
        let anHour = Duration.milliseconds(Limit.readingAheadMilliseconds)
        let report = try report([.pH: 7], at: now + anHour)
        #expect(try when(record(report)).verdict == .decided(facts: 1))
        let early = Instant(millisecondsSince1970: now.millisecondsSince1970 - 1)
        try expectRefusal(
            record(report), "observedAt lies in the future: \(report.observedAt)", at: early)
    }

    @Test func whatIsNoReadingIsSetAside() throws {
        let report = try report([.pH: 7])
        let whole = record(report)
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
