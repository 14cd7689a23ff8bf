import FoundationEssentials
import Geo
import Links
import Models
import Processing
import Text

/// What a door hands to the reception: what somebody sends, in the suite's own terms.
enum Draft: Equatable, Sendable {
    case complaint(ComplaintDraft)
    case action(ActionDraft)
    case readings([Report])
    case reviews(ReviewsDraft)
    case publication(PublicationDraft)
    /// The sender confirms the number to which the link was sent.
    case confirmation
    /// A phone sent something.
    case messages([MessageDraft])
    /// Somebody wants to hear of a complaint that another person made.
    case follow(FollowDraft)
    /// The holder of a link no longer wants to hear of its complaint.
    case unfollow
    /// An SMS gateway says what became of messages.
    case receipts([ReceiptDraft])
}

/// A complaint as somebody wrote it. The reception checks which fields are present and whether they fit
/// together.
struct ComplaintDraft: Equatable, Sendable {
    var category: CategoryCode?
    var words: Words
    /// In WGS 84.
    var place: Coordinate?
    /// The coordinate system in which it was sent.
    var datum: Datum = .wgs84
    var river: RiverID?
    var reach: ReachID?
    var region: RegionID?
    var anonymous = false
    var contact: Contact?
    /// What the door could not read; the reception adds its own faults, so that all are reported at once.
    var faults: [FieldFault] = []
}

/// An action as somebody wrote it.
struct ActionDraft: Equatable, Sendable {
    /// Only what the proof does not say already: nil for a link and for a complaint's id.
    var complaint: TrackingCode?
    var by: Actor?
    var verb: ComplaintAction.Verb
    var words: Words
}

/// The wish to follow a complaint.
struct FollowDraft: Equatable, Sendable {
    /// Nil if the door could not read it.
    var complaint: TrackingCode?
    var phone: PhoneNumber?
    var faults: [FieldFault] = []
}

/// Who sends a draft, how, and the values from which identities and traces are derived.
struct Sender: Sendable {
    /// The proof with which somebody acts (DESIGN, decision 8).
    enum Proof: Equatable, Sendable {
        /// No proof: the public.
        case none
        case key(Gateway)
        case link(ActionLink)
        /// The complaint's id, the citizen's capability.
        case identity(ComplaintID)
        /// An official who acts from the desk.
        case desk(Actor)
        /// A station that calls by itself.
        case station(Station)

        var gateway: Gateway? {
            guard case .key(let gateway) = self else { return nil }
            return gateway
        }
    }

    let proof: Proof
    /// The channel of the public's complaints at this door. For a gateway's complaints the registry names the
    /// channel.
    let channel: Channel
    let idempotencyKey: String?
    /// Part of the identity: other content with the same key is another request.
    let content: [UInt8]
    let traceparent: String?
}

/// Values that a door provides, because the reception reads no clock and draws no random number.
struct Circumstances: Sendable {
    let now: Instant
    /// The identity to use if there is no idempotency key to derive one from.
    let identity: UUID
    /// For a trace that begins here. It is drawn separately, because a trace is shown to everybody.
    let trace: UUID
    /// For the first span of that trace.
    let span: UInt64
}

/// The result of a draft: records in the stages in which they must reach the log, each stage acknowledged
/// before the next is sent, and what the sender is told.
struct Receipt: Equatable, Sendable {
    enum Given: Equatable, Sendable {
        /// - Parameter link: with it the citizen sees the complaint on another device.
        case complaint(ComplaintID, TrackingCode, link: String?)
        case action(String, on: TrackingCode)
        case readings(Int)
        case reviews(Int)
        case publication
        case confirmation
        case messages(Int)
        case follow(TrackingCode)
        case unfollow
        case receipts(Int)
    }

    let given: Given
    let stages: [[Outgoing]]
    /// The stored pictures that the words name, each with the field that names it. The records may be written
    /// only if these are there.
    var pictures: [PictureUse] = []
}

/// A stored picture that words name.
struct PictureUse: Equatable, Sendable {
    let field: String
    let name: PictureName
}

extension Words {
    var uses: [PictureUse] { pictures.map { PictureUse(field: "media.\($0.place)", name: $0.name) } }

    /// With more pictures behind those that are there.
    func with(_ more: [CarriedPicture]) -> Words {
        Words(text: text, media: media + more.map(\.name.text), address: address)
    }
}

/// Why a draft was refused.
enum TurnedAway: Error, Equatable, Sendable {
    /// These fields are wrong.
    case malformed(Malformed)
    /// A required proof is missing.
    case unproved(String)
    /// The given proof does not allow it.
    case forbidden(String)
    /// Not now; the same draft may be taken later.
    case notYet(String)
}
