// The page where an office looks at what was measured in its region, or a department at what its enterprises discharge, and says
// what is valid. What it lists is public; to decide takes the key of a gateway that acts as the office. The key stays in its
// field and goes nowhere but to Intake.

import * as api from "../api.js"
import { h, identifier, replace } from "../dom.js"
import { className, measured, moment, zoneName } from "../format.js"
import { named, t, word } from "../language.js"
import { empty, failed, load, loading } from "../parts.js"

const shown = 50

export async function render(page) {
  page.title = t("review.title")
  const reviewer = asked(page.query) ?? (await api.ownReviewer(page.signal))
  const known = await api.regions()
  const regions = (known.regions ?? []).filter((region) => region.sections + region.outfalls > 0)
  const place = h("div", {})
  if (reviewer) load(place, () => waiting(page, reviewer), page.signal)
  const id = identifier("office")
  const chosen = reviewer ? `${new URLSearchParams(reviewer)}` : ""
  const option = (value, name) => {
    const text = `${new URLSearchParams(value)}`
    return h("option", { value: text, selected: text === chosen }, named(name))
  }
  const field = h("select", { id, name: "office", on: { change: () => page.go(field.value
    ? `/review?${field.value}` : "/review") } },
    h("option", { value: "" }, t("review.office.choose")),
    regions.map((region) => option({ office: region.id }, region.name)),
    (known.departments ?? []).map((one) => option({ department: one.id }, one.name)))
  return h("div", { class: "page" },
    h("h1", {}, t("review.title")), h("p", { class: "lead" }, t("review.lead")),
    h("div", { class: "field" }, h("label", { for: id }, t("review.office")), field),
    place)
}

function asked(query) {
  const [office, department] = [query.get("office"), query.get("department")]
  return department ? { department } : office ? { office } : null
}

async function waiting(page, reviewer) {
  const [answer, parameters, own] = await Promise.all([
    api.provisional(reviewer, { limit: shown }, page.signal).catch((failure) => {
      if (failure?.status === 404) return null
      throw failure
    }),
    api.parameters().then((found) => found.parameters ?? []),
    api.ownReviewer(page.signal),
  ])
  if (!answer) return empty(t("review.unknown"))
  if (!answer.readings?.length) return empty(t("review.none"))
  const isOwn = own && own.office === reviewer.office && own.department === reviewer.department
  return new List(page, reviewer, answer, parameters, isOwn).node
}

