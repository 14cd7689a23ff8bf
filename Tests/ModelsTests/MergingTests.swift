import Models
import Support
import Testing

@Suite("What is said of one reading becomes one reading")
struct MergingTests {
    private static let section = SectionID(literal: "bridge")
    private static let observedAt = Instant(millisecondsSince1970: 1_800_000_000_000)

    /// So many minutes after the observation.
    private static func minute(_ minute: Int) -> Instant { observedAt + .seconds(60 * minute) }

    private static func report(
        _ measurements: [Parameter: Measurement], gateway: GatewayID? = nil, source: String? = nil,
        reviewer: Actor? = nil, publishedClass: WaterClass? = nil
    ) -> Report {
        Report(
            section: section, gateway: gateway, observedAt: observedAt, source: source, reviewer: reviewer,
            publishedClass: publishedClass, measurements: measurements)
    }

    private func merged(_ reports: (minute: Int, report: Report)...) -> Reading {
        var reading = Reading(Self.report([:]).key)
        for one in reports { reading.take(one.report, reportedAt: Self.minute(one.minute)) }
        return reading
    }

    private func valid(_ value: Double) -> Measurement { Measurement(.measured(value), status: .valid) }

    @Test("parts that come apart are together one reading, and each keeps its author")
    func parts() {
        let reading = merged(
            (1, Self.report([.ammoniaNitrogen: Measurement(3)], source: "A")),
            (2, Self.report([.dissolvedOxygen: Measurement(8)], source: "B")))
        #expect(reading.figures == [.ammoniaNitrogen: 3, .dissolvedOxygen: 8])
        #expect(reading.sources == ["A", "B"])
        #expect(reading.parts.map(\.reportedAt) == [Self.minute(1), Self.minute(2)])
    }

    @Test("each part keeps who sent it, also the class alone and a review of another's figure")
    func senders() {
        let (one, other) = (GatewayID(literal: "one"), GatewayID(literal: "other"))
        let reading = merged(
            (
                1,
                Self.report(
                    [.pH: Measurement(7), .ammoniaNitrogen: Measurement(3)], gateway: one, source: "A")
            ),
            (2, Self.report([.ammoniaNitrogen: Measurement(3)], gateway: other, publishedClass: .V)),
            (3, Self.report([.pH: valid(7)], gateway: other, reviewer: Actor(role: .office, id: "city"))))
        #expect(reading.parts.map(\.gateway) == [one, other, other])
        #expect(reading.parts.map(\.source) == ["A", nil, "A"])
    }

    @Test("a later measurement corrects the former, and a part of which nothing is left is gone")
    func corrections() {
        let reading = merged(
            (1, Self.report([.pH: Measurement(7)], source: "A")),
            (2, Self.report([.pH: Measurement(8)], source: "B")))
        #expect(reading.figures == [.pH: 8] && reading.sources == ["B"] && reading.parts.count == 1)
    }

    @Test("what was reported before, and comes after, corrects nothing")
    func late() {
        let reading = merged((2, Self.report([.pH: Measurement(8)])), (1, Self.report([.pH: Measurement(7)])))
        #expect(reading.figures == [.pH: 8])
    }

