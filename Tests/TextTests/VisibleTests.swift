import Testing
import Text

@Suite("What a reader sees of a text")
struct VisibleTests {
    @Test(
        "marks of direction and characters that nobody sees go",
        arguments: [
            ("李\u{202E}雷", "李雷"), ("a\u{2066}b\u{2069}c", "abc"), ("\u{200F}水\u{61C}臭\u{200E}", "水臭"),
            ("水\u{200B}臭\u{2060}\u{FEFF}", "水臭"), ("\u{AD}水\u{3164}", "水"), ("水\u{E0041}\u{FFF9}", "水"),
            ("\u{200D}水\u{200D}\u{200D}", "水\u{200D}"), (" \u{FE0F}水", " 水"),
        ])
    func dropped(_ text: String, _ expected: String) {
        #expect(Array(text.visible.unicodeScalars) == Array(expected.unicodeScalars))
    }

    @Test(
        "what belongs to a character stays",
        arguments: [
            "", "水很臭", "👨‍👩‍👧 看", "❤️‍🔥", "葛\u{E0100}城", "می\u{200C}خواهم", "1️⃣", "line\nline\ttab", "é e\u{301}",
        ])
    func kept(_ text: String) {
        #expect(Array(text.visible.unicodeScalars) == Array(text.unicodeScalars))
    }

    @Test(
        "a text of nothing visible is empty",
        arguments: [
            "", "   ", "\n\t", "\u{3000}", "\u{200B}\u{200B}", "\u{2800}", "\u{3164}", "\u{202E} \u{FEFF}",
            "\u{FE0F}", "\u{FFFC}", "\u{1D159}", "\u{115F}\u{1160}", "\u{FFA0}", "\u{301}", " \u{20E3}",
            "\u{180E}\u{180B}", "\u{34F}", "\u{17B4}", "\u{13441}", "\u{E0020}", "\u{1D173}", "\u{FFFF}",
            "\u{2028}\u{85}\u{7F}", "\u{16FE4}", "\u{FFFC}\u{FFFC} \u{2800}",
        ])
    func blank(_ text: String) {
        #expect(text.isBlank)
    }

    /// By properties, so that what Unicode adds is blank, too.
    @Test("whatever Unicode calls blank or not to be shown is blank, and no letter, digit or sign is")
    func properties() {
        for value in 0...0x10FFFF as ClosedRange<UInt32> {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let properties = scalar.properties
            let isShown: Bool? =
                switch properties.generalCategory {
                case .control, .format, .spaceSeparator, .lineSeparator, .paragraphSeparator, .nonspacingMark,
                    .enclosingMark:
                    false
                case .decimalNumber, .uppercaseLetter, .lowercaseLetter, .mathSymbol, .currencySymbol: true
                default:
                    properties.isDefaultIgnorableCodePoint || properties.isWhitespace
                        ? false : properties.isEmoji || properties.isIdeographic ? true : nil
                }
            if let isShown { #expect(String(scalar).isBlank != isShown, "U+\(String(value, radix: 16))") }
        }
    }

    @Test("a dot is not", arguments: [".", "\u{200B}。", "水", "😀", "e\u{301}", "\u{FFFD}", "กำ", "ㄱ", "♪"])
    func notBlank(_ text: String) {
        #expect(!text.isBlank)
    }

    @Test("an excerpt counts code points, and so bytes, however they pile up")
    func excerpt() {
        #expect("水很臭".excerpt(3) == "水很臭")
        #expect("水很臭".excerpt(2) == "水很…")
        let accents = "a" + String(repeating: "\u{301}", count: 100_000)
        #expect(accents.excerpt(40).utf8.count <= 40 * 4 + 3)
        #expect(String(repeating: "👩‍👩‍👧‍👦", count: 1000).excerpt(40).utf8.count <= 40 * 4 + 3)
    }
}
