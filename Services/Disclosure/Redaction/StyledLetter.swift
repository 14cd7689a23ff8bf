/// Letters in another style that people read as Latin letters: mathematical (𝐗), in circles (Ⓧ) and squares
/// (🆇).
enum StyledLetter {
    /// The ASCII letter that it looks like. Nil for `ⓐ`, which people write for `@`.
    static func plain(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
        let value = scalar.value
        return switch value {
        // Thirteen alphabets of capitals and small letters.
        case 0x1D400...0x1D6A3: letter((value - 0x1D400) % 52)
        case 0x2102...0x2134: letterlike(scalar)
        case 0x24B6, 0x24D0: nil
        case 0x24B6...0x24CF: letter(value - 0x24B6)
        case 0x24D0...0x24E9: letter(value - 0x24D0)
        case 0x249C...0x24B5: letter(value - 0x249C)
        case 0x1F110...0x1F129: letter(value - 0x1F110)
        case 0x1F130...0x1F149: letter(value - 0x1F130)
        case 0x1F150...0x1F169: letter(value - 0x1F150)
        case 0x1F170...0x1F189: letter(value - 0x1F170)
        default: nil
        }
    }

    /// - Parameter place: 0 to 25 for A to Z, 26 to 51 for a to z.
    private static func letter(_ place: UInt32) -> Unicode.Scalar {
        Unicode.Scalar(UInt8(place < 26 ? 0x41 + place : 0x61 + place - 26))
    }

    /// The mathematical letters that Unicode had before it added the alphabets.
    private static func letterlike(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
        switch scalar {
        case "ℬ": "B"
        case "ℂ", "ℭ": "C"
        case "ℯ": "e"
        case "ℰ": "E"
        case "ℱ": "F"
        case "ℊ": "g"
        case "ℎ": "h"
        case "ℋ", "ℌ", "ℍ": "H"
        case "ℐ", "ℑ": "I"
        case "ℒ": "L"
        case "ℳ": "M"
        case "ℕ": "N"
        case "ℴ": "o"
        case "ℙ": "P"
        case "ℚ": "Q"
        case "ℛ", "ℜ", "ℝ": "R"
        case "ℤ", "ℨ": "Z"
        default: nil
        }
    }
}
