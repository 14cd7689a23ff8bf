// How complaints were handled, by district, by chief and by department, over a day, a month, a quarter or a year (倒逼).

import * as api from "../api.js"
import { h, replace } from "../dom.js"
import { isMeasured, locale, named, t } from "../language.js"
import { day, duration, levels, number, share } from "../format.js"
import { empty, load } from "../parts.js"
import { kindOf, kinds, leadingMonth, period as periodNow, periodField, periodName } from "../period.js"

const scopes = ["region", "chief", "department"]
const ages = ["upTo3Days", "upTo7Days", "upTo30Days", "over30Days"]

const count = (key, value = (one) => one[key] ?? 0) => ({ key, title: `figure.${key}`, value,
  text: (one) => number(value(one), 0) })
const rate = (key, more) => ({ key, title: `figure.${key}`, value: (one) => one[key],
  text: (one) => [share(one[key], one[key] == null ? 0 : 1), more?.(one)] })
/// How long half of them took, and nine in ten.
const times = ({ p50, p90 } = {}) => p50 != null && [h("small", {}, t("figure.p50", { time: duration(p50) })),
  h("small", {}, t("figure.p90", { time: duration(p90) }))]

// What each column shows and what it is sorted by: a rate by the rate, not by its text. Short times say nothing of those
// who never answer, so these have a column of their own.
const columns = [
  { key: "rank", title: "figure.rank", value: (one) => (one.rank == null ? null : -one.rank),
    text: (one) => one.rank ?? "—" },
  { key: "score", title: "figure.score", value: (one) => one.score, text: (one) => number(one.score, 1) },
  count("received"), count("overdue"), count("unanswered"),
  rate("onTimeToAccept", (one) => times(one.toAccept)),
  count("resolved"), rate("onTimeToResolve", (one) => times(one.toResolve)),
  count("escalated"), count("supervised"), count("reopened"),
  rate("satisfaction", (one) => one.grades?.rated > 0 && h("small", {}, t("figure.rated", { n: one.grades.rated }))),
  { key: "backlog", title: "figure.backlog", value: (one) => one.backlog?.open ?? 0,
    text: (one) => [number(one.backlog?.open ?? 0, 0), one.backlog?.open > 0 && ages.filter((age) => one.backlog[age] > 0)
      .map((age) => h("small", {}, t(`figure.backlog.${age}`, { n: number(one.backlog[age], 0) })))] },
]

/// What lies inside each other can't be ranked together, and neither can chiefs of different levels: one level at a time,
/// the districts first. What has left the registry has no level.
function ranked(answer, page, scope, period) {
  const list = answer.entries ?? []
  if (!list.length) return empty(t("ranking.none"))
  const levelOf = (one) => one.scope?.level ?? "other"
  const present = [...levels, "other"].filter((level) => list.some((one) => levelOf(one) === level))
  const level = [page.query.get("level"), "district", ...present].find((one) => present.includes(one))
  return h("div", {},
    present.length > 1 && h("nav", { class: "tabs levels", "aria-label": t("ranking.level") }, present.map((one) =>
      h("a", { href: `/ranking?${new URLSearchParams({ scope, period, level: one })}`,
        "aria-current": one === level ? "page" : null }, one === "other" ? t("ranking.other") : t(`level.${one}`)))),
    new Table(list.filter((one) => levelOf(one) === level), scope, period).node,
    formula(answer))
}

/// How the score is calculated: whoever is ranked can do it again.
function formula({ formula, today }) {
  const percent = (value) => `${value}%`
  const weights = formula?.weights ?? {}
  return h("details", { class: "formula" }, h("summary", {}, t("ranking.formula")),
    h("p", {}, t("ranking.formula.score", { accept: percent(weights.onTimeToAccept),
      resolve: percent(weights.onTimeToResolve), satisfaction: percent(weights.satisfaction),
      lasting: percent(weights.lasting) })),
    h("ul", {}, ["accept", "resolve", "satisfaction", "lasting", "chief", "orders"].map((key) =>
      h("li", {}, t(`ranking.formula.${key}`)))),
    h("p", {}, t("ranking.formula.rank", { n: formula?.leastReceived })),
    h("p", {}, t("ranking.formula.times", { error: percent((formula?.percentileError ?? 0) * 100) })),
    h("p", {}, t("ranking.formula.backlog", { day: day(today) })))
}

