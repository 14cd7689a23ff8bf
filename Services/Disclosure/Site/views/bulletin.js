// The monthly bulletin of the city's waters (水质月报): sentences and tables, as a page and in print.

import * as api from "../api.js"
import { h, identifier, replace } from "../dom.js"
import { named, t } from "../language.js"
import { duration, moment, month as thisMonth, monthName, number, share } from "../format.js"
import { classBadge, empty } from "../parts.js"
import { change, pollutants, ratingName, target } from "../month.js"

export async function render(page, month) {
  if (!month) return list(page)
  const [bulletin, regions, own, { parameters = [] }] = await Promise.all([api.bulletin(month, page.signal),
    api.regions(), api.ownOffice(page.signal), api.parameters()])
  page.title = t("bulletin.of", { city: named(bulletin.name), month: monthName(month) })
  const isReleased = bulletin.state === "released"
  return h("div", { class: "page bulletin" },
    h("h1", {}, page.title),
    h("p", { class: isReleased ? "lead" : "notice", role: "note" }, isReleased
      ? t("bulletin.released", { office: named(bulletin.release?.office?.name) || t("bulletin.office"),
        time: moment(bulletin.release?.at) })
      : t("bulletin.draft")),
    isReleased && !bulletin.release?.current && h("p", { class: "notice", role: "note" }, t("bulletin.changed")),
    (bulletin.text ?? []).map((part) => h("section", {}, h("h2", {}, named(part.title)), h("p", {}, named(part.text)))),
    waters(month, "sections", bulletin.sections), waters(month, "rivers", bulletin.rivers),
    waters(month, "lakes", bulletin.lakes), waters(month, "regions", bulletin.regions),
    indices(bulletin.regions, parameters),
    complaints(month, bulletin.complaints),
    h("p", { class: "no-print" },
      h("button", { type: "button", class: "button", on: { click: () => print() } }, t("bulletin.print")), " ",
      h("a", { href: "/bulletins" }, t("bulletin.all"))),
    release(month, bulletin, regions.regions ?? [], own))
}

async function list(page) {
  page.title = t("bulletin.title")
  const { bulletins = [] } = await api.bulletins(page.signal)
  return h("div", { class: "page narrow" },
    h("h1", {}, page.title), h("p", { class: "lead" }, t("bulletin.lead")),
    bulletins.length ? h("ul", { class: "bulletins" }, bulletins.map((one) => h("li", {},
      h("a", { href: `/bulletins/${one.period}` }, monthName(one.period)), " ",
      h("small", {}, t(one.state === "released" ? "bulletin.state.released" : "bulletin.state.draft")))))
      : empty(t("bulletin.none")))
}

function waters(month, kind, list = []) {
  if (!list.length) return null
  const caption = t(`bulletin.${kind}`)
  const head = ["bulletin.name", "chart.class", "month.rating", "class.pollutants", "month.target", "month.change"]
  return table(month, kind, caption, head, list.map((one) => [
    h("th", { scope: "row" }, named(one.name)),
    h("td", {}, one.class ? classBadge(one.class) : "—"),
    h("td", {}, one.rating ? ratingName(one.rating) : "—",
      one.trophic && h("small", {}, t(`trophic.${one.trophic.grade}`), " ", number(Number(one.trophic.text), 1)),
      one.shares?.sections > 1 && h("small", {}, t("bulletin.shares", { n: one.shares.sections,
        good: number(one.shares.percentUpToIII, 1), bad: number(one.shares.percentWorseThanV, 1) }))),
    h("td", {}, pollutants(one) || "—"), h("td", {}, target(one)),
    h("td", {}, [change(one.previous), change(one.yearBefore)].join(" / ")),
  ]))
}

