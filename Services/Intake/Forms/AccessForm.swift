import Models
import Text

/// Somebody asks for the link to his desk, as JSON: `{"phone": "+86 …", "language": "en"}`.
enum AccessForm {
    struct Asked: Equatable, Sendable {
        let phone: PhoneNumber
        /// That of the page on which he asked. Nil: the city's.
        let language: Contact.Language?
    }

    static func read(_ form: Form, country: CallingCode) throws(Malformed) -> Asked {
        var form = form
        let written = form.require("phone", form.text("phone"))
        var phone: PhoneNumber?
        if let written {
            do throws(Malformed) { phone = try PhoneNumber(written, country: country) } catch {
                form.add("phone", error)
            }
        }
        let language = form.choice("language", of: Contact.Language.self)
        guard form.faults.isEmpty, let phone else { throw Malformed(form.faults) }
        return Asked(phone: phone, language: language)
    }
}
