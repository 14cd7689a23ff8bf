// Reporting a problem: one page, no account. The draft survives a closed tab and the key makes a retry harmless.

import * as api from "../api.js"
import { h, icon, identifier, isWebAddress, replace } from "../dom.js"
import { language, named, t } from "../language.js"
import { groupedCode } from "../code.js"
import { addOwnComplaint, forget, recall, remember } from "../memory.js"
import { complaintPath, copyButton, reason, stationAlarm } from "../parts.js"
import { faultText, fieldLabel, problem } from "../faults.js"
import { holds, metresTo } from "../geometry.js"
import { phoneFault } from "../phone.js"
import { placePicker } from "../map.js"
import { Picker, mediaLimit } from "../picker.js"
import { Similar } from "../similar.js"

// What Intake takes; it says so too, but a limit is better met while writing.
const textLimit = 4000
const addressLimit = 300
const nameLimit = 120
const phoneLimit = 32
// A place outside all regions counts as the city's where one of its reaches is as near as this.
const nearReachMetres = 1000
// Farther from the river that was chosen than people err on a map.
const farMetres = 2000
const pressMilliseconds = 300

// Never stored: a phone may be passed on, and a name in its storage with it. It outlives a change of language only.
let contact = { name: "", phone: "" }

const newDraft = () => ({
  key: api.newKey(), category: "", text: "", address: "", place: null, river: "", reach: "", region: "", pictures: [], media: [""],
    anonymous: false,
})

/// What was stored may be of an older version of this page or have been tampered with; each field is checked.
function storedDraft() {
  const kept = recall("draft")
  const draft = newDraft()
  if (!kept || typeof kept !== "object") return { draft, restored: false }
  for (const field of ["key", "category", "text", "address", "river", "reach", "region"]) {
    if (typeof kept[field] === "string" && kept[field]) draft[field] = kept[field]
  }
  if (Number.isFinite(kept.place?.longitude) && Number.isFinite(kept.place?.latitude)) draft.place = kept.place
  if (Array.isArray(kept.media) && kept.media.length) draft.media = kept.media.slice(0, mediaLimit).map(String)
  if (Array.isArray(kept.pictures)) {
    draft.pictures = kept.pictures.slice(0, mediaLimit).filter((one) => /^upload-[0-9a-f]{32}$/.test(one?.name))
      .map(({ name, preview }) => ({ name, preview: /^data:image\/jpeg;/.test(preview) ? preview : "" }))
  }
  draft.anonymous = kept.anonymous === true
  return { draft, restored: Boolean(draft.text || draft.category || draft.pictures.length) }
}

export async function render(page) {
  page.title = t("report.title")
  const [categories, rivers, about] = await Promise.all([
    api.categories(),
    api.rivers(page.signal).then((answer) => answer.rivers ?? []).catch(() => []),
    api.about(),
  ])
  const { draft, restored } = storedDraft()
  if (page.query.get("river") || page.query.get("reach")) {
    draft.river = page.query.get("river") ?? ""
    draft.reach = page.query.get("reach") ?? ""
  }
  const reach = draft.reach ? await api.reach(draft.reach, page.signal).catch(() => null) : null
  if (draft.reach && !reach) draft.reach = ""
  return new Form(page, draft, { groups: categories.groups ?? [], rivers, reach, restored,
    emergencyPhone: about.emergencyPhone }).node
}

// MARK: the form

const forCitizens = (group) => (group.categories ?? []).filter((one) => one.code !== stationAlarm)

class Form {
  constructor(page, draft, { groups, rivers, reach, restored, emergencyPhone }) {
    this.page = page
    this.draft = draft
    this.fields = new Map()
    this.similar = new Similar(page.signal)
    // The city's shapes, once they are here; null where they can't be read: Intake judges the place in any case.
    const reaches = api.reachShapes(page.signal).catch(() => null)
    Promise.all([api.regionShapes().catch(() => null), reaches]).then((shapes) => {
      this.shapes = shapes
      if (this.draft.place) this.checkPlace()
    })
    this.summary = h("div", { class: "summary", role: "alert", tabindex: -1 })
    this.button = h("button", { class: "button send", type: "submit" }, t("report.send"))
    this.form = h("form", { class: "report", novalidate: true, on: { submit: (event) => this.send(event) } },
      this.where(rivers, reach, reaches), this.media(), this.category(groups), this.similar.node, this.text(), this.contact(),
      h("div", { class: "send-row" }, this.button, h("p", { class: "hint" }, t("report.draft"))))
    this.node = h("div", { class: "page narrow" },
      h("h1", {}, t("report.title")),
      h("p", { class: "lead" }, t("report.lead"), " ",
        emergencyPhone && h("strong", {}, t("report.danger", { phone: emergencyPhone }))),
      restored && h("p", { class: "notice" }, t("report.draft.back"), " ",
        h("button", { type: "button", class: "plain", on: { click: () => this.discard() } }, t("report.draft.clear"))),
      this.summary, this.form)
  }

