import Foundation
import Kafka
import Models

extension Command {
    static let watch = Command(
        name: ["watch"],
        summary: "prints what happens to complaints and notices from now on, one line each",
        details: """
            Shows the events of complaints, the alarms of sections, the notices and the dead letters as they come. It does
            not show what a citizen wrote or a phone number. It stops at SIGTERM or SIGINT.
            """
    ) { _, surroundings in
        let signals = StopSignals()
        let thread = Thread {
            do {
                try follow(surroundings)
            } catch {
                Terminal.complain("dayu watch: \(error)")
                exit(ExitCode.fault.rawValue)
            }
        }
        thread.start()
        signals.wait()
        return .done
    }

    private static func follow(_ surroundings: Surroundings) throws {
        let topics: [Topic] = [
            .events, .alarms, .noticeEvents, .deadLetters, .restrictedDeadLetters,
        ]
        let cluster = try Cluster(surroundings.cluster, clientID: Surroundings.clientID)
        let counts = try cluster.topics(timeoutMilliseconds: Surroundings.answerWithinMilliseconds)
        let partitions = topics.flatMap { topic in
            let name = surroundings.name(of: topic)
            return (0..<(counts[name] ?? 0)).map { TopicPartition(topic: name, partition: $0) }
        }
        let marks = try cluster.watermarks(
            of: partitions, timeoutMilliseconds: Surroundings.answerWithinMilliseconds)
        let consumer = try Consumer(surroundings.cluster, clientID: "dayu.watch", group: nil)
        try consumer.assign(marks.mapValues(\.high))
        while true {
            switch consumer.poll(timeoutMilliseconds: 1000) {
            case .record(let record):
                let headers = record.headers.map { ($0.name, String(decoding: $0.value, as: UTF8.self)) }
                if let line = try? CloudEvent(headers: headers, data: record.valueBytes).line {
                    Terminal.say(line)
                }
            case .failed(let error): Terminal.complain("dayu watch: \(error)")
            default: continue
            }
        }
    }
}

extension CloudEvent {
    /// One line for the operator; nil for a record that does not concern him.
    fileprivate var line: String? {
        guard let type = try? EventType(self.type), let data else { return nil }
        let clock = String(time.description.dropFirst(11).prefix(8)) + "Z"
        switch type.subject {
        case ComplaintFact.subject:
            guard let fact = try? ComplaintFact(self) else { return nil }
            return "\(clock)  \(fact.complaint)  \(fact.event.sentence)"
        case "notice":
            guard let kind = NoticeEvent.Kind(rawValue: type.name),
                let event = try? NoticeEvent(kind: kind, data: data)
            else { return nil }
            return "\(clock)  SMS \(kind.rawValue)  \(event.reference)"
        default:
            return "\(clock)  \(type.subject) \(type.name)  \(subject ?? "")"
        }
    }
}

extension ComplaintEvent {
    fileprivate var sentence: String {
        switch self {
        case .received(let event):
            "received: \(event.submission.category), by \(event.submission.channel.rawValue)"
        case .assigned(let event):
            "assigned to \(event.assignee.name.zh) (\(event.assignee.level.rawValue) \(event.assignee.kind.rawValue), "
                + "\(event.why.rawValue)), accept by \(event.due.accept)"
        case .accepted(let event): "accepted by \(event.by.role.rawValue) \(event.by.id ?? "")"
        case .noted(let event): "noted by \(event.by.role.rawValue)"
        case .urged(let event): "urged by \(event.by.role.rawValue)"
        case .transferred(let event): "passed on by \(event.from.name.zh)"
        case .warned(let event): "at risk (\(event.deadline.rawValue)), due \(event.due)"
        case .supervised(let event):
            "order \(event.order) of \(event.by.name.zh) over \(event.over.name.zh), accept by \(event.due.accept)"
        case .extended(let event): "extended until \(event.until)"
        case .verified(let event): event.passed ? "found to be resolved" : "found not resolved"
        case .unchecked(let event): "not checked by \(event.checker.name.zh) in time"
        case .edited: "corrected"
        case .joined(let event): "\(event.follower) joined"
        case .parted(let event): "handled by itself again: \(event.why.rawValue)"
        case .informed(let event): "told that \(event.of) was \(event.event.rawValue)"
        case .escalated(let event):
            "overdue (\(event.deadline.rawValue)): from \(event.from.name.zh) up to \(event.to.name.zh)"
        case .unreached(let event):
            "no message reaches \(event.official.name.zh): "
                + (event.to.map { "up to \($0.name.zh)" } ?? "stays, no higher level")
        case .lapsed(let event):
            "overdue (\(event.deadline.rawValue)): stays with \(event.assignee.name.zh), no higher level"
        case .resolved(let event): "resolved by \(event.by.role.rawValue) \(event.by.id ?? "")"
        case .rated(let event): "rated \(event.grade.rawValue)"
        case .reopened: "reopened"
        case .rejected(let event): "rejected: \(event.reason.rawValue)"
        case .merged(let event): "merged into \(event.into)"
        case .withheld(let event): "event \(event.passage.version) withheld: \(event.reason.rawValue)"
        case .released(let event): "event \(event.passage.version) released"
        case .erased: "its words were erased"
        case .closed(let event): "closed (\(event.reason.rawValue))"
        }
    }
}
