/// A text as the rules of redaction read it: one symbol for each character, independent of width and script.
///
/// Combining marks and characters without width are skipped, so a keycap becomes its digit.
struct FoldedText {
    struct Symbol {
        /// The ASCII character that it stands for, if it stands for one.
        var mark: Unicode.Scalar
        var digit: UInt8?
        var style = Style.figure
        let separates: Separation?
        let isLetter: Bool
        /// Its index among the scalars.
        let place: Int

        var isASCIILetterOrDigit: Bool {
            switch mark {
            case "a"..."z", "A"..."Z", "0"..."9": true
            default: false
            }
        }

        var isASCIILetter: Bool { isASCIILetterOrDigit && !("0"..."9").contains(mark) }
        var isBlank: Bool { mark == " " || mark.properties.isWhitespace }
    }

    /// How a digit is written. A digit beside digits of another style may belong to something else (第一, ①),
    /// so a number may begin and end there.
    enum Style {
        case figure
        /// ①, ⒈, ²
        case enclosed
        /// 一
        case word
        /// A letter that looks like a digit (O, l), or a word that people say for one (洞 for 零).
        case doubtful
    }

    enum Separation: Int, Comparable {
        /// Marks that join the groups of a number: hyphens, dots, brackets.
        case joining
        /// A word that people say or write for a hyphen or a blank: 转, 杠, 空格.
        case spoken
        /// Blanks and slashes: they occur within a number, and between two numbers.
        case weak
        /// Marks that usually stand between two numbers.
        case strong

        static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    private let symbols: [Symbol]
    private let scalars: Int
    /// Symbols before this index are not visible to the rules.
    private let start: Int

    init(_ scalars: [Unicode.Scalar]) {
        self.init(scalars.enumerated().compactMap { Symbol($1, at: $0) }, scalars: scalars.count)
    }

    /// A text whose characters are at these places among this many scalars.
    init(_ text: [Escape.Placed], scalars: Int) {
        self.init(text.compactMap { Symbol($0.scalar, at: $0.place) }, scalars: scalars)
    }

    private init(_ symbols: [Symbol], scalars: Int) {
        var symbols = symbols
        for index in symbols.indices {
            guard let digit = Symbol.lookalike(symbols[index].mark) else { continue }
            let isBeside =
                index > 0 && symbols[index - 1].digit != nil
                || index + 1 < symbols.count && symbols[index + 1].digit != nil
            if isBeside {
                symbols[index].digit = digit
                symbols[index].style = .doubtful
            }
        }
        self.init(symbols, scalars: scalars, start: 0)
    }

    private init(_ symbols: [Symbol], scalars: Int, start: Int) {
        self.symbols = symbols
        self.scalars = scalars
        self.start = start
    }

    func from(_ start: Int) -> FoldedText { FoldedText(symbols, scalars: scalars, start: start) }

    var count: Int { symbols.count }

    /// Nil outside the text.
    subscript(index: Int) -> Symbol? {
        index >= start && index < symbols.count ? symbols[index] : nil
    }

    /// The range of some symbols among the scalars, including the marks on them.
    func place(of range: Range<Int>) -> Range<Int> {
        let end = range.upperBound < symbols.count ? symbols[range.upperBound].place : scalars
        return symbols[range.lowerBound].place..<end
    }

    /// How many symbols from this index on fulfil the condition.
    func run(at index: Int, atMost limit: Int = .max, where isSuch: (Symbol) -> Bool) -> Int {
        var end = index
        while end - index < limit, let symbol = self[end], isSuch(symbol) { end += 1 }
        return end - index
    }

    /// How many symbols directly before this index fulfil the condition.
    func run(before index: Int, atMost limit: Int, where isSuch: (Symbol) -> Bool) -> Int {
        var start = index
        while index - start < limit, let symbol = self[start - 1], isSuch(symbol) { start -= 1 }
        return index - start
    }

    /// Whether this word stands at the index, in any case.
    func has(_ word: String, at index: Int) -> Bool {
        var at = index
        for scalar in word.unicodeScalars {
            guard let mark = self[at]?.mark, mark.lowercased == scalar else { return false }
            at += 1
        }
        return true
    }