  save() {
    remember("draft", this.draft)
  }

  discard() {
    forget("draft")
    contact = { name: "", phone: "" }
    this.page.refresh()
  }

  /// A control with its label, hint and the place where its fault will be said.
  field(name, { label, hint, control, optional = false, target = control, isLive = false }) {
    const fault = h("p", { class: "fault", id: identifier("fault"), role: isLive ? "status" : null })
    const hintNode = hint && h("p", { class: "hint", id: identifier("hint") }, hint)
    target.id ||= identifier(name)
    target.setAttribute("aria-describedby", [hintNode?.id, fault.id].filter(Boolean).join(" "))
    this.fields.set(name, { target, fault, label })
    return h("div", { class: "field" },
      h("label", { for: target.id }, label, optional && h("span", { class: "optional" }, t("optional"))),
      hintNode, control, fault)
  }

  /// `content` may be a function that puts the fault where it belongs; else the fault stands last.
  fieldset(name, { label, hint, optional = false, content, target, isLive = false }) {
    const fault = h("p", { class: "fault", id: identifier("fault"), role: isLive ? "status" : null })
    const parts = typeof content === "function" ? content(fault) : [content, fault]
    const hintNode = hint && h("p", { class: "hint", id: identifier("hint") }, hint)
    const set = h("fieldset", { class: "field",
      "aria-describedby": [hintNode?.id, fault.id].filter(Boolean).join(" ") },
      h("legend", {}, label, optional && h("span", { class: "optional" }, t("optional"))), hintNode, parts)
    this.fields.set(name, { target: target ?? set, fault, label })
    return set
  }

  /// The groups, one of them unfolded at a time; a group says what was chosen in it.
  category(groups) {
    const chosen = new Map()
    const choose = (group, one) => {
      this.draft.category = one.code
      this.save()
      for (const [each, node] of chosen) node.textContent = each === group ? named(one.name) : ""
      this.say("category", "")
      this.similar.update(this.draft)
    }
    const name = identifier("groups")
    const rows = groups.filter((group) => forCitizens(group).length > 0).map((group) => {
      const current = forCitizens(group).find((one) => one.code === this.draft.category)
      chosen.set(group, h("span", { class: "category-chosen" }, named(current?.name)))
      return h("details", { class: "category-group", name, open: Boolean(current) },
        h("summary", {}, h("span", { class: "category-name" }, named(group.name)), chosen.get(group)),
        h("div", { class: "chips", role: "group", "aria-label": named(group.name) }, forCitizens(group).map((one) =>
          h("label", { class: "chip" },
            h("input", { type: "radio", name: "category", value: one.code, checked: one === current,
              on: { change: () => choose(group, one) } }),
            h("span", {}, named(one.name))))))
    })
    const list = h("div", { class: "categories" }, rows)
    return this.fieldset("category", { label: t("report.category"), hint: t("report.category.hint"), content: list,
      target: list.querySelector("summary") })
  }

  text() {
    const counter = h("span", { class: "counter" })
    const area = h("textarea", { rows: 6, name: "text", required: true })
    area.value = this.draft.text
    const count = () => {
      const length = characters(area.value)
      counter.textContent = t("report.counter", { n: length, limit: textLimit })
      counter.classList.toggle("over", length > textLimit)
    }
    area.addEventListener("input", () => {
      this.draft.text = area.value
      this.save()
      count()
    })
    count()
    return this.field("text", { label: t("report.text"), hint: t("report.text.hint"),
      control: h("div", {}, area, counter), target: area })
  }

