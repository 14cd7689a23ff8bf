import Models
import Processing
import Text

@testable import Analytics

/// Whether every breach of a permit was made a complaint, and none was made two.
struct BreachAudit {
    private let auditor: Auditor
    private let cluster: SimulatedCluster
    private let marks: Marks

    init(_ auditor: Auditor, _ cluster: SimulatedCluster, _ marks: Marks) {
        self.auditor = auditor
        self.cluster = cluster
        self.marks = marks
    }

    /// What Inspecting wrote; a copy that broke on its way is the workload's.
    private func asked(_ topic: Topic) -> [Record] {
        cluster.committedRecords(topic).filter { record in
            cluster.event(record)?.source == Inspecting().name && !auditor.malformed.contains(record)
        }
    }

    /// What a breach asks of Routing is to be answered like what anybody asks.
    func submit() {
        asked(.submissions).forEach(auditor.submitted)
        asked(.actions).forEach(auditor.acted)
    }

    func run() {
        var open: BreachCase?
        /// What began before it belongs to no later case.
        var through: Instant?
        var told: [String: [String]] = [:]
        for record in cluster.committedRecords(.breaches) {
            guard let event = cluster.event(record).flatMap({ try? BreachEvent($0) }) else {
                auditor.expect(false, "a breach's event can't be read")
                continue
            }
            let known = event.breachCase
            switch event {
            case .raised(let raised):
                marks.hit(.breachRaised)
                auditor.expect(open == nil, "\(known) was raised beside \(open?.description ?? "")")
                auditor.expect(raised.first.value > Town.dischargeLimit, "\(known) is no breach")
                open = known
                told[raised.complaint.compact, default: []].append("submitted")
            case .noted(let noted):
                marks.hit(.breachNoted)
                auditor.expect(open == known, "\(known) was noted and is not open")
                told[noted.complaint.compact, default: []].append("note")
            case .ended(let ended):
                marks.hit(.breachEnded)
                auditor.expect(open == known, "\(known) was ended and is not open")
                open = nil
                through = ended.through
                told[ended.complaint.compact, default: []].append("note")
            }
        }
        auditOrders(told)
        auditEnd(open, through: through)
    }

    /// One complaint for each case, and one note for each that was told.
    ///
    /// A case that was corrected away, and back again, is the same complaint.
    private func auditOrders(_ told: [String: [String]]) {
        var asked: [String: [String]] = [:]
        for topic in [Topic.submissions, .actions] {
            for record in self.asked(topic) {
                guard let key = try? record.keyText(), let event = cluster.event(record),
                    let type = try? EventType(event.type)
                else { continue }
                asked[key, default: []].append(type.name)
            }
        }
        let expected = told.mapValues { $0.sorted() }
        auditor.expect(
            asked.mapValues { $0.sorted() } == expected, "breaches told \(expected), complaints got \(asked)")
    }

    /// Counted from the readings alone: each that stands and is beyond the permit has a case.
    private func auditEnd(_ open: BreachCase?, through: Instant?) {
        var last: [Instant: Double] = [:]
        for record in cluster.committedRecords(.assessments) {
            guard let assessment = cluster.value(Assessment.self, of: record),
                assessment.body == nil
            else { continue }
            last[assessment.reading.observedAt] = assessment.reading.figures[.chemicalOxygenDemand]
        }
        let beyond = last.filter { $0.value > Town.dischargeLimit }.keys.sorted()
        for hour in beyond {
            if let open, hour < open.since { marks.hit(.breachReportedLate) }
            auditor.expect(
                open != nil || through.map { hour < $0 } ?? false,
                "the outfall was beyond its permit at \(hour), and nobody is told")
        }
        if let open {
            let end = open.since + .seconds(3600)
            auditor.expect(
                beyond.contains { $0 + .seconds(3600) >= end },
                "no reading is beyond the permit, and \(open) stands")
        }
    }
}
