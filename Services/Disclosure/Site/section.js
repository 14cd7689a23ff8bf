// A monitoring section: its class against the target, the latest values, and one parameter through time.

import * as api from "./api.js"
import { h, identifier, replace } from "./dom.js"
import { named, t, word } from "./language.js"
import { classes, className, measured, moment, number, zoneName } from "./format.js"
import { classNow, empty, facts, load, when } from "./parts.js"
import { lineChart } from "./chart.js"
import { monthRows, monthState } from "./month.js"

const shownDays = 30
const askedReadings = 1000
// A range has two limits and no place in the API's list of limits by class: pH is 6 to 9 in every class (GB 3838–2002).
const ranges = { w01001: [6, 9] }

export function sectionCard(section, parameters, signal) {
  const latest = section.latest
  const target = classes.indexOf(section.targetClass)
  const now = classes.indexOf(section.month ? section.month.class : latest?.class)
  const chart = h("div", { class: "section-chart" })
  if (latest) load(chart, () => history(section, parameters, signal), signal)
  return h("article", { class: "section-card" },
    h("header", { class: "section-head" },
      h("h3", {}, named(section.name)),
      section.body && h("span", { class: "sub" }, word("section.body", section.body)),
      section.month ? monthState(section.month) : latest && classNow(latest.class, latest.observedAt, latest.currentUntil),
      target >= 0 && now >= 0 && h("span", { class: now <= target ? "meets" : "fails" },
        t(now <= target ? "class.meets" : "class.fails"))),
    facts([
      ...monthRows({ class: latest?.class, classObservedAt: latest?.observedAt, month: section.month }).slice(1),
      [t("class.target"), target >= 0 && className(section.targetClass)],
      [t("section.latest"), !latest && t("section.nolatest")],
      [t("section.published"), latest?.publishedClass && className(latest.publishedClass)],
      [t("section.decisive"), latest?.decisive?.map((code) => nameOf(code, parameters)).join(t("list"))],
    ]),
    latest && h("div", { class: "section-body" }, latestValues(section, parameters, signal), chart))
}

const known = (code, parameters) => parameters.find((one) => one.code === code)
const nameOf = (code, parameters) => named(known(code, parameters)?.name) || code
const unitOf = (code, parameters) => known(code, parameters)?.unit ?? ""

/// The codes of the readings in the order of the standard's table.
function codesIn(readings, parameters) {
  const present = new Set(readings.flatMap((reading) =>
    Object.entries(reading.values ?? {}).filter(([, value]) => Number.isFinite(value)).map(([code]) => code)))
  const ordered = parameters.map((one) => one.code).filter((code) => present.has(code))
  return [...ordered, ...[...present].filter((code) => !ordered.includes(code))]
}

function latestValues(section, parameters, signal) {
  const latest = section.latest
  const rows = codesIn([latest], parameters).map((code) =>
    h("tr", { class: latest.decisive?.includes(code) ? "decisive" : null },
      h("th", { scope: "row" }, nameOf(code, parameters)),
      h("td", {}, figure(latest, code, unitOf(code, parameters)), correction(section, latest, code, parameters, signal))))
  return h("table", { class: "values" }, h("caption", {}, t("section.values")), h("tbody", {}, rows))
}

/// "corrected", which opens to every version of the value: what it was, who sent it, and when it was received.
function correction(section, reading, code, parameters, signal) {
  if (!reading.corrected?.includes(code)) return null
  const place = h("div", {})
  const open = (event) => {
    if (event.target.open && !place.hasChildNodes()) {
      load(place, () => versions(section, reading, code, parameters, signal), signal)
    }
  }
  return h("details", { class: "corrected", on: { toggle: open } },
    h("summary", {}, t("section.corrected")), place)
}

async function versions(section, reading, code, parameters, signal) {
  const next = new Date(Date.parse(reading.observedAt) + 1).toISOString()
  const answer = await api.readings(section.id, { from: reading.observedAt, to: next, versions: true }, signal)
  const same = answer.readings?.find((one) => one.period === reading.period && one.origin === reading.origin)
  const found = (same?.versions ?? []).filter((one) => one.parameter === code).reverse()
  if (!found.length) return empty(t("section.versions.none"))
  const unit = unitOf(code, parameters)
  const label = t("section.versions", { parameter: nameOf(code, parameters) })
  return h("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": label },
    h("table", { class: "data versions" }, h("caption", {}, label),
      h("thead", {}, h("tr", {}, ["section.version", "section.sender", "section.received"].map((key) =>
        h("th", { scope: "col" }, t(key))))),
      h("tbody", {}, found.map((one) => h("tr", {},
        h("td", {}, [versionText(one, unit), one.flag !== "valid" && word("flag", one.flag),
          word("certainty", one.status), one.stands && t("section.stands")].filter(Boolean).join(t("list"))),
        h("td", {}, [named(one.sender?.name), one.source, one.reviewer && t("section.reviewer",
          { who: word("role", one.reviewer.role) })].filter(Boolean).join(" · ") || t("section.sender.unknown")),
        h("td", {}, moment(one.receivedAt)))))))
}

