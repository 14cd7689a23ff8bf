import Geo
import Models
import Processing
import Support
import Testing
import Text

@testable import Analytics

@Suite("Summaries of days")
struct SummarisingTests {
    private static let section = EntityID<Section>(literal: "tonglu")
    /// 2027-01-15 00:00 in Beijing.
    private static let midnight = Instant(millisecondsSince1970: 1_799_942_400_000)

    private static func registry(zone: String? = nil) -> Registry {
        let region = EntityID<Region>(literal: "city")
        return Registry([
            .region(Region(id: region, name: Name(zh: "市", en: "City"), level: .city, timeZone: zone)),
            .river(
                River(
                    id: EntityID(literal: "river"), name: Name(zh: "河", en: "River"), level: .city,
                    region: region)),
            .section(
                Section(
                    id: section, name: Name(zh: "桐庐", en: "Tonglu"), river: EntityID(literal: "river"),
                    body: .river, place: Coordinate(longitude: 119.7, latitude: 29.8))),
        ])
    }

    /// An assessment as Grading writes it.
    private static func record(
        _ values: [Parameter: Measurement], minutes: Int, version: Int = 1, key: String? = nil
    ) -> Record {
        let report = Report(
            section: section, observedAt: midnight + .seconds(60 * minutes), period: .hour,
            measurements: values)
        let reading = Reading(report, reportedAt: report.observedAt)
        return Record(
            topic: .assessments, key: key ?? section.rawValue,
            CloudEvent(
                id: "\(reading.id)/\(version)", source: Grading().name,
                type: EventType("reading", "assessed").description, subject: section.rawValue,
                version: version, trail: Trail(at: report.observedAt),
                data: JSON.encode(Assessment(reading, of: .river))))
    }

    private static func record(_ value: Double, minutes: Int, version: Int = 1) -> Record {
        record([.ammoniaNitrogen: Measurement(value)], minutes: minutes, version: version)
    }

    /// The days' summaries as a reader of the topic has them, and how many records told of them.
    private struct Told {
        var partition = Partition<Summarising> { _ in nil }
        var summarising = Summarising(registry: SummarisingTests.registry())
        var read: [Record] = []
        var written: [Record] = []
        var latest: [String: Summary] = [:]

        mutating func take(_ records: Record...) throws { for record in records { try take(record) } }

        mutating func take(_ record: Record) throws {
            read.append(record)
            guard
                case .done(let outgoing, .decided) = try partition.take(
                    record, with: summarising, at: SummarisingTests.midnight, caughtUp: false)
            else { throw Refused() }
            for one in outgoing {
                #expect(one.topic == .summaries)
                written.append(Record(topic: .summaries, key: one.key, one.event))
                latest[one.key] = try DaySummary(one.event.data ?? [], key: one.key).summary
            }
        }

        /// What another instance has after it has read the log.
        func restored() throws -> Partition<Summarising> {
            var partition = Partition<Summarising> { _ in nil }
            for record in read + written { try partition.recall(record, with: summarising) }
            return partition
        }
    }

    private struct Refused: Error {}

    private func figures(_ told: Told, _ day: String = "2027-01-15") -> Figures? {
        told.latest["tonglu/\(day)"]?
            .series[Series(origin: .automatic, period: .hour)]?[.ammoniaNitrogen]
    }

    @Test("each reading adds to its day, on the clocks of the section's region")
    func days() throws {
        var told = Told()
        try told.take(
            Self.record(1, minutes: 0), Self.record(2, minutes: 60 * 23 + 59),
            Self.record(4, minutes: -1))
        #expect(figures(told)?.count == 2 && figures(told)?.sum == ExactSum(figure: 3))
        #expect(figures(told)?.days == 1 && figures(told)?.dayMeans == ExactSum(figure: 1.5))
        #expect(figures(told, "2027-01-14")?.count == 1)
        var elsewhere = Told()
        elsewhere.summarising.adopt(Self.registry(zone: "Asia/Kolkata"))
        try elsewhere.take(Self.record(1, minutes: 0))
        #expect(Array(elsewhere.latest.keys) == ["tonglu/2027-01-14"])
    }

