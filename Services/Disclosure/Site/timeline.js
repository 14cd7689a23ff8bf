// What has happened to a complaint, newest first: what, to whom, why, and until when something is to come of it.

import { h, icon } from "./dom.js"
import { named, phrase, t, word } from "./language.js"
import { groupedCode } from "./code.js"
import { moment, number } from "./format.js"
import { mediaList } from "./gallery.js"
import { complaintPath, empty, person, spoken, when } from "./parts.js"

const byTime = (one, other) => Date.parse(one.at) - Date.parse(other.at)

export const complaintLink = (code) =>
  code && h("a", { class: "code", href: complaintPath(code) }, groupedCode(code))

// What the system does again and again while nobody acts. A run of more than this many folds.
const routine = ["warned", "lapsed", "escalated", "supervised", "unchecked"]
const shownOfRun = 3

/// `before`: where the last drawing stands. What was unfolded there stays unfolded.
export function timeline(events, before) {
  if (!events?.length) return empty(t("loading"))
  const unfolded = new Set([...(before?.querySelectorAll("details.event-run[open]") ?? [])].map((one) => one.dataset.first))
  const entry = (event) => item(event, events)
  return h("ol", { class: "timeline" }, runs([...events].sort(byTime).reverse()).flatMap((run) => {
    if (run.length <= shownOfRun) return run.map(entry)
    // The newest tells how it stands, the oldest how it began.
    const inner = run.slice(1, -1)
    const first = String(run.at(-1).version ?? run.at(-1).at)
    return [entry(run[0]), h("li", { class: "event event-folded" }, icon("warned"),
      h("details", { class: "event-run", "data-first": first, open: unfolded.has(first) },
        h("summary", {}, t("event.run", { n: inner.length, what: names(inner) })),
        h("ol", { class: "timeline" }, inner.map(entry)))), entry(run.at(-1))]
  }))
}

/// Neighbours that the system wrote by routine are one run; any other event is one by itself.
function runs(events) {
  const isRoutine = ({ type, reason }) => routine.includes(type) || (type === "assigned" && reason === "escalated")
  const found = []
  for (const event of events) {
    if (isRoutine(event) && found.length && isRoutine(found.at(-1)[0])) found.at(-1).push(event)
    else found.push([event])
  }
  return found
}

const names = (events) => [...new Set(events.map((event) => (event.type === "supervised" ? t("event.supervised.all")
  : word("event", event.type))))].join(t("list"))

const item = (event, events) =>
  h("li", { class: `event event-${event.type}${event.passed === false ? " event-failed" : ""}` }, icon(event.type),
    h("div", {},
      h("p", { class: "event-title" }, title(event), receiver(event),
        event.internal && h("span", { class: "marked" }, t("event.internal"))),
      details(event, events),
      event.candidates?.length > 1 && candidates(event.candidates),
      event.grade && h("p", {}, word("grade", event.grade)),
      spoken(event, "event-text"),
      mediaList(event),
      h("p", { class: "event-meta" }, author(event.by), " ", when(event.at))))

function title(event) {
  if (event.type === "resolved" && event.to) return t("event.resolved.checked")
  if (event.type === "supervised") return t("event.supervised", { order: event.order ?? "" })
  return word("event", event.type)
}

function receiver(event) {
  const who = person(event.to)
  return who && h("span", { class: "event-to" }, phrase("event.to", event.type, { who }))
}

const reasons = { assigned: "why", reopened: "reopening", rejected: "refusal", parted: "parting", closed: "closing",
  withheld: "withheld" }

/// Among which reaches Routing chose; officials alone are told.
const candidates = (all) => h("p", { class: "event-detail" }, t("event.candidates"), all.map(({ reach, metres }) =>
  h("span", {}, `${named(reach.name)} ${t("desk.metres", { n: number(metres, 0) })}`)))

/// Whatever the event has of it, in one line.
function details(event, events) {
  const family = reasons[event.type]
  const who = person(event.from)
  const parts = [
    family && event.reason && word(family, event.reason),
    event.passed != null && t(event.passed ? "checked.passed" : "checked.failed"),
    who && phrase("event.from", event.type, { who }),
    event.type === "lapsed" && t("event.nobody"),
    event.due && phrase("event.due", event.deadline ?? event.type, { time: moment(event.due) }),
    event.category && t("event.category", { category: named(event.category.name) }),
    complaintLink(event.into ?? event.follower),
    event.about && word("event", event.about),
    event.passage && passageName(event.passage, events),
  ].filter(Boolean)
  return parts.length ? h("p", { class: "event-detail" }, parts.map((part) => h("span", {}, part))) : null
}

/// What an office withheld or released: with which event it was said, when, and which part of it.
export function passageName({ version, part }, events) {
  const said = events?.find((event) => event.version === version)
  const number = /^picture-(\d)$/.exec(part)?.[1]
  const which = number ? t("complaint.media.n", { n: number }) : word("part", part)
  return [said && `${title(said)} ${moment(said.at)}`, which].filter(Boolean).join(" · ")
}

/// A citizen is never named, whatever the API may say.
function author(by) {
  if (!by?.role || by.role === "system") return null
  const who = by.role === "citizen" ? "" : person(by)
  return h("span", { class: "event-by" }, [who || word("role", by.role), named(by.clerk)].filter(Boolean).join(" "))
}
