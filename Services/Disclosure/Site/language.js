// The language in force, and the two ways of saying something in it: a word of our own, or a name that came from the API.

import { table } from "./strings.js"
import { remember, recall } from "./memory.js"

const languages = ["zh", "en"]
let current = firstLanguage()

// Chinese unless somebody asked otherwise: the people who live at the river come first, whatever their browser says.
function firstLanguage() {
  const asked = new URLSearchParams(location.search).get("lang")
  if (languages.includes(asked)) {
    remember("language", asked)
    return asked
  }
  const kept = recall("language")
  return languages.includes(kept) ? kept : "zh"
}

export const language = () => current
export const locale = () => (current === "zh" ? "zh-CN" : "en-GB")

export function setLanguage(value) {
  current = languages.includes(value) ? value : "zh"
  remember("language", current)
}

/// A word of the table; `{n}` and the like are filled in. Where English needs a plural, its entry is a pair.
export function t(key, values = {}) {
  const entry = table[key]
  if (!entry) return key
  const chosen = entry[languages.indexOf(current)]
  const text = Array.isArray(chosen) ? chosen[Number(values.n) === 1 ? 0 : 1] : chosen
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole))
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
