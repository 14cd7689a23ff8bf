// Periods of the calendar, as the API writes them: `2026-11-05`, `2026-11`, `2026-Q4`, `2026`.

import { h, identifier } from "./dom.js"
import { t } from "./language.js"
import { day, month, monthName, wallClock } from "./format.js"

export const kinds = ["day", "month", "quarter", "year"]
const forms = { day: /^\d{4}-\d{2}-\d{2}$/, month: /^\d{4}-\d{2}$/, quarter: /^\d{4}-Q[1-4]$/, year: /^\d{4}$/ }
// How many of each kind are offered.
const offered = { month: 13, quarter: 8, year: 5 }

export const kindOf = (period) => kinds.find((kind) => forms[kind].test(period ?? ""))

/// The period of a kind in which it is now, or one that many before it.
export function period(kind, before = 0) {
  if (kind === "day") return wallClock(new Date(Date.now() - before * 86_400_000)).slice(0, 10)
  if (kind === "month") return month(before)
  const [year, number] = month().split("-").map(Number)
  if (kind === "year") return String(year - before)
  const count = year * 4 + Math.floor((number - 1) / 3) - before
  return `${Math.floor(count / 4)}-Q${(count % 4) + 1}`
}

/// The month that a page shows first: in the first week of a month the month before, because one or two days say little.
export const leadingMonth = () => month(Number(period("day").slice(8)) <= 7 ? 1 : 0)

export function periodName(text) {
  switch (kindOf(text)) {
    case "day": return day(text)
    case "month": return monthName(text)
    case "quarter": return t("period.quarter", { year: text.slice(0, 4), n: text.slice(-1) })
    default: return t("period.year", { year: text })
  }
}

/// A field in which a period of this kind is chosen.
export function periodField(kind, chosen, choose) {
  const id = identifier("period")
  if (kind === "day") {
    const field = h("input", { id, type: "date", value: chosen, max: period("day"),
      on: { change: () => field.value && choose(field.value) } })
    return h("label", { for: id, class: "inline" }, h("span", {}, t("period.day")), field)
  }
  const all = Array.from({ length: offered[kind] }, (_, index) => period(kind, index))
  if (!all.includes(chosen)) all.push(chosen)
  const select = h("select", { id, on: { change: () => choose(select.value) } },
    all.map((one) => h("option", { value: one, selected: one === chosen }, periodName(one))))
  return h("label", { for: id, class: "inline" }, h("span", {}, t(`period.${kind}.label`)), select)
}