  where(rivers, reach, reaches) {
    const state = h("p", { class: "place-state", role: "status" })
    const clear = h("button", { type: "button", class: "plain", on: { click: () => set(null) } },
      t("report.place.clear"))
    const picker = placePicker({ label: t("report.map"), signal: this.page.signal, reaches,
      onPick: (place) => set(place, { move: false }) })
    const show = (place, options, note = "") => {
      picker.show(place, options)
      state.textContent = (place ? t("report.place", place) : t("report.place.none")) + note
      clear.hidden = !place
      this.checkPlace()
    }
    const set = (place, options, note) => {
      this.draft.place = place
      this.save()
      show(place, options, note)
    }
    const locate = () => {
      state.textContent = t("report.locating")
      const refused = () => (state.textContent = t("report.locate.failed"))
      if (!navigator.geolocation) return refused()
      navigator.geolocation.getCurrentPosition(({ coords }) => {
        if (this.page.signal.aborted) return
        const place = { longitude: Number(coords.longitude.toFixed(5)), latitude: Number(coords.latitude.toFixed(5)) }
        set(place, {}, ` ${t("report.located", { n: Math.round(coords.accuracy) })}`)
      }, refused, { enableHighAccuracy: true, timeout: 15_000, maximumAge: 60_000 })
    }
    const centre = () => {
      const place = picker.centre()
      if (place) set(place, { move: false })
    }
    // Nothing is stored before somebody writes or chooses: a page that was only looked at leaves no draft.
    show(this.draft.place)
    const buttons = h("div", { class: "place-row" },
      h("button", { type: "button", class: "button quiet", on: { click: locate } }, icon("place"), t("report.locate")),
      h("button", { type: "button", class: "button quiet", on: { click: centre } }, t("report.centre")))
    const content = (fault) => [picker.box, buttons, h("div", { class: "place-row" }, state, clear), fault,
      h("div", { class: "pair" }, this.river(rivers, reach), this.address()), this.region()]
    return this.fieldset("place", { label: t("report.where"), hint: t("report.where.hint"), content, isLive: true,
      target: buttons.querySelector("button") })
  }

  /// A place outside the city is said to be while it is being chosen.
  checkPlace() {
    this.say("place", this.isOutside() ? t("fault.place-outside") : this.farText())
    this.similar.update(this.draft)
  }

  /// As Intake judges it: neither in a region nor at one of the city's reaches. False while that isn't known.
  isOutside() {
    const { place } = this.draft
    const [regions, reaches] = (this.shapes ?? []).map((shapes) => shapes?.features ?? [])
    if (!place || !regions?.some((one) => one.geometry) || !reaches?.length) return false
    return !regions.some((one) => holds(one.geometry, place))
      && !reaches.some((one) => metresTo(one.geometry, place) < nearReachMetres)
  }

  /// A river that was chosen decides who answers, so a place far from it is worth a word. Nothing where that isn't known.
  farText() {
    const { place, river, reach } = this.draft
    const own = (this.shapes?.[1]?.features ?? []).filter((one) => one.geometry
      && (reach ? one.properties?.id === reach : one.properties?.river === river))
    if (!place || !(river || reach) || !own.length) return ""
    const metres = Math.min(...own.map((one) => metresTo(one.geometry, place)))
    return metres > farMetres ? t("report.place.far", { n: (metres / 1000).toFixed(1) }) : ""
  }

  /// Whoever knows only an address can say in which region it lies; that office then has the complaint.
  region() {
    const select = h("select", { name: "region", on: { change: () => {
      this.draft.region = select.value
      this.save()
    } } }, h("option", { value: "" }, t("report.river.unknown")))
    const node = this.field("region", { label: t("report.region"), hint: t("report.region.hint"), optional: true,
      control: select })
    node.hidden = true
    api.regions().then(({ regions }) => {
      select.append(...(regions ?? []).map((one) => h("option", { value: one.id,
        selected: one.id === this.draft.region }, named(one.name))))
      node.hidden = (regions ?? []).length < 2
    }).catch(() => {})
    return node
  }

  river(rivers, reach) {
    const chosen = h("p", { class: "chosen-reach" })
    const options = rivers.map((one) => h("option", { value: one.id, selected: one.id === this.draft.river },
      named(one.name)))
    const select = h("select", { name: "river" }, h("option", { value: "" }, t("report.river.unknown")), options)
    if (!rivers.some((one) => one.id === this.draft.river)) {
      // A river that the list hasn't got (it may have failed to load) still counts.
      if (this.draft.river && !rivers.length) select.append(h("option", { value: this.draft.river, selected: true },
        this.draft.river))
      else this.draft.river = ""
    }
    const dropReach = () => {
      this.draft.reach = ""
      this.save()
      replace(chosen)
      this.checkPlace()
    }
    select.addEventListener("change", () => {
      this.draft.river = select.value
      dropReach()
      this.checkPlace()
    })
    if (reach) {
      replace(chosen, `${t("report.reach")}${t("colon")}${named(reach.name)} `,
        h("button", { type: "button", class: "plain", on: { click: dropReach } }, t("report.reach.clear")))
    }
    return this.field("river", { label: t("report.river"), optional: true, control: h("div", {}, select, chosen),
      target: select })
  }

