// One complaint: where it stands and what has happened. It follows the complaint while it is open, and lets whoever has
// it in hand act on it: here the browser that made it, or that opened the link of its complainant.

import * as api from "../api.js"
import { Desk } from "../actions.js"
import { h, replace } from "../dom.js"
import { named, t, word } from "../language.js"
import { groupedCode, readCode } from "../code.js"
import { beforeAndAfter, mediaList } from "../gallery.js"
import { number } from "../format.js"
import { followBox, unfollowBox } from "../follow.js"
import { linkFault } from "../links.js"
import { addOwnComplaint, dropOwnLink, ownComplaint } from "../memory.js"
import {
  absence, block, copyButton, facts, markBadges, person, reachLink, riverLink, spoken, statusBadge,
  when,
} from "../parts.js"
import { complaintLink, timeline } from "../timeline.js"
import { drawDot, drawReaches, fit, fitAround, isPlace, mapBox } from "../map.js"

const pollMilliseconds = 10_000
const hurriedMilliseconds = 2000
const patienceMilliseconds = 60_000
// Whoever only has the code waits as long as registering a complaint may take.
const strangersPatienceMilliseconds = 20_000
const final = ["closed", "rejected", "merged"]

export async function render(page, given) {
  const code = readCode(given) ?? String(given).toUpperCase().replace(/-/g, "")
  page.title = t("complaint.title", { code: groupedCode(code) })
  const { hand, fault } = await complainantsHand(code, page.signal)
  const foreword = () => fault && h("p", { class: "notice" }, h("strong", {}, t(`link.${fault}`)), " ",
    t(`link.${fault}.text`))
  return show(page, code, { hand, foreword })
}

/// A complaint's page for whoever has it in hand: `hand` is his role and how his actions are sent, null where somebody
/// only looks. `foreword(complaint)` stands above it.
export async function show(page, code, { hand, foreword }) {
  const node = h("div", { class: "page" })
  await new View(page, code, node, hand, foreword).refresh()
  return node
}

/// By the identity that this browser was given, or else by a link. A link that is over is said to be and forgotten.
async function complainantsHand(code, signal) {
  const own = ownComplaint(code)
  if (own?.id) return { hand: { role: "citizen", act: (action, key) => api.act(own.id, action, key) } }
  if (!own?.link) return {}
  try {
    const link = await api.heldLink(own.link, signal)
    if (readCode(link.trackingCode) !== code) return {}
    // He follows somebody else's complaint: it isn't one of those that this browser made.
    if (link.role === "follower") {
      addOwnComplaint(code, { follows: true })
      return { hand: { role: link.role, stop: unfollowBox(own.link, () => dropOwnLink(code)) } }
    }
    return { hand: { role: link.role, act: (action, key) => api.act(own.link, action, key) } }
  } catch (failure) {
    const fault = linkFault(failure)
    if (!fault && failure?.status === undefined) throw failure
    if (fault) dropOwnLink(code)
    return { fault: fault ?? "unread" }
  }
}

