import Models
import Processing
import Text

@testable import Analytics

/// Whether the last summary of each section or outfall and day is what the last assessments of its readings
/// give.
struct SummaryAudit {
    private let auditor: Auditor
    private let cluster: SimulatedCluster

    init(_ auditor: Auditor, _ cluster: SimulatedCluster) {
        self.auditor = auditor
        self.cluster = cluster
    }

    func run() {
        var summaries: [String: (version: Int, told: DaySummary)] = [:]
        for record in cluster.committedRecords(.summaries) {
            guard let event = cluster.event(record), let key = try? record.keyText(),
                let told = try? DaySummary(event.data ?? [], key: key), let version = event.version
            else {
                auditor.expect(false, "a summary can't be read")
                continue
            }
            let former = summaries.updateValue((version, told), forKey: key)
            auditor.expect(
                version == (former?.version ?? 0) + 1,
                "\(key): version \(version) comes after \(former?.version ?? 0)")
            auditor.expect(former?.told != told, "\(key): version \(version) says nothing new")
        }
        let days = recounted
        for (key, last) in summaries {
            guard let expected = days[key] else {
                auditor.expect(false, "\(key) has a summary and no reading")
                continue
            }
            auditor.expect(last.told == expected, "\(key) is not what its readings give")
        }
        for (key, expected) in days
        where !expected.summary.isEmpty || expected.discharge?.isEmpty == false {
            auditor.expect(summaries[key] != nil, "\(key) has readings and no summary")
        }
    }

    private var recounted: [String: DaySummary] {
        var assessments: [ReadingKey: Assessment] = [:]
        for record in cluster.committedRecords(.assessments) {
            guard cluster.event(record)?.version != nil,
                let assessment = cluster.value(Assessment.self, of: record)
            else { continue }
            assessments[assessment.reading.key] = assessment
        }
        let byDay = Dictionary(grouping: assessments.values) { assessment in
            let reading = assessment.reading
            return DaySummary.key(reading.section, Zone.beijing.day(at: reading.observedAt))
        }
        return byDay.compactMapValues { assessments in
            guard let first = assessments.first else { return nil }
            let readings = assessments.map { CountedReading($0.reading) }
            let isSection = first.body != nil
            return DaySummary(
                section: first.reading.section, day: Zone.beijing.day(at: first.reading.observedAt),
                summary: isSection ? Summary(day: readings) : Summary(),
                discharge: isSection ? nil : DischargeDay(readings))
        }
    }
}
