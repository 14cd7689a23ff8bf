import Crypto
import Links
import Models
import Processing
import Text

extension Reception {
    /// The numbers themselves end here: what follows knows them by their handles. A message that comes again
    /// is the same record.
    func take(
        _ drafts: [MessageDraft], _ sender: Sender, _ circumstances: Circumstances
    ) throws(TurnedAway) -> Receipt {
        guard let numbers else { throw .notYet("messages are not taken here: DAYU_NUMBER_KEY is not set") }
        let trail = trail(sender, circumstances)
        let records = drafts.map { draft in
            let message = PhoneMessage(
                handle: numbers.handle(of: draft.from), gateway: draft.gateway, id: draft.id,
                text: draft.text, receivedAt: draft.receivedAt)
            return Outgoing(
                .messages, key: message.handle.text, id: draft.recordID, source: Self.source,
                type: PhoneMessage.type, trail: trail, data: JSON.encode(message))
        }
        return Receipt(given: .messages(drafts.count), stages: records.isEmpty ? [] : [records])
    }
}

/// A message of a phone, as a gateway hands it over.
struct MessageDraft: Equatable, Sendable {
    /// A gateway of the registry, or one of the settings: the name of its recipe and its place.
    let gateway: GatewayID
    /// The gateway's own name of it.
    let id: String
    let from: PhoneNumber
    let text: String
    var receivedAt: Instant?

    /// The gateway's own name can hold anything, so only its digest goes into the record's headers.
    var recordID: String { "message/\(gateway)/\(SHA256.hash(id).prefix(16).hexadecimal)" }
}
