// The officials' desk: what there is to do, those that are due first at the top, and each complaint with its contact and
// the forms that are his. What the list shows stands in the address.

import * as api from "../api.js"
import { settle, target, targets } from "../actions.js"
import { accessForm } from "../desk/access.js"
import { ownRegions, wrongFilter } from "../desk/filter.js"
import { handover } from "../desk/handover.js"
import { chime, listen, sound } from "../desk/news.js"
import { groupedCode, readCode } from "../code.js"
import { h, identifier, replace } from "../dom.js"
import { moment, momentOf, number, relative, telephone, wallClock, zoneName } from "../format.js"
import { isMeasured, named, t, titled, word } from "../language.js"
import { drawDot, drawReaches, fit, isPlace, mapBox } from "../map.js"
import { forget } from "../memory.js"
import { absence, block, empty, failed, loading, markBadges, person, statusBadge, when } from "../parts.js"
import { phoneWithin } from "../phone.js"
import { show } from "./complaint.js"
import { figures } from "./figures.js"

const pageSize = 50
const atOnce = 5
const readBackMilliseconds = 5000
// The desk counts no further.
const manyUnread = 1000
const doers = ["chief", "department", "office"]
const asks = ["whose", "status", "category", "river", "region", "overdue", "supervised", "today", "unread", "q"]
const states = ["received", "assigned", "accepted", "verifying", "returned"]
// Where the answer has the counts of each filter.
const lists = { status: "statuses", category: "categories", river: "rivers", region: "regions" }

export async function render(page, code) {
  page.title = t("desk.title")
  let me
  try {
    me = await api.desk.me(page.signal)
  } catch (failure) {
    if (failure?.status !== 401) throw failure
    forget("desk")
    return closed(failure)
  }
  if (code === "figures") return figures(page, me, [h("p", { class: "no-print" }, h("a", { href: "/desk" }, t("desk.back"))),
    holder(me)])
  return code ? one(page, me, readCode(code) ?? code) : list(page, me)
}

function closed(failure) {
  const fault = { "urn:dayu:link-expired": "expired", "urn:dayu:link-revoked": "revoked" }[failure.type] ?? "missing"
  return h("div", { class: "page narrow" }, h("h1", {}, t(`desk.${fault}`)), h("p", {}, t(`desk.${fault}.text`)),
    accessForm())
}

function holder(me) {
  const leave = async () => {
    await api.desk.leave().catch(() => {})
    forget("desk")
    location.assign("/desk")
  }
  const office = me.role === "office" ? titled(me.title) || `${named(me.name)} ${word("role", "office")}` : person(me)
  return h("div", { class: "holder" },
    h("strong", {}, t("act.holder", { who: [office, named(me.clerk)].filter(Boolean).join(" · ") })),
    h("span", { class: "hint" }, t("desk.until", { time: moment(me.expiresAt) })),
    me.standsInFor?.length > 0 && h("span", {}, t("desk.standsin", { who: me.standsInFor.map((one) => named(one.name)).join(" ") })),
    h("button", { type: "button", class: "plain", on: { click: leave } }, t("desk.leave")))
}

// MARK: the list

const address = (values) => {
  const query = new URLSearchParams(Object.entries(values).filter(([, text]) => text))
  return `/desk${String(query) ? `?${query}` : ""}`
}

async function list(page, me) {
  const asked = Object.fromEntries(asks.map((name) => [name, page.query.get(name) ?? ""]))
  const [groups, rivers, { regions = [], departments = [] }, answer] = await Promise.all([
    api.categories().then((found) => found.groups ?? []).catch(() => []),
    api.rivers(page.signal).then((found) => found.rivers ?? []).catch(() => []),
    api.regions().catch(() => ({})),
    api.desk.complaints({ ...asked, limit: pageSize }, page.signal).catch((failure) => {
      if (failure?.status !== 400 && failure?.status !== 403) throw failure
      return failure
    }),
  ])
  const filtered = filters(page, asked, { groups, rivers, regions: ownRegions(me, regions) })
  if (answer instanceof api.Failure) {
    filtered.node.open = true
    return h("div", { class: "page desk" }, h("h1", {}, t("desk.title")), holder(me), search(page, asked), filtered.node,
      h("p", { class: "fault", role: "alert" }, wrongFilter(answer)), h("p", {}, h("a", { href: "/desk" }, t("desk.back"))))
  }
  const desk = new DeskList(page, me, asked, answer, filtered.count)
  const reviews = me.role === "office" ? isMeasured() : me.role === "department" && departments.some(({ id }) => id === me.id)
  return h("div", { class: "page desk" }, h("h1", {}, t("desk.title")), holder(me),
    desk.views, search(page, asked), filtered.node,
    h("div", { class: "desk-columns" }, h("div", {}, desk.news, desk.bulk, desk.node), desk.map), handover(me, page),
    h("p", { class: "desk-buttons" }, h("a", { class: "button quiet", href: "/desk/figures" }, t("figures.title")),
      me.role === "office" && isMeasured() && [" ", h("a", { class: "button quiet", href: "/bulletins" }, t("bulletin.title"))],
      reviews && [" ", h("a", { class: "button quiet", href: "/review" }, t("review.title"))]), sound())
}

