// What the API says is wrong (RFC 9457's problem details), in the reader's language.

import { t } from "./language.js"
import { reason } from "./parts.js"

/// A fault of a field, by its code; one that the table doesn't know is a general sentence.
export function faultText({ code, limit, detail }) {
  const key = `fault.${code}`
  return code && t(key) !== key ? t(key, { n: limit }) : t("fault.other", { detail })
}

const labels = {
  text: "report.text", category: "complaint.category", place: "report.where", river: "report.river",
  reach: "report.reach", address: "report.address", media: "pictures.title", picture: "pictures.title", contact: "report.contact",
  "contact.name": "report.name", "contact.phone": "report.phone", phone: "report.phone", grade: "complaint.grade", until: "do.until",
  to: "do.to", passage: "do.passage", into: "complaint.into",
}

/// What people call a field: `media.1` is one of the links, `place.latitude` belongs to the place.
export function fieldLabel(name) {
  const parts = String(name).split(".")
  for (let length = parts.length; length > 0; length--) {
    const key = labels[parts.slice(0, length).join(".")]
    if (key) return t(key)
  }
  return ""
}

const told = [400, 403, 404, 413]

/// Why something was refused, in one sentence.
export function problem(failure) {
  const fault = failure?.faults?.[0]
  if (fault) return [fieldLabel(fault.field), faultText(fault)].filter(Boolean).join(t("colon"))
  const status = failure?.status
  if (!(status >= 400 && status < 500) || status === 429) return reason(failure)
  return told.includes(status) ? t(`problem.${status}`) : t("problem.other", { status })
}
