import Text

/// The sign or word that stands for the `@` of an address.
enum EmailSign {
    /// How much the sign tells by itself: if it tells less, the domain must tell more.
    enum Strength: Int, Comparable {
        case mark
        /// `(at)`, 艾特
        case word
        /// `(a)`, 圈a, which also occur in other texts: the domain must end like most domains.
        case weak
        /// The word ` at `: the dot must also be a word, to show that this is an address.
        case spoken

        static func < (left: Strength, right: Strength) -> Bool { left.rawValue < right.rawValue }
    }

    static func at(_ index: Int, in text: FoldedText) -> (end: Int, Strength)? {
        guard let mark = text[index]?.mark else { return nil }
        switch mark {
        case " ": return text.has(" at ", at: index) ? (index + 4, .spoken) : nil
        case "(", "[", "{", "<", "【", "「", "『", "〈", "《", "〔": return bracketed(in: text, at: index)
        default: return bare(mark, in: text, at: index)
        }
    }

    private static func bare(
        _ mark: Unicode.Scalar, in text: FoldedText, at index: Int
    ) -> (end: Int, Strength)? {
        switch mark {
        case "@": return (index + text.run(at: index, atMost: 3) { $0.mark == "@" }, .mark)
        case "ⓐ", "Ⓐ": return (index + 1, .weak)
        case "艾", "爱": return text[index + 1]?.mark == "特" ? (index + 2, .word) : nil
        case "小": return text.has("小老鼠", at: index) ? (index + 3, .word) : nil
        case "圈":
            let letter = index + 1 + blanks(in: text, at: index + 1)
            return text.has("a", at: letter) ? (letter + 1, .weak) : nil
        default: return nil
        }
    }

    /// `(at)`, `[ a t ]`, `【@】`.
    private static func bracketed(in text: FoldedText, at index: Int) -> (end: Int, Strength)? {
        let first = index + 1 + blanks(in: text, at: index + 1)
        guard let mark = text[first]?.mark,
            let (end, strength) = bare(mark, in: text, at: first) ?? letters(in: text, at: first)
        else { return nil }
        let close = end + blanks(in: text, at: end)
        switch text[close]?.mark {
        case ")", "]", "}", ">", "】", "」", "』", "〉", "》", "〕": return (close + 1, max(strength, .word))
        default: return nil
        }
    }

    private static func letters(in text: FoldedText, at index: Int) -> (end: Int, Strength)? {
        guard text.has("a", at: index) else { return nil }
        let second = index + 1 + blanks(in: text, at: index + 1)
        return text.has("t", at: second) ? (second + 1, .word) : (index + 1, .weak)
    }

    private static func blanks(in text: FoldedText, at index: Int) -> Int {
        text.run(at: index, atMost: blankLimit, where: \.isBlank)
    }

    private static let blankLimit = 2
}