/// The questions that are asked most, each with how many there are.
function views(asked, counts) {
  const count = (list, id) => list?.find((one) => one.id === id)?.count ?? 0
  const all = [
    ["all", {}, counts.all], ["mine", { whose: "mine" }, counts.mine],
    ["unread", { unread: "true" }, counts.unread], ["today", { today: "true" }, counts.today],
    ["overdue", { overdue: "true" }, counts.overdue], ["supervised", { supervised: "true" }, counts.supervised],
    ["assigned", { status: "assigned" }, count(counts.statuses, "assigned")],
    ["verifying", { status: "verifying" }, count(counts.statuses, "verifying")],
  ]
  const here = address(asked)
  return h("nav", { class: "desk-views", "aria-label": t("desk.views") }, all.map(([name, values, n]) =>
    h("a", { href: address(values), class: "chip", "aria-current": address(values) === here ? "page" : null },
      t(`desk.view.${name}`), " ", h("b", {}, n >= manyUnread && name === "unread" ? `${manyUnread - 1}+` : number(n, 0)))))
}

function search(page, asked) {
  const found = h("div", {})
  const input = h("input", { type: "search", id: identifier("q"), name: "q", maxlength: 100, value: asked.q,
    placeholder: t("desk.search.example") })
  const find = async (event) => {
    event.preventDefault()
    const text = input.value.trim()
    const phone = phoneWithin(text)
    if (!phone) return page.go(address({ ...asked, q: text }))
    // A number is searched without an address: it would stand in the history and in logs.
    replace(found, loading())
    try {
      const { complaints, more } = await api.desk.find(phone)
      replace(found, h("p", { class: "hint", role: "status" }, t("desk.number", { n: complaints.length }), more && " ",
        more && t("desk.number.more", { n: complaints.length })),
        h("ul", { class: "desk-list" }, complaints.map((one) => new Card(one, page).node)))
    } catch (failure) {
      replace(found, failed(failure))
    }
  }
  return [h("form", { class: "desk-search", role: "search", on: { submit: find } },
    h("label", { for: input.id }, t("desk.search")), input,
    h("button", { type: "submit", class: "button quiet" }, t("home.find.button"))), found]
}

/// Each choice says how many there are; `count(counts)` says it anew when something comes.
function filters(page, asked, { groups, rivers, regions }) {
  const counters = []
  const option = (name, value, text) => {
    const node = h("option", { value, selected: value === asked[name] }, text)
    counters.push((counts) => (node.textContent = `${text} (${number(value
      ? counts[lists[name]]?.find((one) => one.id === value)?.count ?? 0 : counts.all, 0)})`))
    return node
  }
  const select = (name, options) => {
    const control = h("select", { name, id: identifier(name) }, option(name, "", t("all")), options)
    control.addEventListener("change", () => page.go(address({ ...asked, [name]: control.value }))
      .then(() => document.querySelector(`.filters [name="${name}"]`)?.focus()))
    return h("div", { class: "field" }, h("label", { for: control.id }, t(`complaints.${name}`)), control)
  }
  const set = ["status", "category", "river", "region"].some((name) => asked[name])
  const node = h("details", { class: "filters-box", open: set }, h("summary", {}, t("complaints.filters")),
    h("div", { class: "filters" },
      select("status", states.map((state) => option("status", state, t(`status.${state}`)))),
      select("category", groups.map((group) => h("optgroup", { label: named(group.name) },
        (group.categories ?? []).map((one) => option("category", one.code, named(one.name)))))),
      select("river", rivers.map((river) => option("river", river.id, named(river.name)))),
      select("region", regions.map((region) => option("region", region.id, named(region.name))))))
  return { node, count: (counts) => counters.forEach((say) => say(counts)) }
}