    @Test("a correction and a withdrawal count the day again, with one record each")
    func corrections() throws {
        var told = Told()
        try told.take(Self.record(1, minutes: 0), Self.record(3, minutes: 60))
        try told.take(Self.record(2, minutes: 0, version: 2))
        #expect(figures(told)?.sum == ExactSum(figure: 5) && told.written.count == 3)
        try told.take(
            Self.record([.ammoniaNitrogen: Measurement(.withdrawn)], minutes: 0, version: 3))
        #expect(figures(told)?.count == 1 && figures(told)?.sum == ExactSum(figure: 3))
        try told.take(
            Self.record([.ammoniaNitrogen: Measurement(.withdrawn)], minutes: 60, version: 2))
        #expect(told.latest["tonglu/2027-01-15"] == Summary())
        #expect(told.written.count == 5)
        #expect(try told.written.compactMap { try $0.cloudEvent().version } == [1, 2, 3, 4, 5])
    }

    @Test("the same assessment again, an older one, and one that changes no figure publish nothing")
    func repeats() throws {
        var told = Told()
        try told.take(Self.record(1, minutes: 0), Self.record(2, minutes: 0, version: 2))
        try told.take(Self.record(2, minutes: 0, version: 2), Self.record(1, minutes: 0, version: 1))
        #expect(told.written.count == 2 && figures(told)?.sum == ExactSum(figure: 2))
        try told.take(Self.record(2, minutes: 0, version: 3))
        #expect(told.written.count == 2)
    }

    @Test("whatever the order in which a restore read the topics, nothing is published twice")
    func orders() throws {
        var told = Told()
        try told.take(Self.record(1, minutes: 0), Self.record(3, minutes: 60))
        for order in [[0, 2, 3, 1], [2, 3, 0, 1], [0, 1, 2, 3], [2, 0, 3, 1]] {
            let log = told.read + told.written
            var again = told
            again.partition = Partition { _ in nil }
            for place in order { try again.partition.recall(log[place], with: told.summarising) }
            try again.take(Self.record(3, minutes: 60), Self.record(3, minutes: 60, version: 2))
            #expect(again.written.count == 2, "\(order)")
            try again.take(Self.record(4, minutes: 60, version: 3))
            #expect(again.written.count == 3 && figures(again)?.sum == ExactSum(figure: 5), "\(order)")
        }
    }

    @Test("provisional values become valid: the day says so")
    func validity() throws {
        var told = Told()
        try told.take(Self.record(1, minutes: 0))
        #expect(figures(told)?.provisional == 1)
        try told.take(
            Self.record(
                [.ammoniaNitrogen: Measurement(.measured(1), status: .valid)], minutes: 0, version: 2))
        #expect(figures(told)?.provisional == 0 && told.written.count == 2)
    }

