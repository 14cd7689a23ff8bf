import Models
import Processing
import Text

@testable import Analytics

/// Whether bad water was made a complaint, once, and was taken back when it was good again.
struct AlarmAudit {
    private let auditor: Auditor
    private let cluster: SimulatedCluster
    private let marks: Marks

    init(_ auditor: Auditor, _ cluster: SimulatedCluster, _ marks: Marks) {
        self.auditor = auditor
        self.cluster = cluster
        self.marks = marks
    }

    /// What Alarming wrote; a copy that broke on its way is the workload's.
    private func asked(_ topic: Topic) -> [Record] {
        cluster.committedRecords(topic).filter { record in
            cluster.event(record)?.source == Alarming().name && !auditor.malformed.contains(record)
        }
    }

    /// What an alarm asks of Routing is to be answered like what anybody asks.
    func submit() {
        asked(.submissions).forEach(auditor.submitted)
        asked(.actions).forEach(auditor.acted)
    }

    func run() {
        var open: [AlarmItem: Alarm] = [:]
        var through: [AlarmItem: Instant] = [:]
        var told: [Alarm: [AlarmEvent.Kind]] = [:]
        for record in cluster.committedRecords(.alarms) {
            guard let event = cluster.event(record).flatMap({ try? AlarmEvent($0) }) else {
                auditor.expect(false, "an alarm's event can't be read")
                continue
            }
            let alarm = event.alarm
            told[alarm, default: []].append(event.kind)
            switch event {
            case .raised:
                marks.hit(.alarmRaised)
                auditor.expect(open[alarm.item] == nil, "\(alarm) was raised beside \(open)")
                open[alarm.item] = alarm
            case .noted:
                marks.hit(.alarmNoted)
                auditor.expect(open[alarm.item] == alarm, "\(alarm) was noted and is not open")
            case .cleared(let cleared):
                marks.hit(.alarmCleared)
                auditor.expect(open[alarm.item] == alarm, "\(alarm) was cleared and is not open")
                open[alarm.item] = nil
                through[alarm.item] = cleared.through
            }
        }
        auditOrders(told)
        auditEnd(open[.dissolvedOxygen], through: through[.dissolvedOxygen])
    }

    /// One complaint for each alarm, one note for each that was told, one resolution for each that cleared.
    private func auditOrders(_ told: [Alarm: [AlarmEvent.Kind]]) {
        var expected: [String: [String]] = [:]
        for (alarm, kinds) in told { expected[alarm.complaint.compact] = kinds.map(\.rawValue).sorted() }
        var asked: [String: [String]] = [:]
        for topic in [Topic.submissions, .actions] {
            for record in self.asked(topic) {
                guard let key = try? record.keyText(), let event = cluster.event(record),
                    let type = try? EventType(event.type)
                else { continue }
                let kind: AlarmEvent.Kind? =
                    switch type.name {
                    case "submitted": .raised
                    case "note": .noted
                    case "resolve": .cleared
                    default: nil
                    }
                asked[key, default: []].append(kind?.rawValue ?? type.name)
            }
        }
        auditor.expect(
            asked.mapValues { $0.sorted() } == expected, "alarms told \(expected), complaints got \(asked)")
    }

    /// Counted from the readings alone: the last ones decide. Only those after the alarm's first reading end
    /// it, also where that one was corrected.
    private func auditEnd(_ open: Alarm?, through: Instant?) {
        var last: [Instant: Double] = [:]
        for record in cluster.committedRecords(.assessments) {
            guard let assessment = cluster.value(Assessment.self, of: record),
                assessment.body != nil
            else { continue }
            last[assessment.reading.observedAt] = assessment.reading.figures[.dissolvedOxygen]
        }
        let oxygen = last.sorted { $0.key < $1.key }
        let bad = oxygen.filter { reading in through.map { reading.key > $0 } ?? true }.suffix(2)
        if bad.count == 2, bad.allSatisfy({ $0.value < 2 }) {
            auditor.expect(open != nil, "the water is bad and nobody is told: \(oxygen)")
        }
        let good = oxygen.filter { reading in open.map { reading.key > $0.since } ?? true }.suffix(3)
        if good.count == 3, good.allSatisfy({ $0.value > 2.2 }) {
            auditor.expect(open == nil, "the water is good and the alarm stands: \(oxygen)")
        }
    }
}
