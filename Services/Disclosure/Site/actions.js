// What people may do to a complaint, as data: each form with who may send it, while the complaint stands where, and
// what it asks for. Whether an action counts is Routing's to decide; this only offers what has a chance.

import * as api from "./api.js"
import { groupedCode, readCode } from "./code.js"
import { momentOf, wallClock, zoneName } from "./format.js"
import { h, identifier, replace } from "./dom.js"
import { named, t, word } from "./language.js"
import { linkFault } from "./links.js"
import { recall, remember } from "./memory.js"
import { problem } from "./faults.js"
import { metresTo } from "./geometry.js"
import { placePicker } from "./map.js"
import { pictures, stationAlarm } from "./parts.js"
import { Picker } from "./picker.js"
import { passageName } from "./timeline.js"

const doers = ["chief", "department", "office"]
const running = ["assigned", "accepted"]
const always = ["received", "assigned", "accepted", "verifying", "resolved", "returned", "closed", "rejected", "merged"]
const unsettled = ["received", "assigned", "accepted", "verifying", "resolved", "returned"]

/// In the order in which they are offered: the first that applies is open, the others unfold. A form is named like its
/// verb unless two people mean different things by the same one; its words are `do.<name>…` in the string table.
const forms = [
  { name: "accept", by: doers, during: ["assigned"], fields: [] },
  { name: "rate", by: ["citizen"], during: ["resolved"], fields: ["grade", "text"], unless: isRated },
  { name: "verify", by: ["checker", "office"], during: ["verifying"], fields: ["passed", "text!", "media"] },
  { name: "resolve", by: doers, during: running, fields: ["text!", "photo"] },
  { name: "note", by: [...doers, "checker"], during: unsettled, fields: ["text!", "media", "public"] },
  { name: "reopen", by: ["citizen", "office"], during: ["resolved", "closed"], fields: ["text!"],
    unless: isPastReopening },
  { name: "urge", by: ["citizen", "office"], during: running, fields: ["text"] },
  { name: "supplement", action: "note", by: ["citizen"], during: unsettled, fields: ["text!", "media"] },
  { name: "transfer", by: doers, during: running, fields: ["text!", "to"] },
  { name: "extend", by: ["office"], during: running, fields: ["until", "text!"] },
  { name: "edit", by: ["office"], during: running, fields: ["category", "reach", "place", "text!"] },
  { name: "merge", by: ["office"], during: running, fields: ["into", "text"], check: isUnknown },
  { name: "reject", by: ["office"], during: running, fields: ["reason", "text!"] },
  { name: "close", by: ["office"], during: unsettled, fields: ["text"] },
  { name: "withhold", by: ["office"], during: always, fields: ["shown", "secrecy", "text"],
    unless: (complaint) => !passages(complaint, isShown).length },
  { name: "release", by: ["office"], during: always, fields: ["hidden", "text"],
    unless: (complaint) => !passages(complaint, isHidden).length },
]

/// Why it can't be merged into that complaint; null where nothing is known against it. Routing finds out that nobody knows the
/// other one only after the merge, and takes it back.
async function isUnknown({ into }, signal) {
  const failure = await api.complaint(readCode(into), signal).then(() => null, (failure) => failure)
  return failure?.status === 404 ? t("do.into.unknown") : null
}

/// Once who complained was erased, nobody acts as the citizen.
const isErased = (complaint) => inOrder(complaint).some((event) => event.type === "erased")

const formsFor = (role, complaint) => role === "citizen" && isErased(complaint) ? [] :
  forms.filter((form) => form.by.includes(role) && form.during.includes(complaint.status) && !form.unless?.(complaint, role))

/// Each outcome can be rated once: a grade from before the complaint was reopened says nothing about the second.
function isRated(complaint) {
  const events = inOrder(complaint)
  const last = (type) => events.findLastIndex((event) => event.type === type)
  return last("resolved") < 0 ? Boolean(complaint.grade) : last("rated") > last("resolved")
}

/// A citizen may ask for more for a while after the end; an office later, too.
function isPastReopening(complaint, role) {
  const end = inOrder(complaint).findLast((event) => event.type === "closed")
  return role === "citizen" && complaint.status === "closed" && Date.parse(end?.due) < Date.now()
}

const inOrder = (complaint) =>
  [...(complaint.timeline ?? [])].sort((one, other) => Date.parse(one.at) - Date.parse(other.at))

// MARK: fields
//
// Each is `{ node, read }`; what it reads goes into the action, and a `Fault` says what is missing and where.

