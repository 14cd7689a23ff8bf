import Models
import Text

/// The wish to follow a complaint, as JSON: `{"complaint": "7KQ2-9XM4-T1H0-C", "phone": "+86 …"}`.
enum FollowForm {
    static func read(_ form: Form, country: CallingCode) -> FollowDraft {
        var form = form
        let code = form.require("complaint", form.text("complaint"))
        let complaint = code.flatMap { TrackingCode($0) }
        if code != nil, complaint == nil { form.add("complaint", "is not a tracking code", .unknown) }
        let written = form.require("phone", form.text("phone"))
        var phone: PhoneNumber?
        if let written {
            do throws(Malformed) { phone = try PhoneNumber(written, country: country) } catch {
                form.add("phone", error)
            }
        }
        return FollowDraft(complaint: complaint, phone: phone, faults: form.faults)
    }
}