class DeskList {
  constructor(page, me, asked, answer, count) {
    Object.assign(this, { page, me, asked, cards: new Map() })
    this.items = h("ul", { class: "desk-list" })
    this.foot = h("div", { class: "list-foot" })
    this.node = h("div", {}, this.items, this.foot)
    this.bulk = bulk(this, me.role)
    this.map = h("div", { class: "desk-map" })
    this.views = h("div", {})
    this.onCounts = (counts) => {
      replace(this.views, views(asked, counts))
      count(counts)
    }
    this.onCounts(answer.counts)
    this.told = 0
    // What came and stands in no list, until the list is drawn anew. How many, where that is known.
    this.missed = null
    this.take(answer)
    this.news = h("p", { class: "desk-news", role: "status" })
    this.watch(answer.news)
  }

  /// What comes while the list is open stands at its top, marked as new, where it matches what the list shows.
  watch(place) {
    listen(this.page.signal, place, { arrived: (codes) => this.arrive(codes), again: () => this.offer(NaN),
      ended: () => this.end(), resumed: () => this.tell() })
  }

  /// Whose link was taken back, or whose session is over, sees nothing any more. Everybody else learns that he has to ask.
  async end() {
    const { key, status } = await api.desk.me(this.page.signal).catch((failure) => failure ?? {})
    if (this.page.signal.aborted) return
    if (status === 401 || (key && key !== this.me.key)) return this.page.refresh()
    this.ask(t("desk.again"))
  }

  async arrive(codes) {
    if (this.asked.q || codes.length > atOnce) return this.offer(codes.length)
    const answers = await Promise.all(codes.map((code) =>
      api.desk.complaints({ ...this.asked, q: code, limit: 1 }, this.page.signal).catch(() => null)))
    if (this.page.signal.aborted) return
    if (!answers.every(Boolean)) return this.offer(codes.length)
    const found = answers.flatMap((answer) => answer?.complaints ?? [])
    for (const complaint of found) {
      this.cards.get(complaint.trackingCode)?.node.remove()
      const card = new Card(complaint, this.page)
      card.node.classList.add("fresh")
      this.cards.set(complaint.trackingCode, card)
      this.items.prepend(card.node)
    }
    const counts = answers.findLast(Boolean)?.counts
    if (counts) this.onCounts(counts)
    if (!found.length) return
    this.told += found.length
    this.tell()
    this.foot.querySelector(".empty")?.remove()
    this.draw()
    chime()
  }

  /// More than can be put into the list one by one: it has to be read anew.
  offer(n) {
    this.missed = (this.missed ?? 0) + n
    this.tell()
    chime()
  }

  ask(text) {
    replace(this.news, h("button", { type: "button", class: "button", on: { click: this.page.refresh } }, text))
  }

  tell() {
    if (this.missed !== null) return this.ask(this.missed ? t("desk.news", { n: this.missed }) : t("desk.again"))
    replace(this.news, this.told ? t("desk.arrived", { n: this.told }) : null)
  }

  take({ complaints, next }) {
    const firstNew = this.items.childElementCount
    // What came while the list was open, or was done here, stands in it already.
    for (const complaint of complaints.filter((one) => !this.cards.has(one.trackingCode))) {
      const card = new Card(complaint, this.page)
      this.cards.set(complaint.trackingCode, card)
      this.items.append(card.node)
    }
    replace(this.foot,
      this.cards.size ? h("p", { class: "count", role: "status" }, t("complaints.shown", { n: this.cards.size }))
        : empty(t("desk.none")),
      next && h("button", { type: "button", class: "button quiet", on: { click: () => this.more(next) } }, t("more")),
      this.cards.size > 0 && h("a", { class: "button quiet", href: api.desk.tablePath(this.asked), download: "desk.csv" },
        t("desk.csv")))
    if (firstNew) this.items.children[firstNew]?.querySelector("a")?.focus({ preventScroll: true })
    this.draw()
  }

