// Phone numbers as Intake reads them (Shared/Models/Values/CallableNumber.swift), so that a wrong one is found while it is
// being written.

import { readCode } from "./code.js"

const most = 32
const allowed = /^[\d０-９.．·()（）\t\u2212\p{Zs}\p{Pd}\p{Cf}]*$/u

/// What is wrong with a number, as the string table's `fault.…` name it; null where nothing is. `isCertain` is false
/// where that depends on the country of numbers without a country code: Intake's setting, which the site doesn't know.
export function phoneFault(written) {
  const text = written.trim().replaceAll("＋", "+")
  if (!text) return null
  const wrong = (kind, isCertain = true) => (kind ? { kind, isCertain } : null)
  if ([...text].length > most) return wrong("phone-too-long")
  const hasPlus = text.startsWith("+")
  const rest = hasPlus ? text.slice(1) : text
  if (rest.includes("+")) return wrong("phone-plus")
  if (!allowed.test(rest)) return wrong("phone-characters")
  const digits = digitsOf(rest)
  if (!digits) return wrong("phone-too-short")
  // No country code begins with 0 (ITU-T E.123 §2).
  if (hasPlus || /^00[^0]/.test(digits)) {
    // The zero of "+44 (0)20" is only for calls from inside the country.
    const inner = digitsOf(rest.replace(/(\d.*)[(（][0０][)）]/u, "$1"))
    return wrong(international(hasPlus ? inner : inner.slice(2)))
  }
  if (digits.length <= 6) return wrong(digits.length < 3 && "phone-too-short")
  return wrong(chinese(digits), false)
}

/// The number in a text that is searched, however it is written and whatever stands around it; null where there is none.
/// Nobody searches for seven digits that are no number, except in a tracking code and in a day.
export function phoneWithin(text) {
  if (readCode(text)) return null
  const runs = text.match(/[+＋]?[\d０-９.．·()（）\t\u2212\p{Zs}\p{Pd}\p{Cf}]+/gu) ?? []
  // A bracket that opens behind it belongs to what follows.
  return runs.find((run) => digitsOf(run).length >= 7 && !day.test(digitsOf(run)))?.replace(/[(（\s]+$/u, "").trim() ?? null
}

// 20261130, 2026-11-30. No number has eight digits with its area (Intake asks for it).
const day = /^(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$/

const digitsOf = (text) => [...text.normalize("NFKC")].filter((one) => /\d/.test(one)).join("")

function international(digits) {
  if (digits.startsWith("86")) return chinese(digits.slice(2))
  return /^[1-9]\d{6,14}$/.test(digits) ? null : "not-a-phone"
}

/// Two or three digits of an area code without its 0, then seven or eight; a mobile number has eleven digits.
function chinese(written) {
  const digits = (written.length > 11 ? written.replace(/^86/, "") : written).replace(/^0(?!0)/, "")
  if (digits.length === 7 || digits.length === 8) return "phone-without-area"
  return digits.length === 11 || (digits.length === 10 && !/^1[3-9]/.test(digits)) ? null : "phone-digits"
}
