// What the site asks of the suite: reading from the address it was served from, writing to the one `/api/about` names.

import { t } from "./language.js"
import { recall } from "./memory.js"

const patienceMilliseconds = 15_000

/// Why an answer didn't come. `status` is 0 where nobody answered; `faults` name fields as RFC 9457's `errors` do;
/// `seconds` is how long to wait before the next try, where the answer says so.
export class Failure extends Error {
  constructor(status, problem = {}, seconds = 0) {
    super(problem.detail || problem.title || `status ${status}`)
    this.status = status
    this.seconds = seconds
    this.type = text(problem.type)
    this.title = text(problem.title)
    this.detail = text(problem.detail)
    this.faults = Array.isArray(problem.errors)
      ? problem.errors.map((fault) => ({ field: fieldName(fault), code: text(fault?.code), limit: fault?.limit,
        detail: text(fault?.detail) || text(fault?.title) }))
      : []
  }
}

const text = (value) => (typeof value === "string" ? value : "")

// `field` is ours ("place.latitude"); a JSON pointer ("#/place/latitude", "/media/0") means the same.
function fieldName(fault) {
  return (text(fault?.field) || text(fault?.pointer)).replace(/^#?\//, "").replace(/[/[]/g, ".").replace(/]/g, "")
}

/// `Retry-After` in seconds (RFC 9110 §10.2.3); the suite gives no dates.
function secondsToWait(response) {
  const seconds = Number(response.headers.get("Retry-After"))
  return Number.isFinite(seconds) && seconds > 0 ? seconds : 0
}

async function exchange(address, options, signal, { isEmpty = false } = {}) {
  const limit = new AbortController()
  const timer = setTimeout(() => limit.abort(), patienceMilliseconds)
  const leave = () => limit.abort()
  signal?.addEventListener("abort", leave)
  try {
    const response = await fetch(address, { credentials: "omit", ...options, signal: limit.signal })
    const body = await response.json().catch(() => null)
    if (!response.ok) throw new Failure(response.status, body ?? {}, secondsToWait(response))
    if (body === null && !isEmpty) throw new Failure(response.status)
    return body
  } catch (error) {
    if (signal?.aborted) throw new DOMException("left the page", "AbortError")
    throw error instanceof Failure ? error : new Failure(0)
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener("abort", leave)
  }
}

// The officials' desk asks for its session's cookie with every question; the public's site has none.
const read = async (path, signal) => {
  await entrance
  return exchange(path, { headers: { Accept: "application/json" }, credentials: "same-origin" }, signal)
}

let entrance = Promise.resolve()
/// Nothing is asked before this is settled: the desk answers nothing without a session.
export const enterBy = (opening) => (entrance = opening)

// MARK: reading

// What hardly ever changes is asked once a visit; a refusal isn't remembered.
const once = new Map()
function readOnce(path) {
  if (!once.has(path)) {
    once.set(path, read(path).catch((error) => {
      once.delete(path)
      throw error
    }))
  }
  return once.get(path)
}

const query = (values) => {
  const parts = new URLSearchParams(Object.entries(values).filter(([, value]) => value != null && value !== ""))
  return String(parts) ? `?${parts}` : ""
}

export const about = () => readOnce("/api/about")
export const categories = () => readOnce("/api/categories")
export const departments = () => readOnce("/api/departments")
export const parameters = () => readOnce("/api/parameters")
export const regions = () => readOnce("/api/regions")
export const regionShapes = () => readOnce("/api/regions.geojson")
export const reachShapes = (signal) => read("/api/reaches.geojson", signal)
export const rivers = (signal) => read("/api/rivers", signal)
export const river = (id, signal) => read(`/api/rivers/${encodeURIComponent(id)}`, signal)
export const reach = (id, signal) => read(`/api/reaches/${encodeURIComponent(id)}`, signal)
export const readings = (section, values, signal) =>
  read(`/api/sections/${encodeURIComponent(section)}/readings${query(values)}`, signal)
/// Of the office of a region (`{ office: id }`), or of a department that answers for outfalls (`{ department: id }`).
export const provisional = (reviewer, values, signal) =>
  read(`${provisionalPath(reviewer)}${query(values)}`, signal)
export const provisionalPath = ({ office, department }) => department
  ? `/api/departments/${encodeURIComponent(department)}/provisional`
  : `/api/regions/${encodeURIComponent(office)}/provisional`
export const complaints = (values, signal) => read(`/api/complaints${query(values)}`, signal)
export const complaint = (code, signal) => read(`/api/complaints/${encodeURIComponent(code)}`, signal)
export const similar = (values, signal) => read(`/api/complaints/similar${query(values)}`, signal)
export const news = (values, signal) => read(`/api/news${query(values)}`, signal)
export const evaluations = (values, signal) => read(`/api/evaluations${query(values)}`, signal)
export const accountability = (values, signal) => read(`/api/accountability${query(values)}`, signal)
export const bulletins = (signal) => read("/api/bulletins", signal)
export const bulletin = (month, signal) => read(`/api/bulletins/${encodeURIComponent(month)}`, signal)
export const trends = (values, signal) => read(`/api/trends${query(values)}`, signal)
export const coverage = (values, signal) => read(`/api/coverage${query(values)}`, signal)
export const enterprises = (values, signal) => read(`/api/enterprises${query(values)}`, signal)
export const enterprise = (id, values, signal) => read(`/api/enterprises/${encodeURIComponent(id)}${query(values)}`, signal)
export const indicators = (values, signal) => read(`/api/indicators${query(values)}`, signal)

// MARK: writing

export async function intake() {
  const address = (await about()).intake
  return typeof address === "string" ? address.replace(/\/+$/, "") : ""
}

/// The same key makes the same complaint, however often a shaky connection makes us repeat it.
export async function submit(complaint, key) {
  return exchange(`${await intake()}/v1/complaints`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json", "Idempotency-Key": key },
    body: JSON.stringify(complaint),
  })
}

