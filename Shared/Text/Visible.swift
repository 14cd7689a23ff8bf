/// What a reader sees of a text. Code that puts somebody's words into a text of ours uses `visible`; a
/// required text is refused if it `isBlank`.
extension String {
    /// Whether the text has no visible character. A mark without a character that it belongs to is none.
    public var isBlank: Bool { unicodeScalars.allSatisfy(\.isBlank) }

    /// The text without invisible characters, and without those that change the direction of the text after
    /// them: `U+202E` in a name would show the phone number behind it backwards (Unicode TR 36 §2.5).
    ///
    /// Two kinds stay where they belong to something visible: a variation selector after a character, and a
    /// joiner after a character or its selector. Emoji, names in rare characters, and Persian need them. If
    /// there are several in a row, only the first stays.
    public var visible: String {
        if unicodeScalars.allSatisfy({ !$0.isInvisible }) { return self }
        var result = String.UnicodeScalarView()
        var room: Unicode.Scalar.Trailer?
        for scalar in unicodeScalars {
            if let trailer = scalar.trailer {
                guard let last = room, last < trailer else { continue }
                room = trailer
            } else if scalar.isInvisible {
                continue
            } else {
                room = scalar.properties.isWhitespace ? nil : Unicode.Scalar.Trailer.none
            }
            result.append(scalar)
        }
        return String(result)
    }

    /// The beginning of the text, with `…` if something was cut off. It has at most this many code points, so
    /// at most four times as many bytes (RFC 3629 §3). A `Character` is no measure, see `TextRule`.
    public func excerpt(_ characters: Int) -> String {
        let beginning = unicodeScalars.prefix(characters)
        return beginning.endIndex < unicodeScalars.endIndex ? "\(Substring(beginning))…" : self
    }
}

extension Unicode.Scalar {
    /// The invisible kinds that may follow a character, in the only order in which they may follow.
    fileprivate enum Trailer: Int, Comparable {
        case none, selector, joiner

        static func < (left: Trailer, right: Trailer) -> Bool { left.rawValue < right.rawValue }
    }

    fileprivate var trailer: Trailer? {
        switch value {
        case 0xFE00...0xFE0F, 0xE0100...0xE01EF, 0x180B...0x180D, 0x180F: .selector
        case 0x200C, 0x200D: .joiner
        default: nil
        }
    }

    /// Whether a text of this character alone shows nothing: blanks of all kinds, what is not shown by
    /// definition, marks on nothing, and a few characters whose picture is empty.
    public var isBlank: Bool {
        if isASCII { return value <= 0x20 || value == 0x7F }
        switch properties.generalCategory {
        case .control, .format, .surrogate, .spaceSeparator, .lineSeparator, .paragraphSeparator,
            .nonspacingMark,
            .enclosingMark:
            return true
        default:
            return properties.isWhitespace || isInvisible || properties.isNoncharacterCodePoint
                || Self.blanks.contains(value)
        }
    }

    /// Letters and signs that are empty by definition, and have no property that says so: Braille without
    /// dots, the sign for an object that is not there, the note head without a picture, the blank places
    /// between hieroglyphs.
    private static let blanks: Set<UInt32> = [
        0x2800, 0xFFFC, 0x1D159, 0x13441, 0x13442, 0x13443, 0x13444, 0x13445, 0x13446,
    ]

    /// Default_Ignorable_Code_Point, the marks of direction (UAX #9 §2), and the marks of annotations.
    public var isInvisible: Bool {
        if isASCII { return false }
        return properties.isDefaultIgnorableCodePoint || properties.isBidiControl
            || (0xFFF9...0xFFFB).contains(value)
    }
}
