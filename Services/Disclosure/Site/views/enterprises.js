// The enterprises that discharge by a permit, and how many of their hours were above it (企业环境信息公开).

import * as api from "../api.js"
import { h, identifier } from "../dom.js"
import { named, t } from "../language.js"
import { number, share } from "../format.js"
import { empty, enterpriseLink, load } from "../parts.js"
import { kindOf, kinds, leadingMonth, period as periodNow, periodField, periodName } from "../period.js"

export async function render(page) {
  page.title = t("enterprises.title")
  const period = kindOf(page.query.get("period")) ? page.query.get("period") : leadingMonth()
  const region = page.query.get("region") ?? ""
  const kind = kindOf(period)
  const address = (change) => `/enterprises?${new URLSearchParams({ period, ...(region && { region }), ...change })}`
  const { regions = [] } = await api.regions()
  const place = h("div", {})
  load(place, async () => table(await api.enterprises({ period, region }, page.signal), period), page.signal)
  const fieldID = identifier("region")
  const field = h("select", { id: fieldID, on: { change: () => page.go(address({ region: field.value })) } },
    h("option", { value: "", selected: !region }, t("enterprises.everywhere")),
    regions.map((one) => h("option", { value: one.id, selected: one.id === region }, named(one.name))))
  return h("div", { class: "page" },
    h("h1", {}, t("enterprises.title")), h("p", { class: "lead" }, t("enterprises.lead")),
    h("div", { class: "ranking-row" },
      h("label", { for: fieldID, class: "inline" }, h("span", {}, t("enterprises.region")), field),
      h("nav", { class: "tabs", "aria-label": t("period.kind") }, kinds.map((one) =>
        h("a", { href: address({ period: one === kind ? period : periodNow(one) }),
          "aria-current": one === kind ? "page" : null }, t(`period.${one}.tab`)))),
      periodField(kind, period, (chosen) => page.go(address({ period: chosen })))),
    place,
    h("p", {}, h("a", { href: `/api/enterprises.csv?${new URLSearchParams({ period, ...(region && { region }) })}`,
      download: `enterprises-${period}.csv` }, t("table.download"))))
}

function table(answer, period) {
  const list = answer.enterprises ?? []
  if (!list.length) return empty(t("enterprises.none"))
  const head = ["name", "region", "outfalls", "days", "hours", "share", "daysAbove", "complaints"]
  return h("div", {},
    h("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": t("enterprises.title") },
      h("table", { class: "data ranking" }, h("caption", {}, periodName(period)),
        h("thead", {}, h("tr", {}, head.map((key) => h("th", { scope: "col" }, t(`enterprises.${key}`))))),
        h("tbody", {}, list.map((one) => h("tr", {},
          h("th", { scope: "row" }, enterpriseLink(one), one.industry && h("small", {}, named(one.industry))),
          h("td", {}, named(one.region?.name)), h("td", {}, number(one.outfalls, 0)),
          h("td", {}, of(one.daysReported, one.daysExpected)), h("td", {}, of(one.hoursAbove, one.hoursJudged)),
          h("td", { class: one.hoursAbove > 0 ? "above" : null }, share(one.hoursAbove, one.hoursJudged)),
          h("td", { class: one.daysAbove > 0 ? "above" : null }, number(one.daysAbove, 0)),
          h("td", {}, one.complaints
            ? t("enterprises.count", { n: number(one.complaints, 0), open: number(one.openComplaints, 0) })
            : number(0, 0))))))),
    h("p", { class: "hint" }, t("enterprises.sums")))
}

const of = (part, whole) => t("enterprises.of", { n: number(part, 0), of: number(whole, 0) })