/// By a link's token, or by the identity that only the browser which complained holds: either says itself which complaint
/// it is and who acts. It is sent as a bearer token: an address would stand in the log of every proxy on its way.
export const act = (token, action, key) => send("/v1/actions", action, key, bearer(token))

/// Gives the question what has become of the action: that it was taken doesn't say that it counts.
async function send(path, action, key, headers) {
  const address = `${await intake()}${path}`
  const answer = await patiently(() => exchange(address, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json", ...headers },
    body: JSON.stringify({ ...action, idempotencyKey: key }),
  }))
  const id = encodeURIComponent(text(answer.action).replace(/^action\//, ""))
  return (signal) => exchange(`${address}/${id}`, { headers: { Accept: "application/json", ...headers } }, signal)
}

/// An office or a department says which measurements are valid. Without a key of its gateway it is the one whose desk this
/// is.
export const review = async (body, key) => exchange(`${await intake()}/v1/reviews`, {
  method: "POST", headers: { "Content-Type": "application/json", Accept: "application/json",
    ...bearer(key ?? await pass()) },
  body: JSON.stringify(body),
})

/// The same as a table: the list that `provisionalPath` downloads, with a verdict in each row. The bytes go as they are, and
/// Intake finds their encoding: a spreadsheet program may have saved them in its own.
export const reviewTable = async (reviewer, table, key) =>
  exchange(`${await intake()}/v1/reviews?${new URLSearchParams(reviewer)}`, {
    method: "POST", headers: { "Content-Type": "text/csv", Accept: "application/json",
      ...bearer(key ?? await pass()) }, body: table,
  })

/// An office releases a bulletin or takes it back, by the same proofs.
export const publish = async (body, key) => exchange(`${await intake()}/v1/publications`, {
  method: "POST", headers: { "Content-Type": "application/json", Accept: "application/json",
    ...bearer(key ?? await pass()) },
  body: JSON.stringify(body),
})

/// What a link is: the complaint's code, in which role, as who and until when.
export const heldLink = async (token, signal) => {
  const address = `${await intake()}/v1/link`
  return patiently(() => exchange(address, { headers: { Accept: "application/json", ...bearer(token) } }, signal))
}

/// The phone that a link came to is his who opened it. Nobody waits for the answer, and it is empty; a link that did not
/// come by SMS is refused, which is no matter.
export const confirmNumber = (token) => patiently(async () =>
  exchange(`${await intake()}/v1/confirmations`, { method: "POST", headers: bearer(token) })).catch(() => {})

/// Who gives his number hears of another person's complaint by SMS, until he ends it with the link in such a message.
export const follow = async (complaint, phone) => exchange(`${await intake()}/v1/follows`, {
  method: "POST", headers: { "Content-Type": "application/json", Accept: "application/json" },
  body: JSON.stringify({ complaint, phone }),
})

export const unfollow = async (token) =>
  exchange(`${await intake()}/v1/unfollows`, { method: "POST", headers: bearer(token) }, undefined, { isEmpty: true })

// A link that was written a moment ago may not have been read by Intake yet. It then asks us to come again.
const pauses = [1000, 3000, 5000]
async function patiently(ask) {
  for (const pause of pauses) {
    try {
      return await ask()
    } catch (failure) {
      if (failure.type !== "urn:dayu:link-not-read") throw failure
    }
    await new Promise((done) => setTimeout(done, pause))
  }
  return ask()
}

const bearer = (token) => ({ Authorization: `Bearer ${token}` })

/// `crypto.randomUUID` exists on secure origins only; a test set-up on plain http has the random bytes alone.
export function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID()
  const hex = Array.from(crypto.getRandomValues(new Uint8Array(16)),
    (byte) => byte.toString(16).padStart(2, "0")).join("")
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`
}

// MARK: the officials' desk

/// Sends the link to his desk to whoever has this number. Nothing can be asked of the desk without a link, so the page
/// itself has the address.
export const access = (phone, language) => exchange(`${document.querySelector('meta[name="dayu-intake"]').content}/v1/access`, {
  method: "POST", headers: { "Content-Type": "application/json", Accept: "application/json" },
  body: JSON.stringify({ phone, language }),
}, undefined, { isEmpty: true })

/// For whom the page was drawn. A browser has one session: after another link was opened in it, this page must not act for
/// that person.
let drawnFor = "1"

async function atDesk(path, headers, isEmpty, body) {
  return asDrawn(exchange(`/api/desk/${path}`, {
    method: "POST", credentials: "same-origin",
    headers: { Accept: "application/json", "Dayu-Desk": drawnFor, ...headers }, body: body && JSON.stringify(body),
  }, undefined, { isEmpty }))
}

/// Nobody reads on his page what is another's.
const readOwn = (path, signal) => asDrawn(exchange(path,
  { headers: { Accept: "application/json", "Dayu-Desk": drawnFor }, credentials: "same-origin" }, signal))

let isReloading = false
async function asDrawn(answer) {
  try {
    return await answer
  } catch (failure) {
    if (failure?.type === "urn:dayu:another-person" && !isReloading) {
      isReloading = true
      alert(t("desk.another"))
      location.reload()
    }
    throw failure
  }
}

// The tabs of one browser have one session. Each tells the others when it was opened or ended, and they ask whose it is.
let tabs = null
function otherTabs() {
  if (!tabs && typeof BroadcastChannel === "function") {
    tabs = new BroadcastChannel("dayu-desk")
    tabs.addEventListener("message", async () => {
      heldPass = null
      const was = drawnFor
      const key = await read("/api/desk/me").then((me) => me.key, (failure) => (failure?.status === 401 ? "" : was))
      if (key === was || was === "1" || isReloading || !location.pathname.startsWith("/desk")) return
      isReloading = true
      location.reload()
    })
  }
  return tabs
}

async function tellTabs(answer) {
  const given = await answer
  heldPass = null
  otherTabs()?.postMessage("session")
  return given
}

export const desk = {
  /// A link that was written a moment ago may not have been read by the desk yet.
  open: async (token) => {
    for (const pause of pauses) {
      try {
        return await tellTabs(atDesk("session", bearer(token), true))
      } catch (failure) {
        if (failure.type !== "urn:dayu:link-not-valid") throw failure
      }
      await new Promise((done) => setTimeout(done, pause))
    }
    return tellTabs(atDesk("session", bearer(token), true))
  },
  leave: () => tellTabs(atDesk("leave", {}, true)),
  me: async (signal) => {
    otherTabs()
    const me = await read("/api/desk/me", signal)
    // A pass that the page still holds is of the former person.
    if (me.key !== drawnFor) heldPass = null
    drawnFor = me.key
    return me
  },
  complaints: (values, signal) => readOwn(`/api/desk/complaints${query(values)}`, signal),
  figures: (values, signal) => readOwn(`/api/desk/figures${query(values)}`, signal),
  figuresPath: (values) => `/api/desk/figures.csv${query({ ...values, for: drawnFor })}`,
  tablePath: (values) => `/api/desk/complaints.csv${query({ ...values, for: drawnFor })}`,
  /// Where one hears of what came after a place, as whoever the page is drawn for now.
  newsPath: () => {
    const me = drawnFor
    return (place) => `/api/desk/news${query({ after: place, for: me })}`
  },
  complaint: (code, signal) => readOwn(`/api/desk/complaints/${encodeURIComponent(code)}`, signal),
  /// A number stands in no address.
  find: (phone) => atDesk("find", { "Content-Type": "application/json" }, false, { phone }),
  opened: (code) => atDesk(`complaints/${encodeURIComponent(code)}/opened`, {}, true),
  contact: (code) => atDesk(`complaints/${encodeURIComponent(code)}/contact`, {}),
  /// The same on many, by one request. Gives the question what has become of each.
  actOnMany: async (codes, action, key) => {
    const address = `${await intake()}/v1/complaints/actions`
    const ask = async (path, body, signal) => exchange(`${address}${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", ...bearer(await pass()) },
      body: JSON.stringify(body),
    }, signal)
    const { actions } = await patiently(() => ask("", { ...action, complaints: codes, idempotencyKey: key }))
    return async (signal) => (await ask("/outcomes", { actions }, signal)).outcomes
  },
  act: async (code, action, key) =>
    send(`/v1/complaints/${encodeURIComponent(code)}/actions`, action, key, bearer(await pass())),
}

/// The office whose desk this is, as a region; null on the public's site and for everybody else.
export async function ownOffice(signal) {
  if (!recall("desk")) return null
  const me = await desk.me(signal).catch(() => null)
  return me?.role === "office" ? me.id : null
}

/// The office or department whose desk this is, as `provisional` takes it; null for everybody else.
export async function ownReviewer(signal) {
  if (!recall("desk")) return null
  const me = await desk.me(signal).catch(() => null)
  return me?.role === "office" ? { office: me.id } : me?.role === "department" ? { department: me.id } : null
}

// What Intake takes for the session: it is valid for a few minutes and is kept nowhere else.
let heldPass = null
async function pass() {
  if (!heldPass || Date.parse(heldPass.expiresAt) - Date.now() < 60_000) heldPass = await atDesk("pass", {})
  return heldPass.pass
}