  address() {
    return this.field("address", { label: t("report.address"), optional: true,
      control: this.input("address", this.draft.address, {
      maxlength: addressLimit, placeholder: t("report.address.example"), autocomplete: "off",
    }, (value) => {
      this.draft.address = value
      this.save()
    }) })
  }

  input(name, value, attributes, onInput) {
    const node = h("input", { name, ...attributes, on: { input: () => onInput(node.value) } })
    node.value = value
    return node
  }

  media() {
    const picker = new Picker({ pictures: this.draft.pictures, links: this.draft.media, signal: this.page.signal,
      onChange: (pictures, links) => {
        Object.assign(this.draft, { pictures, media: links })
        this.save()
      } })
    const set = this.fieldset("media", { label: t("pictures.title"), hint: t("pictures.hint"), optional: true,
      content: [picker.node], target: picker.target })
    this.picker = picker
    this.fields.get("media").at = (index) => picker.at(index)
    return set
  }

  contact() {
    const keep = (name) => (value) => (contact[name] = value)
    const hint = h("span", { class: "hint", id: identifier("hint") }, t("report.anonymous.hint"))
    const box = h("input", { type: "checkbox", role: "switch", checked: this.draft.anonymous,
      "aria-describedby": hint.id, on: {
      change: () => {
        this.draft.anonymous = box.checked
        this.save()
      },
    } })
    const phone = this.input("phone", contact.phone, { type: "tel", autocomplete: "tel", maxlength: phoneLimit },
      keep("phone"))
    // Not at once: the field is left by pressing something else, which a new line must not move from under the finger.
    phone.addEventListener("change", () => setTimeout(() => {
      const wrong = phoneFault(phone.value)
      this.say("contact.phone", wrong ? t(`fault.${wrong.kind}`, { n: phoneLimit }) : "")
    }, pressMilliseconds))
    const content = [
      h("div", { class: "pair" },
        this.field("contact.name", { label: t("report.name"), optional: true,
          control: this.input("name", contact.name, { autocomplete: "name", maxlength: nameLimit }, keep("name")) }),
        this.field("contact.phone", { label: t("report.phone"), optional: true, isLive: true, control: phone })),
      h("label", { class: "switch" }, box, h("span", {}, h("strong", {}, t("report.anonymous")), hint)),
    ]
    return this.fieldset("contact", { label: t("report.contact"), hint: t("report.contact.hint"), optional: true,
      content })
  }

  // MARK: faults

  /// Says what is wrong with one field, or nothing.
  say(name, detail) {
    const known = this.fields.get(name)
    if (!known) return
    known.fault.textContent = detail
    if (detail) known.target.setAttribute("aria-invalid", "true")
    else known.target.removeAttribute("aria-invalid")
  }

  /// Shows each fault at its field and all of them in one place, which gets the focus.
  showFaults(faults, lead = "") {
    for (const name of this.fields.keys()) this.say(name, "")
    const entries = faults.map(({ field, detail }) => {
      const known = this.fieldNamed(field)
      if (!known) return h("li", {}, [fieldLabel(field), detail].filter(Boolean).join(t("colon")))
      known.fault.textContent = detail
      known.target.setAttribute("aria-invalid", "true")
      return h("li", {}, h("button", { type: "button", class: "plain", on: { click: () => this.turnTo(known.target) } },
        `${known.label}${t("colon")}${detail}`))
    })
    if (!entries.length && !lead) return replace(this.summary)
    replace(this.summary, h("strong", {}, lead || t("report.faults", { n: entries.length })),
      entries.length > 0 && h("ul", {}, entries))
    this.summary.scrollIntoView({ block: "center" })
    this.summary.focus({ preventScroll: true })
  }

  /// `media.1` is the second link; `place.latitude` belongs to the place; what we have no field for is said above.
  fieldNamed(name) {
    const parts = String(name).split(".")
    for (let length = parts.length; length > 0; length--) {
      const known = this.fields.get(parts.slice(0, length).join("."))
      if (!known) continue
      return { ...known, target: known.at?.(Number(parts[length]) || 0) ?? known.target }
    }
    return this.fields.get({ reach: "river" }[name])
  }

