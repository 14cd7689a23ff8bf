// Hearing by SMS of a complaint that somebody else made: the form that asks for a number, and the way to stop.

import * as api from "./api.js"
import { h, identifier, replace } from "./dom.js"
import { problem } from "./faults.js"
import { t } from "./language.js"
import { linkFault } from "./links.js"
import { phoneFault } from "./phone.js"

const phoneLimit = 32

/// A form for the number; `done(text)` hears that it was taken.
export function followForm(code, done) {
  const wrong = identifier("wrong")
  const hint = identifier("hint")
  const input = h("input", { id: identifier("phone"), name: "follow-phone", type: "tel", autocomplete: "tel",
    maxlength: phoneLimit, "aria-describedby": `${hint} ${wrong}` })
  const message = h("p", { class: "fault", id: wrong, role: "alert" })
  const button = h("button", { type: "button", class: "button" }, t("follow.send"))
  const say = (text) => {
    message.textContent = text
    input.setAttribute("aria-invalid", String(Boolean(text)))
    if (text) input.focus()
  }
  let busy = false
  const send = async () => {
    if (busy) return
    const fault = input.value.trim() ? phoneFault(input.value) : { kind: "missing", isCertain: true }
    if (fault?.isCertain) return say(t(`fault.${fault.kind}`, { n: phoneLimit }))
    busy = true
    button.setAttribute("aria-disabled", "true")
    try {
      await api.follow(code, input.value.trim())
      done(t("follow.done"))
    } catch (failure) {
      if (!(failure instanceof api.Failure)) console.error(failure)
      say(failure.status === 503 ? t("follow.closed") : problem(failure))
    } finally {
      busy = false
      button.removeAttribute("aria-disabled")
    }
  }
  button.addEventListener("click", send)
  // It may stand inside another form, which Enter must not send.
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return
    event.preventDefault()
    send()
  })
  const node = h("div", { class: "follow-form" },
    h("label", { for: input.id }, t("report.phone")), h("p", { class: "hint", id: hint }, t("follow.hint")),
    h("div", { class: "follow-row" }, input, button), message)
  return { node, focus: () => input.focus() }
}

/// On a complaint's page, for whoever only looks.
export function followBox(code) {
  const box = h("details", { class: "follow" })
  const body = h("div", {})
  replace(box, h("summary", {}, t("follow.title")), body)
  box.addEventListener("toggle", () => {
    if (!box.open || body.childElementCount) return
    const said = (text) => {
      replace(body, h("p", { role: "status", tabindex: -1 }, text))
      body.firstElementChild.focus()
    }
    replace(body, followForm(code, said).node)
  })
  return box
}

/// On a complaint's page, for whoever opened it with the link in a message to a follower.
export function unfollowBox(token, ended) {
  const said = h("p", { role: "status", tabindex: -1 })
  const button = h("button", { type: "button", class: "button quiet" }, t("follow.stop"))
  button.addEventListener("click", async () => {
    button.disabled = true
    try {
      await api.unfollow(token)
      ended()
      said.textContent = t("follow.stopped")
      button.remove()
      said.focus()
    } catch (failure) {
      if (!(failure instanceof api.Failure)) console.error(failure)
      const fault = linkFault(failure)
      said.textContent = fault ? t(`link.${fault}`) : problem(failure)
      button.disabled = false
    }
  })
  return h("div", { class: "follow follows" }, h("p", {}, t("follow.yours")), button, said)
}