/// The index by which cities are compared (CWQI), and what those lack that have none.
function indices(list = [], parameters) {
  const known = list.filter((one) => one.index)
  if (!known.length) return null
  const name = (code) => named(parameters.find((one) => one.code === code)?.name) || code
  const caption = t("bulletin.index")
  return h("section", {}, h("h2", {}, caption),
    h("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": caption },
      h("table", { class: "data months" },
        h("thead", {}, h("tr", {}, ["ranking.name.region", "bulletin.index.value", "bulletin.index.missing"].map((key) =>
          h("th", { scope: "col" }, t(key))))),
        h("tbody", {}, known.map((one) => h("tr", {},
          h("th", { scope: "row" }, named(one.name)),
          h("td", {}, one.index.comparable ? number(one.index.value, 4) : t("bulletin.index.none")),
          h("td", {}, one.index.missing.map(name).join(t("list")) || "—")))))))
}

function complaints(month, list = []) {
  if (!list.length) return null
  const head = ["ranking.name.region", "figure.received", "figure.unanswered", "figure.onTimeToAccept", "figure.resolved",
    "figure.onTimeToResolve", "figure.toResolve.p90", "figure.satisfaction"]
  const rate = (value) => share(value, value == null ? 0 : 1)
  return table(month, "complaints", t("bulletin.complaints"), head, list.map((one) => [
    h("th", { scope: "row" }, named(one.scope?.name)), h("td", {}, number(one.received, 0)),
    h("td", {}, number(one.unanswered, 0)), h("td", {}, rate(one.onTimeToAccept)), h("td", {}, number(one.resolved, 0)),
    h("td", {}, rate(one.onTimeToResolve)), h("td", {}, duration(one.toResolve?.p90)), h("td", {}, rate(one.satisfaction)),
  ]))
}

function table(month, kind, caption, head, rows) {
  return h("section", {}, h("h2", {}, caption),
    h("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": caption },
      h("table", { class: "data months" }, h("thead", {}, h("tr", {}, head.map((key) => h("th", { scope: "col" }, t(key))))),
        h("tbody", {}, rows.map((cells) => h("tr", {}, cells))))),
    h("p", { class: "no-print" }, h("a", { href: `/api/bulletins/${month}/${kind}.csv`,
      download: `bulletin-${month}-${kind}.csv` }, t("table.download"))))
}

/// The office of the city says when a draft is public: from its desk, or by the key of a gateway that acts as the office.
/// The key stays in its field and goes nowhere but to Intake.
function release(month, bulletin, regions, own) {
  const [keyID, officeID] = [identifier("key"), identifier("office")]
  const key = h("input", { id: keyID, type: "password", autocomplete: "off" })
  const office = h("select", { id: officeID }, regions.map((one) => h("option", { value: one.id }, named(one.name))))
  const said = h("p", { role: "status" })
  const faults = h("ul", { lang: "en" })
  const decide = (verdict) => async () => {
    replace(faults)
    if (!own && !key.value.trim()) {
      said.textContent = t("review.nokey")
      return key.focus()
    }
    try {
      await api.publish({ office: own ?? office.value, kind: "bulletin", month, verdict,
        fingerprint: bulletin.fingerprint }, own ? undefined : key.value.trim())
      said.textContent = t("bulletin.done")
    } catch (failure) {
      const refusal = own ? "bulletin.notyours" : "review.refused"
      said.textContent = t([401, 403].includes(failure?.status) ? refusal : "review.failed")
      replace(faults, (failure?.faults ?? []).map(({ field, detail }) => h("li", {}, `${field}: ${detail}`)))
    }
  }
  const isOver = month < thisMonth()
  return h("details", { class: "no-print", open: Boolean(own) && bulletin.state !== "released" },
    h("summary", {}, t("bulletin.release")),
    h("p", { class: "hint" }, t(isOver ? "bulletin.release.hint" : "bulletin.release.open")),
    !own && h("div", { class: "field" }, h("label", { for: officeID }, t("review.office")), office),
    !own && h("div", { class: "field" }, h("label", { for: keyID }, t("review.key")), key),
    h("p", {}, h("button", { type: "button", class: "button", disabled: !isOver, on: { click: decide("released") } }, t("bulletin.do")), " ",
      h("button", { type: "button", class: "button quiet", on: { click: decide("withdrawn") } }, t("bulletin.undo"))),
    said, faults)
}
