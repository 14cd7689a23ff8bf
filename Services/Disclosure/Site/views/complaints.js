// The public list of complaints, with filters that live in the address so that a list can be passed on.

import * as api from "../api.js"
import { h, identifier, replace } from "../dom.js"
import { named, t } from "../language.js"
import { groupedCode } from "../code.js"
import { forgetOwnComplaints, ownComplaints } from "../memory.js"
import { complaintItem, complaintPath, empty, failed, loading, person } from "../parts.js"

const pageSize = 20
const asks = ["status", "category", "river", "reach", "region", "assignee", "overdue", "from", "to"]
const states = ["received", "assigned", "accepted", "verifying", "resolved", "returned", "closed", "rejected", "merged"]

export async function render(page) {
  page.title = t("complaints.title")
  const [groups, rivers, regions] = await Promise.all([
    api.categories().then((answer) => answer.groups ?? []).catch(() => []),
    api.rivers(page.signal).then((answer) => answer.rivers ?? []).catch(() => []),
    api.regions().then((answer) => answer.regions ?? []).catch(() => []),
  ])
  const asked = Object.fromEntries(asks.map((name) => [name, page.query.get(name) ?? ""]))
  const list = new List(page, asked)
  list.more()
  return h("div", { class: "page narrow" },
    h("h1", {}, t("complaints.title")), h("p", { class: "lead" }, t("complaints.lead")),
    own(), filters(page, asked, { groups, rivers, regions }, list.first), list.node)
}

function filters(page, asked, { groups, rivers, regions }, first) {
  const change = (name, value) => {
    const next = { ...asked, [name]: value }
    if (name === "river") next.reach = ""
    const query = new URLSearchParams(Object.entries(next).filter(([, text]) => text))
    page.go(`/complaints${String(query) ? `?${query}` : ""}`).then(() => document.querySelector(`.filters [name="${name}"]`)?.focus())
  }
  const labelled = (name, control) => {
    control.id = identifier(name)
    control.addEventListener("change", () => change(name, control.value))
    return h("div", { class: "field" }, h("label", { for: control.id }, t(`complaints.${name}`)), control)
  }
  const option = (value, text, chosen) => h("option", { value, selected: value === chosen }, text)
  const select = (name, options) =>
    labelled(name, h("select", { name }, option("", t("all"), asked[name]), options))
  const day = (name, other) => labelled(name, h("input", { type: "date", name, value: asked[name], ...other }))
  const more = ["region", "overdue", "from", "to"]
  return h("div", { class: "filters-box", role: "group", "aria-label": t("complaints.filters") },
    h("div", { class: "filters" },
      select("status", states.map((state) => option(state, t(`status.${state}`), asked.status))),
      select("category", groups.map((group) => h("optgroup", { label: named(group.name) },
        (group.categories ?? []).map((one) => option(one.code, named(one.name), asked.category))))),
      select("river", rivers.map((river) => option(river.id, named(river.name), asked.river)))),
    h("details", { open: more.some((name) => asked[name]) }, h("summary", {}, t("complaints.more")),
      h("div", { class: "filters" },
        select("region", regions.map((region) => option(region.id, named(region.name), asked.region))),
        select("overdue", ["true", "false"].map((value) => option(value, t(`complaints.overdue.${value}`),
          asked.overdue))),
        day("from", { max: asked.to || null }), day("to", { min: asked.from || null }))),
    chosen(asked, first))
}

/// The filters that are set, each with a button that takes it away, where no field shows them: a reach or an official
/// is chosen on other pages.
function chosen(asked, first) {
  const set = ["reach", "assignee"].filter((name) => asked[name])
  if (!set.length) return null
  const without = (name) => {
    const query = new URLSearchParams(Object.entries({ ...asked, [name]: "" }).filter(([, text]) => text))
    return `/complaints${String(query) ? `?${query}` : ""}`
  }
  return h("p", { class: "chosen" }, set.map((name) => {
    const chip = h("a", { class: "chip", href: without(name) })
    const show = (called) => {
      const filter = `${t(`complaints.${name}`)} ${called}`
      chip.textContent = `${filter} ×`
      chip.setAttribute("aria-label", t("complaints.without", { filter }))
    }
    show(asked[name])
    // The address has identifiers; a complaint of the list has the names.
    first.then((complaint) => {
      const called = name === "assignee" ? person(complaint?.assignee) : named(complaint?.[name]?.name)
      if (called) show(called)
    })
    return chip
  }))
}

class List {
  constructor(page, asked) {
    Object.assign(this, { page, asked, cursor: null, count: 0 })
    /// The first complaint of the list, once it is there.
    this.first = new Promise((found) => (this.found = found))
    this.items = h("ul", { class: "complaint-list" })
    this.foot = h("div", { class: "list-foot" })
    this.node = h("div", {}, this.items, this.foot)
  }

  async more() {
    replace(this.foot, loading())
    try {
      const answer = await api.complaints({ ...this.asked, limit: pageSize, before: this.cursor }, this.page.signal)
      const found = answer.complaints ?? []
      const firstNew = this.count
      this.found(found[0])
      this.items.append(...found.map(complaintItem))
      this.count += found.length
      this.cursor = answer.next
      replace(this.foot, this.count ? h("p", { class: "count", role: "status" },
        t("complaints.shown", { n: this.count })) : empty(t("complaints.none")),
        this.cursor && h("button", { type: "button", class: "button quiet", on: { click: () => this.more() } },
          t("more")))
      // The button that was pressed is gone; the reading goes on at the first of the new ones.
      if (firstNew) this.items.children[firstNew]?.querySelector("a")?.focus({ preventScroll: true })
    } catch (failure) {
      if (failure?.name === "AbortError") return
      replace(this.foot, failed(failure, () => this.more()))
    }
  }
}

function own() {
  const mine = ownComplaints().filter((one) => !one.follows)
  if (!mine.length) return null
  const box = h("section", { class: "own", "aria-label": t("complaints.own") })
  const drop = () => {
    if (!confirm(t("complaints.own.warn"))) return
    forgetOwnComplaints()
    box.remove()
  }
  replace(box, h("h2", {}, t("complaints.own")),
    h("ul", {}, mine.map((one) => h("li", {}, h("a", { class: "code", href: complaintPath(one.code) },
      groupedCode(one.code))))),
    h("button", { type: "button", class: "plain", on: { click: drop } }, t("complaints.own.forget")))
  return box
}