const textLimit = 4000
const nearReaches = 40

class Fault {
  constructor(text, at) {
    Object.assign(this, { text, at })
  }
}

const fields = {
  text: (form, required) => {
    const area = h("textarea", { rows: required ? 3 : 2, id: identifier("text"), maxlength: textLimit })
    const read = () => {
      const text = area.value.trim()
      if (required && !text) return new Fault(t("do.text.need"), area)
      return text && { text }
    }
    return { node: [labelled(t(`do.${form.name}.text`), area, !required), recall("desk") && prepared(form, area)], read }
  },

  /// Some categories want to see that it is resolved.
  photo: (form, required, offered, complaint) => {
    const category = offered.groups.flatMap((group) => group.categories).find((one) => one.code === complaint.category?.code)
    return fields.media(form, category?.requiresPhoto !== false, offered)
  },

  media: (form, required, offered) => {
    const picker = new Picker({ signal: offered.signal })
    const read = () => {
      if (picker.isBusy) return new Fault(t("pictures.wait"), picker.target)
      const [wrong] = picker.faults
      if (wrong) return new Fault(wrong.detail, wrong.at)
      if (required && !picker.media.length) return new Fault(t("do.media.need"), picker.target)
      return picker.media.length && { media: picker.media }
    }
    return { node: set(t("pictures.title"), [h("p", { class: "hint" }, t("pictures.public")), picker.node], !required), read }
  },

  grade: () => choice("grade", ["very-satisfied", "satisfied", "neutral", "dissatisfied"],
    (grade) => t(`grade.${grade}`), t("rate.choose")),

  passed: () => {
    const { node, read } = choice("passed", ["yes", "no"], (value) => t(`do.passed.${value}`), t("do.passed.need"))
    return { node, read: () => either(read(), ({ passed }) => ({ passed: passed === "yes" })) }
  },

  reason: () => choice("reason", ["outside-jurisdiction", "not-water", "insufficient", "handled-elsewhere", "abuse"],
    (reason) => t(`refusal.${reason}`), t("do.reason.need")),

  secrecy: () => {
    const { node, read } = choice("secrecy", ["personal-data", "abuse", "accusation", "investigation"],
      (reason) => t(`withheld.${reason}`), t("do.reason.need"))
    return { node, read: () => either(read(), ({ secrecy }) => ({ reason: secrecy })) }
  },

  shown: (form, required, offered, complaint) => passage(complaint, isShown),

  hidden: (form, required, offered, complaint) => passage(complaint, isHidden),

  into: (form, required, offered, complaint) => {
    const input = h("input", { id: identifier("into"), autocomplete: "off", autocapitalize: "characters",
      spellcheck: "false", maxlength: 40, placeholder: t("home.find.example") })
    const read = () => {
      const code = readCode(input.value)
      if (!code) return new Fault(t("home.find.bad"), input)
      return code === readCode(complaint.trackingCode) ? new Fault(t("do.into.same"), input) : { into: groupedCode(code) }
    }
    return { node: labelled(t("do.into"), input), read }
  },

  public: () => {
    const box = h("input", { type: "checkbox", checked: true })
    return { node: h("label", { class: "check" }, box, h("span", {}, t("do.public"))),
      read: () => ({ public: box.checked }) }
  },

  until: () => {
    // As the clock on the wall says it in the city, whatever the device believes.
    const input = h("input", { type: "datetime-local", id: identifier("until"), min: wallClock(new Date()) })
    const read = () => (input.value ? { until: momentOf(input.value).toISOString() }
      : new Fault(t("do.until.need"), input))
    return { node: labelled(t("do.until", { zone: zoneName() }), input), read }
  },

  category: (form, required, { groups }) => {
    const select = h("select", { id: identifier("category") }, h("option", { value: "" }, t("do.unchanged")),
      groups.map((group) => h("optgroup", { label: named(group.name) },
        group.categories.filter((one) => one.code !== stationAlarm).map((one) =>
          h("option", { value: one.code }, named(one.name))))))
    return { node: labelled(t("complaint.category"), select, true),
      read: () => select.value && { category: select.value } }
  },

  reach: (form, required, { reaches }) => {
    const select = h("select", { id: identifier("reach") }, h("option", { value: "" }, t("do.unchanged")),
      reaches.map(({ id, name }) => h("option", { value: id }, named(name))))
    return { node: labelled(t("complaint.reach"), select, true), read: () => select.value && { reach: select.value } }
  },

  /// Where it really is: whoever goes there knows better than the first report.
  place: (form, required, { shapes, signal }, complaint) => {
    let chosen = null
    const state = h("p", { class: "place-state", role: "status" })
    const clear = h("button", { type: "button", class: "plain", on: { click: () => pick(null) } },
      t("report.place.clear"))
    const picker = placePicker({ label: t("report.map"), signal, reaches: Promise.resolve(shapes),
      onPick: (place) => pick(place) })
    const centre = h("button", { type: "button", class: "button quiet", on: { click: () => {
      const place = picker.centre()
      if (place) pick(place)
    } } }, t("report.centre"))
    const pick = (place) => {
      chosen = place
      picker.show(place ?? complaint.place ?? null, { move: !place })
      state.textContent = place ? t("report.place", place) : t("do.place.unchanged")
      clear.hidden = !place
    }
    pick(null)
    return { node: set(t("report.where"), [picker.box, h("div", { class: "place-row" }, centre),
      h("div", { class: "place-row" }, state, clear)], true), read: () => chosen && { place: chosen } }
  },

  to: (form, required, places) => {
    const { select, read } = target(places)
    return { node: labelled(t("do.to"), select), read }
  },
}

