// One complaint: where it stands and what has happened. It follows the complaint while it is open, and lets the browser
// that made it rate the outcome or ask for more.

import * as api from "../api.js"
import { h, identifier, replace } from "../dom.js"
import { named, t, word } from "../language.js"
import { groupedCode, readCode } from "../code.js"
import { ownComplaint } from "../memory.js"
import {
  block, copyButton, facts, markBadges, mediaList, person, reachLink, reason, riverLink, statusBadge, when,
} from "../parts.js"
import { byTime, complaintLink, timeline } from "../timeline.js"
import { drawDot, drawReaches, fit, isPlace, mapBox } from "../map.js"

const pollMilliseconds = 10_000
const hurriedMilliseconds = 2000
const patienceMilliseconds = 60_000
const final = ["closed", "rejected", "merged"]
const grades = ["very-satisfied", "satisfied", "neutral", "dissatisfied"]

export async function render(page, given) {
  const code = readCode(given) ?? String(given).toUpperCase().replace(/-/g, "")
  page.title = t("complaint.title", { code: groupedCode(code) })
  const node = h("div", { class: "page" })
  const view = new View(page, code, node)
  await view.refresh()
  return node
}

class View {
  constructor(page, code, node) {
    Object.assign(this, { page, code, node, own: ownComplaint(code), shown: "", began: Date.now() })
    // After sending something we look more often for a while, until the log has carried it through.
    this.hurryUntil = 0
    const wake = () => !document.hidden && this.refresh()
    document.addEventListener("visibilitychange", wake)
    page.signal.addEventListener("abort", () => {
      document.removeEventListener("visibilitychange", wake)
      clearTimeout(this.timer)
    })
  }

  schedule(milliseconds) {
    clearTimeout(this.timer)
    if (!this.page.signal.aborted && !document.hidden) this.timer = setTimeout(() => this.refresh(), milliseconds)
  }

  hurry() {
    this.hurryUntil = Date.now() + patienceMilliseconds
    this.schedule(hurriedMilliseconds)
  }

  async refresh() {
    clearTimeout(this.timer)
    try {
      const complaint = await api.complaint(this.code, this.page.signal)
      this.show(complaint)
      // A resolved complaint closes by itself later; only an ended one has nothing more to tell.
      if (Date.now() < this.hurryUntil) this.schedule(hurriedMilliseconds)
      else if (!final.includes(complaint.status)) this.schedule(pollMilliseconds)
    } catch (failure) {
      if (failure?.name === "AbortError") return
      if (failure.status === 404 && !this.complaint) return this.unknown()
      if (!this.complaint && failure.status === undefined) throw failure
      if (!this.complaint && this.node.childElementCount === 0) throw failure
      if (this.lost) this.lost.textContent = t("complaint.lost")
      this.schedule(pollMilliseconds)
    }
  }

  // MARK: not known yet

  /// The code exists as soon as it was given out, the page a moment later: for those who hold it we wait.
  unknown() {
    const late = Date.now() - this.began > patienceMilliseconds
    if (!this.own) {
      replace(this.node, h("h1", {}, t("complaint.unknown.title", { code: groupedCode(this.code) })),
        h("p", {}, t("complaint.unknown.text")), h("p", {}, h("a", { href: "/" }, t("missing.home"))))
      return
    }
    if (!this.waiting || late) {
      this.waiting = true
      replace(this.node, h("div", { class: "way", role: "status" },
        h("h1", {}, t("complaint.way.title")),
        h("p", { class: "big-code" }, groupedCode(this.code)),
        h("p", {}, t(late ? "complaint.way.late" : "complaint.way.text")),
        !late && h("div", { class: "way-line", "aria-hidden": "true" })))
    }
    if (!late) this.schedule(hurriedMilliseconds)
  }

  // MARK: known

  show(complaint) {
    if (this.lost) this.lost.textContent = ""
    const text = JSON.stringify(complaint)
    if (text === this.shown) return
    this.shown = text
    const before = this.complaint
    this.complaint = complaint
    if (!before) this.build()
    this.fill(before)
  }

