// What a month was like by the official rules: the class of a water. A single reading is only one moment of it.

import * as api from "./api.js"
import { h } from "./dom.js"
import { isMeasured, named, t } from "./language.js"
import { className, classStyle, monthName, number } from "./format.js"
import { classBadge, classNow, empty, when } from "./parts.js"

// A water that is judged by the shares of its sections has a rating and no class. It gets the colour of the class whose
// rating that is (环办〔2011〕22号, table 1).
const classOfRating = { excellent: "II", good: "III", "lightly-polluted": "IV", "moderately-polluted": "V",
  "heavily-polluted": "worseThanV" }

/// The class by which a map draws a water: that of its month; without a month, that of its newest reading.
export const shownClass = (water) =>
  water?.month?.class ?? classOfRating[water?.month?.rating] ?? (water?.month ? null : water?.class)

export const ratingName = (rating) => (rating in classOfRating ? t(`rating.${rating}`) : "")

function ratingBadge(month) {
  if (month.class) return classBadge(month.class)
  if (!month.rating) return classBadge(null)
  return h("span", { class: `badge ${classStyle(classOfRating[month.rating])}` }, ratingName(month.rating))
}

/// Until its end, and as long as somebody may still review its values.
const isProvisional = (month) => month.provisionalValues > 0 || Date.parse(month.provisionalUntil) > Date.now()

/// `Ⅲ类 良好 · 2026年8月（暂定）`
export function monthState(month) {
  if (!month) return null
  const period = isProvisional(month) ? t("month.provisional", { month: monthName(month.period) }) : monthName(month.period)
  return [ratingBadge(month), h("span", { class: "month-state" },
    [month.class && ratingName(month.rating), period].filter(Boolean).join(" · "))]
}

/// The month, and the newest reading beside it with its age.
export const monthRows = (water) => [
  [t("class.month"), monthState(water.month)],
  [t("class.pollutants"), pollutants(water.month)],
  [t("class.latest"), water.class && [classBadge(water.class), " ", when(water.classObservedAt)]],
]

/// What a list and a bubble of the map show of a water.
export const monthOrLatest = (water) => (isMeasured()
  ? monthState(water.month) ?? classNow(water.class, water.classObservedAt, water.classCurrentUntil) : null)

export function pollutants(month) {
  return month?.mainPollutants?.map((one) => {
    if (one.percent != null) return t("month.percent", { name: named(one.name), n: number(one.percent, 1) })
    return one.multiple != null ? t("month.multiple", { name: named(one.name), n: one.multiple }) : named(one.name)
  }).join(t("list"))
}

/// The last twelve months of a water as a table.
export async function year(scope, id, signal) {
  const months = (await api.evaluations({ scope, id, period: "month" }, signal)).evaluations ?? []
  if (!months.length) return empty(t("month.none"))
  const head = ["month.month", "chart.class", "month.rating", "class.pollutants", "month.target", "month.change", "month.method"]
  return h("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": t("month.title") },
    h("table", { class: "data months" }, h("caption", {}, t("month.caption")),
      h("thead", {}, h("tr", {}, head.map((key) => h("th", { scope: "col" }, t(key))))),
      h("tbody", {}, months.map((month) => h("tr", {},
        h("th", { scope: "row" }, monthName(month.period), isProvisional(month) && h("small", {}, t("month.open"))),
        h("td", {}, month.class ? classBadge(month.class) : "—"),
        h("td", {}, ratingName(month.rating) || className(null), trophic(month.trophic)),
        h("td", {}, pollutants(month) || "—"),
        h("td", {}, target(month)),
        h("td", {}, [change(month.previous), change(month.yearBefore)].join(" / ")),
        h("td", {}, method(month)))))))
}

/// `5 个断面比例：Ⅰ～Ⅲ类 80.0%，劣Ⅴ类 0.0%`
export const method = (period) => t(`month.method.${period.method}`, { n: period.shares.sections,
  good: number(period.shares.percentUpToIII, 1), bad: number(period.shares.percentWorseThanV, 1) })

export const change = (former) => (former?.trend ? t(`trend.${former.trend}`) : "—")

const trophic = (state) => state && h("small", {}, t("month.trophic",
  { grade: t(`trophic.${state.grade}`), n: Object.keys(state.items).length, index: number(Number(state.text), 1) }))

export function target(month) {
  if (month.meetsTarget != null) return t(month.meetsTarget ? "class.meets" : "class.fails")
  const { withTarget, meetTarget } = month.shares
  return withTarget ? t("month.met", { n: meetTarget, of: withTarget }) : "—"
}