    @Test("a provisional measurement never takes the place of a valid one")
    func status() {
        let straight = merged((1, Self.report([.pH: valid(7)])), (2, Self.report([.pH: Measurement(8)])))
        let late = merged((2, Self.report([.pH: Measurement(8)])), (1, Self.report([.pH: valid(7)])))
        #expect(straight.figures == [.pH: 7] && late.figures == [.pH: 7])
        #expect(
            merged((1, Self.report([.pH: valid(7)])), (2, Self.report([.pH: valid(8)]))).figures == [.pH: 8])
    }

    @Test("a withdrawal removes it, and a late copy does not bring it back")
    func withdrawal() {
        let gone = Self.report([.pH: Measurement(.withdrawn)])
        let said = Self.report([.pH: Measurement(7), .turbidity: Measurement(1)])
        #expect(merged((1, said), (2, gone)).measurements.keys.map(\.self) == [.turbidity])
        #expect(merged((2, gone), (1, said)).measurements.keys.map(\.self) == [.turbidity])
        #expect(merged((1, said), (2, gone), (3, said)).figures[.pH] == 7, "said again, it is said again")
        let reviewed = Self.report([.pH: Measurement(.withdrawn, status: .valid)])
        #expect(merged((1, said), (2, reviewed), (3, said)).figures[.pH] == nil, "but not after a review")
        #expect(
            merged((1, Self.report([.pH: valid(7)])), (2, gone)).figures == [.pH: 7],
            "a station takes back nothing that was reviewed")
    }

    @Test("a review makes it valid and leaves it its source")
    func review() {
        let clerk = Actor(role: .office, id: "north")
        let reading = merged(
            (1, Self.report([.pH: Measurement(7)], source: "A")),
            (2, Self.report([.turbidity: Measurement(1)], source: "B")),
            (3, Self.report([.pH: valid(7), .turbidity: valid(1)], reviewer: clerk)))
        #expect(reading.measurements.values.allSatisfy { $0.status == .valid })
        #expect(reading.parts.count == 2 && reading.parts.allSatisfy { $0.reviewer == clerk })
        #expect(Set(reading.sources) == ["A", "B"])
    }

    @Test("the class that a publisher gave last is kept, with his figures or without")
    func publishedClass() {
        let first = Self.report([.pH: Measurement(7)], publishedClass: .I)
        let second = Self.report([.pH: Measurement(7)], publishedClass: .II)
        #expect(merged((1, first)).publishedClass == .I)
        #expect(merged((1, first), (2, second)).publishedClass == .II)
        #expect(merged((2, second), (1, first)).publishedClass == .II)
        #expect(merged((1, first), (2, second)).figures == [.pH: 7])
    }

    // MARK: Properties

    /// Reports of one reading by a few authors; the same figure is said more than once.
    private func reports(_ random: inout SplitMix64, distinct: Bool) -> [(minute: Int, report: Report)] {
        (0..<Int.random(in: 1...8, using: &random)).map { number in
            var measurements: [Parameter: Measurement] = [:]
            for parameter in [Parameter.pH, .ammoniaNitrogen, .dissolvedOxygen] where !random.once(in: 3) {
                let figure =
                    distinct ? Double(number) / 10 : Double(Int.random(in: 0...2, using: &random))
                let values: [Measurement.Value] =
                    distinct ? [.measured(figure)] : [.measured(figure), .measured(figure), .withdrawn]
                measurements[parameter] = Measurement(
                    random.one(of: values), flag: random.one(of: [.valid, .valid, .fault]),
                    status: random.one(of: [.provisional, .provisional, .valid]))
            }
            let report = Self.report(
                measurements, source: random.maybe { $0.one(of: ["A", "B"]) },
                publishedClass: distinct ? nil : random.maybe { $0.one(of: WaterClass.allCases) })
            return (number, report)
        }
    }

    private func reading(_ reports: [(minute: Int, report: Report)]) -> Reading {
        var reading = Reading(Self.report([:]).key)
        for one in reports { reading.take(one.report, reportedAt: Self.minute(one.minute)) }
        return reading
    }

    @Test("what was taken, taken again, changes nothing", arguments: UInt64(0)..<500)
    func idempotent(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let reports = reports(&random, distinct: false)
        let once = reading(reports)
        for one in reports {
            var again = once
            again.take(one.report, reportedAt: Self.minute(one.minute))
            #expect(again == once, "seed \(seed)")
        }
        var later = once
        if let last = reports.last { later.take(last.report, reportedAt: Self.minute(1000)) }
        #expect(later == once, "the last word again, seed \(seed)")
        var whole = once
        for one in reports { whole.take(one.report, reportedAt: Self.minute(one.minute)) }
        #expect(whole == once, "seed \(seed)")
    }

    @Test("of different measurements the order of coming makes no difference", arguments: UInt64(0)..<500)
    func order(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let reports = reports(&random, distinct: true)
        let expected = reading(reports)
        for _ in 0..<5 {
            #expect(reading(reports.shuffled(using: &random)) == expected, "seed \(seed)")
        }
    }

    /// Written anew, for one parameter at a time.
    @Test("each parameter has its latest valid measurement, else its latest one", arguments: UInt64(0)..<500)
    func model(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let reports = reports(&random, distinct: true)
        let merged = reading(reports)
        for parameter in Parameter.allCases {
            let said = reports.compactMap { $0.report.measurements[parameter] }
            let expected = said.last { $0.status == .valid } ?? said.last
            #expect(merged.measurements[parameter] == expected, "seed \(seed)")
            #expect(merged.parts.count { $0.measurements[parameter] != nil } == (expected == nil ? 0 : 1))
        }
    }
}
