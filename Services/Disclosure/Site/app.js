// The frame of the site and its router: an address becomes a page, links inside the site change it without a reload.

import * as api from "./api.js"
import { h, outside, replace } from "./dom.js"
import { hasEnterprises, isMeasured, language, locale, named, setCityLanguage, setLanguage, setWords, t } from "./language.js"
import { moment, setZone, zoneName } from "./format.js"
import { takeLink } from "./links.js"
import { dropToken, recall, remember, tokenInHand } from "./memory.js"
import { failed, loading } from "./parts.js"

const main = document.getElementById("main")

const routes = [
  [/^\/$/, () => import("./views/home.js")],
  [/^\/rivers\/([^/]+)$/, () => import("./views/river.js")],
  [/^\/reaches\/([^/]+)$/, () => import("./views/reach.js")],
  [/^\/report$/, () => import("./views/report.js")],
  [/^\/complaints$/, () => import("./views/complaints.js")],
  [/^\/complaints\/([^/]+)$/, () => import("./views/complaint.js")],
  [/^\/c$/, () => import("./views/own.js")],
  [/^\/act$/, () => import("./views/act.js")],
  [/^\/desk(?:\/([^/]+))?$/, () => import("./views/desk.js")],
  [/^\/review$/, () => import("./views/review.js")],
  [/^\/bulletins(?:\/([^/]+))?$/, () => import("./views/bulletin.js")],
  [/^\/trends$/, () => import("./views/trends.js")],
  [/^\/enterprises$/, () => import("./views/enterprises.js")],
  [/^\/enterprises\/([^/]+)$/, () => import("./views/enterprise.js")],
  [/^\/ranking$/, () => import("./views/ranking.js")],
  [/^\/news$/, () => import("./views/news.js")],
  [/^\/about$/, () => import("./views/about.js")],
]

/// A link to the desk opens a session, and is forgotten.
async function openDesk() {
  const token = location.pathname.startsWith("/desk") && tokenInHand()
  if (!token) return
  try {
    await api.desk.open(token)
    remember("desk", true)
    dropToken()
    frame()
  } catch (failure) {
    if (failure?.status === 401) dropToken()
  }
}

const leaving = takeLink() === "leaving"
// A page that begins again asks for nothing.
api.enterBy(leaving ? new Promise(() => {}) : openDesk())

// Every page shows times and speaks of what the city looks after, so the first one waits until its clocks, its language and
// its words are known, or can't be. The frame waits a moment, too.
const cityTime = api.about().then((about) => {
  setZone(about.timeZone)
  setCityLanguage(about.languages?.[0])
  setWords(about)
}).catch(() => {})
const frameWaits = 800
const firstFrame = Promise.race([cityTime, new Promise((resolve) => setTimeout(resolve, frameWaits))])

/// The first frame may have been drawn before the city's words were known.
let isFirst = true
let leave = new AbortController()
let shownAddress = ""

function match(path) {
  for (const [pattern, view] of routes) {
    const found = pattern.exec(path.length > 1 ? path.replace(/\/+$/, "") : path)
    if (!found) continue
    try {
      return { view, argument: found[1] === undefined ? null : decodeURIComponent(found[1]) }
    } catch {
      return null
    }
  }
  return null
}

/// Shows the page of the address. Whatever the last page had under way (requests, polling, maps) hears `signal`.
async function show({ focus = true, scroll = 0 } = {}) {
  leave.abort()
  leave = new AbortController()
  const { signal } = leave
  shownAddress = location.pathname + location.search
  await firstFrame
  if (signal.aborted) return
  frame()
  const found = match(location.pathname)
  if (!found) return reveal(missing(), t("missing.title"), focus, scroll)
  const wait = setTimeout(() => !signal.aborted && replace(main, loading()), 150)
  try {
    const [{ render }] = await Promise.all([found.view().catch(renew), cityTime])
    if (!signal.aborted && isFirst) frame()
    isFirst = false
    const page = { signal, query: new URLSearchParams(location.search), title: "", setTitle, go, refresh: () => show() }
    const content = await render(page, found.argument)
    if (signal.aborted) return
    reveal(content, page.title, focus, scroll)
    page.shown?.()
  } catch (failure) {
    if (signal.aborted) return
    if (failure?.status === 404) return reveal(missing(), t("missing.title"), focus, 0)
    if (!("status" in Object(failure))) console.error(failure)
    replace(main, failed(failure, () => show()))
  } finally {
    clearTimeout(wait)
  }
}

/// A part of the site can't be had. After an upgrade the files that this page came with are gone, and the page has to be
/// loaded anew; where that was just done, something else is wrong.
function renew(failure) {
  const name = "renewed"
  if (Date.now() - Number(sessionStorage.getItem(name)) < 60_000) throw failure
  sessionStorage.setItem(name, String(Date.now()))
  location.reload()
  return new Promise(() => {})
}

function reveal(content, title, focus, scroll) {
  replace(main, content)
  setTitle(title)
  // A screen reader learns of the new page by where the focus goes; the eye, by where the page begins.
  if (focus) {
    const heading = main.querySelector("h1") ?? main
    heading.tabIndex = -1
    heading.focus({ preventScroll: true })
  }
  scrollTo(0, scroll)
}

