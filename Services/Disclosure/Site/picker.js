// Choosing pictures: from the camera or the gallery, each sent at once and shown with its progress; or links, folded,
// because few people have any.

import * as api from "./api.js"
import { faultText } from "./faults.js"
import { h, icon, identifier, replace } from "./dom.js"
import { t } from "./language.js"
import { reason } from "./parts.js"
import { fileBytes, prepared, upload } from "./uploads.js"

export const mediaLimit = 9
const types = "image/jpeg,image/png,image/webp"

/// `pictures` are `[{ name, preview }]` and `links` texts, of an earlier visit; `onChange` hears of both.
export class Picker {
  constructor({ pictures = [], links = [], signal, onChange = () => {} }) {
    Object.assign(this, { onChange, links: links.length ? links : [""], line: Promise.resolve() })
    // Who comes back to the page gets a picker of its own, and only one may write the draft.
    signal?.addEventListener("abort", () => this.entries.forEach((one) => one.leave.abort()))
    this.entries = pictures.map(({ name, preview }) => this.entry({ name, preview }))
    this.list = h("ul", { class: "picks" })
    this.said = h("p", { class: "pick-said hint", role: "status" })
    const gallery = this.input({ multiple: true })
    const camera = this.input({ capture: "environment" })
    const choose = (input, symbol, text) => h("button", { type: "button", class: "button quiet",
      on: { click: () => input.click() } }, icon(symbol), t(text))
    // A computer has no camera to take a photo of a river with, and its chooser of files ignores the wish.
    const hasCamera = matchMedia("(pointer: coarse)").matches
    this.buttons = h("div", { class: "pick-row" }, hasCamera && choose(camera, "camera", "pictures.camera"),
      choose(gallery, "picture", hasCamera ? "pictures.gallery" : "pictures.file"))
    this.target = this.buttons.lastElementChild
    this.linkList = h("div", { class: "links" })
    this.more = h("button", { type: "button", class: "plain", on: { click: () => this.addLink() } },
      t("pictures.links.add"))
    this.linkPart = h("details", { class: "pick-links", open: this.links.some(Boolean) },
      h("summary", {}, t("pictures.links")), this.linkList, this.more)
    // Some cities take uploads alone.
    api.about().then(({ pictureLinks }) => (this.linkPart.hidden = pictureLinks === false)).catch(() => {})
    this.node = h("div", { class: "picker" }, this.list, this.buttons, gallery, camera, this.said, this.linkPart)
    this.show()
  }

  input(attributes) {
    const node = h("input", { type: "file", accept: types, hidden: true, tabindex: -1, ...attributes, on: {
      change: () => {
        const files = [...node.files]
        // The same file again shall be a change, too.
        node.value = ""
        this.add(files)
      },
    } })
    return node
  }

  // MARK: what was chosen

  get isBusy() { return this.entries.some((one) => one.isUnderWay) }

  /// Until everything was sent or has failed.
  settled() { return Promise.all(this.entries.map((one) => one.work)) }

  get count() { return this.entries.length + this.links.filter((one) => one.trim()).length }

  /// As `media` has it: the pictures, then the links.
  get media() {
    return [...this.entries.map((one) => one.name).filter(Boolean), ...this.links.map((one) => one.trim()).filter(Boolean)]
  }

  /// What is wrong: `{ index, detail }` with the place in `media`, or behind its end for a picture that wasn't taken.
  get faults() {
    const failed = this.entries.filter((one) => one.fault).map((one) => ({ at: one.node.querySelector("button"),
      detail: one.fault }))
    const wrong = this.links.flatMap((one, index) => (one.trim() && !isSecure(one.trim())
      ? [{ at: this.linkList.children[index], detail: t("pictures.links.bad") }] : []))
    return [...failed, ...wrong]
  }

  /// The control of what stands there in `media`.
  at(index) {
    const named = this.entries.filter((one) => one.name)
    if (index < named.length) return named[index].node.querySelector("button")
    const filled = this.links.flatMap((one, place) => (one.trim() ? [place] : []))
    const link = this.linkList.children[filled[index - named.length]]
    if (link) this.linkPart.open = true
    return link ?? this.target
  }

  changed() {
    this.onChange(this.entries.filter((one) => one.name).map(({ name, preview }) => ({ name, preview })), this.links)
  }

  // MARK: pictures

