// What this browser keeps between visits. Storage may be forbidden or full (private windows, embedded views): then the
// page works from memory alone, and only forgets more.

const prefix = "dayu."
const fallback = new Map()

export function remember(key, value) {
  fallback.set(key, value)
  try {
    localStorage.setItem(prefix + key, JSON.stringify(value))
  } catch {
    // Nothing to do: `fallback` has it for as long as the page is open.
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
// The identity of a complaint is a capability: whoever holds it may rate the outcome or ask for more. It is therefore
// kept only here, never put into an address and never shown; the tracking code is the public name.

const keptComplaints = 50

/// Newest first: `[{ code, id, at }]`.
export function ownComplaints() {
  const list = recall("complaints")
  return Array.isArray(list) ? list.filter((one) => one && one.code && one.id) : []
}

export function addOwnComplaint(code, id) {
  const others = ownComplaints().filter((one) => one.code !== code)
  remember("complaints", [{ code, id, at: Date.now() }, ...others].slice(0, keptComplaints))
}

export const ownComplaint = (code) => ownComplaints().find((one) => one.code === code)
export const forgetOwnComplaints = () => forget("complaints")