function setTitle(title) {
  document.title = title ? `${title} · ${t("site.name")}` : t("site.name")
}

function missing() {
  return h("div", { class: "page narrow" }, h("h1", {}, t("missing.title")), h("p", {}, t("missing.text")),
    h("p", {}, h("a", { href: "/" }, t("missing.home"))))
}

export function go(address) {
  history.replaceState({ scroll: scrollY }, "")
  history.pushState({ scroll: 0 }, "", address)
  return show()
}

// MARK: the frame

const places = [
  ["/", "nav.home"],
  ["/complaints", "nav.complaints"],
  ["/ranking", "nav.ranking"],
  ["/about", "nav.about"],
]

/// A phone has room for five. Who has a desk finds the rest at the foot of the page.
const shownPlaces = () => (recall("desk") ? [["/desk", "nav.desk"], ...places.slice(0, -1)] : places)

function frame() {
  document.documentElement.lang = locale()
  document.getElementById("skip").textContent = t("skip")
  const city = h("span", { class: "brand-name" }, t("site.name"))
  const notice = h("p", { class: "notice header-notice", role: "note", hidden: true })
  replace(document.getElementById("header"), notice,
    h("div", { class: "header-inner" },
      h("a", { class: "brand", href: "/" },
        h("span", { class: "seal", "aria-hidden": "true" }, "禹"),
        h("span", { class: "brand-words" }, city, h("span", { class: "brand-line" }, t("site.line")))),
      h("nav", { class: "nav", "aria-label": t("nav.label") },
        shownPlaces().map(([path, key]) => h("a", { href: path, "aria-current": isCurrent(path) ? "page" : null }, t(key))),
        h("a", { href: "/report", class: "nav-report", "aria-current": isCurrent("/report") ? "page" : null },
          t("nav.report"))),
      h("div", { class: "languages", role: "group", "aria-label": t("language.label") },
        languageButton("zh", "zh-CN", "中文"), languageButton("en", "en", "English"))))
  const updated = h("span", {})
  const time = h("span", {}, t("footer.time", { zone: zoneName() }))
  const registered = h("p", { class: "footer-lines", hidden: true })
  replace(document.getElementById("footer"),
    h("div", { class: "footer-inner" },
      h("p", {}, time, " ", updated),
      h("p", {}, t(location.pathname.startsWith("/desk") ? "footer.desk" : "footer.privacy"), " ", h("a", { href: "/about" }, t("footer.api")), " · ",
        isMeasured() ? [h("a", { href: "/bulletins" }, t("bulletin.title")), " · "] : null,
        hasEnterprises() ? [h("a", { href: "/enterprises" }, t("enterprises.title")), " · "] : null,
        h("a", { href: "/news" }, t("news.title"))),
      registered))
  api.about().then((about) => {
    if (named(about.city)) city.textContent = t("site.of", { city: named(about.city) })
    if (about.notice) {
      notice.textContent = named(about.notice)
      notice.hidden = false
    }
    time.textContent = t("footer.time", { zone: zoneName() })
    const lines = (about.footer ?? []).filter((line) => line?.text)
    registered.hidden = !lines.length
    replace(registered, lines.map(({ text, link }) => h("span", {}, link ? outside(link, text) : text)))
    if (about.updatedAt) updated.textContent = t("footer.data", { time: moment(about.updatedAt) })
  }).catch(() => {
    // The frame does without; the page itself says what can't be read.
  })
}

const isCurrent = (path) => (path === "/" ? location.pathname === "/" || /^\/(rivers|reaches)\//.test(location.pathname)
  : location.pathname.startsWith(path))

function languageButton(value, tag, text) {
  return h("button", {
    type: "button", lang: tag, "aria-pressed": String(language() === value),
    on: { click: () => chooseLanguage(value) },
  }, text)
}

async function chooseLanguage(value) {
  setLanguage(value)
  const here = new URL(location.href)
  if (here.searchParams.has("lang")) {
    here.searchParams.delete("lang")
    history.replaceState(history.state, "", here)
  }
  await show({ focus: false, scroll: scrollY })
  document.querySelector(`.languages button[aria-pressed="true"]`)?.focus({ preventScroll: true })
}

// MARK: moving about

// In the capturing phase, because Leaflet's popups keep clicks to themselves.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]")
  if (!link || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
  if (link.target || link.origin !== location.origin || link.hasAttribute("download")) return
  if (link.getAttribute("href").startsWith("#") || !match(link.pathname)) return
  event.preventDefault()
  go(link.pathname + link.search)
}, true)

addEventListener("popstate", (event) => {
  if (location.pathname + location.search === shownAddress) return
  show({ scroll: event.state?.scroll ?? 0 })
})

// Another link opened in a tab that stands on the same page changes the fragment and loads nothing.
addEventListener("hashchange", () => {
  if (takeLink() !== "taken") return
  api.enterBy(openDesk())
  show()
})

history.scrollRestoration = "manual"
if (!leaving) show({ focus: false })
