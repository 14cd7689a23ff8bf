// Where the short link in a citizen's message leads: the link says which complaint it is, and its page goes on with it.

import * as api from "../api.js"
import { readCode } from "../code.js"
import { t } from "../language.js"
import { linkFault } from "../links.js"
import { addOwnComplaint, dropToken, tokenInHand } from "../memory.js"
import { explained } from "./act.js"
import * as complaint from "./complaint.js"

export async function render(page) {
  page.title = t("complaints.title")
  const token = tokenInHand()
  if (!token) return explained("missing")
  try {
    const code = readCode((await api.heldLink(token, page.signal)).trackingCode)
    dropToken()
    addOwnComplaint(code, { link: token })
    // Whoever opened it has the phone. Who only follows has confirmed his number with it, too.
    api.confirmNumber(token)
    history.replaceState(history.state, "", `/complaints/${code}`)
    return await complaint.render(page, code)
  } catch (failure) {
    const fault = linkFault(failure)
    if (!fault) throw failure
    page.title = t(`link.${fault}`)
    return explained(fault)
  }
}