function coverage(answer) {
  const list = answer.entries ?? []
  if (!list.length) return empty(t("coverage.none"))
  const missing = list.filter((one) => !one.measured)
  return h("div", {},
    h("p", {}, t("coverage.sum", { n: answer.measured, of: answer.rivers, share: share(answer.measured, answer.rivers) })),
    h("details", {}, h("summary", {}, t("coverage.list", { n: missing.length })),
      h("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": t("coverage.title") },
        h("table", { class: "data" },
          h("thead", {}, h("tr", {}, ["coverage.river", "coverage.region", "coverage.sections"].map((key) =>
            h("th", { scope: "col" }, t(key))))),
          h("tbody", {}, missing.map((one) => h("tr", {},
            h("th", { scope: "row" }, h("a", { href: `/rivers/${encodeURIComponent(one.id)}` }, named(one.name))),
            h("td", {}, named(one.region?.name)), h("td", {}, number(one.sections, 0)))))))),
    h("p", {}, h("a", { href: `/api/coverage.csv?period=${answer.period}`, download: `coverage-${answer.period}.csv` },
      t("table.download"))))
}

export async function render(page) {
  page.title = t("ranking.title")
  const scope = scopes.includes(page.query.get("scope")) ? page.query.get("scope") : "region"
  const period = kindOf(page.query.get("period")) ? page.query.get("period") : leadingMonth()
  const kind = kindOf(period)
  const place = h("div", {})
  load(place, async () => ranked(await api.accountability({ scope, period }, page.signal), page, scope, period),
    page.signal)
  const level = page.query.get("level")
  const address = (change) => `/ranking?${new URLSearchParams({ scope, period, ...(level && { level }), ...change })}`
  const covered = h("div", {})
  if (kind === "month" && isMeasured()) load(covered, async () => coverage(await api.coverage({ period }, page.signal)), page.signal)
  return h("div", { class: "page" },
    h("h1", {}, t("ranking.title")), h("p", { class: "lead" }, t("ranking.lead")),
    h("div", { class: "ranking-row" },
      h("nav", { class: "tabs", "aria-label": t("ranking.scope") }, scopes.map((one) =>
        h("a", { href: `/ranking?${new URLSearchParams({ scope: one, period })}`,
          "aria-current": one === scope ? "page" : null }, t(`ranking.${one}`)))),
      h("nav", { class: "tabs", "aria-label": t("period.kind") }, kinds.map((one) =>
        h("a", { href: address({ period: one === kind ? period : periodNow(one) }),
          "aria-current": one === kind ? "page" : null }, t(`period.${one}.tab`)))),
      periodField(kind, period, (chosen) => page.go(address({ period: chosen })))),
    place,
    h("p", {}, h("a", { href: `/api/accountability.csv?${new URLSearchParams({ scope, period })}`,
      download: `accountability-${scope}-${period}.csv` }, t("table.download"))),
    kind === "month" && isMeasured() && h("section", {}, h("h2", {}, t("coverage.title")), h("p", { class: "hint" }, t("coverage.lead")),
      covered))
}

class Table {
  constructor(list, scope, period) {
    Object.assign(this, { list, scope, sorted: "rank", descending: true })
    this.body = h("tbody", {})
    this.said = h("p", { class: "hidden-text", role: "status" })
    this.heads = new Map()
    const name = this.head("name", t(`ranking.name.${scope}`))
    const caption = t("ranking.caption", { period: periodName(period), scope: t(`ranking.name.${scope}`) })
    this.node = h("div", {},
      h("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": caption },
        h("table", { class: "data ranking" }, h("caption", {}, h("span", {}, caption)),
          h("thead", {}, h("tr", {}, name, columns.map((column) => this.head(column.key, t(column.title))))),
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
    replace(this.body, [...this.list].sort((one, other) => this.compare(one, other)).map((one) => h("tr", {},
      h("th", { scope: "row" }, named(one.scope?.name) || one.scope?.id),
      columns.map((column) => h("td", { class: this.isLate(column.key, one) ? "late" : null }, column.text(one))))))
  }

  isLate(key, one) { return ["overdue", "unanswered"].includes(key) && one[key] > 0 }

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
