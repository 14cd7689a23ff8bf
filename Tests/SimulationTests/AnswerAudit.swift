import Models
import Processing
import Text

@testable import Notification

/// What came of the messages that phones sent: of each at most one action, on what its number was asked.
struct AnswerAudit {
    private let auditor: Auditor
    private let cluster: SimulatedCluster
    private let options: Options
    private let marks: Marks

    init(_ auditor: Auditor, _ cluster: SimulatedCluster, _ options: Options, _ marks: Marks) {
        self.auditor = auditor
        self.cluster = cluster
        self.options = options
        self.marks = marks
    }

    func run() {
        let answers = auditAnswers()
        auditActions(answers)
        auditReplies()
        auditStops()
    }

    private var requests: [NoticeRequest] {
        cluster.committedRecords(.noticeRequests).compactMap { cluster.value(NoticeRequest.self, of: $0) }
    }

    /// By the message's name.
    private func auditAnswers() -> [String: PhoneAnswer] {
        var sent: [String: PhoneMessage] = [:]
        for record in cluster.committedRecords(.messages) where !auditor.malformed.contains(record) {
            guard cluster.event(record)?.type == PhoneMessage.type.description,
                let message = cluster.value(PhoneMessage.self, of: record)
            else { continue }
            sent["\(message.gateway)/\(message.id)"] = message
        }
        var answers: [String: PhoneAnswer] = [:]
        for record in cluster.committedRecords(.noticeEvents) {
            guard cluster.event(record)?.type == PhoneAnswer.type.description,
                let answer = cluster.value(PhoneAnswer.self, of: record),
                answer.outcome != .closed
            else { continue }
            if answer.outcome == .settled {
                marks.hit(.settled)
                continue
            }
            auditor.expect(
                answers.updateValue(answer, forKey: answer.message) == nil,
                "\(answer.message) was answered twice")
            auditor.expect(
                sent[answer.message]?.handle == answer.handle, "\(answer.message) was never sent")
            marks.hit(.answered)
        }
        for (name, message) in sent {
            let isOrder = message.asksForNoMore || message.asksForMore
            auditor.expect(
                (answers[name] != nil) == (options.takesAnswers || isOrder),
                "\(name) is left without an answer, or has one although none counts")
        }
        return answers
    }

    private func auditActions(_ answers: [String: PhoneAnswer]) {
        var asked: [String: Set<Actor>] = [:]
        for request in requests {
            guard let question = request.question else { continue }
            let place = "\(request.recipient.handle)/\(request.complaint.compact)"
            asked[place, default: []].insert(question.by)
        }
        var acted: Set<String> = []
        // A copy on another partition leads to nothing.
        for record in cluster.committedRecords(.actions) where !auditor.malformed.contains(record) {
            guard let event = cluster.event(record), event.id.hasPrefix(Dispatch.replyPrefix),
                let action = cluster.value(ComplaintAction.self, of: record)
            else { continue }
            let name = String(event.id.dropFirst(Dispatch.replyPrefix.count))
            auditor.expect(acted.insert(name).inserted, "\(name) led to two actions")
            guard let answer = answers[name] else {
                auditor.expect(false, "\(name) led to an action, and to no answer")
                continue
            }
            auditor.expect(
                answer.outcome == .acted && answer.complaint == action.complaint
                    && answer.action == action.verb.name, "\(name) led to another action than it says")
            auditor.expect(
                asked["\(answer.handle)/\(action.complaint.compact)"]?.contains(action.by) == true,
                "\(name) acts on what its number was not asked")
        }
        for (name, answer) in answers where answer.outcome == .acted {
            auditor.expect(acted.contains(name), "\(name) led to an action that is not there")
        }
    }

    private func auditReplies() {
        var replies: [NumberHandle: [Instant]] = [:]
        for record in cluster.committedRecords(.noticeRequests) {
            guard let event = cluster.event(record), event.id.hasPrefix(Dispatch.replyPrefix),
                let request = cluster.value(NoticeRequest.self, of: record)
            else { continue }
            replies[request.recipient.handle, default: []].append(event.time)
        }
        guard !options.jumpsClocks else { return }
        for (handle, moments) in replies {
            for start in moments {
                let count = moments.count { $0 >= start && $0 - start < .seconds(86_400) }
                auditor.expect(count <= Conversation.repliesInADay, "\(handle) got \(count) replies in a day")
            }
        }
    }

    /// After STOP no further message begins its way to the number as a complainant's.
    private func auditStops() {
        var stopped: Set<[UInt8]> = []
        for record in cluster.committedRecords(.noticeEvents) {
            guard let key = record.key, let event = cluster.event(record) else { continue }
            if event.type == PhoneAnswer.type.description {
                switch cluster.value(PhoneAnswer.self, of: record)?.outcome {
                case .stopped:
                    stopped.insert(key)
                    marks.hit(.stopped)
                case .resumed: stopped.remove(key)
                default: break
                }
            } else if case .attempted(let attempted)? = cluster.notice(record),
                attempted.attempt == 1, attempted.recipient?.isCitizen == true,
                !attempted.reference.hasPrefix(Dispatch.replyPrefix)
            {
                auditor.expect(!stopped.contains(key), "\(attempted.reference) goes to who said STOP")
            }
        }
    }
}