class View {
  constructor(page, code, node, hand, foreword) {
    Object.assign(this, { page, code, node, hand, foreword, shown: "", began: Date.now() })
    this.desk = hand?.act && new Desk(hand.role, (action, key) => this.perform(action, key), page.signal)
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
      const complaint = await (this.hand?.read ?? api.complaint)(this.code, this.page.signal)
      this.show(complaint)
      // A resolved complaint closes by itself later; only an ended one has nothing more to tell.
      if (Date.now() < this.hurryUntil) this.schedule(hurriedMilliseconds)
      else if (!final.includes(complaint.status)) this.schedule(pollMilliseconds)
    } catch (failure) {
      if (failure?.name === "AbortError") return
      if (failure.status === 404 && !this.complaint) return this.unknown()
      if (!this.complaint && failure.status === undefined) throw failure
      if (!this.complaint && this.node.childElementCount === 0) throw failure
      // He has passed it on, or somebody else has.
      if (failure.status === 403 && this.hand?.foreign) return replace(this.node, this.hand.foreign())
      if (this.lost) this.lost.textContent = t("complaint.lost")
      this.schedule(Math.max(pollMilliseconds, 1000 * (failure.seconds || 0)))
    }
  }

  // MARK: not known yet

  /// The code exists as soon as it was given out, the page a moment later. Whoever holds the complaint knows that it was
  /// received. Of a code alone that isn't known, so the page says both; a code that can't be one is told at once.
  unknown() {
    const isHeld = Boolean(this.hand)
    const late = Date.now() - this.began > (isHeld ? patienceMilliseconds : strangersPatienceMilliseconds)
    const isUnknown = !isHeld && (late || !readCode(this.code))
    const state = isUnknown ? "unknown" : isHeld ? (late ? "late" : "held") : "asked"
    if (this.waiting !== state) {
      this.waiting = state
      const words = { held: ["way.title", "way.text"], late: ["way.title", "way.late"], asked: ["asked.title", "asked.text"] }
      replace(this.node, isUnknown ? this.notFound() : h("div", { class: "way", role: "status" },
        h("h1", {}, t(`complaint.${words[state][0]}`)),
        h("p", { class: "big-code" }, groupedCode(this.code)),
        h("p", {}, t(`complaint.${words[state][1]}`)),
        !late && h("div", { class: "way-line", "aria-hidden": "true" })))
    }
    if (readCode(this.code)) this.schedule(late ? pollMilliseconds : hurriedMilliseconds)
  }

  notFound() {
    return [h("h1", {}, t("complaint.unknown.title", { code: groupedCode(this.code) })),
      h("p", {}, t("complaint.unknown.text")), h("p", {}, h("a", { href: "/" }, t("missing.home")))]
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
    this.before = h("div", {})
    this.lost = h("p", { class: "hint", role: "status" })
    this.news = h("p", { class: "hidden-text", role: "status" })
    this.where = h("div", {})
    // Who has to do something reads first what it is about; who complained knows.
    const desk = this.desk?.node
    const follow = this.hand ? [this.hand.stop, this.hand.aside] : h("div", {})
    if (!this.hand) this.follow = follow
    const parts = this.hand?.role === "citizen" ? [desk, this.said] : [this.said, desk]
    replace(this.node, this.before, this.head, this.steps, this.news,
      h("div", { class: "columns" },
        h("div", {}, parts, block(t("complaint.timeline"), this.timeline, this.lost)),
        h("div", {}, this.details,
          follow, this.where)))
  }

  /// Drawn anew only when it moves. Who named no place is shown the water he named.
  map(complaint, before) {
    const spot = ({ place, reach, river }) => JSON.stringify([place, reach?.id, river?.id])
    if (before && spot(before) === spot(complaint)) return
    const hasMap = isPlace(complaint.place) || complaint.reach || complaint.river
    replace(this.where, hasMap && block(t("complaint.map"), mapBox({
      label: t("complaint.map"), signal: this.page.signal, size: "map-small",
      start: (map) => drawComplaint(map, complaint, this.page.signal),
    })))
  }

  fill(before) {
    const complaint = this.complaint
    replace(this.before, this.foreword(complaint))
    replace(this.head,
      h("h1", { tabindex: -1 }, named(complaint.category?.name) || t("complaint.title",
        { code: groupedCode(this.code) })),
      h("p", { class: "complaint-line" }, statusBadge(complaint.status), markBadges(complaint.marks),
        h("span", {}, t("complaint.code"), " ", h("span", { class: "code" }, groupedCode(this.code))),
          copyButton(groupedCode(this.code), "plain")))
    replace(this.steps, progress(complaint))
    replace(this.said, block(t("complaint.text"),
      spoken(complaint, "complaint-body") ?? h("p", { class: "complaint-body absent" }, absence(complaint)),
      mediaList(complaint), beforeAndAfter(complaint)))
    this.map(complaint, before)
    replace(this.details, block(t("complaint.about"), about(complaint)))
    const isEnded = final.includes(complaint.status)
    // Built once: somebody may be typing his number.
    if (isEnded) replace(this.follow ?? h("div"))
    else if (this.follow && !this.follow.childElementCount) replace(this.follow, followBox(groupedCode(this.code)))
    replace(this.timeline, timeline(complaint.timeline, this.timeline))
    if (before ? before.status !== complaint.status : this.waiting) this.news.textContent = word("status",
      complaint.status)
    this.desk?.update(complaint)
  }

  async perform(action, key) {
    const ask = await this.hand.act(action, key)
    this.hurry()
    return ask
  }
}

/// The road a complaint takes, and how far this one is. Not every one is checked.
function progress(complaint) {
  const isChecked = complaint.timeline?.some((event) => event.type === "resolved" && event.to)
  const isBack = complaint.status === "returned"
  const road = ["received", isBack && "returned", "assigned", "accepted", isChecked && "verifying", "resolved",
    "closed"].filter(Boolean)
  const ended = ["rejected", "merged"].includes(complaint.status)
  const stops = ended ? ["received", complaint.status] : road
  const here = stops.indexOf(complaint.status)
  return h("ol", { class: "progress", "aria-label": t("complaint.progress") }, stops.map((stop, index) =>
    h("li", { class: index < here ? "passed" : index === here ? `here${ended ? " ended" : ""}` : null,
      "aria-current": index === here ? "step" : null },
      word("status", stop))))
}

/// Who answers for it, with all that he answers for.
const assignee = (one) => one && h("a", {
  href: `/complaints?${new URLSearchParams({ assignee: `${one.kind ?? "chief"}/${one.id}` })}` }, person(one))

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
    [t("complaint.assignee"), assignee(complaint.assignee) || (open && t("complaint.noassignee"))],
    [t("complaint.river"), riverLink(complaint.river)],
    [t("complaint.reach"), reachLink(complaint.reach)],
    [t("complaint.address"), complaint.address],
    [t("complaint.received"), complaint.receivedAt && when(complaint.receivedAt)],
    [t("complaint.due.accept"), due("accept")],
    [t("complaint.due.resolve"), due("resolve")],
    [t("complaint.checker"), person(complaint.checker)],
    [t("complaint.due.verify"), due("verify")],
    [t("complaint.into"), complaintLink(complaint.into)],
    [t("complaint.followers"), complaint.followers?.length > 0 && complaint.followers.map((code) =>
      h("div", {}, complaintLink(code)))],
    [t("complaint.follows"), complaint.follows > 0 && number(complaint.follows, 0)],
    [t("complaint.grade"), complaint.grade && word("grade", complaint.grade)],
  ])
}

async function drawComplaint(map, complaint, signal) {
  const features = (await api.reachShapes(signal).catch(() => null))?.features ?? []
  const mine = features.filter(({ properties }) =>
    (complaint.reach ? properties?.id === complaint.reach.id : properties?.river === complaint.river?.id))
  const around = drawReaches(map, features.filter((one) => !mine.includes(one)), { faint: true })
  const { lines, labels } = drawReaches(map, mine, { own: true })
  const dot = drawDot(map, complaint.place, "dot-complaint", t("map.place"))
  if (dot) fitAround(map, complaint.place, features)
  else fit(map, [lines])
  return [...labels, ...around.labels]
}
