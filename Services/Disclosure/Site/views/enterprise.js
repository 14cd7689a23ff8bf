// One enterprise: its outfalls, the limits of its permit beside what was measured, the days, and the breaches.

import * as api from "../api.js"
import { h, outside } from "../dom.js"
import { named, t } from "../language.js"
import { day, measured, number, share } from "../format.js"
import { block, complaintPath, empty, facts, riverLink, statusBadge, when } from "../parts.js"
import { kindOf, leadingMonth, periodField } from "../period.js"

export async function render(page, id) {
  const asked = page.query.get("period")
  const period = kindOf(asked) === "month" ? asked : leadingMonth()
  const one = await api.enterprise(id, { period }, page.signal)
  page.title = named(one.name)
  const here = `/enterprises/${encodeURIComponent(id)}`
  const table = (name) => h("a", { href: `/api${here}/${name}.csv?period=${period}`,
    download: `${id}-${period}-${name}.csv` }, t(`enterprise.table.${name}`))
  return h("div", { class: "page" },
    h("h1", {}, named(one.name)),
    facts([
      [t("enterprise.industry"), named(one.industry)],
      [t("enterprise.region"), named(one.region?.name)],
      [t("enterprise.address"), one.address],
      [t("enterprise.permit"), one.permit],
      [t("enterprise.responsible"), named(one.responsible?.name)],
      [t("enterprise.more"), one.url && outside(one.url)],
    ]),
    h("div", { class: "ranking-row" },
      periodField("month", period, (chosen) => page.go(`${here}?${new URLSearchParams({ period: chosen })}`)),
      h("a", { href: "/enterprises" }, t("enterprise.all"))),
    one.outfalls?.length ? one.outfalls.map((outfall) => outfallBlock(outfall, one)) : empty(t("enterprise.none")),
    h("p", {}, table("days"), " · ", table("hours")))
}

function outfallBlock(outfall, one) {
  return block(named(outfall.name),
    outfall.river && h("p", { class: "sub" }, riverInto(outfall.river)),
    h("p", {}, t("enterprise.sum", {
      reported: number(outfall.hoursReported, 0), flagged: number(outfall.hoursFlagged, 0),
      judged: number(outfall.hoursJudged, 0), above: number(outfall.hoursAbove, 0),
      share: share(outfall.hoursAbove, outfall.hoursJudged), days: number(outfall.daysJudged, 0),
      daysAbove: number(outfall.daysAbove, 0) })),
    h("p", { class: "hint" }, outfall.missing?.length
      ? t("enterprise.missing", { n: outfall.missing.length, days: outfall.missing.map(shortDate).join(t("list")) })
      : t("enterprise.complete")),
    h("h3", {}, t("enterprise.limits")), limits(outfall),
    h("h3", {}, t("enterprise.breaches")), breaches(outfall),
    h("h3", {}, t("enterprise.calendar")), calendar(outfall, one))
}

/// The river's name is a link inside a sentence.
function riverInto(river) {
  const [before, after] = t("enterprise.into", { river: "\u0000" }).split("\u0000")
  return [before, riverLink(river), after]
}

const shortDate = (text) => text.slice(5)
const limitsOf = (outfall, parameter) => (outfall.permits ?? []).filter((one) => one.parameter === parameter)

function limitText(outfall, parameter, kind, unit) {
  const set = limitsOf(outfall, parameter).filter((one) => one[kind])
  if (!set.length) return "—"
  return set.map((one) => {
    const limit = unit ? `${one[kind]} ${unit}` : one[kind]
    return one.from || one.to ? t("enterprise.limit.dated", { limit, from: one.from ?? "", to: one.to ?? "" }) : limit
  }).join(t("list"))
}

