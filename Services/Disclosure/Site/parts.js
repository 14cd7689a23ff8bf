// Pieces that several pages show.

import { h, icon, replace, svg } from "./dom.js"
import { named, t, titled, word } from "./language.js"
import { classMark, className, classStyle, moment, number, relative, telephone } from "./format.js"
import { groupedCode } from "./code.js"
import { thumbnails } from "./gallery.js"

// MARK: states of a page

export const loading = () => h("p", { class: "loading", role: "status" }, t("loading"))
export const empty = (text) => h("p", { class: "empty" }, text)

/// In our own words, because a server's detail is written for engineers.
export function reason(failure) {
  if (failure?.status === 0) return t("error.network")
  if (failure?.status === 429) return t("error.often", { when: soon(failure.seconds) })
  if (failure?.status === 400) return t("problem.asked")
  return failure?.status ? t("error.server", { status: failure.status }) : t("error.script")
}

/// When to try again.
function soon(seconds) {
  if (!seconds) return t("soon.later")
  return seconds < 100 ? t("soon.seconds", { n: seconds }) : t("soon.minutes", { n: Math.ceil(seconds / 60) })
}

export function failed(failure, retry) {
  return h("div", { class: "failed", role: "alert" },
    h("strong", {}, t("error.title")),
    h("p", {}, reason(failure)),
    retry && failure?.status !== 400
      && h("button", { type: "button", class: "button", on: { click: retry } }, t("error.retry")))
}

/// Shows `work()` in `node` when it is there, and a way to try again when it isn't. A page's parts fail one by one.
export async function load(node, work, signal) {
  replace(node, loading())
  node.setAttribute("aria-busy", "true")
  try {
    replace(node, await work())
  } catch (failure) {
    if (failure?.name === "AbortError") return
    if (!("status" in Object(failure))) console.error(failure)
    replace(node, failed(failure, () => load(node, work, signal)))
  } finally {
    node.removeAttribute("aria-busy")
  }
}

// MARK: badges

export const classBadge = (value) => h("span", { class: `badge ${classStyle(value)}` }, className(value))

/// The class, and the date of what is only the last that is known: the next reading is overdue.
export const classNow = (value, observedAt, currentUntil) => [classBadge(value),
  currentUntil && Date.parse(currentUntil) < Date.now()
    && h("span", { class: "last-known" }, " ", t("class.lastknown", { time: moment(observedAt) }))]

export const statusBadge = (status) => h("span", { class: `status status-${status}` }, word("status", status))

export const markBadges = (marks) =>
  (Array.isArray(marks) ? marks : []).map((mark) => h("span", { class: `marked marked-${mark}` },
    word("markword", mark)))

/// The line of a class as the map draws it: colour and dashes.
export function legendEntry(value) {
  return h("li", {},
    svg("svg", { viewBox: "0 0 44 12", class: `stroke ${classStyle(value)}`, "aria-hidden": "true" },
      svg("line", { x1: 2, x2: 42, y1: 6, y2: 6, class: "stroke-case" }),
      svg("line", { x1: 2, x2: 42, y1: 6, y2: 6, class: "stroke-line" })),
    className(value))
}

// MARK: people, times, links

export function when(text, { short = false } = {}) {
  const full = moment(text)
  if (short) return h("time", { datetime: text, title: full }, relative(text))
  return h("time", { datetime: text }, h("span", {}, relative(text)), " ", h("span", {}, full))
}

export function phone(number, who) {
  if (!number) return "—"
  return h("a", { class: "phone", href: telephone(number), "aria-label": t("board.call", { who, phone: number }) },
    icon("phone"), String(number))
}

/// `镇街级河长 沈（示例）`: the title where there is one, since people know the post before the person. An office or a
/// department is no person, whatever its level.
export function person(value) {
  if (!value) return ""
  const isChief = (value.kind ?? value.role ?? "chief") === "chief"
  const title = titled(value.title) || (isChief && value.level ? t("board.chief.level", { level: word("level", value.level) }) : "")
  return [title, named(value.name)].filter(Boolean).join(" ")
}

export const riverLink = (river) =>
  river && h("a", { href: `/rivers/${encodeURIComponent(river.id)}` }, named(river.name) || river.id)

export const reachLink = (reach) =>
  reach && h("a", { href: `/reaches/${encodeURIComponent(reach.id)}` }, named(reach.name) || reach.id)

