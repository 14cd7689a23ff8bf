// What the API says is wrong (RFC 9457's problem details), in the reader's language.

import { t } from "./language.js"
import { reason } from "./parts.js"

// Intake's sentences about a field, and which text of the string table says the same: `fault.…`. The sentences have no code,
// so each is known by the part of it that says what is wrong; EndToEnd/test_browser.py has Intake say them all.
const known = [
  [/^is missing; /, "place.missing"],
  [/^(is missing|is empty|is not a text)$/, "missing"],
  [/^is longer than (\d+) characters/, "long"],
  [/^holds control characters/, "control"],
  [/^holds more than (\d+) pictures/, "pictures"],
  [/^are more than (\d+)$/, "pictures"],
  [/^is neither an uploaded picture nor an https link of at most (\d+) bytes/, "link"],
  [/^is a link to another site/, "link.closed"],
  [/^names no picture that is here|^is a picture's public name/, "picture.gone"],
  [/^is not a JPEG, PNG or WebP picture/, "picture.format"],
  [/^has more than (\d+) pixels/, "picture.pixels"],
  [/^is larger than (\d+) bytes/, "picture.large"],
  [/^is cut off/, "picture.cut"],
  [/^(can't be decoded|takes too much memory or time)/, "picture.broken"],
  [/^has no country code/, "phone.country"],
  [/^is too short for a phone number/, "phone.short"],
  [/^has no area code/, "phone.area"],
  [/^is not a number of China/, "phone.digits"],
  [/^is not a phone number/, "phone.number"],
  [/^has a plus sign that is not at its beginning/, "phone.plus"],
  [/ digits, blanks, hyphens, dots and parentheses/, "phone.characters"],
  [/the alarms of stations/, "category.closed"],
  [/^is not (a (category|river|reach|tracking code)|an identifier)\b/, "gone"],
  [/^is not on Earth|^is outside -?\d/, "place.earth"],
  [/^lies outside the waters of this city/, "place.outside"],
  [/^is not a time such as/, "time"],
  [/^(must be|is not) (one of|all, text or|a whole number|1 or more)|^(must name|names) .*one of/, "choice"],
  [/^(must correct|corrects neither)/, "correction"],
]

/// A fault of a field; one that the table doesn't know is a general sentence.
export function faultText({ detail }) {
  for (const [pattern, key] of known) {
    const found = pattern.exec(detail)
    if (found) return t(`fault.${key}`, { n: found[1] })
  }
  return t("fault.unknown", { detail })
}

const labels = {
  text: "report.text", category: "complaint.category", place: "report.where", river: "report.river",
  reach: "report.reach", address: "report.address", media: "pictures.title", picture: "pictures.title", contact: "report.contact",
  "contact.name": "report.name", "contact.phone": "report.phone", grade: "complaint.grade", until: "do.until",
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