  async more(after) {
    replace(this.foot, loading())
    try {
      this.take(await api.desk.complaints({ ...this.asked, limit: pageSize, after }, this.page.signal))
    } catch (failure) {
      if (failure?.name === "AbortError") return
      replace(this.foot, failed(failure, () => this.more(after)))
    }
  }

  /// Beside the list, where the screen is wide.
  draw() {
    const placed = [...this.cards.values()].filter(({ complaint }) => isPlace(complaint.place))
    if (!placed.length || !matchMedia("(min-width: 60rem)").matches) return
    replace(this.map, mapBox({ label: t("desk.map"), signal: this.page.signal, size: "map-small",
      start: async (map) => {
        const features = (await api.reachShapes(this.page.signal).catch(() => null))?.features ?? []
        const { lines, labels } = drawReaches(map, features, { faint: true })
        const dots = placed.map(({ complaint }) => drawDot(map, complaint.place, "dot-complaint",
          groupedCode(complaint.trackingCode))).filter(Boolean)
        fit(map, dots.length ? dots : [lines])
        return labels
      } }))
  }

  get chosen() { return [...this.cards.values()].filter((card) => card.box.checked) }
}

/// One complaint of the list. Who has to accept it does so here; everything else is on its own page.
class Card {
  constructor(complaint, page) {
    Object.assign(this, { complaint, page })
    const code = groupedCode(complaint.trackingCode)
    const due = complaint.nextDue
    const late = due && Date.parse(due) < Date.now()
    this.box = h("input", { type: "checkbox", "aria-label": t("desk.choose", { code }) })
    this.said = h("p", { class: "desk-said", role: "status" })
    this.state = h("span", {}, statusBadge(complaint.status))
    const open = `/desk/${encodeURIComponent(complaint.trackingCode.replace(/-/g, ""))}`
    const mayAccept = complaint.status === "assigned" && complaint.roles.some((role) => doers.includes(role))
    this.press = mayAccept && h("button", { type: "button", class: "button",
      "aria-label": `${t("do.accept")} ${code}`, on: { click: () => this.perform({ action: "accept" }) } }, t("do.accept"))
    this.node = h("li", { class: `desk-card${late ? " late" : ""}` },
      h("div", { class: "complaint-head" }, h("label", { class: "desk-box" }, this.box), this.state,
        complaint.unread && h("span", { class: "marked desk-new" }, t("desk.unread")),
        markBadges(complaint.marks), h("span", { class: "complaint-category" }, named(complaint.category?.name)),
        due && h("span", { class: "desk-due" }, t("desk.due", { time: relative(due) }), " ",
          h("time", { datetime: due }, moment(due)))),
      h("a", { class: `complaint-text${complaint.text ? "" : " absent"}`, href: open }, complaint.text || absence(complaint)),
      h("p", { class: "complaint-meta" },
        [named(complaint.reach?.name) || named(complaint.river?.name), complaint.address, person(complaint.assignee)]
          .filter(Boolean).map((part) => h("span", {}, part)), h("span", { class: "code" }, code)),
      h("p", { class: "desk-buttons" }, this.press,
        h("a", { class: "button quiet", href: open, "aria-label": `${t("desk.open")} ${code}` }, t("desk.open"))),
      this.said)
    this.key = api.newKey()
  }

  /// Says whether it counts. Pressing twice, or again after a lost answer, does it once.
  async perform(action) {
    if (this.busy) return false
    this.busy = true
    this.press?.setAttribute?.("aria-disabled", "true")
    this.said.textContent = t("acting")
    const { isDone, text } = await settle(
      (key) => api.desk.act(this.complaint.trackingCode, action, key), this.key, this.page.signal)
    this.said.textContent = text ?? t(`do.${action.action}.sent`)
    this.said.classList.toggle("act-refused", !isDone)
    if (isDone || text) this.key = api.newKey()
    if (isDone && action.action === "accept") {
      replace(this.state, statusBadge("accepted"))
      this.press?.remove?.()
    }
    this.press?.removeAttribute?.("aria-disabled")
    this.busy = false
    return isDone
  }
}

// MARK: several at once