/// To whom it goes: the official above, whoever answers for a reach or a region, or a department.
export function target(places) {
  const select = h("select", { id: identifier("to") })
  const fill = ({ reaches, offices, departments, areAll }) => {
    const group = (kind, places) => places.length > 0 && h("optgroup", { label: t(`do.to.${kind}${areAll ? ".any" : ""}`) },
      places.map(({ id, name }) => h("option", { value: `${kind}/${id}` }, named(name))))
    replace(select, h("option", { value: "" }, t("do.to.superior")), group("reach", reaches), group("office", offices),
      group("department", departments))
  }
  fill(places)
  const read = () => {
    const [kind, id] = select.value.split("/")
    return id && { to: { [kind]: id } }
  }
  return { select, read, fill }
}

/// All of them, for complaints that lie in different places.
export async function targets(signal) {
  const [reaches, regions, departments] = await Promise.all([
    api.reachShapes(signal).catch(() => null), api.regionShapes().catch(() => null), allDepartments()])
  const all = (found) => (found?.features ?? []).map((one) => one.properties).filter((one) => one?.id)
  return { reaches: all(reaches), offices: all(regions), departments, areAll: true }
}

const allDepartments = () => api.departments().then((found) => found.departments ?? []).catch(() => [])

/// A text or a picture to choose, from all that was said; it is named by the event with which it was said.
function passage(complaint, filter) {
  const parts = passages(complaint, filter)
  const select = h("select", { id: identifier("passage") }, h("option", { value: "" }, t("do.passage.choose")),
    parts.map(({ version, part }) => h("option", { value: `${version}/${part}` },
      passageName({ version, part }, complaint.timeline))))
  const read = () => {
    const [version, part] = select.value.split("/")
    return part ? { passage: { version: Number(version), part } } : new Fault(t("do.passage.need"), select)
  }
  return { node: labelled(t("do.passage"), select), read }
}

/// The complaint's own words stand at its head, and belong to its first event. News of another complaint bring words that
/// are that one's.
const sayings = (complaint) => [{ ...complaint, version: 1 },
  ...inOrder(complaint).filter((event) => event.type !== "received" && event.type !== "informed")]

function partsOf(said) {
  const reason = (part) => (said.withheld ?? []).find((one) => one.part === part)?.reason
  const hasText = said.text || said.address || reason("text")
  return [...(hasText ? [{ part: "text", reason: reason("text") }] : []),
    ...pictures(said).map(({ number, reason }) => ({ part: `picture-${number}`, reason }))]
}

const isShown = (one) => !one.reason
const isHidden = (one) => Boolean(one.reason)

const passages = (complaint, filter) => sayings(complaint).flatMap((said) =>
  partsOf(said).filter(filter).map((one) => ({ version: said.version, part: one.part })))

const either = (value, then) => (value instanceof Fault ? value : then(value))

const labelled = (label, control, optional = false) => h("div", { class: "act-field" },
  h("label", { for: control.id }, label, optional && h("span", { class: "optional" }, t("optional"))), control)

const set = (label, content, optional = false) => h("fieldset", { class: "act-field" },
  h("legend", {}, label, optional && h("span", { class: "optional" }, t("optional"))), content)