  add(files) {
    const room = mediaLimit - this.count
    this.said.textContent = files.length > room ? t("pictures.most", { n: mediaLimit }) : ""
    for (const file of files.slice(0, Math.max(0, room))) {
      const one = this.entry({ file })
      this.entries.push(one)
      this.start(one)
    }
    this.show()
  }

  entry(given) {
    const one = { name: "", preview: "", ...given, leave: new AbortController() }
    one.picture = h("div", { class: "pick-picture" })
    one.bar = h("progress", { max: 1, value: 0, "aria-label": t("pictures.sending") })
    one.state = h("p", { class: "pick-state", id: identifier("pick") })
    one.again = h("button", { type: "button", class: "plain", on: { click: () => this.start(one) } }, t("pictures.again"))
    one.remove = h("button", { type: "button", class: "pick-remove", on: { click: () => this.remove(one) } }, "×")
    one.node = h("li", { class: "pick" }, one.picture, one.bar, one.state, one.again, one.remove)
    return one
  }

  start(one) {
    one.fault = ""
    one.isUnderWay = true
    // One after the other: a phone has little memory for decoded photos, and a slow network none of them arrives over
    // while all of them try.
    one.work = this.line.then(() => this.send(one)).catch((failure) => {
      if (failure?.name !== "AbortError") {
        if (!("status" in Object(failure))) console.error(failure)
        // Whatever the picture itself is refused for stays so.
        one.isFinal = [400, 422].includes(failure?.status)
        one.fault = failure?.faults?.length ? faultText(failure.faults[0])
          : failure?.status === 400 ? t("fault.picture-broken") : reason(failure)
      }
    }).finally(() => {
      one.isUnderWay = false
      if (this.entries.includes(one)) this.show()
      if (one.name) this.changed()
    })
    this.line = one.work
    this.show()
  }

  async send(one) {
    one.leave.signal.throwIfAborted()
    const { body, preview } = await prepared(one.file)
    one.leave.signal.throwIfAborted()
    one.preview = preview
    this.draw(one)
    if (body.size > fileBytes) {
      one.isFinal = true
      one.fault = t("fault.picture-too-large")
      return
    }
    one.name = await upload(body, { signal: one.leave.signal, onProgress: (share) => {
      one.bar.value = share
      // What has left still has to be decoded over there.
      if (share === 1) one.bar.removeAttribute("value")
    } })
    one.file = null
    this.said.textContent = t("pictures.sent", { n: this.entries.indexOf(one) + 1 })
  }

  remove(one) {
    one.leave.abort()
    const index = this.entries.indexOf(one)
    this.entries.splice(index, 1)
    this.said.textContent = t("pictures.removed")
    this.show()
    this.changed()
    const next = this.entries[Math.min(index, this.entries.length - 1)]
    ;(next?.remove ?? this.target).focus()
  }

  draw(one) {
    replace(one.picture, one.preview ? h("img", { src: one.preview, alt: "" }) : icon("picture"))
  }

  show() {
    this.entries.forEach((one, index) => {
      this.draw(one)
      one.bar.hidden = !one.isUnderWay
      one.state.textContent = one.fault || (one.isUnderWay ? t("pictures.sending") : "")
      one.node.classList.toggle("pick-failed", Boolean(one.fault))
      one.again.hidden = !one.fault || one.isFinal || !one.file
      one.remove.setAttribute("aria-label", t("pictures.remove", { n: index + 1 }))
    })
    const nodes = this.entries.map((one) => one.node)
    // Moving a node takes the focus from it.
    if (nodes.length !== this.list.childElementCount || nodes.some((node, index) => node !== this.list.children[index])) {
      replace(this.list, nodes)
    }
    this.list.hidden = !nodes.length
    this.showLinks()
  }

  // MARK: links

  showLinks() {
    if (this.linkList.childElementCount !== this.links.length) {
      replace(this.linkList, this.links.map((link, index) => {
        const node = h("input", { type: "url", inputmode: "url", placeholder: "https://", autocomplete: "off",
          "aria-label": t("pictures.links.n", { n: index + 1 }), on: {
          input: () => {
            this.links[index] = node.value
            this.more.hidden = this.count >= mediaLimit
            this.changed()
          },
        } })
        node.value = link
        return node
      }))
    }
    this.more.hidden = this.count >= mediaLimit
  }

  addLink() {
    this.links.push("")
    this.showLinks()
    this.linkList.lastElementChild.focus()
  }
}

function isSecure(text) {
  try {
    return new URL(text).protocol === "https:"
  } catch {
    return false
  }
}
