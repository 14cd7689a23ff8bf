// Values as people read them.

import { language, locale, t } from "./language.js"

// The city's, as `/api/about` names it; until that is read, China's.
let zone = "Asia/Shanghai"

export function setZone(name) {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name })
    zone = name ?? zone
  } catch {
    // A zone that this browser doesn't know: the former one stays, and every time says which it is.
  }
}

/// People in China say Beijing time, and no program does.
export function zoneName() {
  if (zone === "Asia/Shanghai") return t("time.beijing")
  const parts = new Intl.DateTimeFormat(locale(), { timeZone: zone, timeZoneName: "longGeneric" }).formatToParts(new Date())
  return parts.find((part) => part.type === "timeZoneName")?.value ?? zone
}
export const classes = ["I", "II", "III", "IV", "V", "worseThanV"]
export const levels = ["province", "city", "district", "town", "village"]
export const byLevel = (one, other) => levels.indexOf(one.level) - levels.indexOf(other.level)

// MARK: time, always the city's

const isMoment = (text) => text != null && !Number.isNaN(Date.parse(text))

/// `2026年11月23日 14:05（北京时间）`
export function moment(text) {
  if (!isMoment(text)) return "—"
  const when = new Date(text)
  const day = when.toLocaleDateString(locale(), { timeZone: zone, year: "numeric", month: "long", day: "numeric" })
  return t("time.zoned", { time: `${day} ${clock(when)}`, zone: zoneName() })
}

const clock = (when) =>
  when.toLocaleTimeString(locale(), { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" })

/// A day of the calendar, `2026-11-23`: it has no zone.
export const day = (text) => (isMoment(text)
  ? new Date(`${text}T00:00:00Z`).toLocaleDateString(locale(), { timeZone: "UTC", year: "numeric", month: "long", day: "numeric" })
  : "—")

export function shortDay(milliseconds) {
  return new Date(milliseconds).toLocaleDateString(locale(), { timeZone: zone, month: "numeric", day: "numeric" })
}

const steps = [
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
]

/// `3小时前`, `in 2 days`. Never "yesterday": that is a word of the calendar, and what is counted here are hours.
export function relative(text, now = Date.now()) {
  if (!isMoment(text)) return ""
  const seconds = (Date.parse(text) - now) / 1000
  const format = new Intl.RelativeTimeFormat(locale(), { numeric: "always" })
  for (const [unit, length] of steps) {
    if (Math.abs(seconds) >= length) return format.format(Math.trunc(seconds / length), unit)
  }
  return t("time.now")
}

export function duration(seconds) {
  if (seconds == null || !Number.isFinite(seconds)) return "—"
  if (seconds < 3600) return t("duration.minutes", { n: Math.max(1, Math.round(seconds / 60)) })
  if (seconds < 172_800) return t("duration.hours", { n: number(seconds / 3600, 1) })
  return t("duration.days", { n: number(seconds / 86_400, 1) })
}

/// The month it is in the city, `2026-11`, or one that many before it.
export function month(before = 0) {
  const [year, now] = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit" })
    .format(new Date()).split("-").map(Number)
  const count = year * 12 + now - 1 - before
  return `${Math.floor(count / 12)}-${String((count % 12) + 1).padStart(2, "0")}`
}

export function monthName(text) {
  const when = new Date(`${text}-15T00:00:00Z`)
  return when.toLocaleDateString(locale(), { timeZone: "UTC", year: "numeric", month: "long" })
}

/// What the city's clocks show at a moment, as a field for a local time has it: `2026-11-23T14:05`.
export function wallClock(when) {
  const parts = Object.fromEntries(new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit",
    day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).formatToParts(when)
    .map(({ type, value }) => [type, value]))
  return `${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}`
}

/// The milliseconds by which the city's clocks are ahead of UTC at a moment.
const ahead = (when) => Date.parse(`${wallClock(when)}Z`) - Math.floor(when.getTime() / 60_000) * 60_000

/// The moment at which the city's clocks show this. Tried twice: between the two, the clocks may have been put forward.
export function momentOf(wall) {
  const shown = Date.parse(`${wall.slice(0, 16)}Z`)
  const guess = shown - ahead(new Date(shown))
  return new Date(shown - ahead(new Date(guess)))
}

/// The midnights of the city between two moments, in milliseconds; every `step` days.
export function midnights(from, until, step = 1) {
  const day = 86_400_000
  const found = []
  const first = Date.parse(`${wallClock(new Date(from)).slice(0, 10)}T00:00Z`)
  for (let count = 0; ; count += step) {
    const at = momentOf(new Date(first + count * day).toISOString()).getTime()
    if (at > until) return found
    if (at >= from) found.push(at)
    else count += 1 - step
  }
}

// MARK: numbers

export function number(value, digits) {
  if (typeof value !== "number" || !Number.isFinite(value)) return "—"
  return value.toLocaleString(locale(),
    digits == null ? { maximumSignificantDigits: 4 } : { maximumFractionDigits: digits })
}

/// A number is never shown without the unit it is measured in (pH has none).
export const measured = (value, unit) => (unit ? `${number(value)} ${unit}` : number(value))

export function share(part, whole) {
  if (!whole) return "—"
  return (part / whole).toLocaleString(locale(), { style: "percent", maximumFractionDigits: 1 })
}

/// How many of the complaints that were received in the month nobody has accepted.
export const unaccepted = ({ received, accepted }) => Math.max(0, (received ?? 0) - (accepted ?? 0))

// MARK: words

/// The standard writes the classes with the Roman numerals of Unicode; English writes them with letters.
export function className(value) {
  if (!classes.includes(value)) return t("class.none")
  return language() === "zh" ? t(`class.${value}`) : value === "worseThanV" ? t("class.worseThanV") : `Class ${value}`
}

/// As short as a label on a line of the map has to be.
export const classMark = (value) => (classes.includes(value) ? t(`mark.${value}`) : "–")

export const classStyle = (value) => `class-${classes.includes(value) ? value : "none"}`

export const telephone = (text) => `tel:${String(text).replace(/[^+\d]/g, "")}`
