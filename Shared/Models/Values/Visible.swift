/// What a reader sees of a text. Whoever puts somebody's words between his own uses `visible`; a text that
/// somebody must write is refused while it `isBlank`.
extension String {
    /// Whether a reader sees nothing of it.
    public var isBlank: Bool {
        unicodeScalars.allSatisfy { $0.properties.isWhitespace || $0.isInvisible || $0 == "\u{2800}" }
    }

    /// The text without the characters that nobody sees, and without those that turn the direction of what
    /// follows: `U+202E` in a name would show the phone number behind it backwards (Unicode TR 36 §2.5).
    ///
    /// Two kinds stay where they belong to what is seen: a variation selector behind a character, and a
    /// joiner behind a character or its selector. Emoji, names in rare characters, and Persian need them. Of
    /// several in a row the first stays.
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

    /// Its beginning, and `…` where something was cut off: at most so many code points, and so at most four
    /// times as many bytes (RFC 3629 §3). A `Character` is no measure, see `TextRule`.
    public func excerpt(_ characters: Int) -> String {
        let beginning = unicodeScalars.prefix(characters)
        return beginning.endIndex < unicodeScalars.endIndex ? "\(Substring(beginning))…" : self
    }
}

extension Unicode.Scalar {
    /// What may follow a character without being seen, in the order in which it may.
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

    /// Default_Ignorable_Code_Point, the marks of direction (UAX #9 §2), and the marks of annotations.
    public var isInvisible: Bool {
        if isASCII { return false }
        return properties.isDefaultIgnorableCodePoint || properties.isBidiControl
            || (0xFFF9...0xFFFB).contains(value)
    }
}