function choice(name, values, word, need) {
  // Browsers tie radio buttons together by name, and one page may show two forms of a kind.
  const group = identifier(name)
  const chips = h("div", { class: "chips" }, values.map((value) => h("label", { class: "chip" },
    h("input", { type: "radio", name: group, value }), h("span", {}, word(value)))))
  const read = () => {
    const value = chips.querySelector("input:checked")?.value
    return value ? { [name]: value } : new Fault(need, chips.querySelector("input"))
  }
  return { node: chips, read }
}

/// Texts that an official writes again and again. They stay on this device, and hold no name of anybody.
function prepared(form, area) {
  const name = `prepared.${form.name}`
  const all = () => (Array.isArray(recall(name)) ? recall(name) : [])
  const select = h("select", { id: identifier("prepared") })
  const fill = () => replace(select, h("option", { value: "" }, t("prepared.choose")),
    all().map((text) => h("option", { value: text }, text.slice(0, 40))))
  select.addEventListener("change", () => {
    if (!select.value) return
    area.value = select.value
    area.dispatchEvent(new Event("input", { bubbles: true }))
  })
  const said = h("span", { class: "hint", role: "status" })
  const keep = () => {
    const text = area.value.trim()
    if (!text) return area.focus()
    remember(name, [text, ...all().filter((one) => one !== text)].slice(0, keptTexts))
    fill()
    said.textContent = t("prepared.kept")
  }
  fill()
  return h("div", { class: "act-field desk-prepared" }, h("label", { for: select.id }, t("prepared")), select,
    h("button", { type: "button", class: "plain", on: { click: keep } }, t("prepared.keep")), said)
}
const keptTexts = 20

// MARK: what fields choose from

const choosing = ["photo", "category", "reach", "place", "to"]

/// The categories, the reaches near the complaint, nearest first, the regions, and the departments, those of its region
/// first; what can't be read isn't offered. Of a complaint without a place the reaches of its river come first. Who has it
/// already isn't offered.
async function choices(complaint, signal) {
  const [categories, reaches, regions, departments] = await Promise.all([
    api.categories().catch(() => null), api.reachShapes(signal).catch(() => null),
    api.regionShapes().catch(() => null), allDepartments(),
  ])
  const { assignee, region } = complaint
  const isFar = (one) => Number(one.region?.id !== region?.id)
  const near = (reaches?.features ?? []).filter((one) => one.properties?.id !== complaint.reach?.id)
    .map((one) => ({ ...one.properties, distance: complaint.place ? metresTo(one.geometry, complaint.place)
      : Number(one.properties?.river !== complaint.river?.id) }))
    .sort((one, other) => one.distance - other.distance)
  return {
    signal, shapes: reaches, groups: categories?.groups ?? [], reaches: near.slice(0, nearReaches),
    offices: (regions?.features ?? []).map((one) => one.properties).filter((one) => one?.id),
    departments: departments.filter((one) => assignee?.kind !== "department" || assignee.id !== one.id)
      .sort((one, other) => isFar(one) - isFar(other)),
  }
}

// MARK: the desk

/// The forms that apply now, and above them what has become of the last one that was sent. A form that is being written in
/// stays as it is while the complaint moves on, so that looking again never takes away what is being written; any other
/// offers what there is now.
export class Desk {
  constructor(role, perform, signal) {
    Object.assign(this, { role, perform, signal, entries: new Map(), sent: new Set() })
    this.said = h("p", { role: "status", tabindex: -1 })
    this.list = h("div", {})
    this.node = h("div", { class: "act", role: "group", "aria-label": t("do.title") }, this.said, this.list)
    this.say("")
  }

  update(complaint) {
    this.complaint = complaint
    const wanted = formsFor(this.role, complaint)
    for (const name of this.entries.keys()) {
      if (!wanted.some((form) => form.name === name)) this.entries.delete(name)
    }
    for (const form of wanted) {
      if (!this.entries.has(form.name)) this.entries.set(form.name, this.entry(form))
      else this.entries.get(form.name).renew()
    }
    const nodes = wanted.map((form) => this.entries.get(form.name).node)
    // Moving a node takes the focus from it.
    const shown = this.list.children
    if (nodes.length === shown.length && nodes.every((node, index) => node === shown[index])) return
    replace(this.list, nodes)
    this.node.hidden = !nodes.length && !this.said.textContent
    // What was just done stays folded: an open form would ask for it again.
    if (nodes.length && !nodes.some((node) => node.open) && !this.sent.has(wanted[0].name)) nodes[0].open = true
  }

