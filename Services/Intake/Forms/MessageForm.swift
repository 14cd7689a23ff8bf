import Models
import Text

/// A message that a phone sent, as JSON: `{"id": …, "from": "+86 …", "text": …, "received": …}`.
enum MessageForm {
    static func read(_ form: Form, country: CallingCode) -> MessageDraft {
        var form = form
        let id = form.text("id")
        if let id, let fault = IdempotencyKey.fault(of: id) { form.add("id", fault) }
        var draft = MessageDraft(
            id: form.require("id", id) ?? "", from: number(&form, country),
            text: form.require("text", form.text("text")) ?? "", receivedAt: form.moment("received"))
        draft.faults = form.faults
        return draft
    }

    private static func number(_ form: inout Form, _ country: CallingCode) -> PhoneNumber? {
        guard let written = form.require("from", form.text("from")) else { return nil }
        do throws(Malformed) {
            return try PhoneNumber(written, country: country)
        } catch {
            form.add("from", error)
            return nil
        }
    }
}