  build() {
    this.head = h("div", { class: "complaint-top" })
    this.steps = h("div", {})
    this.said = h("div", {})
    this.details = h("div", {})
    this.timeline = h("div", {})
    this.actions = h("div", {})
    this.lost = h("p", { class: "hint", role: "status" })
    this.news = h("p", { class: "hidden-text", role: "status" })
    const { place, reach } = this.complaint
    const hasMap = isPlace(place) || reach
    replace(this.node, this.head, this.steps, this.news,
      h("div", { class: "columns" },
        h("div", {}, this.actions, this.said, block(t("complaint.timeline"), this.timeline, this.lost)),
        h("div", {}, this.details,
          hasMap && block(t("complaint.map"), mapBox({
            label: t("complaint.map"), signal: this.page.signal, size: "map-small",
            start: (map) => drawComplaint(map, this.complaint, this.page.signal),
          })))))
  }

  fill(before) {
    const complaint = this.complaint
    replace(this.head,
      h("h1", { tabindex: -1 }, named(complaint.category?.name) || t("complaint.title",
        { code: groupedCode(this.code) })),
      h("p", { class: "complaint-line" }, statusBadge(complaint.status), markBadges(complaint.marks),
        h("span", {}, t("complaint.code"), " ", h("span", { class: "code" }, groupedCode(this.code))),
          copyButton(this.code, "plain")))
    replace(this.steps, progress(complaint))
    replace(this.said, block(t("complaint.text"),
      h("p", { class: "complaint-body" }, complaint.text || t("complaint.withheld")), mediaList(complaint.media)))
    replace(this.details, block(t("complaint.about"), about(complaint)))
    replace(this.timeline, timeline(complaint.timeline))
    if (before ? before.status !== complaint.status : this.waiting) this.news.textContent = word("status",
      complaint.status)
    this.offer(complaint)
  }

  /// The forms are built once while they apply, so that polling never takes away what is being written.
  offer(complaint) {
    if (!this.own || complaint.status !== "resolved") {
      this.offered = null
      return replace(this.actions)
    }
    const rated = isRated(complaint)
    if (!this.offered) {
      this.offered = { rating: rated ? null : this.rating() }
      return replace(this.actions, h("div", { class: "act" }, this.offered.rating, this.reopening()))
    }
    if (rated) this.offered.rating?.remove()
  }

  rating() {
    const remark = h("textarea", { rows: 2, id: identifier("remark"), maxlength: 2000 })
    const choices = h("div", { class: "chips" }, grades.map((grade) => h("label", { class: "chip" },
      h("input", { type: "radio", name: "grade", value: grade }), h("span", {}, t(`grade.${grade}`)))))
    return actionForm({
      title: t("rate.title"), lead: t("rate.lead"), button: t("rate.button"), sent: t("rate.sent"),
      content: [choices, h("label", { for: remark.id }, t("rate.remark"),
        h("span", { class: "optional" }, t("optional"))), remark],
      action: () => {
        const grade = choices.querySelector("input:checked")?.value
        if (!grade) return { fault: t("rate.choose"), at: choices.querySelector("input") }
        return { action: "rate", grade, ...(remark.value.trim() && { text: remark.value.trim() }) }
      },
      perform: (action, key) => this.perform(action, key),
    })
  }

  reopening() {
    const why = h("textarea", { rows: 2, id: identifier("reason"), maxlength: 2000 })
    return actionForm({
      title: t("reopen.title"), button: t("reopen.button"), sent: t("reopen.sent"), quiet: true,
      content: [h("label", { for: why.id }, t("reopen.reason")), why],
      action: () => (why.value.trim() ? { action: "reopen", text: why.value.trim() } : { fault: t("reopen.need"),
        at: why }),
      perform: (action, key) => this.perform(action, key),
    })
  }

  async perform(action, key) {
    await api.act(this.own.id, action, key)
    this.hurry()
  }
}

/// Each outcome can be rated once: a grade from before the complaint was reopened says nothing about the second.
function isRated(complaint) {
  const events = [...(complaint.timeline ?? [])].sort(byTime)
  const last = (type) => events.findLastIndex((event) => event.type === type)
  return last("resolved") < 0 ? Boolean(complaint.grade) : last("rated") > last("resolved")
}

