// Before a leave: a note about each of one's open complaints for whoever has them meanwhile. The registry says who stands in
// for a chief and from when on; the clerks of an office have the same complaints. To them the note is new.

import * as api from "../api.js"
import { settle } from "../actions.js"
import { groupedCode } from "../code.js"
import { h, identifier, replace } from "../dom.js"
import { named, t } from "../language.js"

const pageSize = 200
const atOnce = 5
const textLimit = 3900

export function handover(me, page) {
  if (me.role === "department") return null
  const said = h("p", { role: "status" })
  const refused = h("ul", { class: "desk-refused" })
  const note = h("textarea", { id: identifier("handover"), rows: 3, maxlength: textLimit })
  const leaves = me.absences ?? []
  const who = me.role !== "chief" ? t("handover.office") : leaves.length ? leaves.map(leave) : t("handover.none")
  let busy = false
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
      await tell(await mine(page), `${t("handover.head", { who: deputies(leaves) })}${text}`, page, said, refused)
    } catch (failure) {
      if (failure?.name !== "AbortError") said.textContent = t("handover.failed")
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

/// All that is his to do, page by page.
async function mine(page) {
  const all = []
  let after = null
  do {
    const { complaints, next } = await api.desk.complaints({ whose: "mine", limit: pageSize, after }, page.signal)
    all.push(...complaints)
    after = next
  } while (after)
  return all
}

/// Each has an outcome of its own; those that were refused are named.
async function tell(all, text, page, said, refused) {
  if (!all.length) return void (said.textContent = t("handover.nothing"))
  let done = 0
  let tried = 0
  const one = async ({ trackingCode }) => {
    const { isDone, text: why } = await settle(
      (key) => api.desk.act(trackingCode, { action: "note", public: false, text }, key), api.newKey(), page.signal)
    tried += 1
    if (isDone) done += 1
    else refused.append(h("li", {}, h("span", { class: "code" }, groupedCode(trackingCode)), " ", why))
    said.textContent = t("handover.said", { done, tried, n: all.length })
  }
  for (let first = 0; first < all.length; first += atOnce) {
    await Promise.all(all.slice(first, first + atOnce).map(one))
  }
}
