import FoundationEssentials
import Links
import Models
import Processing

/// What a door hands over: what somebody wants to bring in, in the suite's own terms.
enum Draft: Equatable, Sendable {
    case complaint(ComplaintDraft)
    case action(ActionDraft)
    case readings([Report])
    case reviews(ReviewsDraft)
    /// The number to which the sender's link went is his.
    case confirmation
}

/// A complaint as somebody wrote it. Which of its fields are there and fit together is checked by the
/// reception.
struct ComplaintDraft: Equatable, Sendable {
    var category: CategoryCode?
    var words: Words
    /// In WGS 84.
    var place: Coordinate?
    var datum: Datum = .wgs84
    var river: RiverID?
    var reach: ReachID?
    var anonymous = false
    var contact: Contact?
    /// What the door could not read; the reception adds its own, so that all faults are told at once.
    var faults: [FieldFault] = []
}

/// An action as somebody wrote it.
struct ActionDraft: Equatable, Sendable {
    /// What his proof does not say already: nil for a link and a citizen's identity.
    var complaint: TrackingCode?
    var by: Actor?
    var verb: ComplaintAction.Verb
    var words: Words
}

/// Who brings a draft, how, and what follows from it for identities and traces.
struct Sender: Sendable {
    /// By which proof somebody acts (DESIGN, decision 8).
    enum Proof: Equatable, Sendable {
        /// None: the public.
        case none
        case key(Gateway)
        case link(ActionLink)
        /// The citizen's capability.
        case identity(ComplaintID)
        /// A station that calls by itself.
        case station(Station)

        var gateway: Gateway? {
            guard case .key(let gateway) = self else { return nil }
            return gateway
        }
    }

    let proof: Proof
    /// How a complaint of the public comes in at this door. A gateway's is the registry's to say.
    let channel: Channel
    let idempotencyKey: String?
    /// What makes a request with the same key another request.
    let content: [UInt8]
    let traceparent: String?
}

/// What a door does not draw itself: the reception reads no clock and draws nothing by chance.
struct Circumstances: Sendable {
    let now: Instant
    /// The identity where no idempotency key determines one.
    let identity: UUID
    /// Of a trace that begins here. It is drawn by itself: a trace is shown to everybody.
    let trace: UUID
    /// Of the first span of that trace.
    let span: UInt64
}

/// What came of a draft: records in the stages in which they must reach the log, each acknowledged before the
/// next is sent, and what the sender is told.
struct Receipt: Equatable, Sendable {
    enum Given: Equatable, Sendable {
        /// - Parameter link: under which the citizen sees his complaint on another device.
        case complaint(ComplaintID, TrackingCode, link: String?)
        case action(String, on: TrackingCode)
        case readings(Int)
        case reviews(Int)
        case confirmation
    }

    let given: Given
    let stages: [[Outgoing]]
}

/// Why a draft was not taken.
enum TurnedAway: Error, Equatable, Sendable {
    /// These fields are wrong.
    case malformed(Malformed)
    /// It needs a proof that was not there.
    case unproved(String)
    /// The proof that was there does not allow it.
    case forbidden(String)
    /// Not now; the same again later may be taken.
    case notYet(String)
}
