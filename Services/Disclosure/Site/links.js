// The link in hand: what somebody's message lets him do to one complaint, as the person it was sent to.
//
// Its token comes in the fragment, which browsers send to nobody (RFC 3986 §3.5), and is taken out of the address at
// once, so that neither the history nor a screen that is shared or photographed shows it.

import { confirmNumber } from "./api.js"
import { readCode } from "./code.js"
import { addOwnComplaint, keepToken } from "./memory.js"

// A handle: 128 bits in base64url. What a chat program takes for a part of the address goes with it.
const shape = /^#([\w-]{22})(?![\w-])/

/// Takes the token out of the address, if there is one, and says whether there was. A complaint's page keeps it with
/// what this browser may do to that complaint, and tells Intake once that it was opened; elsewhere it lives as long as the
/// tab.
export function takeLink() {
  const token = shape.exec(location.hash)?.[1]
  if (!token) return false
  history.replaceState(history.state, "", location.pathname + location.search)
  const code = readCode(/^\/complaints\/([^/]+)\/?$/.exec(location.pathname)?.[1] ?? "")
  if (code) {
    addOwnComplaint(code, { link: token })
    confirmNumber(token)
  } else keepToken(token)
  return true
}

/// Why a link can't be used, as the words of the page know it; null where the failure is of another kind.
export function linkFault(failure) {
  if (failure?.status !== 401) return null
  return failure.type === "urn:dayu:link-expired" ? "expired" : "broken"
}