  /// Built when it is opened: most never are.
  entry(form) {
    const body = h("div", {})
    const node = h("details", { name: "desk" }, h("summary", {}, h("h2", {}, t(`do.${form.name}`))), body)
    const entry = { node, isInUse: false }
    const build = async () => {
      const { perform, signal } = this
      replace(body, await actionForm(form, this.complaint, { perform, signal,
        begin: () => {
          entry.isInUse = true
          this.say("")
        },
        // Its complaint may have moved on meanwhile and the form be gone; whoever sent it is told all the same.
        refuse: (text) => node.isConnected || this.say(text, "act-refused"),
        end: (text) => {
          const hadFocus = node.contains(document.activeElement) || document.activeElement === document.body
          this.sent.add(form.name)
          entry.isInUse = false
          node.open = false
          replace(body)
          this.say(text, "act-sent")
          if (hadFocus) this.said.focus()
        } }))
    }
    entry.renew = () => {
      if (entry.isInUse || !body.childElementCount || body.contains(document.activeElement)) return
      if (node.open) build()
      else replace(body)
    }
    body.addEventListener("input", () => (entry.isInUse = true))
    node.addEventListener("toggle", () => node.open && !body.childElementCount && build())
    return entry
  }

  say(text, kind = "") {
    this.said.textContent = text
    this.said.className = `act-said ${kind}`
    this.node.hidden = !text && !this.list.childElementCount
  }
}

// MARK: a form

const patienceMilliseconds = 60_000
const pauseMilliseconds = 1500

/// What has become of an action: `pending` where nobody says so within the time.
async function outcome(ask, signal) {
  const end = Date.now() + patienceMilliseconds
  while (Date.now() < end && !signal.aborted) {
    const answer = await ask(signal).catch(() => null)
    if (answer && answer.state !== "pending") return answer
    await new Promise((resolve) => setTimeout(resolve, pauseMilliseconds))
  }
  return { state: "pending" }
}

/// Sends something by itself, without a form: whether it counts, and else why not.
export async function settle(send, key, signal) {
  try {
    const { state, reason } = await outcome(await send(key), signal)
    if (state === "refused") return { isDone: false, text: t("do.declined", { why: word("declined", reason) }) }
    return { isDone: state === "done", text: state === "done" ? null : t("do.pending") }
  } catch (failure) {
    return { isDone: false, text: refusal(failure) }
  }
}

/// What `perform(action, key)` sends; `end(text)` hears that it was taken, `refuse(text)` that it was not. Pressing twice,
/// or again after a lost answer, does it once: the key changes only when the action was declined, and what was written
/// stays to be sent again.
async function actionForm(form, complaint, { perform, signal, begin, refuse, end }) {
  const offered = form.fields.some((field) => choosing.includes(field)) ? await choices(complaint, signal) : { signal }
  const built = form.fields.map((field) => fields[field.replace("!", "")](form, field.endsWith("!"), offered, complaint))
  let key = api.newKey()
  const message = h("p", { class: "act-message", role: "alert" })
  const press = h("button", { type: "submit", class: "button" }, t(`do.${form.name}.button`))
  const node = h("form", { class: "act-form", novalidate: true }, h("p", { class: "hint" }, t(`do.${form.name}.lead`)),
    built.map((field) => field.node), message, press)
  let busy = false
  const decline = (text) => {
    message.textContent = text
    refuse(text)
  }
  node.addEventListener("submit", async (event) => {
    event.preventDefault()
    if (busy) return
    const parts = built.map((field) => field.read())
    const fault = parts.find((part) => part instanceof Fault)
    if (fault) {
      message.textContent = fault.text
      fault.at.focus()
      return
    }
    busy = true
    begin()
    press.setAttribute("aria-disabled", "true")
    message.classList.add("hint")
    message.textContent = t("acting")
    try {
      const action = Object.assign({ action: form.action ?? form.name }, ...parts.filter(Boolean))
      const wrong = await form.check?.(action, signal)
      if (wrong) return decline(wrong)
      const ask = await perform(action, key)
      const { state, reason } = await outcome(ask, signal)
      if (state === "refused") {
        key = api.newKey()
        decline(t("do.declined", { why: word("declined", reason) }))
        return
      }
      end(t(state === "done" ? `do.${form.name}.sent` : "do.pending"))
    } catch (failure) {
      decline(refusal(failure))
    } finally {
      busy = false
      press.removeAttribute("aria-disabled")
      message.classList.remove("hint")
    }
  })
  return node
}

/// Why something that was sent was not taken.
export function refusal(failure) {
  if (!(failure instanceof api.Failure)) console.error(failure)
  const fault = linkFault(failure)
  if (fault) return t(`link.${fault}`)
  return t("act.failed", { why: problem(failure) })
}
