// What this browser keeps between visits. Storage may be forbidden or full (private windows, embedded views): then the
// page works from memory alone, and only forgets more.

const prefix = "dayu."
const fallback = new Map()

/// Says whether it will still be there when the page is loaded again.
export function remember(key, value) {
  fallback.set(key, value)
  try {
    localStorage.setItem(prefix + key, JSON.stringify(value))
    return true
  } catch {
    // `fallback` has it for as long as the page is open.
    return false
  }
}

export function recall(key) {
  try {
    const text = localStorage.getItem(prefix + key)
    return text === null ? fallback.get(key) : JSON.parse(text)
  } catch {
    return fallback.get(key)
  }
}

export function forget(key) {
  fallback.delete(key)
  try {
    localStorage.removeItem(prefix + key)
  } catch {
    // As above.
  }
}

// MARK: the complaints made here
//
// The identity of a complaint is a capability: whoever holds it may rate the outcome or ask for more; so is the token of
// a link from a message. Both are therefore kept only here, never put into an address and never shown; the tracking
// code is the public name.

const keptComplaints = 50

/// Newest first: `[{ code, id, link, isNew, follows, at }]`, with an identity, a link's token, or both; `isNew` while Intake
/// has not been told that the link was opened; `follows` where the complaint is somebody else's.
export function ownComplaints() {
  const list = recall("complaints")
  return Array.isArray(list) ? list.filter((one) => one && one.code && (one.id || one.link)) : []
}

export function addOwnComplaint(code, capability) {
  const others = ownComplaints().filter((one) => one.code !== code)
  return remember("complaints", [{ ...ownComplaint(code), code, ...capability, at: Date.now() }, ...others]
    .slice(0, keptComplaints))
}

/// The link's token, once.
export function takeNewLink(code) {
  const own = ownComplaint(code)
  if (!own?.isNew) return null
  addOwnComplaint(code, { isNew: undefined })
  return own.link
}

/// A link that can't be used any more; the complaint stays where its identity is known.
export function dropOwnLink(code) {
  remember("complaints", ownComplaints().map((one) => (one.code === code ? { ...one, link: undefined } : one)))
}

export const ownComplaint = (code) => ownComplaints().find((one) => one.code === code)
export const forgetOwnComplaints = () => forget("complaints")

// MARK: an official's link
//
// It lives as long as the tab, so that a phone which drops and reloads the page doesn't send him back to his messages,
// and no longer: the next one at this device is not he.

let heldToken = null

export function keepToken(token) {
  heldToken = token
  try {
    sessionStorage.setItem(`${prefix}link`, token)
    return true
  } catch {
    // The page has it for as long as it is open.
    return false
  }
}

export function dropToken() {
  heldToken = null
  try {
    sessionStorage.removeItem(`${prefix}link`)
  } catch {
    // As above.
  }
}

export function tokenInHand() {
  try {
    return sessionStorage.getItem(`${prefix}link`) ?? heldToken
  } catch {
    return heldToken
  }
}
