// A reach: the part of a river one chief answers for.

import * as api from "../api.js"
import { h } from "../dom.js"
import { isMeasured, named, t, word } from "../language.js"
import { block, complaintList, empty, reachLink, riverLink } from "../parts.js"
import { signBoard } from "../board.js"
import { sectionCard } from "../section.js"
import { monthRows } from "../month.js"
import { drawDot, drawReaches, fit, mapBox } from "../map.js"
import { otherName } from "./river.js"

export async function render(page, id) {
  const [reach, parameters] = await Promise.all([
    api.reach(id, page.signal),
    api.parameters().then((answer) => answer.parameters ?? []).catch(() => []),
  ])
  page.title = named(reach.name)
  const complaints = reach.complaints ?? []
  const query = new URLSearchParams({ ...(reach.river?.id && { river: reach.river.id }), reach: reach.id })
  return h("div", { class: "page" },
    h("div", { class: "river-top" },
      signBoard({
        title: t("board.reach"), name: named(reach.name), other: otherName(reach.name), chiefs: reach.chiefs,
        rows: [
          ...monthRows(reach),
          [t("board.river"), riverLink(reach.river)],
          [t("board.level"), reach.level && word("level", reach.level)],
          [t("board.region"), named(reach.region?.name)],
        ],
        report: `/report?${query}`, reportHint: t("reach.report.hint"),
      }),
      mapBox({ label: t("river.map", { name: named(reach.name) }), signal: page.signal, size: "map-side",
        start: (map) => drawReach(map, reach, page.signal) })),
    isMeasured() && block(t("sections.title"), reach.sections?.length
      ? reach.sections.map((section) => sectionCard(section, parameters, page.signal)) : empty(t("sections.none"))),
    block(t("complaints.here.reach"), complaintList(complaints),
      complaints.length > 0 && h("p", {}, h("a", { href: `/complaints?reach=${encodeURIComponent(reach.id)}` },
        t("complaints.all")))))
}

async function drawReach(map, reach, signal) {
  const features = (await api.reachShapes(signal)).features ?? []
  const mine = features.filter((one) => one.properties?.id === reach.id)
  const around = drawReaches(map, features.filter((one) => !mine.includes(one)), { faint: true })
  const { lines, labels } = drawReaches(map, mine,
    { own: true, popup: (properties) => h("div", { class: "bubble" }, reachLink(properties)) })
  const sections = (reach.sections ?? []).map((one) => drawDot(map, one.place, "dot-section", named(one.name)))
  for (const one of reach.complaints ?? []) drawDot(map, one.place, "dot-complaint", named(one.category?.name))
  fit(map, [lines, ...sections])
  return [...labels, ...around.labels]
}
