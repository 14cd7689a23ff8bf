// Tracking codes: twelve characters of Crockford's base 32 and one that checks them, so a slip of the pen is caught
// before anything is asked of the server.

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
const checkModulus = 37n

/// Reads what a person wrote: any case, with or without hyphens and blanks, O for 0, I and L for 1. Else null.
export function readCode(text) {
  const symbols = String(text).toUpperCase().replace(/[\s\-‐-―－]/g, "").replace(/O/g, "0").replace(/[IL]/g, "1")
  if (symbols.length !== 13 || [...symbols].some((symbol) => !alphabet.includes(symbol))) return null
  let value = 0n
  for (const symbol of symbols.slice(0, 12)) value = value * 32n + BigInt(alphabet.indexOf(symbol))
  return value % checkModulus === BigInt(alphabet.indexOf(symbols[12])) ? symbols : null
}

/// In groups of four, for people.
export const groupedCode = (code) => String(code).replace(/-/g, "").replace(/(.{4})(?=.)/g, "$1-")
