/// So many characters, with blanks between some of them: programs that wrap lines break a link anywhere.
struct Pieces {
    private var marks: [Unicode.Scalar] = []
    /// Where among the marks each piece begins.
    private var starts = [0]
    private(set) var end: Int

    /// Nil where fewer of such symbols stand.
    init?(
        _ text: FoldedText, at start: Int, count: Int, where isSuch: (FoldedText.Symbol) -> Bool
    ) {
        marks.reserveCapacity(count)
        end = start
        while marks.count < count {
            let blanks = marks.isEmpty ? 0 : text.run(at: end, atMost: Self.blankLimit, where: \.isBlank)
            guard let symbol = text[end + blanks], isSuch(symbol) else { return nil }
            if blanks > 0 { starts.append(marks.count) }
            marks.append(symbol.mark)
            end += blanks + 1
        }
    }

    /// In one place: a line's end, and the margin of the next line.
    static let blankLimit = 8

    var isBroken: Bool { starts.count > 1 }
    var text: String { String(String.UnicodeScalarView(marks)) }

    /// Whether they look drawn by chance: in both cases, and not for the greater part words, or with a long
    /// piece of small letters, capitals and digits.
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

    /// How many characters stand in words and numbers, and how many in what is neither. What is shorter than
    /// three tells nothing.
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

    /// Between blanks, hyphens and underlines.
    private var pieces: [ArraySlice<Unicode.Scalar>] {
        zip(starts, starts.dropFirst() + [marks.count]).flatMap { start, end in
            marks[start..<end].split { $0 == "-" || $0 == "_" }
        }
    }
}

extension Unicode.Scalar {
    /// Of ASCII alone.
    fileprivate var isLower: Bool { ("a"..."z").contains(self) }
    fileprivate var isUpper: Bool { ("A"..."Z").contains(self) }
    fileprivate var isDigit: Bool { ("0"..."9").contains(self) }
}
