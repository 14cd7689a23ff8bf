// The electronic sign board (公示牌): what the board at the river's bank says, with numbers one can tap.

import { h } from "./dom.js"
import { named, t, titled, word } from "./language.js"
import { byLevel, className, number } from "./format.js"
import { monthRows } from "./month.js"
import { phone } from "./parts.js"

export function signBoard({ title, name, other, rows, chiefs, report, reportHint }) {
  return h("section", { class: "board", "aria-label": title },
    h("div", { class: "board-frame" },
      h("p", { class: "board-title" }, title),
      h("h1", { class: "board-name" }, name, other && other !== name && h("span", { class: "board-other" }, other)),
      h("dl", { class: "board-facts" },
        rows.filter(([, value]) => value != null && value !== "" && value !== false)
          .map(([term, value]) => h("div", {}, h("dt", {}, term), h("dd", {}, value)))),
      chiefRows(chiefs),
      h("a", { class: "button report-button", href: report },
        h("span", { class: "report-word" }, t("river.report")), h("span", { class: "report-hint" }, reportHint))))
}

/// A title that only repeats the level says nothing more.
function ownTitle(chief, level) {
  const title = titled(chief.title)
  return title && title !== level && h("span", { class: "chief-title" }, title)
}

function chiefRows(chiefs) {
  const sorted = [...(chiefs ?? [])].sort(byLevel)
  if (!sorted.length) return h("p", { class: "board-chiefs-none" }, t("board.nochiefs"))
  return h("ul", { class: "board-chiefs", "aria-label": t("board.chiefs") }, sorted.map((chief) => {
    const level = t("board.chief.level", { level: word("level", chief.level) })
    return h("li", {}, h("span", { class: "chief-level" }, level),
      h("span", { class: "chief-name" }, named(chief.name), ownTitle(chief, level)),
        phone(chief.phone, named(chief.name)))
  }))
}

export const riverRows = (river) => [
  ...monthRows(river),
  [t("class.target"), river.targetClass && className(river.targetClass)],
  [t("board.kind"), named(river.kindName)],
  [t("board.level"), river.level && word("river.level", river.level)],
  [t("board.region"), named(river.region?.name)],
  [t("board.start"), named(river.start)],
  [t("board.end"), named(river.end)],
  [t("board.length"), river.lengthKilometres != null && t("board.kilometres", { n: number(river.lengthKilometres) })],
  [t("board.police"), named(river.policeChief)],
  [t("board.department"), named(river.contactDepartment)],
  [t("board.supervision"), river.supervisionPhone && phone(river.supervisionPhone, t("board.supervision"))],
]
