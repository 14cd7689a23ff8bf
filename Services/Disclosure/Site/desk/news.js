// New complaints come to the open page by themselves (Server-Sent Events), with a sound for whoever wants one.

import { h } from "../dom.js"
import { t } from "../language.js"
import { recall, remember } from "../memory.js"

// Where the desk has no room for one more page, or nobody is signed in any more.
const againMilliseconds = 60_000

/// `arrived(codes)` hears of complaints that came to somebody in one's scope; `again()` that some may have been missed. The
/// browser itself connects anew after a break, and says what it heard last. `ended()`: nothing comes any more for now.
export function listen(signal, { arrived, again, ended }) {
  let source = null
  let timer = null
  let wasLost = false
  const connect = () => {
    source = new EventSource("/api/desk/news")
    source.addEventListener("arrived", (event) => arrived(JSON.parse(event.data).complaints))
    source.addEventListener("again", again)
    source.addEventListener("here", () => {
      if (wasLost) again()
      wasLost = false
    })
    source.addEventListener("error", () => {
      if (source.readyState !== EventSource.CLOSED || signal.aborted) return
      if (!wasLost) ended()
      wasLost = true
      timer = setTimeout(connect, againMilliseconds)
    })
  }
  connect()
  signal.addEventListener("abort", () => {
    clearTimeout(timer)
    source.close()
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
