// The link in hand: what somebody's message lets him do to one complaint, as the person it was sent to.
//
// Its token comes in the fragment, which browsers send to nobody (RFC 3986 §3.5), and is taken out of the address at
// once, so that neither the history nor a screen that is shared or photographed shows it.

import { confirmNumber } from "./api.js"
import { readCode } from "./code.js"
import { addOwnComplaint, keepToken, takeNewLink } from "./memory.js"

// A handle: 128 bits in base64url. What a chat program takes for a part of the address goes with it.
const shape = /^#([\w-]{22})(?![\w-])/

/// Takes the token out of the address, if there is one. A complaint's page keeps it with what this browser may do to that
/// complaint, and tells Intake once that it was opened; elsewhere it lives as long as the tab. Gives "leaving" where the
/// page begins again, "taken" where it goes on with the link, null where there was none.
export function takeLink() {
  const address = location.pathname + location.search
  const code = readCode(/^\/complaints\/([^/]+)\/?$/.exec(location.pathname)?.[1] ?? "")
  const token = shape.exec(location.hash)?.[1]
  const isStored = token && (code ? addOwnComplaint(code, { link: token, isNew: true }) : keepToken(token))
  if (isStored) {
    // Not `history.replaceState`: Chromium's list of visited pages then has both addresses. This makes the first one a
    // redirect, which the list leaves out.
    location.replace(address)
    return "leaving"
  }
  // Another page would know nothing of it, so this one goes on.
  if (token) history.replaceState(history.state, "", address)
  const opened = code && takeNewLink(code)
  if (opened) confirmNumber(opened)
  return token ? "taken" : null
}

/// Why a link can't be used, as the words of the page know it; null where the failure is of another kind.
export function linkFault(failure) {
  if (failure?.status !== 401) return null
  if (failure.type === "urn:dayu:complaint-erased") return "erased"
  return failure.type === "urn:dayu:link-expired" ? "expired" : "broken"
}
