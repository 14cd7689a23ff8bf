// Open complaints that may be about what is being reported: "it is this one" instead of a second complaint.

import * as api from "./api.js"
import { h, replace } from "./dom.js"
import { followForm } from "./follow.js"
import { groupedCode } from "./code.js"
import { named, t } from "./language.js"
import { number } from "./format.js"
import { absence, complaintPath, statusBadge, when } from "./parts.js"

const pauseMilliseconds = 400

export class Similar {
  constructor(signal) {
    this.signal = signal
    this.asked = ""
    this.count = h("p", { class: "hidden-text", role: "status" })
    this.list = h("div", {})
    this.node = h("div", { class: "similar" }, this.count, this.list)
  }

  /// Looks where the draft has a category and a place; else there is nothing to compare.
  update({ category, place }) {
    const question = category && place ? { category, longitude: place.longitude, latitude: place.latitude } : null
    const text = JSON.stringify(question)
    if (text === this.asked) return
    this.asked = text
    clearTimeout(this.timer)
    if (!question) return this.show([])
    this.timer = setTimeout(() => this.look(question, text), pauseMilliseconds)
  }

  async look(question, text) {
    // Where it can't be read, the complaint is simply sent: an office may still merge it.
    const answer = await api.similar(question, this.signal).catch(() => null)
    if (this.signal.aborted || text !== this.asked) return
    this.show(answer?.complaints ?? [], answer?.metres)
  }

  show(complaints, metres) {
    this.count.textContent = complaints.length ? t("similar.count", { n: complaints.length }) : ""
    replace(this.list, complaints.length > 0 && h("section", { class: "similar-box", "aria-label": t("similar.title") },
      h("h2", {}, t("similar.title")), h("p", { class: "hint" }, t("similar.lead", { n: number(metres, 0) })),
      h("ul", {}, complaints.map((one) => this.item(one)))))
  }

  item(complaint) {
    const code = complaint.trackingCode
    const place = h("div", {})
    const choose = () => {
      const form = followForm(code, (text) => {
        replace(place, h("p", { class: "similar-done", role: "status", tabindex: -1 }, text, " ",
          h("a", { href: complaintPath(code) }, t("similar.open"))))
        place.firstElementChild.focus()
      })
      replace(place, h("p", {}, t("similar.follow")), form.node)
      form.focus()
    }
    const press = h("button", { type: "button", class: "button quiet", on: { click: choose } }, t("similar.this"))
    replace(place, press)
    return h("li", {},
      h("p", { class: "similar-head" }, statusBadge(complaint.status), " ", h("strong", {}, named(complaint.category?.name)),
        " ", t("similar.metres", { n: number(complaint.metres, 0) }), " ", when(complaint.receivedAt, { short: true })),
      h("p", { class: complaint.text ? null : "absent" }, complaint.text || absence(complaint)),
      h("p", { class: "similar-meta" },
        h("a", { href: complaintPath(code), target: "_blank", class: "code" }, groupedCode(code)),
        complaint.follows > 0 && h("span", {}, t("follow.count", { n: number(complaint.follows, 0) }))),
      place)
  }
}