/// Every picture of what was said, by its number: shown where there is a link, withheld where there is a reason.
export function pictures({ media, withheld }) {
  const links = (Array.isArray(media) ? media : []).map((one) => (typeof one === "string" ? one : one?.url)).filter(Boolean)
  const hidden = new Map((withheld ?? []).map((one) => [one.part, one]))
  const entries = []
  for (let number = 1; links.length || hidden.has(`picture-${number}`); number += 1) {
    const one = hidden.get(`picture-${number}`)
    entries.push({ number, reason: one?.reason, link: one && !one.shown ? null : links.shift() })
  }
  return entries
}

export const complaintPath = (code) => `/complaints/${encodeURIComponent(String(code).replace(/-/g, ""))}`

/// A button that copies and says whether it could: the clipboard is closed on insecure origins.
export function copyButton(text, style, label = t("complaint.copy")) {
  const said = h("span", { class: "copied", role: "status" })
  const failed = () => (said.textContent = t("complaint.copyfailed"))
  const copy = () => {
    if (!navigator.clipboard) return failed()
    navigator.clipboard.writeText(text).then(() => (said.textContent = t("complaint.copied")), failed)
  }
  return [h("button", { type: "button", class: style, on: { click: copy } }, icon("copy"), " ", label),
    said]
}

// MARK: words

/// What stands in the place of a text that isn't there: `words` and `withheld` say why it isn't.
export function absence({ words, withheld }) {
  const reason = hiddenReason({ withheld }, "text") ?? hiddenReason({ withheld }, "all")
  if (reason) return t("words.withheld.why", { why: word("withheld", reason) })
  return t(`words.${["withheld", "erased"].includes(words) ? words : "none"}`)
}

const hiddenReason = ({ withheld }, part) => (withheld ?? []).find((one) => one.part === part)?.reason

/// What was said with a complaint or an event; nothing where nothing was. Whoever sees a text that the public doesn't is
/// told so.
export function spoken(said, className) {
  const reason = hiddenReason(said, "text")
  if (said.text) {
    return [h("p", { class: className }, said.text),
      reason && h("p", { class: `${className} absent` }, t("words.hidden", { why: word("withheld", reason) }))]
  }
  const isAbsent = reason || (said.words && said.words !== "shown")
  return isAbsent ? h("p", { class: `${className} absent` }, absence(said)) : null
}

// MARK: lists

export function complaintItem(complaint) {
  const code = groupedCode(complaint.trackingCode)
  return h("li", { class: "complaint-item" },
    h("div", { class: "complaint-head" },
      statusBadge(complaint.status), markBadges(complaint.marks),
      h("span", { class: "complaint-category" }, named(complaint.category?.name)),
      when(complaint.receivedAt, { short: true })),
    h("a", { class: `complaint-text${complaint.text ? "" : " absent"}`, href: complaintPath(complaint.trackingCode) },
      complaint.text || absence(complaint)),
    thumbnails(complaint),
    h("p", { class: "complaint-meta" },
      [whereabouts(complaint), complaint.address,
        person(complaint.assignee)].filter(Boolean).map((part) => h("span", {}, part)),
      h("span", { class: "code" }, code)))
}

/// A reach is mostly named after its river; saying the river twice would only fill the line.
function whereabouts({ river, reach }) {
  const [whole, part] = [named(river?.name), named(reach?.name)]
  return part.includes(whole) ? part : [whole, part].filter(Boolean).join(" ")
}

export function complaintList(complaints, none = t("complaints.none.here")) {
  if (!complaints?.length) return empty(none)
  return h("ul", { class: "complaint-list" }, complaints.map(complaintItem))
}

export const enterpriseLink = (one) => h("a", { href: `/enterprises/${encodeURIComponent(one.id)}` }, named(one.name))

export const openCount = (count) => (count ? t("open.count", { n: number(count, 0) }) : t("open.none"))

/// A heading with its content, tied together for screen readers.
export function block(title, ...content) {
  const heading = h("h2", {}, title)
  return h("section", { class: "block", "aria-label": title }, heading, content)
}

export function facts(pairs) {
  return h("dl", { class: "facts" },
    pairs.filter(([, value]) => value != null && value !== "" && value !== false)
      .map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))))
}

export const mark = (value) => h("span", { class: `reach-mark ${classStyle(value)}` }, classMark(value))

/// The category of the complaints that alarms of monitoring stations file; Intake takes it from nobody else.
export const stationAlarm = "station-alarm"
