// Sending one picture: made smaller here first, because a phone's photo has 5 MB and its network may be slow. Intake makes
// it small and drops its notes in any case; a browser that can't do it sends the file as it is.

import { Failure, intake, newKey } from "./api.js"

const longestSide = 2048
const previewSide = 240
const quality = 0.88
const previewQuality = 0.7
export const fileBytes = 20_971_520
const patienceMilliseconds = 180_000
// For a server that asks us to come again, and for a network that comes and goes.
const pauses = [1000, 3000, 8000]

/// What is sent, and what the page shows meanwhile: `{ body, preview }`. The preview is an address that may be stored.
export async function prepared(file) {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" }).catch(() => null)
  if (!bitmap) return { body: file, preview: "" }
  try {
    const preview = drawn(bitmap, previewSide).toDataURL("image/jpeg", previewQuality)
    const body = await new Promise((done) => drawn(bitmap, longestSide).toBlob(done, "image/jpeg", quality))
    return { body: body && body.size < file.size ? body : file, preview }
  } catch {
    return { body: file, preview: "" }
  } finally {
    bitmap.close()
  }
}

function drawn(bitmap, longest) {
  const scale = Math.min(1, longest / Math.max(bitmap.width, bitmap.height))
  const canvas = document.createElement("canvas")
  canvas.width = Math.max(1, Math.round(bitmap.width * scale))
  canvas.height = Math.max(1, Math.round(bitmap.height * scale))
  const pen = canvas.getContext("2d")
  // A JPEG has no transparency.
  pen.fillStyle = "#fff"
  pen.fillRect(0, 0, canvas.width, canvas.height)
  pen.drawImage(bitmap, 0, 0, canvas.width, canvas.height)
  return canvas
}

/// Gives the name to be used in `media`. The same key makes it the same picture, however often the network breaks.
/// `onProgress` hears the share that has left.
export async function upload(body, { signal, onProgress }) {
  const key = newKey()
  const address = `${await intake()}/v1/pictures`
  for (const pause of pauses) {
    try {
      return await sent(address, body, key, signal, onProgress)
    } catch (failure) {
      if (!(failure instanceof Failure) || ![0, 429, 503].includes(failure.status)) throw failure
      // A limit that lasts is told at once.
      if (failure.seconds > 30) throw failure
      await new Promise((done) => setTimeout(done, Math.max(pause, 1000 * failure.seconds)))
      signal.throwIfAborted()
    }
  }
  return sent(address, body, key, signal, onProgress)
}

// XMLHttpRequest, because fetch doesn't tell how far it has come.
const sent = (address, body, key, signal, onProgress) => new Promise((done, fail) => {
  const request = new XMLHttpRequest()
  const leave = () => request.abort()
  const end = (settle, value) => {
    signal.removeEventListener("abort", leave)
    settle(value)
  }
  request.open("POST", address)
  request.responseType = "json"
  request.timeout = patienceMilliseconds
  request.setRequestHeader("Content-Type", body.type || "application/octet-stream")
  request.setRequestHeader("Accept", "application/json")
  request.setRequestHeader("Idempotency-Key", key)
  request.upload.addEventListener("progress", (event) => event.lengthComputable && onProgress(event.loaded / event.total))
  request.addEventListener("load", () => {
    const name = request.response?.name
    if (request.status === 201 && typeof name === "string") return end(done, name)
    const seconds = Number(request.getResponseHeader("Retry-After")) || 0
    end(fail, new Failure(request.status, request.response ?? {}, seconds))
  })
  for (const event of ["error", "timeout"]) request.addEventListener(event, () => end(fail, new Failure(0)))
  request.addEventListener("abort", () => end(fail, new DOMException("taken away", "AbortError")))
  signal.addEventListener("abort", leave)
  request.send(body)
})