function limits(outfall) {
  const latest = outfall.latest
  const head = ["item", "hourly", "daily", "latest"].map((key) => t(`enterprise.${key}`))
    .concat(t("enterprises.hours"), t("enterprises.share"), t("enterprises.daysAbove"))
  return [h("p", { class: "hint" }, latest ? [t("enterprise.latest.at", { time: "" }), when(latest.at)]
    : t("enterprise.latest.none")),
  scrolled(t("enterprise.limits"), head, (outfall.items ?? []).map((item) => [
    named(item.name),
    h("td", {}, limitText(outfall, item.parameter, "hourly", item.unit)),
    h("td", {}, limitText(outfall, item.parameter, "daily", item.unit)),
    latestCell(latest, item),
    h("td", {}, item.hoursJudged ? t("enterprises.of", { n: number(item.hoursAbove, 0), of: number(item.hoursJudged, 0) }) : "—"),
    h("td", { class: item.hoursAbove > 0 ? "above" : null }, share(item.hoursAbove, item.hoursJudged)),
    h("td", { class: item.daysAbove > 0 ? "above" : null }, item.daysJudged ? number(item.daysAbove, 0) : "—"),
  ]))]
}

function latestCell(latest, item) {
  const value = latest?.figures?.[item.parameter]
  if (value != null) {
    const isAbove = latest.above?.includes(item.parameter)
    return h("td", { class: isAbove ? "above" : null }, measured(value, item.unit),
      isAbove && h("small", {}, t("enterprise.above")))
  }
  return h("td", {}, latest?.flagged?.includes(item.parameter) ? t("enterprise.flagged") : "—")
}

function breaches(outfall) {
  const list = outfall.breaches ?? []
  if (!list.length) return empty(t("enterprise.breaches.none"))
  const nameOf = (code) => outfall.items?.find((item) => item.parameter === code)
  const head = [t("enterprise.item"), t("enterprise.breach.since"), t("enterprise.breach.state"),
    t("enterprise.breach.complaint")]
  return scrolled(t("enterprise.breaches"), head, list.map((one) => {
    const item = nameOf(one.parameter)
    const unit = item?.unit
    const said = t(one.kind === "day" ? "enterprise.breach.day" : "enterprise.breach.hour", {
      item: named(item?.name) || one.parameter, value: measured(one.value, unit),
      limit: unit ? `${one.limit} ${unit}` : one.limit })
    return [
      [said, one.multiple != null && t("enterprise.breach.times", { n: number(one.multiple, 2) })],
      h("td", {}, when(one.since)),
      h("td", {}, t(`breach.${one.ended ?? "open"}`), one.ended
        && h("small", {}, t("enterprise.breach.count", { hours: number(one.hours ?? 0, 0), days: number(one.days ?? 0, 0) }))),
      h("td", {}, h("a", { href: complaintPath(one.trackingCode) }, one.trackingCode), " ",
        one.status && statusBadge(one.status)),
    ]
  }))
}

/// The days of the period, the newest first; also those of which nothing is known.
function calendar(outfall, one) {
  const items = (outfall.items ?? []).filter((item) => item.daysReported > 0)
  const days = [...(outfall.days ?? []), ...(outfall.missing ?? []).map((date) => ({ day: date, isMissing: true }))]
    .sort((left, right) => (left.day < right.day ? 1 : -1))
  if (!days.length) return empty(t("enterprise.latest.none"))
  const head = [t("enterprise.day"), t("enterprise.reported"),
    ...items.map((item) => (item.unit ? `${named(item.name)} (${item.unit})` : named(item.name)))]
  return scrolled(t("enterprise.calendar"), head, days.map((date) => [
    day(date.day),
    h("td", {}, date.isMissing ? t("enterprise.nodata") : number(date.hoursReported, 0)),
    ...items.map((item) => dayCell(date.items?.[item.parameter])),
  ]), t("enterprise.calendar.caption", { n: one.leastHours }))
}

function dayCell(item) {
  if (!item) return h("td", {}, "—")
  return h("td", { class: item.dayAbove || item.hoursAbove > 0 ? "above" : null },
    item.mean == null ? "—" : number(item.mean),
    item.hoursAbove > 0 && t("enterprise.hoursAbove", { n: number(item.hoursAbove, 0) }))
}

/// Of each row the first is its head, and the others are cells.
function scrolled(label, head, rows, caption) {
  return h("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": label },
    h("table", { class: "data discharges" }, h("caption", { class: caption ? null : "hidden-text" }, caption ?? label),
      h("thead", {}, h("tr", {}, head.map((text) => h("th", { scope: "col" }, text)))),
      h("tbody", {}, rows.map(([first, ...cells]) => h("tr", {}, h("th", { scope: "row" }, first), cells)))))
}
