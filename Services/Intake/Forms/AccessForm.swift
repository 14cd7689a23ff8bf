import Models
import Text

/// Somebody asks for the link to his desk, as JSON: `{"phone": "+86 …"}`.
enum AccessForm {
    static func read(_ form: Form, country: CallingCode) throws(Malformed) -> PhoneNumber {
        var form = form
        let written = form.require("phone", form.text("phone"))
        var phone: PhoneNumber?
        if let written {
            do throws(Malformed) { phone = try PhoneNumber(written, country: country) } catch {
                form.add("phone", error)
            }
        }
        guard form.faults.isEmpty, let phone else { throw Malformed(form.faults) }
        return phone
    }
}
