// How complaints were handled, by district and by chief, month by month.

import * as api from "../api.js"
import { h, identifier, replace } from "../dom.js"
import { locale, named, t } from "../language.js"
import { duration, levels, month, monthName, number, share, unaccepted } from "../format.js"
import { empty, load } from "../parts.js"

const monthsBack = 12
const scopes = ["region", "chief"]

// What each column shows and what it is sorted by: a rate by the rate, not by its text.
const columns = [
  { key: "received", title: "figure.received", value: (one) => one.received ?? 0,
    text: (one) => number(one.received ?? 0, 0) },
  { key: "open", title: "figure.open", value: (one) => one.open ?? 0, text: (one) => number(one.open ?? 0, 0) },
  { key: "overdue", title: "figure.overdue", value: (one) => one.overdue ?? 0,
    text: (one) => number(one.overdue ?? 0, 0) },
  ...["escalated", "supervised", "reopened"].map((key) => ({ key, title: `figure.${key}`,
    value: (one) => one[key] ?? 0, text: (one) => number(one[key] ?? 0, 0) })),
  { key: "resolved", title: "figure.resolved", value: (one) => one.resolved ?? 0,
    text: (one) => number(one.resolved ?? 0, 0) },
  { key: "accept", title: "figure.accept", value: (one) => one.meanSecondsToAccept,
    text: (one) => duration(one.meanSecondsToAccept) },
  // Whoever never accepts has no time to accept: the mean alone would flatter him.
  { key: "unaccepted", title: "figure.unaccepted", value: unaccepted, text: (one) => number(unaccepted(one), 0) },
  { key: "satisfaction", title: "figure.satisfaction", value: (one) => (one.rated ? one.satisfied / one.rated : null),
    text: (one) => [share(one.satisfied, one.rated),
      one.rated > 0 && h("small", {}, t("figure.rated", { n: one.rated }))] },
]

/// What lies inside each other can't be ranked together, and neither can chiefs of different levels: one level at a time,
/// the districts first. What has left the registry has no level.
function ranked(list, page, scope, period) {
  if (!list.length) return empty(t("ranking.none"))
  const levelOf = (one) => one.scope?.level ?? "other"
  const present = [...levels, "other"].filter((level) => list.some((one) => levelOf(one) === level))
  const level = [page.query.get("level"), "district", ...present].find((one) => present.includes(one))
  return h("div", {},
    present.length > 1 && h("nav", { class: "tabs levels", "aria-label": t("ranking.level") }, present.map((one) =>
      h("a", { href: `/ranking?${new URLSearchParams({ scope, period, level: one })}`,
        "aria-current": one === level ? "page" : null }, one === "other" ? t("ranking.other") : t(`level.${one}`)))),
    new Table(list.filter((one) => levelOf(one) === level), scope, period).node)
}

export async function render(page) {
  page.title = t("ranking.title")
  const scope = scopes.includes(page.query.get("scope")) ? page.query.get("scope") : "region"
  const period = /^\d{4}-\d{2}$/.test(page.query.get("period") ?? "") ? page.query.get("period") : month()
  const place = h("div", {})
  load(place, async () => {
    const list = (await api.indicators({ scope, period }, page.signal)).indicators ?? []
    return ranked(list, page, scope, period)
  }, page.signal)
  const level = page.query.get("level")
  const go = (change) =>
    page.go(`/ranking?${new URLSearchParams({ scope, period, ...(level && { level }), ...change })}`)
  const id = identifier("month")
  const months = Array.from({ length: monthsBack }, (_, index) => month(index))
  if (!months.includes(period)) months.push(period)
  const select = h("select", { id, on: { change: () => go({ period: select.value }) } },
    months.map((one) => h("option", { value: one, selected: one === period }, monthName(one))))
  return h("div", { class: "page" },
    h("h1", {}, t("ranking.title")), h("p", { class: "lead" }, t("ranking.lead")),
    h("div", { class: "ranking-row" },
      h("nav", { class: "tabs", "aria-label": t("ranking.scope") }, scopes.map((one) =>
        h("a", { href: `/ranking?${new URLSearchParams({ scope: one, period })}`,
          "aria-current": one === scope ? "page" : null }, t(`ranking.${one}`)))),
      h("label", { for: id, class: "inline" }, h("span", {}, t("ranking.month")), select)),
    place)
}

class Table {
  constructor(list, scope, period) {
    Object.assign(this, { list, scope, sorted: "received", descending: true })
    this.body = h("tbody", {})
    this.said = h("p", { class: "hidden-text", role: "status" })
    this.heads = new Map()
    const name = this.head("name", t(`ranking.name.${scope}`))
    const caption = t("ranking.caption", { month: monthName(period), scope: t(`ranking.name.${scope}`) })
    this.node = h("div", {},
      h("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": caption },
        h("table", { class: "data ranking" }, h("caption", {}, h("span", {}, caption)),
          h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "#"), name,
            columns.map((column) => this.head(column.key, t(column.title))))),
          this.body)), this.said)
    this.fill()
  }

  head(key, title) {
    const cell = h("th", { scope: "col" }, h("button", { type: "button", on: { click: () => this.sort(key, title) } },
      title))
    this.heads.set(key, cell)
    return cell
  }

  sort(key, title) {
    this.descending = this.sorted === key ? !this.descending : key !== "name"
    this.sorted = key
    this.fill()
    this.said.textContent = t("ranking.sorted", { column: title })
  }

  fill() {
    for (const [key, cell] of this.heads) {
      if (key === this.sorted) cell.setAttribute("aria-sort", this.descending ? "descending" : "ascending")
      else cell.removeAttribute("aria-sort")
    }
    replace(this.body, [...this.list].sort((one, other) => this.compare(one, other)).map((one, index) => h("tr", {},
      h("td", { class: "rank" }, index + 1), h("th", { scope: "row" }, named(one.scope?.name) || one.scope?.id),
      columns.map((column) => h("td", { class: column.key === "overdue" && one.overdue > 0 ? "late" : null },
        column.text(one))))))
  }

  /// Those without a figure come last, whichever way the table is sorted: no rating is neither good nor bad.
  compare(one, other) {
    const sign = this.descending ? -1 : 1
    const byName = named(one.scope?.name).localeCompare(named(other.scope?.name), locale())
    const column = columns.find((candidate) => candidate.key === this.sorted)
    if (!column) return byName * sign
    const [left, right] = [column.value(one), column.value(other)]
    if (left == null || right == null) return (left == null) - (right == null) || byName
    return (left - right) * sign || byName
  }
}
