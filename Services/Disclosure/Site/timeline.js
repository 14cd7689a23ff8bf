// What has happened to a complaint, newest first: what, to whom, why, and until when something is to come of it.

import { h, icon } from "./dom.js"
import { named, phrase, t, word } from "./language.js"
import { groupedCode } from "./code.js"
import { moment } from "./format.js"
import { complaintPath, empty, mediaList, person, when } from "./parts.js"

const byTime = (one, other) => Date.parse(one.at) - Date.parse(other.at)

export const complaintLink = (code) =>
  code && h("a", { class: "code", href: complaintPath(code) }, groupedCode(code))

export function timeline(events) {
  if (!events?.length) return empty(t("loading"))
  return h("ol", { class: "timeline" }, [...events].sort(byTime).reverse().map((event) =>
    h("li", { class: `event event-${event.type}${event.reason === "failed" ? " event-failed" : ""}` }, icon(event.type),
      h("div", {},
        h("p", { class: "event-title" }, title(event), receiver(event)),
        details(event),
        event.grade && h("p", {}, word("grade", event.grade)),
        said(event) && h("p", { class: "event-text" }, said(event)),
        mediaList(event.media),
        h("p", { class: "event-meta" }, author(event.by), " ", when(event.at))))))
}

/// A checker's delay takes the complaint from nobody: somebody is told of it.
const isUnchecked = (event) => event.type === "escalated" && event.deadline === "verify"

function title(event) {
  if (event.type === "resolved" && event.to) return t("event.resolved.checked")
  if (isUnchecked(event)) return t("event.escalated.verify")
  if (event.type === "supervised") return t("event.supervised", { order: event.order ?? "" })
  return word("event", event.type)
}

function receiver(event) {
  const who = person(event.to)
  const told = event.type === "reopened" || isUnchecked(event) ? "told" : event.type
  return who && h("span", { class: "event-to" }, phrase("event.to", told, { who }))
}

const reasons = { assigned: "why", rejected: "refusal", closed: "closing", verified: "checked" }

/// Whatever the event has of it, in one line.
function details(event) {
  const family = reasons[event.type]
  const who = person(event.from)
  const parts = [
    family && event.reason && word(family, event.reason),
    who && phrase("event.from", event.type, { who }),
    event.type === "escalated" && !event.to && !isUnchecked(event) && t("event.nobody"),
    event.due && phrase("event.due", event.deadline ?? event.type, { time: moment(event.due) }),
    event.category && t("event.category", { category: named(event.category.name) }),
    complaintLink(event.into ?? event.follower),
    event.about && word("event", event.about),
  ].filter(Boolean)
  return parts.length ? h("p", { class: "event-detail" }, parts.map((part) => h("span", {}, part))) : null
}

/// What the system says of a refusal stands there already, in words of our own.
const said = (event) => (event.type === "rejected" && event.by?.role === "system" ? "" : event.text ?? "")

/// A citizen is never named, whatever the API may say.
function author(by) {
  if (!by?.role || by.role === "system") return null
  const who = by.role === "citizen" ? "" : person(by)
  return h("span", { class: "event-by" }, who || word("role", by.role))
}
