import Geo
import Models
import Text

/// A complaint as JSON. The HTTP door and the gateways' topics take the same form.
enum ComplaintForm {
    static func read(
        _ form: Form, country: CallingCode
    ) -> (draft: ComplaintDraft, idempotencyKey: String?) {
        var form = form
        let category = form.id("category", of: Category.self)
        let words = Words(
            text: form.text("text"), media: form.media("media"), address: form.text("address"))
        let (place, datum) = form.place("place")
        var draft = ComplaintDraft(
            category: category, words: words, place: place, datum: datum,
            river: form.id("river", of: River.self), reach: form.id("reach", of: Reach.self),
            region: form.id("region", of: Region.self),
            anonymous: form.flag("anonymous") ?? false, contact: contact(&form, country))
        let key = form.idempotencyKey()
        draft.faults = form.faults
        return (draft, key)
    }

    private static func contact(_ form: inout Form, _ country: CallingCode) -> Contact? {
        guard var within = form.form("contact") else { return nil }
        let name = within.text("name").flatMap { $0.isBlank ? nil : $0 }
        let written = within.text("phone").flatMap { $0.isEmpty ? nil : $0 }
        var number: CallableNumber?
        if let written {
            do throws(Malformed) {
                number = try CallableNumber(written, country: country)
            } catch {
                within.add("phone", error)
            }
        }
        let language = within.choice("language", of: Contact.Language.self)
        let contact = Contact(name: name, phone: number, language: language)
        within.add(contact.faults)
        form.add(within.faults)
        return contact.name == nil && contact.phone == nil ? nil : contact
    }
}

extension Datum {
    /// The place in WGS 84.
    func place(shownAt shown: Coordinate) -> Coordinate {
        switch self {
        case .wgs84, .cgcs2000: shown
        case .gcj02: ShiftedMap.gcj02.place(shownAt: shown)
        case .bd09: ShiftedMap.bd09.place(shownAt: shown)
        }
    }
}
