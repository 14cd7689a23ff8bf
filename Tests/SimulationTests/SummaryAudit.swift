import Models
import Processing
import Text

@testable import Analytics

/// Whether the last summary of each section and day is what the last assessments of its readings give.
struct SummaryAudit {
    private let auditor: Auditor
    private let cluster: SimulatedCluster

    init(_ auditor: Auditor, _ cluster: SimulatedCluster) {
        self.auditor = auditor
        self.cluster = cluster
    }

    func run() {
        var summaries: [String: (version: Int, summary: Summary)] = [:]
        for record in cluster.committedRecords(.summaries) {
            guard let event = try? record.cloudEvent(), let key = try? record.keyText(),
                let told = try? DaySummary(event.data ?? [], key: key), let version = event.version
            else {
                auditor.expect(false, "a summary can't be read")
                continue
            }
            let former = summaries.updateValue((version, told.summary), forKey: key)
            auditor.expect(
                version == (former?.version ?? 0) + 1,
                "\(key): version \(version) comes after \(former?.version ?? 0)")
            auditor.expect(former?.summary != told.summary, "\(key): version \(version) says nothing new")
        }
        let days = recounted
        for (key, told) in summaries {
            auditor.expect(told.summary == days[key] ?? Summary(), "\(key) is not what its readings give")
        }
        for (key, summary) in days where !summary.isEmpty {
            auditor.expect(summaries[key] != nil, "\(key) has readings and no summary")
        }
    }

    private var recounted: [String: Summary] {
        var readings: [ReadingKey: Reading] = [:]
        for record in cluster.committedRecords(.assessments) {
            guard let event = try? record.cloudEvent(), event.version != nil,
                let reading = try? JSON.decode(Assessment.self, from: event.data ?? []).reading
            else { continue }
            readings[reading.key] = reading
        }
        let byDay = Dictionary(grouping: readings.values) { reading in
            DaySummary.key(reading.section, Zone.beijing.day(at: reading.observedAt))
        }
        return byDay.mapValues { Summary(day: $0.map { CountedReading($0) }) }
    }
}
