// The language in force, and the two ways of saying something in it: a word of our own, or a name that came from the API.

import { table } from "./strings.js"
import { remember, recall } from "./memory.js"

const languages = ["zh", "en"]
let isChosen = true
let current = firstLanguage()

// The city's language unless somebody asked otherwise: the people who live there come first, whatever their browser says.
function firstLanguage() {
  const asked = new URLSearchParams(location.search).get("lang")
  if (languages.includes(asked)) {
    remember("language", asked)
    return asked
  }
  const kept = recall("language")
  isChosen = languages.includes(kept)
  return isChosen ? kept : "zh"
}

/// The city's own language (/api/about), where nobody has chosen one.
export function setCityLanguage(value) {
  if (!isChosen && languages.includes(value)) current = value
}

export const language = () => current
export const locale = () => (current === "zh" ? "zh-CN" : "en-GB")

export function setLanguage(value) {
  current = languages.includes(value) ? value : "zh"
  isChosen = true
  remember("language", current)
}

// What is looked after and by whom (`words` of /api/about), and whether the city measures anything. Until the site knows,
// it speaks of neither.
let words = {}
let measured = true
let enterprises = false
const unknown = {
  asset: ["对象", "place", "places"], stretch: ["段", "part", "parts"], keeper: ["责任人", "official", "officials"],
  office: ["办公室", "office", "offices"], subject: ["本市", "this"], realm: ["范围", "area"], plan: ["治理方案", "Plan"],
}

export function setWords(about) {
  words = about?.words ?? {}
  measured = about?.measured !== false
  enterprises = about?.enterprises === true
}

/// Whether the city has anything that is measured, and so classes, months and trends.
export const isMeasured = () => measured

/// Whether the city tells what enterprises discharge.
export const hasEnterprises = () => enterprises

/// `{keeper}`, `{keepers}` or `{Keeper}`: a word of the registry.
function registered(name) {
  const lower = name[0].toLowerCase() + name.slice(1)
  for (const [id, [zh, en, several]] of Object.entries(unknown)) {
    const isSeveral = lower !== id && lower === (id === "stretch" ? "stretches" : `${id}s`)
    if (lower !== id && !isSeveral) continue
    const known = words[id]
    if (current === "zh") return known?.zh ?? zh
    const text = (isSeveral ? known?.several ?? known?.en ?? several : known?.en ?? en) ?? en
    return lower === name ? text : text[0].toUpperCase() + text.slice(1)
  }
  return null
}

/// A word of the table; `{n}` and the like are filled in. Where English needs a plural, its entry is a pair.
export function t(key, values = {}) {
  const entry = (measured ? null : table[`${key}.plain`]) ?? table[key]
  if (!entry) return key
  const chosen = entry[languages.indexOf(current)]
  const text = Array.isArray(chosen) ? chosen[Number(values.n) === 1 ? 0 : 1] : chosen
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : registered(name) ?? whole))
}

/// As `t`, in the words that the table has for one case of `key`, else in those for all.
export function phrase(key, one, values = {}) {
  return t(Object.hasOwn(table, `${key}.${one}`) ? `${key}.${one}` : key, values)
}

/// As `t`, for a key that is made of a value from outside: what the table doesn't know is shown as it came.
export function word(family, value) {
  const key = `${family}.${value}`
  return Object.hasOwn(table, key) ? t(key) : String(value ?? "")
}

/// A name from the API: `{zh, en}`, or plain text where only one language exists. Either language beats a blank.
export function named(value) {
  if (value == null) return ""
  if (typeof value !== "object") return String(value)
  return String((current === "en" ? value.en || value.zh : value.zh || value.en) ?? "")
}

/// An official's title, which the registry has in one language. Among English words a Chinese one says nothing.
export function titled(value) {
  const text = named(value)
  return current === "en" && /\p{Script=Han}/u.test(text) ? "" : text
}
