// A river: its sign board, plan, sections and complaints.

import * as api from "../api.js"
import { h, outside } from "../dom.js"
import { isMeasured, language, named, t, word } from "../language.js"
import { block, complaintList, empty, enterpriseLink, facts, load, openCount, reachLink } from "../parts.js"
import { riverRows, signBoard } from "../board.js"
import { sectionCard } from "../section.js"
import { monthOrLatest, year } from "../month.js"
import { newestNews } from "../news.js"
import { drawDot, drawReaches, fit, mapBox } from "../map.js"

export async function render(page, id) {
  const [river, parameters, news] = await Promise.all([
    api.river(id, page.signal),
    api.parameters().then((answer) => answer.parameters ?? []).catch(() => []),
    newestNews({ river: id }, page.signal),
  ])
  page.title = named(river.name)
  const complaints = river.complaints ?? []
  return h("div", { class: "page" },
    h("div", { class: "river-top" },
      signBoard({
        title: t("board.title"), name: named(river.name), other: otherName(river.name), rows: riverRows(river),
        chiefs: river.chiefs, report: `/report?river=${encodeURIComponent(river.id)}`,
          reportHint: t("river.report.hint"),
      }),
      mapBox({ label: t("river.map", { name: named(river.name) }), signal: page.signal, size: "map-side",
        start: (map) => drawRiver(map, river, page.signal) })),
    h("div", { class: "columns" },
      h("div", {},
        isMeasured() && block(t("sections.title"), river.sections?.length
          ? river.sections.map((section) => sectionCard(section, parameters, page.signal)) : empty(t("sections.none"))),
        river.month && block(t("month.title"), months(river, page.signal),
          h("p", {}, h("a", { href: `/trends?${new URLSearchParams({ scope: scopeOf(river), id: river.id })}` },
            t("trends.link")))),
        block(t("complaints.here"), complaintList(complaints),
          complaints.length > 0 && h("p", {}, h("a", { href: `/complaints?river=${encodeURIComponent(river.id)}` },
            t("complaints.all"))))),
      h("div", {},
        news,
        block(t("plan.title"), plan(river.plan)),
        block(t("river.reaches"), reaches(river.reaches)),
        river.enterprises?.length > 0 && block(t("enterprises.river"), h("ul", { class: "reach-list" },
          river.enterprises.map((one) => h("li", {}, enterpriseLink(one))))))))
}

function months(river, signal) {
  const place = h("div", {})
  load(place, () => year(scopeOf(river), river.id, signal), signal)
  return place
}

const scopeOf = (river) => (river.standing ? "lake" : "river")

export const otherName = (name) => (name && typeof name === "object" ? (language() === "zh" ? name.en : name.zh) : "")

function plan(value) {
  if (!value) return empty(t("plan.none"))
  const from = value.periodFrom ?? value.period?.from
  const to = value.periodTo ?? value.period?.to
  return h("div", { class: "plan" },
    value.title && h("h3", {}, named(value.title)),
    facts([
      [t("plan.problems"), named(value.problems)],
      [t("plan.goals"), named(value.goals)],
      [t("plan.measures"), named(value.measures)],
      [t("plan.period"), from && to && t("from.to", { from, to })],
    ]),
    value.url && h("p", {}, outside(value.url, t("plan.file"))))
}

function reaches(list) {
  if (!list?.length) return empty(t("river.noreaches"))
  return h("ul", { class: "reach-list" }, list.map((reach) => h("li", {},
    h("div", {}, reachLink(reach), h("span", { class: "sub" },
      [named(reach.region?.name), reach.level && word("level", reach.level)].filter(Boolean).join(" · "))),
    h("span", {}, monthOrLatest(reach)),
    reach.openComplaints > 0 && h("span", { class: "sub" }, openCount(reach.openComplaints)))))
}

async function drawRiver(map, river, signal) {
  const features = (await api.reachShapes(signal)).features ?? []
  const mine = features.filter((one) => one.properties?.river === river.id)
  const around = drawReaches(map, features.filter((one) => !mine.includes(one)), { faint: true })
  const { lines, labels } = drawReaches(map, mine, {
    own: true,
    popup: (properties) => h("div", { class: "bubble" }, h("p", {}, reachLink(properties)),
      monthOrLatest(properties)),
  })
  const sections = (river.sections ?? []).map((one) => drawDot(map, one.place, "dot-section", named(one.name)))
  for (const one of river.complaints ?? []) drawDot(map, one.place, "dot-complaint", named(one.category?.name))
  fit(map, [lines, ...sections])
  return [...labels, ...around.labels]
}
