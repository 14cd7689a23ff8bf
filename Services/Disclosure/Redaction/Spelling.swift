import Text

/// Letters with blanks between them: `w e i x i n : a b c 123`.
enum Spelling {
    /// The end of this word of Latin letters and digits, if there is one blank before each letter but the
    /// first.
    static func end(of word: String, in text: FoldedText, at index: Int) -> Int? {
        guard word.utf8.count >= leastOfWord, text[index + 1]?.isBlank == true else { return nil }
        var at = index
        for scalar in word.unicodeScalars {
            guard scalar.isASCIILetter || ("0"..."9").contains(scalar) else { return nil }
            if at > index {
                guard text[at]?.isBlank == true else { return nil }
                at += 1
            }
            guard text[at]?.mark.lowercased == scalar else { return nil }
            at += 1
        }
        return at
    }

    /// Whether the word between two indices was written like this.
    static func isSpelled(in text: FoldedText, at start: Int, to end: Int) -> Bool {
        end - start > 2 && text[start]?.isASCIILetter == true && text[start + 1]?.isBlank == true
    }

    private static let leastOfWord = 2

    /// A name of single letters and digits with one blank between them; it may end with a longer piece that
    /// has a digit.
    static func handle(in text: FoldedText, at index: Int) -> Range<Int>? {
        var end = index
        var at = index
        var (count, singles) = (0, 0)
        while count < limit, let piece = piece(in: text, at: at) {
            let isSingle = piece == 1
            guard isSingle || singles >= leastSingles && holdsDigit(text, at..<at + piece) else { break }
            (end, count, singles) = (at + piece, count + piece, singles + (isSingle ? 1 : 0))
            guard isSingle, text[end]?.isBlank == true else { break }
            at = end + 1
        }
        return count >= leastOfHandle && singles >= leastSingles ? index..<end : nil
    }

    private static let leastSingles = 3
    private static let leastOfHandle = 5
    private static let limit = 40

    /// The length of the text up to a blank or a character that no name has.
    private static func piece(in text: FoldedText, at index: Int) -> Int? {
        let length = text.run(at: index, atMost: limit) { $0.isASCIILetterOrDigit || $0.mark == "_" }
        return length > 0 ? length : nil
    }

    private static func holdsDigit(_ text: FoldedText, _ range: Range<Int>) -> Bool {
        range.contains { text[$0]?.digit != nil }
    }
}
