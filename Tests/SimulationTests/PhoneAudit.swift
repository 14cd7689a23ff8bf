import Models
import Processing
import Text

@testable import Notification

/// What each phone received: every notice at most once, alone or together with others, and nothing at night.
struct PhoneAudit {
    private let auditor: Auditor
    private let cluster: SimulatedCluster
    private let gateway: SimulatedGateway
    private let options: Options
    private let marks: Marks

    init(
        _ auditor: Auditor, _ cluster: SimulatedCluster, _ gateway: SimulatedGateway, _ options: Options,
        _ marks: Marks
    ) {
        self.auditor = auditor
        self.cluster = cluster
        self.gateway = gateway
        self.options = options
        self.marks = marks
    }

    func run() {
        let groups = groups
        auditContents(groups)
        auditNights()
        auditOrder()
    }

    /// The notices that go with each leading one.
    private var groups: [String: [String]] {
        var groups: [String: [String]] = [:]
        for record in cluster.committedRecords(.noticeEvents) {
            guard let event = try? record.cloudEvent(), let data = event.data,
                event.type == EventType("notice", "grouped").description,
                case .grouped(let grouped)? = try? NoticeEvent(kind: .grouped, data: data)
            else { continue }
            groups[grouped.into, default: []].append(grouped.reference)
        }
        return groups
    }

    /// A citizen hears of a complaint in the order in which it happened: nothing that waited comes after what
    /// left it nothing to say.
    private func auditOrder() {
        var last: [String: Int] = [:]
        for record in cluster.committedRecords(.noticeEvents) {
            guard let event = try? record.cloudEvent(), let data = event.data,
                let type = try? EventType(event.type), let kind = NoticeEvent.Kind(rawValue: type.name),
                let happened = try? NoticeEvent(kind: kind, data: data)
            else { continue }
            switch happened {
            case .grouped: break
            case .attempted(let attempted) where attempted.attempt == 1: break
            default: continue
            }
            // 7KQ29XM4T1H0C.3/complainant/7KQ29XM4T1H0C
            let parts = happened.reference.split(separator: "/", maxSplits: 1)
            let fact = parts[0].split(separator: ".")
            guard parts.count == 2, fact.count == 2, let version = Int(fact[1]),
                parts[1].hasPrefix("complainant/") || parts[1].hasPrefix("follower/")
            else { continue }
            let place = "\(fact[0])/\(parts[1])"
            auditor.expect(
                last[place].map { $0 < version } ?? true,
                "\(happened.reference) goes after version \(last[place] ?? 0) has gone")
            last[place] = version
        }
    }

    /// A message about several tells how many, and is about no other number.
    private func auditContents(_ groups: [String: [String]]) {
        var requests: [String: NoticeRequest] = [:]
        var texts: [String: Set<String>] = [:]
        for record in cluster.committedRecords(.noticeRequests) {
            guard let value = record.value, let request = try? JSON.decode(NoticeRequest.self, from: value)
            else { continue }
            requests[request.reference] = request
            // Asked again after an erasure, it may quote less.
            texts[request.reference, default: []].formUnion([request.text, request.bare].compactMap(\.self))
        }
        var messages: [String: String] = [:]
        for record in cluster.committedRecords(.jobs) + cluster.committedRecords(.urgentJobs) {
            guard let value = record.value, let job = try? JSON.decode(SMSJob.self, from: value) else {
                continue
            }
            let members = groups[job.reference] ?? []
            for reference in [job.reference] + members {
                auditor.expect(
                    requests[reference]?.recipient.handle == job.handle,
                    "\(reference) is told to another number")
                let other = messages.updateValue(job.reference, forKey: reference)
                auditor.expect(
                    other == nil || other == job.reference, "\(reference) stands in two messages")
            }
            guard !members.isEmpty else {
                auditor.expect(
                    texts[job.reference]?.contains(job.text) == true,
                    "\(job.reference) goes alone, and in other words than it was asked for")
                continue
            }
            let told = Self.counts(in: job.text)
            auditor.expect(
                told == members.count + 1,
                "\(job.reference) tells of \(told), and \(members.count) go with it")
            auditor.expect(Segments.count(job.text) <= 2, "\(job.reference) has more than two segments")
        }
    }

    /// The sum of the counts in `Complaints: 3 new, 1 at risk, first due …`.
    private static func counts(in text: String) -> Int {
        guard let start = text.firstRange(of: "Complaints: ") else { return 0 }
        var sum = 0
        for part in text[start.upperBound...].split(separator: ", ") {
            guard let count = part.split(separator: " ").first.flatMap({ Int($0) }) else { break }
            sum += count
        }
        return sum
    }

    /// Nothing in this town is pressing. The pusher may give the gateway what it took up to 20 s before.
    private func auditNights() {
        guard let quiet = options.manner.quiet?.hours(in: .beijing) else { return }
        for record in cluster.committedRecords(.noticeEvents) {
            guard let event = try? record.cloudEvent(), let data = event.data,
                case .deferred(let deferred)? = try? NoticeEvent(kind: .deferred, data: data),
                deferred.reason == Dispatch.Hold.quiet.rawValue
            else { continue }
            marks.hit(.waitedForMorning)
        }
        guard !options.jumpsClocks else { return }
        for (message, at) in zip(gateway.received, gateway.receivedAt) {
            let moment = Instant(millisecondsSince1970: SimulatedCluster.beginning + at)
            // What a citizen has just sent in is answered at once.
            let isAnswer = message.attempt.reference.contains(".1/complainant/")
            let isLate = quiet.end(at: moment) > moment && quiet.end(at: moment + .seconds(-25)) > moment
            auditor.expect(!isLate || isAnswer, "\(message.attempt) rang a phone at night")
        }
    }
}