/// Does the same to all that are chosen, a few at a time. Each says itself what became of it.
function bulk(desk, role) {
  const note = h("input", { id: identifier("note"), maxlength: 4000 })
  const said = h("p", { class: "hint", role: "status" })
  const all = h("input", { type: "checkbox", id: identifier("all"),
    on: { change: () => desk.cards.forEach((card) => (card.box.checked = all.checked)) } })
  const reason = h("input", { id: identifier("reason"), maxlength: 4000 })
  const until = h("input", { type: "datetime-local", id: identifier("until"), min: wallClock(new Date()) })
  const to = target({ reaches: [], offices: [], departments: [] })
  let busy = false
  const needs = (field, text) => {
    said.textContent = text
    field.focus()
  }
  const extend = () => {
    if (!until.value) return needs(until, t("do.until.need"))
    if (!reason.value.trim()) return needs(reason, t("do.text.need"))
    return run({ action: "extend", until: momentOf(until.value).toISOString(), text: reason.value.trim() })
  }
  const transfer = () => (reason.value.trim() ? run({ action: "transfer", text: reason.value.trim(), ...to.read() })
    : needs(reason, t("do.text.need")))
  const run = async (action) => {
    const chosen = desk.chosen
    if (busy) return
    if (!chosen.length) return void (said.textContent = t("desk.bulk.none"))
    if (action.action === "note" && !action.text) {
      said.textContent = t("do.text.need")
      return note.focus()
    }
    busy = true
    let done = 0
    const perform = async (card) => {
      if (await card.perform(action)) {
        done += 1
        card.box.checked = false
      }
      said.textContent = t("desk.bulk.said", { done, n: chosen.length })
    }
    for (let first = 0; first < chosen.length; first += atOnce) {
      await Promise.all(chosen.slice(first, first + atOnce).map(perform))
    }
    all.checked = false
    busy = false
  }
  let isFilled = false
  const fill = async (event) => {
    if (!event.target.open || isFilled) return
    isFilled = true
    to.fill(await targets(desk.page.signal))
  }
  return h("details", { class: "desk-bulk", on: { toggle: fill } }, h("summary", {}, t("desk.bulk")),
    h("label", { class: "check" }, all, h("span", {}, t("desk.bulk.all"))),
    h("p", { class: "desk-buttons" },
      h("button", { type: "button", class: "button", on: { click: () => run({ action: "accept" }) } }, t("desk.bulk.accept"))),
    h("div", { class: "act-field" }, h("label", { for: note.id }, t("desk.bulk.note")), note,
      h("button", { type: "button", class: "button quiet",
        on: { click: () => run({ action: "note", text: note.value.trim(), public: false }) } }, t("desk.bulk.send"))),
    h("div", { class: "act-field" }, h("label", { for: reason.id }, t("desk.bulk.reason")), reason,
      h("label", { for: until.id }, t("do.until", { zone: zoneName() })), until,
      h("label", { for: to.select.id }, t("do.to")), to.select,
      h("p", { class: "desk-buttons" },
        role === "office" && h("button", { type: "button", class: "button quiet", on: { click: extend } }, t("desk.bulk.extend")),
        h("button", { type: "button", class: "button quiet", on: { click: transfer } }, t("desk.bulk.transfer")))),
    said)
}

// MARK: one complaint

/// It is not his to see here, or no longer: everybody can see its public page.
function foreign(code) {
  return h("div", { class: "page narrow" }, h("h1", {}, t("desk.foreign")), h("p", {}, t("desk.foreign.text")),
    h("p", {}, h("a", { href: `/complaints/${encodeURIComponent(code)}` }, groupedCode(code))),
    h("p", {}, h("a", { href: "/desk" }, t("desk.back"))))
}

