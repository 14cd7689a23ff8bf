// How each item of a water changed over the years.

import * as api from "../api.js"
import { h, identifier } from "../dom.js"
import { named, t } from "../language.js"
import { number } from "../format.js"
import { change, method, ratingName } from "../month.js"
import { classBadge, empty, load } from "../parts.js"
import { periodName } from "../period.js"

const scopes = ["river", "lake", "section", "region", "city"]
// The level at which a change counts as one.
const significant = 0.05

export async function render(page) {
  page.title = t("trends.title")
  const scope = scopes.includes(page.query.get("scope")) ? page.query.get("scope") : "river"
  const { waters = [] } = await api.trends({ scope }, page.signal)
  const id = waters.some((one) => one.id === page.query.get("id")) ? page.query.get("id") : waters[0]?.id
  const place = h("div", {})
  if (id) load(place, async () => trends(await api.trends({ scope, id }, page.signal)), page.signal)
  const fieldID = identifier("water")
  const field = h("select", { id: fieldID,
    on: { change: () => page.go(`/trends?${new URLSearchParams({ scope, id: field.value })}`) } },
    waters.map((one) => h("option", { value: one.id, selected: one.id === id }, named(one.name))))
  return h("div", { class: "page" },
    h("h1", {}, t("trends.title")), h("p", { class: "lead" }, t("trends.lead")),
    h("div", { class: "ranking-row" },
      h("nav", { class: "tabs", "aria-label": t("trends.scope") }, scopes.map((one) =>
        h("a", { href: `/trends?scope=${one}`, "aria-current": one === scope ? "page" : null }, t(`trends.${one}`)))),
      waters.length > 0 && h("label", { for: fieldID, class: "inline" }, h("span", {}, t("trends.water")), field)),
    id ? place : empty(t("trends.none")))
}

const trends = (answer) => h("div", {}, items(answer.trends ?? [], answer.reason), ratings(answer.ratings ?? []))

function items(list, reason) {
  if (!list.length) return empty(t(reason === "shares" ? "trends.shares" : "trends.short"))
  const head = ["section.parameter", "trends.kendall", "trends.slope", "trends.p", "trends.spearman", "trends.years"]
  return h("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": t("trends.title") },
    h("table", { class: "data months" }, h("caption", {}, t("trends.caption")),
      h("thead", {}, h("tr", {}, head.map((key) => h("th", { scope: "col" }, t(key))))),
      h("tbody", {}, list.map((one) => h("tr", {},
        h("th", { scope: "row" }, named(one.name)),
        h("td", {}, direction(one.slope, one.probability == null ? null : one.probability <= significant)),
        h("td", {}, one.slope == null ? "—" : [number(one.slope), one.unit && h("small", {}, " ", one.unit)]),
        h("td", {}, one.probability == null ? "—" : number(one.probability)),
        h("td", {}, one.correlation == null ? "—" : [number(one.correlation), " ",
          h("small", {}, direction(one.correlation, one.significant))]),
        h("td", {}, number(one.years, 0)))))))
}

/// The rating of each year, and how it changed since the year before: also of waters that have no common means.
function ratings(list) {
  if (!list.length) return null
  const head = ["trends.year", "chart.class", "month.rating", "trends.since", "month.method"]
  return h("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": t("trends.ratings") },
    h("table", { class: "data months" }, h("caption", {}, t("trends.ratings")),
      h("thead", {}, h("tr", {}, head.map((key) => h("th", { scope: "col" }, t(key))))),
      h("tbody", {}, list.map((one) => h("tr", {},
        h("th", { scope: "row" }, periodName(one.period)),
        h("td", {}, one.class ? classBadge(one.class) : "—"),
        h("td", {}, ratingName(one.rating) || "—"),
        h("td", {}, change(one.previous)),
        h("td", {}, method(one)))))))
}

/// Up and down say nothing of better or worse: for oxygen more is better.
function direction(value, isSignificant) {
  if (value == null) return "—"
  if (!isSignificant) return t("trends.even")
  return t(value > 0 ? "trends.up" : "trends.down")
}