    func text(_ range: Range<Int>) -> String {
        String(String.UnicodeScalarView(symbols[range].map(\.mark)))
    }
}

extension FoldedText.Symbol {
    /// Nil for a character that is skipped.
    fileprivate init?(_ scalar: Unicode.Scalar, at place: Int) {
        if scalar.isASCII {
            mark = scalar
            digit = ("0"..."9").contains(scalar) ? UInt8(scalar.value - 0x30) : nil
            isLetter = scalar.properties.isAlphabetic
            separates = isLetter || digit != nil ? nil : Self.separation(of: scalar)
        } else {
            let properties = scalar.properties
            let category = properties.generalCategory
            if category == .format || category == .nonspacingMark || category == .enclosingMark { return nil }
            mark = Self.lookedLike(scalar, category)
            let spelled = Self.spelled(scalar) ?? Self.counted(properties)
            let written =
                properties.numericType == .decimal || properties.numericType == .digit
                ? properties.numericValue.map { UInt8($0) } : nil
            digit = spelled ?? written
            if spelled != nil { style = .word } else if properties.numericType == .digit { style = .enclosed }
            if let written { mark = Unicode.Scalar(written + 0x30) }
            isLetter = properties.isAlphabetic || mark.isASCIILetter
            if digit == nil, Self.spokenSeparators.contains(scalar) {
                separates = .spoken
            } else {
                separates = isLetter || digit != nil ? nil : Self.separation(of: mark)
            }
        }
        self.place = place
    }

    private static func lookedLike(
        _ scalar: Unicode.Scalar, _ category: Unicode.GeneralCategory
    ) -> Unicode.Scalar {
        switch scalar.value {
        case 0xFF01...0xFF5E: scalar.narrow
        case 0xFE6B: "@"
        case 0x2212: "-"
        case 0x2795: "+"
        // Braille without dots.
        case 0x2800: " "
        default:
            switch category {
            case .spaceSeparator: " "
            case .dashPunctuation: "-"
            default: StyledLetter.plain(scalar) ?? scalar
            }
        }
    }

    private static func separation(of scalar: Unicode.Scalar) -> FoldedText.Separation? {
        if joining.contains(scalar) { return .joining }
        if scalar.properties.isWhitespace || slashes.contains(scalar) { return .weak }
        // Our own mark: text that is already hidden belongs to no number.
        if scalar == "▇" { return nil }
        return switch scalar.properties.generalCategory {
        case .otherLetter, .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter: nil
        default: .strong
        }
    }

    private static let slashes = Set("/\\|∕⁄".unicodeScalars)
    private static let spokenSeparators = Set("转轉杠槓横橫空格".unicodeScalars)
    private static let joining = Set("-_~.·•‧・∙⋅･()[]{}【】〔〕".unicodeScalars)

    private static func spelled(_ scalar: Unicode.Scalar) -> UInt8? {
        switch scalar {
        case "零", "〇", "○", "◯": 0
        case "一", "壹", "幺": 1
        case "二", "贰", "貳", "貮": 2
        case "三", "叁", "參", "叄": 3
        case "四", "肆": 4
        case "五", "伍": 5
        case "六", "陆", "陸": 6
        case "七", "柒": 7
        case "八", "捌": 8
        case "九", "玖": 9
        default: nil
        }
    }

    /// A sign for a number from zero to nine that is no decimal digit: ㊀, ㈠, 〡, Ⅰ.
    private static func counted(_ properties: Unicode.Scalar.Properties) -> UInt8? {
        guard properties.numericType == .numeric,
            [.otherNumber, .letterNumber].contains(properties.generalCategory),
            let value = properties.numericValue, (0...9).contains(value)
        else { return nil }
        return UInt8(exactly: value)
    }

    fileprivate static func lookalike(_ scalar: Unicode.Scalar) -> UInt8? {
        switch scalar {
        case "O", "o", "洞": 0
        case "l", "I", "么": 1
        case "两", "兩": 2
        case "拐": 7
        case "勾": 9
        default: nil
        }
    }
}

extension Unicode.Scalar {
    /// Changes only ASCII letters.
    var lowercased: Unicode.Scalar {
        ("A"..."Z").contains(self) ? Unicode.Scalar(UInt8(value + 0x20)) : self
    }

    var isASCIILetter: Bool { ("a"..."z").contains(lowercased) }
}
