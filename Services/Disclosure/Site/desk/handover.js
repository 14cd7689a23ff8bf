// Before a leave: a note about each of one's open complaints for whoever has them meanwhile. The registry says who stands in
// for a chief and from when on; the clerks of an office have the same complaints. To them the note is new.
//
// All of them go to Intake in one request, so nothing depends on a page that stays open.

import * as api from "../api.js"
import { refusal } from "../actions.js"
import { groupedCode } from "../code.js"
import { h, identifier, replace } from "../dom.js"
import { named, t, word } from "../language.js"

const pageSize = 200
// Intake takes no more in one request.
const atOnce = 1000
const textLimit = 3900
const patienceMilliseconds = 120_000
const pauseMilliseconds = 1500
const mostWaits = 3

export function handover(me, page) {
  if (me.role === "department") return null
  const said = h("p", { role: "status" })
  const refused = h("ul", { class: "desk-refused" })
  const note = h("textarea", { id: identifier("handover"), rows: 3, maxlength: textLimit })
  const leaves = me.absences ?? []
  const who = me.role !== "chief" ? t("handover.office") : leaves.length ? leaves.map(leave) : t("handover.none")
  let busy = false
  // Pressing again after a lost answer does it once; what is written anew is another note.
  let key = api.newKey()
  note.addEventListener("input", () => (key = api.newKey()))
  const hand = async () => {
    if (busy) return
    const text = note.value.trim()
    if (!text) {
      said.textContent = t("do.text.need")
      return note.focus()
    }
    busy = true
    button.setAttribute("aria-disabled", "true")
    said.textContent = t("acting")
    replace(refused)
    try {
      const all = await mine(page.signal)
      if (!all.length) return void (said.textContent = t("handover.nothing"))
      const asks = await send(all, `${t("handover.head", { who: deputies(leaves) })}${text}`, key)
      said.textContent = t("handover.sent", { n: all.length })
      await tell(asks, all.length, page.signal, said, refused)
      key = api.newKey()
    } catch (failure) {
      if (failure?.name !== "AbortError") said.textContent = refusal(failure)
    } finally {
      busy = false
      button.removeAttribute("aria-disabled")
    }
  }
  const button = h("button", { type: "button", class: "button", on: { click: hand } }, t("handover.send"))
  return h("details", { class: "desk-bulk desk-handover" }, h("summary", {}, t("handover.title")),
    [who].flat().map((line) => h("p", {}, line)),
    h("div", { class: "act-field" }, h("label", { for: note.id }, t("handover.note")), note), button, said, refused)
}

const leave = ({ from, to, deputy }) => (deputy ? t("handover.leave", { from, to, who: named(deputy.name) })
  : t("handover.leave.above", { from, to }))

const deputies = (leaves) => {
  const who = leaves.map(({ deputy }) => named(deputy?.name)).find(Boolean)
  return who ? ` ${who}` : ""
}

/// The codes of all that is his to do, page by page.
async function mine(signal) {
  const all = new Set()
  let after = null
  do {
    const { complaints, next } = await api.desk.complaints({ whose: "mine", limit: pageSize, after }, signal)
    for (const { trackingCode } of complaints) all.add(trackingCode)
    after = next
  } while (after)
  return [...all]
}

/// Gives the question what has become of them, for each request.
async function send(all, text, key) {
  const asks = []
  for (let first = 0; first < all.length; first += atOnce) {
    asks.push(await unhurried(() => api.desk.actOnMany(all.slice(first, first + atOnce),
      { action: "note", public: false, text }, key)))
  }
  return asks
}

/// Many complaints count like many requests, so Intake may ask to wait. Then it waits, instead of whoever pressed.
async function unhurried(ask) {
  for (let tries = 0; ; tries++) {
    try {
      return await ask()
    } catch (failure) {
      if (failure?.status !== 429 || !failure.seconds || tries === mostWaits) throw failure
      await new Promise((resolve) => setTimeout(resolve, 1000 * failure.seconds))
    }
  }
}

/// Each has an outcome of its own; those that were refused are named.
async function tell(asks, n, signal, said, refused) {
  const end = Date.now() + patienceMilliseconds
  while (!signal.aborted) {
    const found = await Promise.all(asks.map((ask) => ask(signal).catch(() => null)))
    const all = found.every(Boolean) ? found.flat() : []
    const done = all.filter(({ outcome }) => outcome.state === "done").length
    const declined = all.filter(({ outcome }) => outcome.state === "refused")
    const waiting = n - done - declined.length
    if (!waiting || Date.now() > end) {
      said.textContent = [t("handover.said", { done, n }), waiting > 0 && t("handover.pending", { n: waiting })]
        .filter(Boolean).join(" ")
      replace(refused, declined.map(({ trackingCode, outcome }) => h("li", {},
        h("span", { class: "code" }, groupedCode(trackingCode)), " ",
        t("do.declined", { why: word("declined", outcome.reason) }))))
      return
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMilliseconds))
  }
}
