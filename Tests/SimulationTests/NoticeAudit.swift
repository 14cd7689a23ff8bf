import Links
import Models
import Processing
import Text

@testable import Notification

/// Whether everybody was told what concerns him, once.
struct NoticeAudit {
    private let auditor: Auditor
    private let cluster: SimulatedCluster
    private let gateway: SimulatedGateway
    private let options: Options
    private let marks: Marks

    init(_ auditor: Auditor, _ world: World) {
        self.auditor = auditor
        cluster = world.cluster
        gateway = world.gateway
        options = world.options
        marks = world.marks
    }

    func run(_ lives: [String: [ComplaintFact]]) {
        let requested = auditRequests(lives)
        auditOutcomes(requested)
        auditFollows()
        auditUnreached()
        JobAudit(auditor: auditor, cluster: cluster, gateway: gateway, options: options, marks: marks).run()
        PhoneAudit(auditor: auditor, cluster: cluster, gateway: gateway, options: options, marks: marks).run()
        AnswerAudit(auditor, cluster, options, marks).run()
    }

    // MARK: Requests

    private func auditRequests(_ lives: [String: [ComplaintFact]]) -> Set<String> {
        var must: Set<String> = []
        /// Facts of which somebody who stands above may be told.
        var may: Set<String> = []
        let followed = Set(follows.map(\.complaint.compact))
        for life in lives.values {
            var holder: Assignee?
            for fact in life {
                let code = fact.complaint.compact
                let step = "\(code).\(fact.version)/"
                if case .urged(let urged) = fact.event, urged.by.role == .office { may.insert(step) }
                if isProgress(fact.event), followed.contains(code) { may.insert(step + "follower/") }
                let isErased = auditor.erased.contains(code)
                for recipient in recipients(of: fact, code, holder) {
                    let isCertain = !(recipient.hasPrefix("complainant/") && isErased)
                    if isCertain { must.insert(step + recipient) } else { may.insert(step) }
                }
                if case .assigned(let assigned) = fact.event { holder = assigned.assignee }
            }
        }
        var counts: [String: Int] = [:]
        for record in cluster.committedRecords(.noticeRequests) {
            let type = cluster.event(record)?.type
            if type == NoticeWithdrawal.type.description || type == NoticeSettlement.type.description {
                continue
            }
            guard let request = cluster.value(NoticeRequest.self, of: record) else {
                auditor.expect(false, "a request can't be read")
                continue
            }
            counts[request.reference, default: 0] += 1
            if request.reference.hasPrefix(Dispatch.replyPrefix) { may.insert(request.reference) }
            let recipient = request.recipient
            if recipient.kind == .follower {
                marks.hit(.followerTold)
                auditor.expect(
                    follows.contains { $0.complaint == request.complaint && $0.phone == recipient.phone },
                    "\(request.reference) went to somebody who never followed")
            }
            auditor.expect(
                (try? record.keyText()) == recipient.handle.text
                    && recipient.handle == Town.numbers.handle(of: recipient.phone),
                "\(request.reference) is not under its number's handle")
        }
        let mirrored = marks.counts[.mirroredTwice] != nil
        for reference in must { auditor.expect(counts[reference] != nil, "nobody was told \(reference)") }
        for (reference, count) in counts {
            auditor.expect(
                must.contains(reference) || may.contains { reference.hasPrefix($0) },
                "\(reference) was told for no reason")
            auditor.expect(count == 1 || mirrored, "\(reference) was requested \(count) times")
        }
        return Set(counts.keys)
    }

    /// - Parameter holder: whose the complaint was before the fact.
    private func recipients(of fact: ComplaintFact, _ code: String, _ holder: Assignee?) -> [String] {
        func official(_ assignee: Assignee) -> String { "\(assignee.kind.rawValue)/\(assignee.id)" }
        func unless(_ actor: Actor, _ assignee: Assignee?) -> [String] {
            assignee.map(official).map { $0 == "\(actor.role.rawValue)/\(actor.id ?? "")" ? [] : [$0] } ?? []
        }
        let complainant =
            auditor.contacts.contains(code) ? ["complainant/\(code)"] : []
        return switch fact.event {
        case .received, .parted, .informed: complainant
        // A calm city leaves that to the page.
        case .accepted: options.isCalm ? [] : complainant
        case .assigned(let assigned):
            [official(assigned.assignee)]
                + (assigned.why == .edited && holder != assigned.assignee ? unless(.system, holder) : [])
        case .warned(let warned): [official(warned.assignee)]
        case .urged: unless(.citizen, holder)
        case .transferred(let transferred): unless(transferred.by, transferred.from)
        case .lapsed(let lapsed): [official(lapsed.assignee)]
        case .escalated(let escalated): [official(escalated.from)]
        // The office that keeps the official's number: of his region, or of the one above his office's.
        case .unreached(let unreached):
            switch (unreached.official.kind, unreached.official.id) {
            case (.chief, _): ["office/east"]
            case (.department, _), (.office, "east"): ["office/town"]
            case (.office, _): []
            }
        case .supervised(let supervised): [official(supervised.by), official(supervised.over)]
        case .extended(let extended): complainant + unless(extended.by, holder)
        case .resolved(let resolved): resolved.checker.map { [official($0)] } ?? complainant
        case .verified(let verified): verified.passed ? complainant : []
        case .unchecked(let unchecked):
            complainant + [official(unchecked.checker)] + (unchecked.superior.map { [official($0)] } ?? [])
        case .reopened(let reopened):
            // Nor does who stands above hear of each in a calm city.
            options.isCalm ? [] : reopened.superior.map { [official($0)] } ?? []
        case .rejected(let rejected): complainant + unless(rejected.by, holder)
        case .merged(let merged): complainant + unless(merged.by, holder)
        case .closed(let closed):
            closed.reason == .office ? complainant + unless(closed.by, holder) : []
        case .noted, .rated, .edited, .joined, .withheld, .released, .erased: []
        }
    }

