import Crypto
import Models
import Text

/// The outcome of one input: facts, each with the next version, the moment and the cause, and requests to
/// other complaints.
struct Decision {
    private(set) var complaint: Complaint?
    private(set) var decided: [Routing.Fact] = []
    let code: TrackingCode
    /// The trail of everything that is decided here.
    let trail: Trail

    /// - Parameter trail: the trail of what follows from the input (`CloudEvent.next`), at the moment of the
    ///   decision. If it has no trace, the complaint's own trace is used.
    init(_ complaint: Complaint?, code: TrackingCode, trail: Trail) {
        self.complaint = complaint
        self.code = code
        self.trail = Trail(
            at: trail.at, cause: trail.cause, traceparent: trail.traceparent ?? complaint?.traceparent)
    }

    private var cause: String { trail.cause ?? "" }

    mutating func record(_ event: ComplaintEvent) {
        let fact = ComplaintFact(
            complaint: code, version: (complaint?.version ?? 0) + 1, trail: trail, event: event)
        decided.append(.happened(fact))
        complaint = Complaint.evolve(complaint.take(), fact)
    }

    /// Asks something of another complaint, which may be in the hands of another instance.
    ///
    /// The action's id is derived from this complaint, the cause and how much the cause has led to before. So
    /// asking again gives the same action. The id has a fixed length, so a cause that goes from complaint to
    /// complaint does not grow.
    mutating func ask(_ other: TrackingCode, to verb: ComplaintAction.Verb, words: Outline? = nil) {
        let id = ShortName.of("\(code.compact) \(cause) \(decided.count)")
        let action = ComplaintAction(complaint: other, by: .system, verb: verb, words: words)
        decided.append(.asked(action, id: id, trail))
    }

    /// Tells another complaint what happened to this one. Readers look up the words by this complaint and the
    /// cause.
    mutating func inform(_ follower: TrackingCode, of event: ComplaintEvent.Kind, words: Outline?) {
        ask(follower, to: .inform(of: code, event: event, cause: cause), words: words)
    }
}

/// A name of a fixed length for something whose own name may be long: the first 128 bits of its SHA-256.
enum ShortName {
    static func of(_ text: String) -> String {
        SHA256.hash(text).prefix(16).hexadecimal
    }
}
