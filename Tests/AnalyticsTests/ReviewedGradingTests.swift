import Geo
import Models
import Processing
import Testing
import Text

@testable import Analytics

@Suite("A reading is reviewed, or becomes valid by itself")
struct ReviewedGradingTests {
    private static let now = Instant(millisecondsSince1970: 1_800_000_000_000)
    private static let threeDays = Duration.seconds(3 * 86_400)
    private let section: Section
    private let grading: Grading

    init() throws {
        section = Section(
            id: try id("jiekou"), name: Name(zh: "街口", en: "Jiekou"), river: try id("xinan-river"),
            body: .river, place: Coordinate(longitude: 118.7, latitude: 29.7))
        grading = Grading(registry: Registry([.section(section)]), validAfter: Self.threeDays)
    }

    private var key: ReadingKey {
        ReadingKey(section: section.id, observedAt: Self.now, period: .instant, origin: .automatic)
    }

    private func record(_ type: String, _ data: [UInt8], minute: Int) -> Record {
        Record(
            topic: .reports, key: section.id.rawValue,
            CloudEvent(
                id: "\(type)/\(minute)", source: "dayu-intake", type: "org.dayu.reading.\(type).v1",
                trail: Trail(at: Self.now + .seconds(60 * minute)), data: data))
    }

    private func report(
        _ values: [Parameter: Double], minute: Int, publishedClass: WaterClass? = nil
    ) -> Record {
        let report = Report(
            section: section.id, observedAt: Self.now, publishedClass: publishedClass,
            measurements: .init(values))
        return record("reported", JSON.encode(report), minute: minute)
    }

    private func review(
        _ verdict: Review.Verdict, _ parameters: [Parameter] = [], minute: Int
    ) throws -> Record {
        let review = Review(
            key, parameters: parameters, verdict: verdict, reviewer: Actor(role: .office, id: "hangzhou"),
            gateway: try id("desk"), seenAt: Self.now + .seconds(60 * minute))
        return record("reviewed", JSON.encode(review), minute: minute)
    }

    private func take(
        _ record: Record, _ partition: inout Partition<Grading>, at now: Instant = Self.now + .seconds(86_400)
    ) throws -> (assessments: [Assessment], verdict: Verdict) {
        let outcome = try partition.take(record, with: grading, at: now, caughtUp: false)
        guard case .done(let outgoing, let verdict) = outcome else { return ([], .decided(facts: -1)) }
        return (try assessments(outgoing), verdict)
    }

    private func assessments(_ outgoing: [Outgoing]) throws -> [Assessment] {
        try outgoing.filter { $0.topic == .assessments }.map {
            try JSON.decode(Assessment.self, from: try #require($0.event.data))
        }
    }

    @Test("an office's verdict is judged like any report")
    func reviewed() throws {
        var partition = Partition<Grading> { _ in nil }
        _ = try take(report([.ammoniaNitrogen: 3, .pH: 7], minute: 1), &partition)
        let valid = try take(try review(.valid, [.pH], minute: 2), &partition).assessments
        #expect(valid.first?.reading.measurements[.pH]?.status == .valid)
        #expect(valid.first?.waterClass == .worseThanV)
        let left = try take(try review(.withdrawn, minute: 3), &partition).assessments
        #expect(left.first?.reading.figures == [.pH: 7] && left.first?.waterClass == .I)
        let again = try take(try review(.withdrawn, minute: 4), &partition)
        #expect(again.verdict == .decided(facts: 0))
        let late = try take(report([.ammoniaNitrogen: 3, .pH: 9.5], minute: 5), &partition)
        #expect(late.verdict == .decided(facts: 0), "provisional values do not come back")
    }

    @Test("a review of what is not there, and a record of another kind, are set aside")
    func unknown() throws {
        var partition = Partition<Grading> { _ in nil }
        let verdict = try take(try review(.valid, minute: 1), &partition).verdict
        #expect(verdict == .refused(reason: "there is no reading \(key)"))
        let other = try take(record("guessed", Array("{}".utf8), minute: 2), &partition).verdict
        guard case .refused = other else {
            Issue.record("\(other)")
            return
        }
    }

    @Test("what nobody reviews is valid three days after it was reported, each part by itself")
    func aged() throws {
        var partition = Partition<Grading> { _ in nil }
        _ = try take(report([.ammoniaNitrogen: 3], minute: 1), &partition)
        _ = try take(report([.pH: 7], minute: 30), &partition)
        let name = key.description
        func wakeUp() throws -> Instant? { try partition.state(of: name).flatMap(grading.wakeUp(of:)) }
        let first = Self.now + .seconds(60) + Self.threeDays
        #expect(try wakeUp() == first)
        let woken = try assessments(try partition.wake(name, with: grading, at: first))
        #expect(
            woken.first?.reading.measurements.mapValues(\.status) == [
                .ammoniaNitrogen: .valid, .pH: .provisional,
            ])
        #expect(woken.first?.reading.parts.last?.reviewer == .system)
        #expect(try wakeUp() == Self.now + .seconds(30 * 60) + Self.threeDays)
        let last = try assessments(
            try partition.wake(name, with: grading, at: first + .seconds(86_400)))
        #expect(last.first?.reading.provisionalSince == nil)
        #expect(try wakeUp() == nil)
        #expect(try partition.wake(name, with: grading, at: first + .seconds(90_000)).isEmpty)
    }

    @Test("a wake-up from before the setting changed settles something, so that it does not come for ever")
    func earlyWakeUp() throws {
        var partition = Partition<Grading> { _ in nil }
        _ = try take(report([.pH: 7], minute: 1), &partition)
        let woken = try partition.wake(key.description, with: grading, at: Self.now + .seconds(3600))
        #expect(try assessments(woken).first?.reading.provisionalSince == nil)
    }

    @Test("without a time nothing becomes valid by itself")
    func never() throws {
        var partition = Partition<Grading> { _ in nil }
        let grading = Grading(registry: Registry([.section(section)]))
        _ = try partition.take(report([.pH: 7], minute: 1), with: grading, at: Self.now, caughtUp: false)
        #expect(try partition.state(of: key.description).flatMap(grading.wakeUp(of:)) == nil)
    }

    @Test("that the publisher has another class is counted once for a reading")
    func differing() throws {
        var partition = Partition<Grading> { _ in nil }
        _ = try take(report([.ammoniaNitrogen: 0.8], minute: 1, publishedClass: .III), &partition)
        #expect(partition.takeCounts() == [:])
        _ = try take(report([.ammoniaNitrogen: 0.8], minute: 2, publishedClass: .II), &partition)
        #expect(partition.takeCounts() == ["class.differs": 1])
        _ = try take(report([.turbidity: 2], minute: 3), &partition)
        #expect(partition.takeCounts() == [:])
    }
}