function versionText(version, unit) {
  if (version.withdrawn) return t("section.withdrawn")
  return version.written ? [version.written, unit].filter(Boolean).join(" ") : measured(version.value, unit)
}

/// As the laboratory wrote it where it is below a limit of detection: the API's value is half of that limit then.
function figure(reading, code, unit) {
  const written = reading.written?.[code]
  return written ? [written, unit].filter(Boolean).join(" ") : measured(reading.values[code], unit)
}

async function history(section, parameters, signal) {
  const end = Date.parse(section.latest.observedAt)
  const from = new Date(end - shownDays * 86_400_000).toISOString()
  const answer = await api.readings(section.id, { from, limit: askedReadings }, signal)
  const readings = [...(answer.readings ?? [])].reverse()
  const codes = codesIn(readings, parameters)
  if (!codes.length) return empty(t("chart.none"))

  const first = section.latest.decisive?.find((code) => codes.includes(code)) ?? codes[0]
  const picture = h("div", { class: "chart-place" })
  const parameter = select(t("section.parameter"), codes.map((code) => [code, nameOf(code, parameters)]), first)
  const span = select(t("section.span"), [7, shownDays].map((days) => [days, t("section.span.days", { n: days })]),
    shownDays)
  const draw = () => {
    const since = end - Number(span.field.value) * 86_400_000
    const shown = readings.filter((reading) => Date.parse(reading.observedAt) >= since)
    replace(picture, chartOf(section, parameter.field.value, shown, parameters, signal))
  }
  parameter.field.addEventListener("change", draw)
  span.field.addEventListener("change", draw)
  draw()
  return h("div", {},
    h("div", { class: "chart-choice" }, parameter.node, span.node), picture,
    h("p", { class: "hint" }, t("chart.help"),
      readings.some((one) => one.provisional) && ` ${t("section.provisional")}`))
}

function select(label, options, value) {
  const id = identifier("choose")
  const field = h("select", { id },
    options.map(([key, text]) => h("option", { value: key, selected: key === value }, text)))
  return { field, node: h("label", { for: id, class: "inline" }, h("span", {}, label), field) }
}

function chartOf(section, code, readings, parameters, signal) {
  const points = readings
    .filter((one) => Number.isFinite(one.values?.[code]))
    .map((one) => ({
      at: Date.parse(one.observedAt), value: one.values[code], class: one.class, decisive: one.decisive?.includes(code),
      written: one.written?.[code], reading: one,
    }))
  if (!points.length) return empty(t("chart.none"))
  const unit = unitOf(code, parameters)
  const values = points.map((point) => point.value)
  const label = t("chart.label", {
    section: named(section.name), parameter: nameOf(code, parameters), count: points.length,
    from: moment(new Date(points[0].at).toISOString()), to: moment(new Date(points.at(-1).at).toISOString()),
    min: measured(Math.min(...values), unit), max: measured(Math.max(...values), unit),
  })
  return [
    lineChart({ points, limits: limitsOf(section, code, parameters), unit, label, zeroBased: !(code in ranges),
      signal }),
    h("details", { class: "chart-data" }, h("summary", {}, t("chart.table")),
      table(points, section, code, parameters, signal)),
  ]
}

function limitsOf(section, code, parameters) {
  if (code in ranges) return ranges[code].map((value) => ({ value, label: t("chart.range", { value: number(value) }) }))
  const limits = known(code, parameters)?.limits?.[section.body === "lake" ? "lake" : "river"]
  const value = limits?.[classes.indexOf(section.targetClass)]
  if (!Number.isFinite(value)) return []
  const sign = known(code, parameters).inverted ? "≥" : "≤"
  return [{ value, label: t("chart.limit", { class: className(section.targetClass),
    value: `${sign} ${number(value)}` }) }]
}

function table(points, section, code, parameters, signal) {
  const name = nameOf(code, parameters)
  const unit = unitOf(code, parameters)
  return h("div", { class: "scroll", tabindex: 0, role: "group",
    "aria-label": `${t("chart.table")}${t("colon")}${named(section.name)} ${name}` },
    h("table", { class: "data" },
      h("thead", {}, h("tr", {}, [t("chart.time", { zone: zoneName() }), unit ? `${name} (${unit})` : name,
        t("chart.class")].map((text) => h("th", { scope: "col" }, text)))),
      h("tbody", {}, [...points].reverse().map((point) => h("tr", {},
        h("td", {}, moment(new Date(point.at).toISOString())),
          h("td", {}, point.written ?? number(point.value),
            point.reading.suspect?.includes(code) && h("small", {}, t("section.suspect")),
            correction(section, point.reading, code, parameters, signal)),
          h("td", {}, className(point.class)))))))
}
