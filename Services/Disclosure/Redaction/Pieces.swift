import Text

/// A fixed number of characters, with blanks between some of them: programs that wrap lines break a link
/// anywhere. Where the characters prove themselves, anything else may stand between them, too.
struct Pieces {
    private var marks: [Unicode.Scalar] = []
    /// The index in `marks` at which each piece begins.
    private var starts = [0]
    private(set) var end: Int

    /// Nil if there are fewer such symbols.
    init?(
        _ text: FoldedText, at start: Int, count: Int, where isSuch: (FoldedText.Symbol) -> Bool,
        between isGap: (FoldedText.Symbol) -> Bool = \.isBlank
    ) {
        marks.reserveCapacity(count)
        end = start
        while marks.count < count {
            let blanks = marks.isEmpty ? 0 : text.run(at: end, atMost: Self.blankLimit, where: isGap)
            guard let symbol = text[end + blanks], isSuch(symbol) else { return nil }
            if blanks > 0 { starts.append(marks.count) }
            marks.append(symbol.mark)
            end += blanks + 1
        }
    }

    /// The most blanks in one place: the end of a line, and the margin of the next one.
    static let blankLimit = 8

    var isBroken: Bool { starts.count > 1 }
    var text: String { String(String.UnicodeScalarView(marks)) }

    /// Whether the characters look random: they have both cases, and either at least half of them are not in
    /// words, or there is a long piece of small letters, capitals and digits.
    var isRandom: Bool {
        let (words, others) = sizes
        return marks.contains(where: \.isLower) && marks.contains(where: \.isUpper)
            && (others >= words || pieces.contains(where: Self.isMixed))
    }

    private static func isMixed(_ piece: ArraySlice<Unicode.Scalar>) -> Bool {
        piece.count >= leastOfMixed && piece.contains(where: \.isLower) && piece.contains(where: \.isUpper)
            && piece.contains(where: \.isDigit)
    }

    private static let leastOfMixed = 8

    var isOfWords: Bool { sizes.words > 0 && sizes.others == 0 }

    /// How many characters are in words and numbers, and how many in other pieces. Pieces shorter than three
    /// characters are ignored.
    private var sizes: (words: Int, others: Int) {
        var (words, others) = (0, 0)
        for piece in pieces where piece.count > 2 {
            let isWord =
                piece.dropFirst().allSatisfy(\.isLower) && !piece[piece.startIndex].isDigit
                || piece.allSatisfy(\.isUpper) || piece.allSatisfy(\.isDigit)
            if isWord { words += piece.count } else { others += piece.count }
        }
        return (words, others)
    }

    /// The pieces between blanks, hyphens and underlines.
    private var pieces: [ArraySlice<Unicode.Scalar>] {
        zip(starts, starts.dropFirst() + [marks.count]).flatMap { start, end in
            marks[start..<end].split { $0 == "-" || $0 == "_" }
        }
    }
}

extension Unicode.Scalar {
    /// True only for ASCII letters.
    fileprivate var isLower: Bool { ("a"..."z").contains(self) }
    fileprivate var isUpper: Bool { ("A"..."Z").contains(self) }
    fileprivate var isDigit: Bool { ("0"..."9").contains(self) }
}
