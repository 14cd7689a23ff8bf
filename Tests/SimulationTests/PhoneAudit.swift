import Models
import Processing
import Text

@testable import Notification

/// What each phone received: every notice at most once, alone or together with others, and nothing at night.
struct PhoneAudit {
    let auditor: Auditor
    let cluster: SimulatedCluster
    let gateway: SimulatedGateway
    let options: Options
    let marks: Marks

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
            guard case .grouped(let grouped)? = cluster.notice(record) else { continue }
            groups[grouped.into, default: []].append(grouped.reference)
        }
        return groups
    }

    /// A citizen hears of a complaint in the order in which it happened: nothing that waited comes after what
    /// left it nothing to say. What goes in one message goes at once: its parts have no order.
    private func auditOrder() {
        var last: [String: Int] = [:]
        var waiting: [String: [String]] = [:]
        for record in cluster.committedRecords(.noticeEvents) {
            guard let happened = cluster.notice(record) else { continue }
            switch happened {
            case .grouped(let grouped): waiting[grouped.into, default: []].append(grouped.reference)
            case .attempted(let attempted) where attempted.attempt == 1:
                let parts = [attempted.reference] + (waiting.removeValue(forKey: attempted.reference) ?? [])
                for (place, versions) in Dictionary(grouping: parts.compactMap(Self.told), by: \.place) {
                    let versions = versions.map(\.version)
                    auditor.expect(
                        versions.allSatisfy { $0 > last[place] ?? 0 },
                        "\(attempted.reference) goes after version \(last[place] ?? 0) has gone")
                    last[place] = versions.max()
                }
            default: continue
            }
        }
    }

    /// Of 7KQ29XM4T1H0C.3/complainant/7KQ29XM4T1H0C the person, about the complaint, and the version. Nil for
    /// whoever is no citizen.
    private static func told(_ reference: String) -> (place: String, version: Int)? {
        let parts = reference.split(separator: "/", maxSplits: 1)
        let fact = parts[0].split(separator: ".")
        guard parts.count == 2, fact.count == 2, let version = Int(fact[1]),
            parts[1].hasPrefix("complainant/") || parts[1].hasPrefix("follower/")
        else { return nil }
        return ("\(fact[0])/\(parts[1])", version)
    }

    /// A message about several tells how many, and is about no other number.
    private func auditContents(_ groups: [String: [String]]) {
        var requests: [String: NoticeRequest] = [:]
        var requestedAt: [String: Instant] = [:]
        var texts: [String: Set<String>] = [:]
        for record in cluster.committedRecords(.noticeRequests) {
            guard let request = cluster.value(NoticeRequest.self, of: record) else { continue }
            requests[request.reference] = request
            requestedAt[request.reference] = cluster.event(record)?.time
            // Asked again after an erasure, it may quote less.
            texts[request.reference, default: []].formUnion([request.text, request.bare].compactMap(\.self))
        }
        var messages: [String: String] = [:]
        for record in cluster.committedRecords(.jobs) + cluster.committedRecords(.urgentJobs) {
            guard let job = cluster.value(SMSJob.self, of: record) else { continue }
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
            let all = ([job.reference] + members).compactMap { requests[$0] }
            // What waited so long under a limit goes with others, although its link is lost.
            let late = Set(
                all.map(\.reference).filter { reference in
                    guard let asked = requestedAt[reference], let sent = cluster.event(record)?.time else {
                        return false
                    }
                    return sent - asked >= Dispatch.aloneFor
                })
            for fault in GroupedText(job.text, all, late: late, desk: options.manner.desk).faults {
                auditor.expect(false, "\(job.reference) with \(members.count) others \(fault)")
            }
        }
    }

    /// Nothing in this town is pressing. The pusher may give the gateway what it took up to 20 s before.
    private func auditNights() {
        guard let quiet = options.manner.quiet?.hours(in: .beijing) else { return }
        for record in cluster.committedRecords(.noticeEvents) {
            guard case .deferred(let deferred)? = cluster.notice(record),
                deferred.reason == Dispatch.Hold.quiet.rawValue
            else { continue }
            marks.hit(.waitedForMorning)
        }
        guard !options.jumpsClocks else { return }
        for (message, at) in zip(gateway.received, gateway.receivedAt) {
            let moment = Instant(millisecondsSince1970: SimulatedCluster.beginning + at)
            // What a citizen has just sent in, and what somebody has just written, is answered at once, or as
            // soon as a pusher runs again.
            let isAnswer =
                message.attempt.reference.contains(".1/complainant/")
                || message.attempt.reference.hasPrefix(Dispatch.replyPrefix)
            let isLate = quiet.end(at: moment) > moment && quiet.end(at: moment + .seconds(-25)) > moment
            auditor.expect(!isLate || isAnswer, "\(message.attempt) rang a phone at night")
        }
    }
}