    // MARK: Follows

    /// All that ever began, without what was broken on its way.
    private var follows: [Follow] {
        cluster.committedRecords(.follows).compactMap { cluster.value(Follow.self, of: $0) }
    }

    /// What those hear who follow a complaint.
    private func isProgress(_ event: ComplaintEvent) -> Bool {
        switch event {
        case .accepted, .extended, .unchecked, .reopened, .rejected, .merged, .parted, .informed: true
        case .resolved(let resolved): resolved.checker == nil
        case .verified(let verified): verified.passed
        case .closed(let closed): closed.reason == .office
        default: false
        }
    }

    /// The last count of each complaint is how many follow it now.
    private func auditFollows() {
        var numbers: [String: Set<String>] = [:]
        for record in cluster.committedRecords(.follows) {
            guard let key = (try? record.keyText()).flatMap({ try? FollowKey($0) }) else { continue }
            let complaint = key.complaint.compact
            if record.value != nil {
                guard cluster.value(Follow.self, of: record) != nil else { continue }
                numbers[complaint, default: []].insert(key.number.text)
            } else {
                numbers[complaint, default: []].remove(key.number.text)
            }
        }
        var counted: [String: Int] = [:]
        for record in cluster.committedRecords(.followCounts) {
            guard let key = try? record.keyText(),
                let count = cluster.value(FollowCount.self, of: record), count.complaint.compact == key
            else {
                auditor.expect(false, "a count of follows can't be read")
                continue
            }
            counted[key] = count.follows
        }
        auditor.expect(
            counted == numbers.mapValues(\.count), "the counts of follows are \(counted), not \(numbers)")
    }

    // MARK: Outcomes

    private func auditOutcomes(_ requested: Set<String>) {
        var attempts: [String: Int] = [:]
        /// How many of them did not reach the gateway.
        var unsent: [String: Int] = [:]
        let receipts = cluster.told(without: auditor.malformed)
        var requestedAt: [String: Instant] = [:]
        for record in cluster.committedRecords(.noticeRequests) {
            guard let event = cluster.event(record),
                let request = cluster.value(NoticeRequest.self, of: record),
                requestedAt[request.reference] == nil
            else { continue }
            requestedAt[request.reference] = event.time
        }
        var ended: [String: NoticeEvent] = [:]
        /// With which notice others went.
        var groups: [String: String] = [:]
        let received = Set(gateway.received.map(\.attempt))
        for record in cluster.committedRecords(.noticeEvents) {
            guard let event = cluster.event(record),
                ![NumberConfirmed.type, PhoneAnswer.type].map(\.description).contains(event.type)
            else { continue }
            guard let happened = cluster.notice(record) else {
                auditor.expect(false, "a notice's event can't be read")
                continue
            }
            let kind = happened.kind
            let reference = happened.reference
            auditor.expect(requested.contains(reference), "\(reference) was never requested")
            let attempt = SimulatedGateway.Attempt(reference: reference, number: happened.attempt)
            switch happened {
            case .grouped(let grouped):
                marks.hit(.grouped)
                auditor.expect(
                    groups[reference] == nil && attempts[reference] == nil && ended[reference] == nil,
                    "\(reference) goes with another one, and was on its way before")
                groups[reference] = grouped.into
            case .attempted:
                auditor.expect(groups[reference] == nil, "\(reference) goes twice: alone and with another")
                attempts[reference, default: 0] += 1
                if happened.attempt > 1 { marks.hit(.attemptedAgain) }
                auditor.expect(
                    happened.attempt == attempts[reference],
                    "attempt \(happened.attempt) of \(reference) is its \(attempts[reference] ?? 0)th")
            case .unanswered: marks.hit(.unanswered)
            case .deferred(let deferred) where happened.attempt == 0:
                marks.hit(.heldBack)
                auditor.expect(deferred.unsent == nil, "\(reference) was held back and is unsent")
            case .deferred(let deferred) where deferred.unsent == true:
                marks.hit(.attemptNotSent)
                let pauses = Dispatch.unsentPauses
                let pause = pauses[min(unsent[reference, default: 0], pauses.count - 1)]
                unsent[reference, default: 0] += 1
                let expiresAt = requestedAt[reference].map { $0 + Dispatch.expiresAfter }
                auditor.expect(
                    deferred.until == expiresAt || isPause(deferred.until, from: event.time, pause),
                    "\(attempt) was not sent, and the pause after it is another's")
                auditor.expect(
                    receipts[attempt]?.contains { [.unsent, .withdrawn].contains($0.outcome) } == true,
                    "\(attempt) does not count, and nobody said that it was not sent")
            case .deferred(let deferred):
                let tries = happened.attempt - unsent[reference, default: 0]
                auditor.expect(
                    Dispatch.pauses.indices.contains(tries - 1)
                        && isPause(deferred.until, from: event.time, Dispatch.pauses[tries - 1]),
                    "\(attempt) is the \(tries)th that counts, and the pause after it is another's")
            case .taken: break
            case .unknown:
                marks.hit(.neverReported)
                auditor.expect(
                    gateway.promisesReports, "no gateway here reports, and \(attempt) is unknown")
            case .accepted, .delivered:
                auditor.expect(received.contains(attempt), "\(attempt) was not taken by the gateway")
            case .failed(let failed):
                marks.hit(.noticeFailed)
                if groups[reference] != nil { marks.hit(.membersFailed) }
                if failed.why == .unconfirmed { marks.hit(.unconfirmed) }
                if failed.why == .overtaken {
                    marks.hit(.overtaken)
                    auditor.expect(
                        attempts[reference] == nil && groups[reference] == nil,
                        "\(reference) was overtaken, and was on its way before")
                }
                if failed.why == .exhausted, groups[reference] == nil {
                    auditor.expect(
                        failed.attempt - unsent[reference, default: 0] > Dispatch.pauses.count,
                        "\(reference) is given up, and has attempts left")
                }
            }
            auditor.expect(
                mayFollow(happened, ended[reference]),
                "\(kind) of \(reference) after it had ended as \(ended[reference]?.kind.rawValue ?? "")")
            switch kind {
            case .accepted, .delivered, .unknown, .failed: ended[reference] = happened
            case .grouped, .attempted, .taken, .unanswered, .deferred: break
            }
        }
        for reference in requested {
            auditor.expect(
                ended[groups[reference] ?? reference] != nil, "\(reference) is left without an end")
            if case .failed? = groups[reference].flatMap({ ended[$0] }) {
                auditor.expect(
                    ended[reference] != nil, "\(reference) went with one that failed, and says nothing")
            }
        }
    }

