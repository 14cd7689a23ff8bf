import Models
import Processing
import Text

/// What the system itself asks of Routing, and the text that goes with it.
enum SystemOrder: Equatable, Sendable {
    case submission(Submission, Words)
    case action(ComplaintAction, Words)

    /// The words, then the submission or action that refers to them.
    ///
    /// - Parameter event: the identity of the event that leads to them.
    func records(of event: String, from source: String, _ trail: Trail) -> [Outgoing] {
        let (topic, complaint, type, data, words): (Topic, TrackingCode, EventType, [UInt8], Words) =
            switch self {
            case .submission(let submission, let words):
                (
                    .submissions, submission.complaint, EventType("complaint", "submitted"),
                    JSON.encode(submission), words
                )
            case .action(let action, let words):
                (
                    .actions, action.complaint, EventType("action", action.verb.name.rawValue),
                    JSON.encode(action), words
                )
            }
        let order = Outgoing(
            topic, key: complaint.compact, id: event, source: source, type: type, trail: trail, data: data)
        return [order.saying(words), order].compactMap(\.self)
    }
}