/// One key per form: pressing twice, or again after a lost answer, does it once.
function actionForm({ title, lead, button, sent, content, action, perform, quiet = false }) {
  const key = api.newKey()
  const message = h("p", { class: "act-message", role: "alert" })
  const press = h("button", { type: "submit", class: `button${quiet ? " quiet" : ""}` }, button)
  const form = h("form", { class: "act-form", novalidate: true }, h("h2", {}, title),
    lead && h("p", { class: "hint" }, lead), content, message, press)
  let busy = false
  form.addEventListener("submit", async (event) => {
    event.preventDefault()
    if (busy) return
    const wanted = action()
    if (wanted.fault) {
      message.textContent = wanted.fault
      wanted.at.focus()
      return
    }
    busy = true
    message.textContent = t("acting")
    try {
      await perform(wanted, key)
      replace(form, h("h2", {}, title), h("p", { role: "status", class: "act-sent" }, sent))
    } catch (failure) {
      if (!(failure instanceof api.Failure)) console.error(failure)
      const refusal = failure.faults?.[0]?.detail || failure.detail || failure.title
      const why = failure.status >= 400 && failure.status < 500 && refusal ? refusal : reason(failure)
      message.textContent = t("act.failed", { why })
    } finally {
      busy = false
    }
  })
  return form
}

/// The road a complaint takes, and how far this one is. Not every one is checked.
function progress(complaint) {
  const isChecked = complaint.timeline?.some((event) => event.type === "resolved" && event.to)
  const road = ["received", "assigned", "accepted", isChecked && "verifying", "resolved", "closed"].filter(Boolean)
  const ended = ["rejected", "merged"].includes(complaint.status)
  const stops = ended ? ["received", complaint.status] : road
  const here = stops.indexOf(complaint.status)
  return h("ol", { class: "progress", "aria-label": t("complaint.progress") }, stops.map((stop, index) =>
    h("li", { class: index < here ? "passed" : index === here ? `here${ended ? " ended" : ""}` : null,
      "aria-current": index === here ? "step" : null },
      word("status", stop))))
}

function about(complaint) {
  const waiting = { accept: ["received", "assigned"], resolve: ["received", "assigned", "accepted"],
    verify: ["verifying"] }
  const due = (step) => {
    const date = complaint.due?.[step]
    if (!date) return null
    const late = waiting[step].includes(complaint.status) && Date.parse(date) < Date.now()
    return [when(date), late && h("strong", { class: "late" }, ` ${t("complaint.due.past")}`)]
  }
  const open = !final.includes(complaint.status) && complaint.status !== "resolved"
  return facts([
    [t("complaint.assignee"), person(complaint.assignee) || (open && t("complaint.noassignee"))],
    [t("complaint.river"), riverLink(complaint.river)],
    [t("complaint.reach"), reachLink(complaint.reach)],
    [t("complaint.address"), complaint.address],
    [t("complaint.received"), complaint.receivedAt && when(complaint.receivedAt)],
    [t("complaint.due.accept"), due("accept")],
    [t("complaint.due.resolve"), due("resolve")],
    [t("complaint.checker"), person(complaint.checker)],
    [t("complaint.due.verify"), due("verify")],
    [t("complaint.into"), complaintLink(complaint.into)],
    [t("complaint.followers"), complaint.followers?.length && complaint.followers.map((code) =>
      h("div", {}, complaintLink(code)))],
    [t("complaint.grade"), complaint.grade && word("grade", complaint.grade)],
  ])
}

async function drawComplaint(map, complaint, signal) {
  const features = (await api.reachShapes(signal).catch(() => null))?.features ?? []
  const mine = features.filter((one) => one.properties?.id === complaint.reach?.id)
  drawReaches(map, features.filter((one) => !mine.includes(one)), { faint: true })
  const { lines, labels } = drawReaches(map, mine)
  const dot = drawDot(map, complaint.place, "dot-complaint", t("map.place"))
  fit(map, dot ? [dot] : [lines], 13)
  return labels
}