class List {
  /// - isOwn: it is the office or department whose desk this is, so no key is asked for.
  constructor(page, reviewer, answer, parameters, isOwn) {
    Object.assign(this, { page, reviewer, parameters, isOwn })
    this.boxes = new Map()
    this.said = h("p", { role: "status" })
    const id = identifier("key")
    this.key = h("input", { id, type: "password", autocomplete: "off", "aria-describedby": `${id}-hint` })
    const fileID = identifier("table")
    this.file = h("input", { id: fileID, type: "file", accept: ".csv,text/csv", "aria-describedby": `${fileID}-hint` })
    this.faults = h("ul", { lang: "en" })
    const who = reviewer.department ?? reviewer.office
    const caption = t("review.caption", { office: named(answer.office?.name) || who })
    const all = h("input", { type: "checkbox", "aria-label": t("review.all"), on: { change: () => {
      for (const box of this.boxes.keys()) box.checked = all.checked
      this.count()
    } } })
    const decide = (verdict) => h("button", { type: "button", class: verdict === "valid" ? "button" : "button quiet",
      on: { click: () => this.decide(verdict) } }, t(`review.${verdict}`))
    this.send = h("button", { type: "button", class: "button quiet", on: { click: () => this.sendTable() } },
      t("review.table.send"))
    this.buttons = [decide("valid"), decide("withdrawn"), this.send]
    this.body = h("tbody", {})
    this.foot = h("div", { class: "list-foot" })
    this.add(answer)
    this.node = h("div", {},
      h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption },
        h("table", { class: "data review" }, h("caption", {}, caption),
          h("thead", {}, h("tr", {}, h("th", { scope: "col" }, all),
            ["sections.title", "chart.time", "section.parameter", "section.version", "chart.class",
              "section.sender"].map((key) => h("th", { scope: "col" }, t(key, { zone: zoneName() }))))),
          this.body)),
      this.foot,
      !isOwn && h("div", { class: "field" }, h("label", { for: id }, t("review.key")), this.key,
        h("p", { class: "hint", id: `${id}-hint` }, t("review.key.hint"))),
      h("p", {}, this.buttons.slice(0, 2)), this.said, this.faults,
      h("p", {}, h("a", { href: `${api.provisionalPath(reviewer)}.csv`, download: `provisional-${who}.csv` },
        t("review.table"))),
      h("div", { class: "field" }, h("label", { for: fileID }, t("review.table.file")), this.file,
        h("p", { class: "hint", id: `${fileID}-hint` }, t("review.table.hint"))),
      h("p", {}, this.send))
  }

  add(answer) {
    this.body.append(...(answer.readings ?? []).flatMap((reading) =>
      (reading.measurements ?? []).map((one) => this.row(reading, one))))
    replace(this.foot, answer.next && h("button", { type: "button", class: "button quiet",
      on: { click: () => this.more(answer.next) } }, t("review.more")))
  }

  async more(after) {
    replace(this.foot, loading())
    try {
      const firstNew = this.body.children.length
      this.add(await api.provisional(this.reviewer, { limit: shown, after }, this.page.signal))
      // The button that was pressed is gone; the reading goes on at the first of the new ones.
      this.body.children[firstNew]?.querySelector("input")?.focus({ preventScroll: true })
    } catch (failure) {
      if (failure?.name === "AbortError") return
      replace(this.foot, failed(failure, () => this.more(after)))
    }
  }

  row(reading, one) {
    const parameter = this.parameters.find((known) => known.code === one.parameter)
    const name = named(parameter?.name) || one.parameter
    const time = moment(reading.observedAt)
    const section = named(reading.section?.name)
    const box = h("input", { type: "checkbox", on: { change: () => this.count() },
      "aria-label": t("review.choose", { section, time, parameter: name }) })
    this.boxes.set(box, { reading, one })
    const text = one.written ?? measured(one.value, parameter?.unit)
    return h("tr", {},
      h("td", {}, box), h("th", { scope: "row" }, section), h("td", {}, time), h("td", {}, name),
      h("td", {}, [text, one.flag !== "valid" && word("flag", one.flag)].filter(Boolean).join(t("list"))),
      h("td", {}, className(reading.class), reading.publishedClass
        && h("small", {}, t("section.published"), t("colon"), className(reading.publishedClass))),
      h("td", {}, [named(one.sender?.name), one.source].filter(Boolean).join(" · ") || t("section.sender.unknown")))
  }

  get chosen() {
    return [...this.boxes].filter(([box]) => box.checked).map(([, measurement]) => measurement)
  }

  count() {
    this.said.textContent = t("review.chosen", { n: this.chosen.length })
  }

  async decide(verdict) {
    const { chosen } = this
    if (!chosen.length) return (this.said.textContent = t("review.nothing"))
    await this.withKey(async (key) => {
      const reviews = chosen.map(({ reading, one }) => ({
        section: reading.section.id, observedAt: reading.observedAt, period: reading.period, origin: reading.origin,
        parameters: [one.parameter], verdict, receivedAt: one.receivedAt,
      }))
      await api.review({ ...this.reviewer, reviews }, key)
      for (const [box] of [...this.boxes].filter(([one]) => one.checked)) {
        box.closest("tr").remove()
        this.boxes.delete(box)
      }
      this.said.textContent = t("review.done", { n: chosen.length })
    }, "review.wrong")
  }

  async sendTable() {
    const [file] = this.file.files
    if (!file) return (this.said.textContent = t("review.table.nofile"))
    await this.withKey(async (key) => {
      const answer = await api.reviewTable(this.reviewer, file, key)
      this.file.value = ""
      this.said.textContent = t("review.table.done", { n: answer.accepted ?? 0, left: answer.undecidedRows ?? 0 })
    }, "review.table.wrong")
  }

  /// `wrong` says what Intake's list of faults means.
  async withKey(work, wrong) {
    replace(this.faults)
    const key = this.isOwn ? undefined : this.key.value.trim()
    if (!this.isOwn && !key) {
      this.said.textContent = t("review.nokey")
      return this.key.focus()
    }
    for (const button of this.buttons) button.disabled = true
    try {
      await work(key)
    } catch (failure) {
      const faults = failure?.faults ?? []
      const isRefused = [401, 403].includes(failure?.status)
      this.said.textContent = t(isRefused ? "review.refused" : faults.length ? wrong : "review.failed")
      replace(this.faults, faults.slice(0, 20).map(({ field, detail }) =>
        h("li", {}, [field, detail].filter(Boolean).join(": "))))
    } finally {
      for (const button of this.buttons) button.disabled = false
    }
  }
}