  turnTo(target) {
    target.focus({ preventScroll: true })
    target.scrollIntoView({ block: "center" })
  }

  faults() {
    const { category, text, place, river, reach, address } = this.draft
    const found = []
    const length = characters(text)
    if (!place && !river && !reach && !address.trim()) found.push({ field: "place", detail: t("fault.place-missing") })
    else if (this.isOutside()) found.push({ field: "place", detail: t("fault.place-outside") })
    for (const { detail } of this.picker.faults) found.push({ field: "media", detail })
    if (!category) found.push({ field: "category", detail: t("report.fault.category") })
    if (!text.trim()) found.push({ field: "text", detail: t("report.fault.text") })
    else if (length > textLimit) found.push({ field: "text",
      detail: t("report.fault.long", { n: length - textLimit }) })
    const wrong = phoneFault(contact.phone)
    if (wrong?.isCertain) found.push({ field: "contact.phone", detail: t(`fault.${wrong.kind}`, { n: phoneLimit }) })
    return found
  }

  // MARK: sending

  /// Blank fields are left out: a blank name isn't a name.
  body() {
    const { category, text, place, river, reach, region, address, anonymous } = this.draft
    const { media } = this.picker
    const person = Object.fromEntries(Object.entries(contact).map(([name, value]) => [name,
      value.trim()]).filter(([, value]) => value))
    return {
      category, text: text.trim(), channel: "web", gateway: "site", anonymous,
      ...(place && { place }), ...(river && { river }), ...(reach && { reach }), ...(region && { region }),
      ...(address.trim() && { address: address.trim() }),
      ...(media.length && { media }), ...(Object.keys(person).length && { contact: { ...person, language: language() } }),
    }
  }

  async send(event) {
    event.preventDefault()
    if (this.sending) return
    this.sending = true
    this.button.setAttribute("aria-disabled", "true")
    try {
      if (this.picker.isBusy) {
        this.button.textContent = t("pictures.waiting")
        await this.picker.settled()
      }
      const faults = this.faults()
      this.showFaults(faults)
      if (faults.length) return
      this.save()
      this.button.textContent = t("report.sending")
      const answer = await api.submit(this.body(), this.draft.key)
      this.done(answer)
    } catch (failure) {
      this.refused(failure)
    } finally {
      this.sending = false
      this.button.removeAttribute("aria-disabled")
      this.button.textContent = t("report.send")
    }
  }

  refused(failure) {
    if (!(failure instanceof api.Failure)) console.error(failure)
    if (failure.faults?.length) {
      return this.showFaults(failure.faults.map((fault) => ({ field: fault.field, detail: faultText(fault) })))
    }
    if (!failure.status) return this.showFaults([], t("report.unsent"))
    if (failure.status === 429) return this.showFaults([], t("report.often", { why: reason(failure) }))
    if (failure.status >= 500) return this.showFaults([], t("report.busy", { status: failure.status }))
    this.showFaults([], t("report.refused", { why: problem(failure) }))
  }

  done(answer) {
    const code = String(answer.trackingCode ?? "").replace(/-/g, "")
    addOwnComplaint(code, { id: answer.id })
    forget("draft")
    contact = { name: "", phone: "" }
    const heading = h("h1", { tabindex: -1 }, t("done.title"))
    replace(this.node, h("div", { class: "done" }, icon("resolved"), heading,
      h("p", {}, t("done.code")),
      h("p", { class: "big-code" }, groupedCode(code)),
      h("p", { class: "done-row" }, copyButton(groupedCode(code), "button quiet")),
      h("p", { class: "done-row" }, h("a", { class: "button", href: complaintPath(code) }, t("done.open"))),
      h("p", { class: "hint" }, t("done.own")),
      isWebAddress(answer.link) && h("p", { class: "done-row" },
        copyButton(answer.link, "plain", t("done.link"))),
      h("p", {}, h("button", { type: "button", class: "plain", on: { click: () => this.page.go("/report") } },
        t("done.again")))))
    scrollTo(0, 0)
    heading.focus({ preventScroll: true })
  }
}

/// As people count, not as UTF-16 does: a rare character or an emoji is one.
function characters(text) {
  const segments = globalThis.Intl?.Segmenter && text.length <= 4 * textLimit
  return segments ? [...new Intl.Segmenter("zh", { granularity: "grapheme" }).segment(text)].length : [...text].length
}