    /// Where phones are silent at night, a pause that ends at night ends in the morning.
    private func isPause(_ until: Instant, from moment: Instant, _ pause: Duration) -> Bool {
        let quiet = options.manner.quiet?.hours(in: .beijing)
        return until == moment + pause || until == quiet?.end(at: moment + pause)
    }

    /// After its end only a gateway's later word tells of a notice, and it tells more than was known.
    private func mayFollow(_ event: NoticeEvent, _ end: NoticeEvent?) -> Bool {
        func rank(_ event: NoticeEvent) -> Int {
            switch event {
            case .failed(let failed) where failed.why == .undelivered: 4
            case .failed: 1
            case .accepted: 2
            case .unknown: 3
            case .delivered: 5
            case .grouped, .attempted, .taken, .unanswered, .deferred: 0
            }
        }
        return end.map { rank(event) > rank($0) } ?? true
    }

    // MARK: Officials who can't be reached

    /// Each notice to an official that was refused, was given up, or did not reach the phone, asks once that
    /// the complaint go up. A notice about somebody's dead number asks for nothing.
    private func auditUnreached() {
        var requests: [String: NoticeRequest] = [:]
        for record in cluster.committedRecords(.noticeRequests) {
            guard let request = cluster.value(NoticeRequest.self, of: record) else { continue }
            requests[request.reference] = request
        }
        var must: Set<String> = []
        for record in cluster.committedRecords(.noticeEvents) {
            guard case .failed(let failed)? = cluster.notice(record),
                [.refused, .undelivered, .exhausted].contains(failed.why),
                let request = requests[failed.reference],
                request.recipient.kind != .complainant, request.recipient.kind != .follower,
                request.about != .unreached, !request.reference.hasPrefix(Dispatch.replyPrefix)
            else { continue }
            must.insert("unreached/\(failed.reference)")
        }
        var asked: Set<String> = []
        for record in cluster.committedRecords(.actions) {
            guard let event = cluster.event(record), event.source == "dayu-notification.dispatch",
                event.id.hasPrefix("unreached/"),
                let action = cluster.value(ComplaintAction.self, of: record)
            else { continue }
            asked.insert(event.id)
            let request = requests[String(event.id.dropFirst("unreached/".count))]
            auditor.expect(
                action.by == .system && action.complaint == request?.complaint
                    && action.verb
                        == .raise(
                            over: Actor(
                                role: request.flatMap { Role(rawValue: $0.recipient.kind.rawValue) }
                                    ?? .system,
                                id: request?.recipient.id)),
                "\(event.id) asks for something else")
        }
        for id in must.union(asked).sorted() {
            auditor.expect(asked.contains(id), "\(id): an official can't be reached, and nothing follows")
            auditor.expect(must.contains(id), "\(id): an official was reached, and his complaint goes up")
        }
    }
}