async function one(page, me, code) {
  page.title = t("complaint.title", { code: groupedCode(code) })
  let first
  try {
    first = await api.desk.complaint(code, page.signal)
  } catch (failure) {
    if (failure?.status === 404) {
      page.title = t("missing.title")
      return h("div", { class: "page narrow" }, h("h1", {}, t("missing.title")), h("p", {}, t("desk.unknown")),
        h("p", {}, h("a", { href: "/desk" }, t("desk.back"))))
    }
    if (failure?.status !== 403) throw failure
    return foreign(code)
  }
  // A department that checks and does the work checks while it is checked.
  const role = first.roles.includes("checker") && first.status === "verifying" ? "checker" : first.roles[0]
  // Whoever has seen it need not be told again, also of what comes while he looks at it.
  let saidAt = -Infinity
  const see = (complaint) => {
    // What was said a moment ago may not have been read back yet.
    if (complaint.unread && !document.hidden && performance.now() - saidAt > readBackMilliseconds) {
      saidAt = performance.now()
      api.desk.opened(code).catch(() => (saidAt = -Infinity))
    }
    return complaint
  }
  see(first)
  const by = role === "checker" ? { by: { role, id: me.id } } : {}
  const near = h("div", {})
  // Beside the complaint; on a phone below it.
  const aside = h("div", { class: "desk-side" }, messages(first.messages), near)
  const hand = { role, aside, foreign: () => foreign(code),
    read: async (code, signal) => see(await api.desk.complaint(code, signal)),
    act: (action, key) => api.desk.act(code, { ...action, ...by }, key) }
  const contact = contactBox(code, first)
  fillSimilar(near, code, first, role, hand, page)
  return show(page, code, { hand, foreword: () => [h("p", {}, h("a", { href: "/desk" }, t("desk.back"))), holder(me),
    contact] })
}

function contactBox(code, { contact, anonymous }) {
  const box = h("div", { class: "desk-contact" })
  if (contact !== "given") return replace(box, h("p", { class: "hint" }, t(`desk.contact.${contact}`)))
  const message = h("p", { role: "alert" })
  const look = async () => {
    try {
      const { name, phone } = await api.desk.contact(code)
      replace(box, anonymous && h("p", { class: "notice" }, t("desk.contact.anonymous")),
        h("p", { tabindex: -1 }, h("strong", {}, name ?? t("desk.contact.noname")), " ",
          phone && h("a", { class: "phone", href: telephone(phone) }, phone)))
      box.lastElementChild.focus()
    } catch (failure) {
      message.textContent = t("desk.contact.failed")
    }
  }
  return replace(box, h("button", { type: "button", class: "button quiet", on: { click: look } }, t("desk.contact.show")),
    h("span", { class: "hint" }, t("desk.contact.noted")), message)
}

/// Who was told by SMS, and what became of it.
function messages(all) {
  if (!all?.length) return null
  return h("details", { class: "desk-messages" }, h("summary", {}, t("desk.messages", { n: all.length })),
    h("ul", {}, all.map(({ recipient, about, state, why, at }) => h("li", {}, recipient && word("told", recipient), " ",
      word("event", about), " · ", h("strong", {}, word("sms", state)), why && ` (${word("smswhy", why)})`, " ",
      when(at, { short: true })))))
}

/// What may be the same problem. An office merges with one press: nobody has to type a code.
async function fillSimilar(node, code, complaint, role, hand, page) {
  if (!isPlace(complaint.place)) return
  const { longitude, latitude } = complaint.place
  const found = await api.similar({ category: complaint.category?.code, longitude, latitude }, page.signal).catch(() => null)
  const others = (found?.complaints ?? []).filter((other) => readCode(other.trackingCode) !== readCode(code))
  if (!others.length) return
  replace(node, block(t("desk.similar"), h("ul", { class: "desk-similar" }, others.map((other) => {
    const said = h("span", { role: "status" })
    const key = api.newKey()
    const merge = async (event) => {
      if (!confirm(t("desk.merge.sure", { code: groupedCode(other.trackingCode) }))) return
      event.target.setAttribute("aria-disabled", "true")
      const { isDone, text } = await settle(
        (one) => hand.act({ action: "merge", into: groupedCode(other.trackingCode) }, one), key, page.signal)
      said.textContent = isDone ? t("do.merge.sent") : text
      event.target.removeAttribute("aria-disabled")
    }
    const mayMerge = role === "office" && ["assigned", "accepted"].includes(complaint.status)
    return h("li", {}, statusBadge(other.status), " ", named(other.category?.name), " ",
      t("desk.metres", { n: number(other.metres, 0) }), " ",
      h("a", { class: "code", href: `/desk/${encodeURIComponent(other.trackingCode.replace(/-/g, ""))}` },
        groupedCode(other.trackingCode)), " ", when(other.receivedAt, { short: true }), " ",
      mayMerge && h("button", { type: "button", class: "plain", on: { click: merge },
        "aria-label": `${t("do.merge.button")} ${groupedCode(other.trackingCode)}` }, t("do.merge.button")), " ", said)
  }))))
}
