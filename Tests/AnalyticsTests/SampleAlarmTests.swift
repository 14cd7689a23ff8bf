import Models
import Processing
import Readings
import Support
import Testing

@testable import Analytics

@Suite("The sample's readings under alarms")
struct SampleAlarmTests {
    private func readings() throws -> [Record] {
        let registry = try Sample.sections()
        let table = try ReadingTable(
            Sample.bytes("readings.csv"), sections: SectionBook(registry, otherwise: .beijing),
            now: Monitored.start)
        let grading = Grading(registry: registry)
        return try table.reports.flatMap { report in
            try grading.decide(
                nil,
                .reported(
                    report, at: Monitored.start, Trail(at: report.observedAt, cause: "csv")),
                at: Monitored.start, caughtUp: false
            ).flatMap(grading.records).map { Record(topic: $0.topic, key: $0.key, $0.event) }
        }
    }

    private func told(_ rules: AlarmRules, at now: (Instant) -> Instant) throws -> [AlarmEvent] {
        let alarming = Alarming(registry: try Sample.sections(), rules: rules)
        var partition = Partition<Alarming>(load: { _ in nil })
        return try readings().flatMap { record in
            let outcome = try partition.take(
                record, with: alarming, at: now(try record.cloudEvent().time), caughtUp: false)
            guard case .done(let outgoing, _) = outcome else { return [AlarmEvent]() }
            return try outgoing.alarmEvents
        }
    }

    @Test("posted months later they raise nothing")
    func old() throws {
        #expect(try readings().count == 553)
        #expect(try told(AlarmRules()) { _ in Monitored.start }.isEmpty)
    }

    @Test("as they came in they raise few, where one at every reading would ring on and on")
    func live() throws {
        func raised(_ rules: AlarmRules) throws -> Int {
            try told(rules) { $0 }.count { $0.kind == .raised && $0.alarm.item == .waterClass }
        }
        var hasty = AlarmRules()
        (hasty.targetReadings, hasty.limitReadings, hasty.goodReadings) = (1, 1, 1)
        #expect(try raised(hasty) == 25)
        #expect(try raised(AlarmRules()) == 7)
    }
}
