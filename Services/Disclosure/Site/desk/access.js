// Whoever has no link to his desk, or an old one, asks for one with his number.

import * as api from "../api.js"
import { h, identifier, replace } from "../dom.js"
import { problem } from "../faults.js"
import { language, t } from "../language.js"
import { phoneFault } from "../phone.js"

const phoneLimit = 32

export function accessForm() {
  const wrong = identifier("wrong")
  const hint = identifier("hint")
  const input = h("input", { id: identifier("phone"), type: "tel", autocomplete: "tel", maxlength: phoneLimit,
    "aria-describedby": `${hint} ${wrong}` })
  const message = h("p", { class: "fault", id: wrong, role: "alert" })
  const button = h("button", { type: "submit", class: "button" }, t("access.send"))
  const say = (text) => {
    message.textContent = text
    input.setAttribute("aria-invalid", String(Boolean(text)))
    if (text) input.focus()
  }
  input.addEventListener("input", () => say(""))
  let busy = false
  const send = async (event) => {
    event.preventDefault()
    if (busy) return
    const fault = input.value.trim() ? phoneFault(input.value) : { kind: "missing", isCertain: true }
    if (fault?.isCertain) return say(t(`fault.${fault.kind}`, { n: phoneLimit }))
    busy = true
    button.setAttribute("aria-disabled", "true")
    try {
      await api.access(input.value.trim(), language())
      // Whether the number is known is told to nobody.
      const said = h("p", { role: "status", tabindex: -1 }, t("access.sent"))
      replace(node, said)
      said.focus()
    } catch (failure) {
      if (!(failure instanceof api.Failure)) console.error(failure)
      say(failure.status === 503 && !failure.seconds ? t("access.closed") : problem(failure))
    } finally {
      busy = false
      button.removeAttribute("aria-disabled")
    }
  }
  const node = h("form", { class: "access-form", novalidate: true, on: { submit: send } },
    h("h2", {}, t("access.title")), h("label", { for: input.id }, t("access.phone")),
    h("p", { class: "hint", id: hint }, t("access.hint")), h("div", { class: "follow-row" }, input, button), message)
  return node
}
