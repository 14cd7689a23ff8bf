// A supervisor's figures of his region and those below: what was done in time, what is open and how old it is, who has it.

import * as api from "../api.js"
import { ownRegions, wrongFilter } from "../desk/filter.js"
import { h, identifier } from "../dom.js"
import { monthName, number } from "../format.js"
import { named, t } from "../language.js"
import { empty } from "../parts.js"

const units = ["day", "month"]
const asks = ["by", "from", "to", "region"]

const percent = (good, bad) => (good + bad ? `${number((100 * good) / (good + bad), 1)} %` : "–")
const columns = [
  ["arrived", (one) => number(one.arrived, 0)],
  ["accepted", (one) => [percent(one.acceptedInTime, one.acceptMissed), h("small", {},
    ` ${one.acceptedInTime}/${one.acceptedInTime + one.acceptMissed}`)]],
  ["resolved", (one) => [percent(one.resolvedInTime, one.resolveMissed), h("small", {},
    ` ${one.resolvedInTime}/${one.resolvedInTime + one.resolveMissed}`)]],
  ["reopened", (one) => number(one.reopened, 0)],
  ["satisfied", (one) => [percent(one.satisfied, one.dissatisfied), h("small", {},
    ` ${one.satisfied}/${one.satisfied + one.dissatisfied}`)]],
]

export async function figures(page, me, foreword) {
  page.title = t("figures.title")
  const asked = Object.fromEntries(asks.map((name) => [name, page.query.get(name) ?? ""]))
  const [found, regions] = await Promise.all([
    api.desk.figures(asked, page.signal).catch((failure) => {
      if (failure?.status !== 400 && failure?.status !== 403) throw failure
      return failure
    }),
    api.regions().then((answer) => ownRegions(me, answer.regions ?? [])).catch(() => []),
  ])
  if (found instanceof api.Failure) {
    // What was asked stands in the fields, so that it can be put right.
    return h("div", { class: "page desk desk-figures" }, h("h1", {}, t("figures.title")), foreword,
      choices(page, asked, { ...asked, by: asked.by === "month" ? "month" : "day" }, regions),
      h("p", { class: "fault", role: "alert" }, fault(asked, found)))
  }
  const path = (table) => api.desk.figuresPath({ ...asked, table })
  const span = t("figures.span", { from: found.from, to: found.to })
  return h("div", { class: "page desk desk-figures" }, h("h1", {}, t("figures.title")), foreword,
    h("p", { class: "lead" }, [named(found.region?.name), span].filter(Boolean).join(" · ")),
    choices(page, asked, found, regions),
    table(t("figures.total"), ["", ...heads()], [[t("figures.total"), ...cells(found.total)]]),
    ages(found.ages),
    table(t("figures.officials"), [t("figures.official"), t("figures.open"), t("figures.overdue"), ...heads()],
      found.officials.map((one) => [named(one.name), number(one.open, 0),
        h("span", { class: one.overdue ? "late" : null }, number(one.overdue, 0)), ...cells(one)])),
    table(t(`figures.by.${found.by}`), [t(`figures.unit.${found.by}`), ...heads()],
      found.periods.map((one) => [found.by === "month" ? monthName(one.period) : one.period, ...cells(one)])),
    h("p", { class: "hint" }, t("figures.rule")),
    h("p", { class: "desk-buttons no-print" },
      h("button", { type: "button", class: "button", on: { click: () => print() } }, t("figures.print")),
      h("a", { class: "button quiet", href: path("periods"), download: "figures.csv" }, t("figures.csv.periods")),
      h("a", { class: "button quiet", href: path("officials"), download: "officials.csv" },
        t("figures.csv.officials"))))
}

/// The longest span of each unit, as the desk allows it.
const most = { day: 92, month: 36 }

function fault({ by, from, to }, failure) {
  if (from && to && from > to) return t("figures.turned")
  if (failure.faults.length !== 1 || failure.faults[0].field !== "from") return wrongFilter(failure)
  return t(`figures.long.${by === "month" ? "month" : "day"}`, { n: most[by === "month" ? "month" : "day"] })
}

const heads = () => columns.map(([name]) => t(`figures.${name}`))
const cells = (one) => columns.map(([, text]) => text(one))

function choices(page, asked, found, regions) {
  const address = (change) => `/desk/figures?${new URLSearchParams(
    Object.entries({ ...asked, ...change }).filter(([, value]) => value))}`
  const go = (change) => page.go(address(change))
  const day = (name) => {
    const input = h("input", { type: "date", id: identifier(name), value: found[name],
      on: { change: () => input.value && go({ [name]: input.value }) } })
    return h("div", { class: "field" }, h("label", { for: input.id }, t(`figures.${name}`)), input)
  }
  const select = h("select", { id: identifier("region"), on: { change: () => go({ region: select.value }) } },
    h("option", { value: "" }, t("all")),
    regions.map((one) => h("option", { value: one.id, selected: one.id === asked.region }, named(one.name))))
  return h("div", { class: "no-print" },
    h("nav", { class: "tabs", "aria-label": t("figures.by") }, units.map((unit) =>
      h("a", { href: address({ by: unit }),
        "aria-current": unit === found.by ? "page" : null }, t(`figures.by.${unit}`)))),
    h("div", { class: "filters" }, day("from"), day("to"),
      h("div", { class: "field" }, h("label", { for: select.id }, t("complaints.region")), select)))
}

function ages(all) {
  const name = ({ fromDays, toDays }) => (toDays == null ? t("figures.age.more", { n: fromDays })
    : fromDays === 0 ? t("figures.age.less", { n: toDays }) : t("figures.age", { from: fromDays, to: toDays }))
  return table(t("figures.ages"), [t("figures.age.title"), t("figures.open"), t("figures.overdue")],
    all.map((one) => [name(one), number(one.open, 0), number(one.overdue, 0)]))
}

function table(title, head, rows) {
  if (!rows.length) return h("section", { class: "block" }, h("h2", {}, title), empty(t("figures.none")))
  return h("section", { class: "block", "aria-label": title }, h("h2", {}, title),
    h("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": title },
      h("table", { class: "data" }, h("thead", {}, h("tr", {}, head.map((one) => (one ? h("th", { scope: "col" }, one) : h("td", {}))))),
        h("tbody", {}, rows.map(([first, ...rest]) => h("tr", {}, h("th", { scope: "row" }, first),
          rest.map((one) => h("td", {}, one))))))))
}
