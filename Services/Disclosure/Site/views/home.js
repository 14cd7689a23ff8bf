// Home: the map, the rivers in words beside it, the way to a complaint by its code, and the month's figures.

import * as api from "../api.js"
import { h, icon, identifier, replace } from "../dom.js"
import { hasEnterprises, isMeasured, named, t, word } from "../language.js"
import { classes, className, duration, monthName, number, share, unaccepted } from "../format.js"
import { readCode } from "../code.js"
import { complaintPath, empty, legendEntry, load, openCount, reachLink, riverLink } from "../parts.js"
import { monthOrLatest } from "../month.js"
import { newestNews } from "../news.js"
import { leadingMonth } from "../period.js"
import { drawReaches, fit, mapBox } from "../map.js"

export async function render(page) {
  const about = await api.about()
  const figures = h("div", { class: "figures-place" })
  const rivers = h("div", { class: "rivers-place" })
  const news = h("div", { class: "news-place" })
  newestNews({}, page.signal).then((block) => block && replace(news, block))
  const shown = leadingMonth()
  load(figures, async () => keyFigures(await api.indicators({ scope: "city", period: shown }, page.signal), shown),
    page.signal)
  load(rivers, async () => riverList((await api.rivers(page.signal)).rivers ?? []), page.signal)
  return h("div", { class: "page home" },
    h("div", { class: "home-top" },
      h("h1", {}, t("home.title", { city: named(about.city) })),
      codeSearch(page)),
    figures,
    h("div", { class: "home-body" },
      h("section", { class: "home-map", "aria-label": t("home.map") },
        h("p", { class: "hidden-text" }, t("home.map.help")),
        mapBox({ label: t("home.map"), signal: page.signal, size: "map-home",
          start: (map) => drawCity(map, page.signal) }),
        isMeasured() && h("div", { class: "legend" },
          h("span", { class: "legend-title", id: "legend" }, t("home.legend")),
          h("ul", { "aria-labelledby": "legend" }, [...classes, null].map(legendEntry)))),
      h("section", { class: "home-rivers", "aria-label": t("home.rivers") }, h("h2", {}, t("home.rivers")), rivers,
        hasEnterprises() && h("p", {}, h("a", { href: "/enterprises" }, t("enterprises.link"))))),
    news)
}

function codeSearch(page) {
  const field = identifier("code")
  const wrong = identifier("wrong")
  const input = h("input", {
    id: field, name: "code", autocomplete: "off", autocapitalize: "characters", spellcheck: "false", maxlength: 40,
    placeholder: t("home.find.example"), "aria-describedby": wrong,
  })
  const message = h("p", { class: "fault", id: wrong, role: "alert" })
  const search = (event) => {
    event.preventDefault()
    const code = readCode(input.value)
    message.textContent = code ? "" : t("home.find.bad")
    input.setAttribute("aria-invalid", String(!code))
    if (code) page.go(complaintPath(code))
    else input.focus()
  }
  return h("form", { class: "find", role: "search", novalidate: true, on: { submit: search } },
    h("label", { for: field }, t("home.find")),
    h("div", { class: "find-row" }, input, h("button", { class: "button", type: "submit" }, icon("search"),
      t("home.find.button"))),
    message)
}

function keyFigures(answer, month) {
  const title = h("h2", { class: "figures-title" }, t("home.figures", { month: monthName(month) }))
  const city = (answer.indicators ?? []).find((one) => one.scope?.kind === "city") ?? answer.indicators?.[0]
  if (!city) return h("section", { class: "figures" }, title, empty(t("home.figures.empty")))
  const count = (value) => [number(value ?? 0, 0), t("figure.unit") && h("small", {}, t("figure.unit"))]
  const cells = [
    ["figure.received", count(city.received)],
    ["figure.open", count(city.open)],
    ["figure.overdue", count(city.overdue), city.overdue > 0 && "figure-late"],
    // The mean is of those that were accepted.
    ["figure.accept", [duration(city.meanSecondsToAccept),
      unaccepted(city) > 0 && h("small", {}, t("figure.unaccepted.n", { n: number(unaccepted(city), 0) }))]],
    ["figure.satisfaction", [share(city.satisfied, city.rated),
      city.rated > 0 && h("small", {}, t("figure.rated", { n: city.rated }))]],
  ]
  return h("section", { class: "figures" }, title,
    h("dl", {}, cells.map(([key, value, kind]) => h("div", { class: kind || null }, h("dt", {}, t(key)),
      h("dd", {}, value)))))
}

function riverList(rivers) {
  if (!rivers.length) return empty(t("home.rivers.empty"))
  const field = identifier("filter")
  const count = h("p", { class: "count", role: "status" })
  const list = h("ul", { class: "river-list" })
  const show = (text) => {
    const wanted = text.trim().toLowerCase()
    const shown = rivers.filter((river) => !wanted || searchText(river).includes(wanted))
    count.textContent = t("home.rivers.count", { n: shown.length })
    replace(list, shown.length ? shown.map(riverRow) : h("li", {}, empty(t("home.rivers.none"))))
  }
  const input = h("input", {
    id: field, type: "search", placeholder: t("home.filter"), "aria-label": t("home.filter"), autocomplete: "off",
    on: { input: () => show(input.value) },
  })
  show("")
  return h("div", {}, h("div", { class: "filter-row" }, input, count), list)
}

/// Both languages, whichever is shown: people type the name they know.
function searchText(river) {
  return [river.name, river.region?.name].flatMap((name) => (name && typeof name === "object" ? [name.zh,
    name.en] : [name]))
    .filter(Boolean).join(" ").toLowerCase()
}

function riverRow(river) {
  return h("li", {},
    h("a", { class: "river-row", href: `/rivers/${encodeURIComponent(river.id)}` },
      h("span", { class: "river-name" }, named(river.name),
        h("span", { class: "sub" }, [named(river.region?.name),
          river.level && word("river.level", river.level)].filter(Boolean).join(" · "))),
      h("span", { class: "river-state" }, monthOrLatest(river),
        river.targetClass && h("span", { class: "sub" },
          t("class.target.short", { class: className(river.targetClass) }))),
      h("span", { class: `river-open${river.openComplaints ? " some" : ""}` }, openCount(river.openComplaints))))
}

async function drawCity(map, signal) {
  const shapes = await api.reachShapes(signal)
  const { lines, labels } = drawReaches(map, shapes.features ?? [], { popup: bubble })
  fit(map, [lines])
  return labels
}

function bubble(properties) {
  const river = { id: properties.river, name: properties.riverName }
  return h("div", { class: "bubble" },
    h("p", { class: "bubble-name" }, named(properties.name)),
    monthOrLatest(properties),
    h("p", {}, openCount(properties.openComplaints)),
    h("p", { class: "bubble-links" },
      reachLink({ id: properties.id, name: t("map.reach") }),
      properties.river && riverLink(named(river.name) ? river : { id: river.id, name: t("map.river") }),
      h("a", { href: `/report?${new URLSearchParams({ ...(properties.river && { river: properties.river }), reach: properties.id })}` }, t("river.report"))))
}