    @Test("what can't be understood is refused with a reason")
    func refusals() throws {
        func refused(_ record: Record) throws -> Bool {
            var told = Told()
            do { try told.take(record) } catch is Refused { return true }
            return false
        }
        #expect(try refused(Self.record([.pH: Measurement(7)], minutes: 0, key: "other")))
        #expect(
            try refused(
                Record(
                    topic: .assessments, key: "tonglu",
                    CloudEvent(
                        id: "1", source: "x", type: EventType("reading", "assessed").description,
                        trail: Trail(at: Self.midnight), data: Array("{}".utf8)))))
        #expect(try !refused(Self.record(1, minutes: 0)))
    }

    @Test("a day takes no more readings than its limit, and still corrections of those")
    func limit() throws {
        var day = DayReadings()
        func reading(_ number: Int, _ figure: Double) -> CountedReading {
            CountedReading(
                observedAt: Self.midnight + .seconds(number), series: Series(origin: .manual, period: .hour),
                values: [.pH: .init(figure: figure)])
        }
        for number in 0..<DayReadings.limit {
            let isTaken = day.take(reading(number, 7), version: 1)
            #expect(isTaken)
        }
        let beyond = day.take(reading(-1, 7), version: 1)
        #expect(!beyond && !day.canTake(reading(-1, 7)) && day.canTake(reading(5, 8)))
        let corrected = day.take(reading(5, 8), version: 2)
        #expect(corrected)
    }

    @Test("random readings, corrections, withdrawals and repeats equal a recount, live and restored")
    func properties() throws {
        for seed in UInt64(0)..<60 {
            var random = SplitMix64(seed: seed)
            var told = Told()
            var versions: [Int: Int] = [:]
            var last: [Int: [Parameter: Measurement]] = [:]
            for _ in 0..<60 {
                let minutes = Int.random(in: -3...3, using: &random) * 600
                let version = (versions[minutes] ?? 0) + 1
                versions[minutes] = version
                let value = (Double.random(in: 0...3, using: &random) * 100).rounded() / 100
                let measured = random.once(in: 5) ? Measurement(.withdrawn) : Measurement(value)
                let values: [Parameter: Measurement] = [
                    .ammoniaNitrogen: measured, .pH: Measurement(value + 5),
                ]
                last[minutes] = values
                try told.take(Self.record(values, minutes: minutes, version: version))
                if random.once(in: 4), let again = told.read.randomElement(using: &random) {
                    try told.take(again)
                }
            }
            var expected: [String: [CountedReading]] = [:]
            for (minutes, values) in last {
                let record = Self.record(values, minutes: minutes)
                let data = try #require(record.value)
                let reading = try JSON.decode(Assessment.self, from: data).reading
                let day = Zone.beijing.day(at: reading.observedAt)
                expected[DaySummary.key(Self.section, day), default: []].append(CountedReading(reading))
            }
            #expect(told.latest == expected.mapValues { Summary(day: $0) }, "seed \(seed)")
            var restored = try told.restored()
            for key in told.latest.keys {
                let state = try told.partition.state(of: key)
                let again = try restored.state(of: key)
                #expect(again == state, "seed \(seed)")
                #expect(state?.isStale == false, "seed \(seed)")
                let stored = try #require(state?.stored)
                #expect(try Summarising.State(stored: stored) == state, "seed \(seed)")
            }
        }
    }

    @Test("a stored day is small, and what can't be one is refused")
    func stored() throws {
        var told = Told()
        let values: [Parameter: Measurement] = [
            .pH: Measurement(7.1), .ammoniaNitrogen: Measurement(.below(0.025)),
            .totalNitrogen: Measurement(2),
            .copper: Measurement(.measured(9), flag: .fault),
        ]
        for hour in 0..<24 { try told.take(Self.record(values, minutes: 60 * hour, version: 300)) }
        let state = try #require(try told.partition.state(of: "tonglu/2027-01-15"))
        let stored = state.stored
        #expect(try Summarising.State(stored: stored) == state)
        #expect(stored.count < 24 * 60, "\(stored.count) bytes")
        for length in 0..<stored.count {
            #expect(throws: Malformed.self) { try Summarising.State(stored: Array(stored[..<length])) }
        }
        #expect(throws: Malformed.self) { try Summarising.State(stored: stored + [0]) }
        // What is changed in it either is another day or is refused.
        for place in stored.indices {
            for bit in 0..<8 {
                var other = stored
                other[place] ^= 1 << bit
                _ = try? Summarising.State(stored: other)
            }
        }
    }

    @Test("that the hours of an outfall became valid says nothing new")
    func validHours() throws {
        var told = Told()
        func take(_ status: Models.Measurement.Status, version: Int) throws {
            let report = Report(
                section: Self.section, observedAt: Self.midnight, period: .hour,
                measurements: [.pH: Measurement(.measured(7), status: status)])
            let reading = Reading(report, reportedAt: report.observedAt)
            try told.take(
                Record(
                    topic: .assessments, key: Self.section.rawValue,
                    CloudEvent(
                        id: "\(reading.id)/\(version)", source: Grading().name,
                        type: EventType("reading", "assessed").description, version: version,
                        trail: Trail(at: report.observedAt),
                        data: JSON.encode(Assessment(ofDischarge: reading)))))
        }
        try take(.provisional, version: 1)
        try take(.valid, version: 2)
        #expect(told.written.count == 1)
    }

    @Test("a crash between reading and publishing: the input, taken again, publishes")
    func crash() throws {
        var told = Told()
        try told.take(Self.record(1, minutes: 0))
        // The assessment is on the log; its summary was aborted with the transaction.
        var restored = Partition<Summarising> { _ in nil }
        let late = Self.record(3, minutes: 60)
        for record in told.read + [late] + told.written {
            try restored.recall(record, with: told.summarising)
        }
        told.partition = restored
        try told.take(late)
        #expect(figures(told)?.sum == ExactSum(figure: 4))
        try told.take(late)
        #expect(told.written.count == 2)
    }
}
