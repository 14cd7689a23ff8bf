// The page for acting: whoever opened it by the link in his message sees the complaint and the forms that are his.

import * as api from "../api.js"
import { groupedCode, readCode } from "../code.js"
import { h } from "../dom.js"
import { moment } from "../format.js"
import { t, word } from "../language.js"
import { linkFault } from "../links.js"
import { tokenInHand } from "../memory.js"
import { person, when } from "../parts.js"
import { show } from "./complaint.js"

export async function render(page) {
  page.title = t("act.title")
  const token = tokenInHand()
  if (!token) return explained("missing")
  try {
    const link = await api.heldLink(token, page.signal)
    const code = readCode(link.trackingCode)
    page.title = t("act.title.code", { code: groupedCode(code) })
    const hand = { role: link.role, act: (action, key) => api.act(token, action, key) }
    return await show(page, code, { hand, foreword: (complaint) => holder(link, complaint) })
  } catch (failure) {
    const fault = linkFault(failure)
    if (!fault) throw failure
    page.title = t(`link.${fault}`)
    return explained(fault)
  }
}

/// As whom he acts, by name where the complaint is his and else by his office; what is waited for, and how long the
/// link can be used.
function holder(link, complaint) {
  const { assignee } = complaint
  const isHis = assignee?.id === link.id && assignee?.kind === link.role
  const who = (isHis && person(assignee)) || word("role", link.role)
  const step = { assigned: "accept", accepted: "resolve", verifying: "verify" }[complaint.status]
  const due = complaint.due?.[step]
  return h("div", { class: "holder" }, h("strong", {}, t("act.holder", { who })),
    due && h("span", { class: Date.parse(due) < Date.now() ? "late" : null }, t(`complaint.due.${step}`), t("colon"),
      when(due)),
    h("span", { class: "hint" }, t("act.until", { time: moment(link.expiresAt) })))
}

/// Why a link can't be used.
export function explained(fault) {
  return h("div", { class: "page narrow" }, h("h1", {}, t(`link.${fault}`)), h("p", {}, t(`link.${fault}.text`)),
    h("p", {}, h("a", { href: "/" }, t("missing.home"))))
}
