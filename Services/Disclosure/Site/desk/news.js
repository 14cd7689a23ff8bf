// New complaints come to the open page by themselves (Server-Sent Events), with a sound for whoever wants one.

import * as api from "../api.js"
import { h } from "../dom.js"
import { t } from "../language.js"
import { recall, remember } from "../memory.js"

// Where the desk has no room for one more page, or nobody is signed in any more.
const againMilliseconds = 60_000

/// - place: up to where the list knows what came, as its answer says.
/// - arrived(codes) hears of complaints that came to somebody in one's scope after that; `again()` that some may have been
///   missed.
/// - ended(): nothing comes any more for now; resumed(): it does again, and what came meanwhile follows.
///
/// The browser itself connects anew after a break, and says what it heard last. Browsers keep few connections to one host
/// (six with HTTP/1.1), so of the pages that are hidden one alone listens, for its sound; where they can't agree on one, none.
/// A page that is shown again hears first what came meanwhile.
export function listen(signal, place, { arrived, again, ended, resumed }) {
  let source = null
  let timer = null
  let wasLost = false
  // Ends when the page is shown again.
  let hidden = null
  const pathAfter = api.desk.newsPath()
  const connect = () => {
    clearTimeout(timer)
    source?.close()
    source = new EventSource(pathAfter(place))
    const hear = (name, act) => source.addEventListener(name, (event) => {
      if (event.lastEventId) place = event.lastEventId
      act(event)
    })
    hear("arrived", (event) => arrived(JSON.parse(event.data).complaints))
    hear("again", () => {
      wasLost = false
      again()
    })
    hear("here", () => {
      if (wasLost) resumed()
      wasLost = false
    })
    const mine = source
    source.addEventListener("error", () => {
      if (mine !== source || mine.readyState !== EventSource.CLOSED || signal.aborted) return
      if (!wasLost) ended()
      wasLost = true
      timer = setTimeout(connect, againMilliseconds)
    })
  }
  const close = () => {
    clearTimeout(timer)
    source?.close()
    source = null
  }
  const hide = () => {
    close()
    hidden = new AbortController()
    const shown = hidden.signal
    navigator.locks?.request("dayu-desk-news", { signal: shown }, () => {
      if (shown.aborted) return undefined
      connect()
      return new Promise((resolve) => shown.addEventListener("abort", resolve))
    }).catch(() => {})
  }
  const turn = () => {
    if (document.hidden) return hidden ?? hide()
    hidden?.abort()
    hidden = null
    if (!source || source.readyState === EventSource.CLOSED) connect()
  }
  turn()
  document.addEventListener("visibilitychange", turn, { signal })
  signal.addEventListener("abort", () => {
    hidden?.abort()
    close()
  })
}

/// Two short tones; browsers play them only after the page was touched.
export function chime() {
  if (recall("desk.sound") === false) return
  try {
    const context = new AudioContext()
    for (const [pitch, start] of [[660, 0], [880, 0.15]]) {
      const tone = context.createOscillator()
      const volume = context.createGain()
      tone.frequency.value = pitch
      volume.gain.value = 0.1
      tone.connect(volume).connect(context.destination)
      tone.start(context.currentTime + start)
      tone.stop(context.currentTime + start + 0.12)
    }
    setTimeout(() => context.close(), 1000)
  } catch {
    // A device without sound.
  }
}

export function sound() {
  const box = h("input", { type: "checkbox", checked: recall("desk.sound") !== false,
    on: { change: () => remember("desk.sound", box.checked) } })
  return h("label", { class: "check" }, box, h("span", {}, t("desk.sound")))
}
