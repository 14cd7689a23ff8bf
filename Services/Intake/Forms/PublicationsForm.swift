import Models
import Text

/// An office's decision to publish, as JSON:
///
///     {"office": "hangzhou", "kind": "bulletin", "month": "2026-10", "verdict": "released",
///      "fingerprint": "00112233445566778899aabbccddeeff"}
enum PublicationsForm {
    static func read(_ form: Form) throws(Malformed) -> PublicationDraft {
        var form = form
        let office = form.require("office", form.id("office", of: Region.self))
        let kind = form.require("kind", form.choice("kind", of: Publication.Kind.self))
        let text = form.require("month", form.text("month"))
        let month = text.flatMap { Month($0) }
        if text != nil, month == nil { form.add("month", "is not a month such as 2026-11") }
        let verdict = form.require("verdict", form.choice("verdict", of: Publication.Verdict.self))
        let fingerprint = form.require("fingerprint", form.text("fingerprint"))
        if let fingerprint, !Publication.isDigest(fingerprint) {
            form.add("fingerprint", "is not 32 hexadecimal digits")
        }
        form.refuseUnknown()
        guard form.faults.isEmpty, let office, let kind, let month, let verdict, let fingerprint else {
            throw Malformed(form.faults)
        }
        return PublicationDraft(
            office: office, kind: kind, month: month, verdict: verdict, fingerprint: fingerprint)
    }
}
