import Links
import Text

/// Something that lets its holder act here: the handle of a link, a gateway's key, the identity of a
/// complaint.
enum Capability {
    static func range(in text: FoldedText, at index: Int, _ kind: Redaction.Kind) -> Range<Int>? {
        guard let symbol = text[index], isToken(symbol) else { return nil }
        return key(in: text, at: index) ?? identity(in: text, at: index, kind)
            ?? handle(in: text, at: index, kind)
    }

    private static func isToken(_ symbol: FoldedText.Symbol) -> Bool {
        symbol.isASCIILetterOrDigit || isRule(symbol)
    }

    private static func isRule(_ symbol: FoldedText.Symbol?) -> Bool {
        symbol?.mark == "-" || symbol?.mark == "_"
    }

    // MARK: A key

    private static func key(in text: FoldedText, at index: Int) -> Range<Int>? {
        guard text[index]?.mark.lowercased == GatewayKeyText.prefix.unicodeScalars.first else { return nil }
        // Its checksum proves it, whatever stands between its characters.
        let whole = Pieces(text, at: index, count: GatewayKeyText.characters, where: isToken) {
            !isToken($0)
        }
        if let whole, GatewayKeyText(whole.text) != nil { return index..<whole.end }
        guard text.has(GatewayKeyText.prefix, at: index) else { return nil }
        let prefix = GatewayKeyText.prefix.utf8.count
        // A key that was cut off is hidden too, because the missing part can be found by trying.
        let secret = text.run(at: index + prefix) { $0.isASCIILetterOrDigit }
        return secret >= leastOfKey ? index..<index + prefix + secret : nil
    }

    private static let leastOfKey = 20

    // MARK: An identity

    /// A UUID (RFC 9562 §4), with its hyphens, with something else in their place, or without. In an address
    /// it must be of version 8: our identities are, and the UUIDs with which other programs name pictures are
    /// not. The same holds if it is written in other groups or with other marks between them, because a list
    /// of figures has groups, too.
    private static func identity(
        in text: FoldedText, at index: Int, _ kind: Redaction.Kind
    ) -> Range<Int>? {
        var at = index
        var isBroken = false
        var marks: [Unicode.Scalar] = []
        // The digits before anything but a single hyphen. A word after them may begin with such a digit.
        var first: (digits: Int, end: Int)?
        for (number, size) in groups.enumerated() {
            for place in 0..<size {
                let gap = marks.isEmpty ? 0 : gap(in: text, at: at)
                guard let symbol = text[at + gap], symbol.isHexadecimal else {
                    let (digits, end) = first ?? (marks.count, at)
                    return isCut(Array(marks.prefix(digits)), in: text, index..<end)
                        ? index..<end : tail(in: text, at: index)
                }
                if gap > 0 {
                    let between = (at..<at + gap).compactMap { text[$0] }
                    let isUsual =
                        place == 0 && number > 0
                        && between.allSatisfy { $0.isBlank || hyphens.contains($0.mark) }
                    isBroken = isBroken || !isUsual
                    if first == nil, between.count > 1 || between[0].mark != "-" {
                        first = (marks.count, at)
                    }
                }
                marks.append(symbol.mark)
                at += gap + 1
            }
        }
        let hasLetter = marks.contains(where: \.isASCIILetter)
        if kind == .address || isBroken, marks[versionPlace] != "8" { return nil }
        if isBroken, !hasLetter || !variants.contains(marks[variantPlace]) { return nil }
        // If the run of such digits is longer, it is the digest of something.
        let isBare = at - index == digits
        if isBare, text[index - 1]?.isHexadecimal == true || text[at]?.isHexadecimal == true { return nil }
        return index..<at
    }

    /// Blanks and hyphens, or up to three of any other marks and words.
    private static func gap(in text: FoldedText, at index: Int) -> Int {
        let usual = text.run(at: index, atMost: Pieces.blankLimit) {
            $0.isBlank || hyphens.contains($0.mark)
        }
        return usual + text.run(at: index + usual, atMost: otherLimit) { !$0.isASCIILetterOrDigit }
    }

    private static let otherLimit = 3

    private static let groups = [8, 4, 4, 4, 12]
    private static let digits = 32
    private static let versionPlace = 12
    private static let variantPlace = 16
    private static let hyphens = Set("-_/:.".unicodeScalars)

    /// An identity that was cut off is hidden if it has at least this many digits.
    ///
    /// The tracking code is a hash of the identity, and it is public. So missing digits can be found by
    /// trying, without asking us. With three groups 62 bits are missing, because two bits are known (RFC 9562
    /// §4.1): at 10¹⁰ tries in a second that takes up to fifteen years. With four groups 48 are missing:
    /// eight hours.
    private static let leastOfIdentity = 17

    /// Whether these are the first digits of an identity of ours, and no digits beside them continue them.
    private static func isCut(_ marks: [Unicode.Scalar], in text: FoldedText, _ range: Range<Int>) -> Bool {
        guard marks.count >= leastOfIdentity, marks[versionPlace] == "8",
            variants.contains(marks[variantPlace])
        else { return false }
        // 20261123-0830-8000-9000-1 is a list of figures.
        let isLong = marks.count >= leastOfFigures && range.count > marks.count
        guard isLong || marks.contains(where: \.isASCIILetter) else { return false }
        return text[range.lowerBound - 1]?.isASCIILetterOrDigit != true
            && text[range.upperBound]?.isASCIILetterOrDigit != true
    }

    /// The least number of digits if all are figures, with hyphens between them.
    private static let leastOfFigures = 24
    private static let variants: Set<Unicode.Scalar> = ["8", "9", "a", "b", "A", "B"]

    /// The end of an identity whose beginning was cut off: `1792-85f8-981b-3e6fa8e21071`.
    private static func tail(in text: FoldedText, at index: Int) -> Range<Int>? {
        let before = text[index - 1]?.mark == "-" ? index - 2 : index - 1
        guard text[before].map({ !isToken($0) }) ?? true else { return nil }
        var parts: [Range<Int>] = []
        var at = index
        while parts.count < groups.count {
            let length = text.run(at: at, atMost: groups[4] + 1) { $0.isHexadecimal }
            guard length > 0 else { return nil }
            parts.append(at..<at + length)
            at += length
            guard text[at]?.mark == "-" else { break }
            at += 1
        }
        let (end, expected) = (parts[parts.count - 1].upperBound, groups.suffix(parts.count))
        let sizes = parts.map(\.count)
        guard parts.count >= leastOfGroups, text[end].map({ !isToken($0) }) ?? true,
            sizes.dropFirst().elementsEqual(expected.dropFirst()), sizes[0] <= expected[expected.startIndex]
        else { return nil }
        let marks = parts.joined().compactMap { text[$0]?.mark }
        let missing = digits - marks.count
        guard marks.count >= leastOfIdentity, marks.contains(where: \.isASCIILetter),
            variants.contains(marks[variantPlace - missing]),
            missing > versionPlace || marks[versionPlace - missing] == "8"
        else { return nil }
        return index..<end
    }

    private static let leastOfGroups = 3

    // MARK: A handle

    /// A handle that was cut off is hidden if it has at least this many characters.
    ///
    /// Missing characters can only be tried out on Intake itself. With fifteen known characters 38 bits are
    /// missing (the last of the 22 characters holds two bits): at a hundred requests in a second, which
    /// Intake does not allow, trying takes 87 years.
    private static let leastOfHandle = 16

    private static func handle(in text: FoldedText, at start: Int, _ kind: Redaction.Kind) -> Range<Int>? {
        let begins = text[start - 1].map { !isToken($0) } ?? true
        let length = text.run(at: start, atMost: LinkHandle.characters + 1, where: isToken)
        if length < LinkHandle.characters {
            let cut = start..<start + length
            if text[start - 1]?.mark == "#", length >= leastOfHandle, isMixed(text, cut) { return cut }
            guard begins else { return nil }
            return broken(in: text, at: start) ?? interrupted(in: text, at: start, kind)
                ?? spelled(in: text, at: start, kind)
                ?? (kind == .text || text[start - 1]?.mark == "="
                    ? length >= leastOfHandle && isDrawn(text, cut) ? cut : nil : nil)
        }
        if text[start - 1]?.mark == "#" { return start..<start + text.run(at: start, where: isToken) }
        let ends = length == LinkHandle.characters
        if kind == .text {
            return single(in: text, at: start, begins, ends) ?? long(in: text, at: start, begins)
        }
        return inAddress(text, start, begins, ends)
    }

    /// In an address a handle stands alone between two marks. Names that look like a handle can stand there,
    /// too, so it must follow `=` or look mixed. If hyphens or one more letter stand beside it, it must look
    /// random.
    private static func inAddress(
        _ text: FoldedText, _ start: Int, _ begins: Bool, _ ends: Bool
    ) -> Range<Int>? {
        if begins, ends, let range = whole(text, start) {
            return text[start - 1]?.mark == "=" || isMixed(text, range) ? range : nil
        }
        let end = start + LinkHandle.characters
        if begins || isRule(text[start - 1]), ends || isRule(text[end]), let range = whole(text, start) {
            return isDrawn(text, range) ? range : nil
        }
        guard begins, text[end + 1].map({ !isToken($0) }) ?? true else { return nil }
        let isGlued = [start, start + 1].compactMap { whole(text, $0) }.contains { isDrawn(text, $0) }
        return isGlued ? start..<end + 1 : nil
    }

    /// A single handle. Hyphens may stand around it, and in it.
    private static func single(
        in text: FoldedText, at start: Int, _ begins: Bool, _ ends: Bool
    ) -> Range<Int>? {
        guard begins || isRule(text[start - 1]), ends || isRule(text[start + LinkHandle.characters]),
            let range = whole(text, start)
        else { return nil }
        // The number of a permit (排污许可证) has as many characters, all of them capitals and digits.
        return isMixed(text, range) ? range : nil
    }

    /// A handle with letters directly beside it, or two handles together: nobody misses such a run of
    /// letters.
    private static func long(in text: FoldedText, at start: Int, _ begins: Bool) -> Range<Int>? {
        // What follows `%` is an escape, and the escaped character is read instead.
        guard begins, !isRule(text[start]), text[start - 1]?.mark != "%" else { return nil }
        let length = text.run(at: start, atMost: longLimit, where: isToken)
        guard let run = Pieces(text, at: start, count: length, where: isToken), run.isRandom else {
            return nil
        }
        return start..<run.end
    }

    /// After a hidden stretch of this length the next one begins.
    private static let longLimit = 100

    /// Words with blanks between them could look like a handle, too. So all of it must look random. After the
    /// text that stands before a handle in a link, it is enough that a part does.
    private static func broken(in text: FoldedText, at start: Int) -> Range<Int>? {
        guard let pieces = Pieces(text, at: start, count: LinkHandle.characters, where: isToken),
            pieces.isBroken, text[pieces.end].map({ !isToken($0) }) ?? true, LinkHandle(pieces.text) != nil
        else { return nil }
        let isHandle = pieces.isRandom || isInLink(text, start) && !pieces.isOfWords
        return isHandle ? start..<pieces.end : nil
    }

    /// A handle with the same mark after each of its characters.
    private static func spelled(
        in text: FoldedText, at start: Int, _ kind: Redaction.Kind
    ) -> Range<Int>? {
        guard kind == .text, let mark = text[start + 1]?.mark, text[start + 2].map(isToken) == true else {
            return nil
        }
        var at = start
        var marks: [Unicode.Scalar] = []
        while let symbol = text[at], isToken(symbol) {
            marks.append(symbol.mark)
            if marks.count == LinkHandle.characters { break }
            guard text[at + 1]?.mark == mark else { return nil }
            at += 2
        }
        guard LinkHandle(String(String.UnicodeScalarView(marks))) != nil, isVaried(marks, inPieces: 2) else {
            return nil
        }
        return start..<at + 1
    }

    /// A handle in a few pieces with something else than blanks between them: a mark, a word, or the
    /// hyphen that a program puts at the end of a line. Pieces of any text stand like that, so all of it must
    /// look random.
    private static func interrupted(
        in text: FoldedText, at start: Int, _ kind: Redaction.Kind
    ) -> Range<Int>? {
        guard kind == .text else { return nil }
        var (marks, at) = ([] as [Unicode.Scalar], start)
        for piece in 1...mostPieces {
            let length = text.run(at: at, atMost: LinkHandle.characters + 1, where: isToken)
            guard length >= leastOfPiece else { return nil }
            let isHyphened = text[at + length - 1]?.mark == "-" && text[at + length]?.isLineEnd == true
            marks += (at..<at + length - (isHyphened ? 1 : 0)).compactMap { text[$0]?.mark }
            at += length
            if marks.count >= LinkHandle.characters {
                let handle = String(String.UnicodeScalarView(marks))
                let isHandle = piece > 1 && LinkHandle(handle) != nil && isVaried(marks, inPieces: piece)
                return isHandle ? start..<at : nil
            }
            at = interruption(in: text, at: at)
        }
        return nil
    }

    private static let mostPieces = 5
    private static let leastOfPiece = 4

    /// The end of what stands between two pieces; a short Latin word may stand among it.
    private static func interruption(in text: FoldedText, at index: Int) -> Int {
        let end = index + text.run(at: index, atMost: Pieces.blankLimit) { !isToken($0) }
        let word = text.run(at: end, atMost: leastOfPiece) { ("a"..."z").contains($0.mark) }
        guard word > 0, word < leastOfPiece, text[end + word].map({ !isToken($0) }) ?? false else {
            return end
        }
        return end + word + text.run(at: end + word, atMost: Pieces.blankLimit) { !isToken($0) }
    }

    /// Whether it follows `#`, `=`, `/` or `/act`.
    private static func isInLink(_ text: FoldedText, _ start: Int) -> Bool {
        var end = start
        while start - end < Pieces.blankLimit, text[end - 1]?.isBlank == true { end -= 1 }
        return ["#", "=", "/", "/act"].contains { text.has($0, at: end - $0.utf8.count) }
    }

    private static func whole(_ text: FoldedText, _ start: Int) -> Range<Int>? {
        let range = start..<start + LinkHandle.characters
        guard text[range.upperBound - 1] != nil else { return nil }
        return LinkHandle(text.text(range)) == nil ? nil : range
    }

    /// Whether it looks random, for a place where nothing before it says that it is a handle. In base64url
    /// two of three neighbouring characters differ in kind: small letter, capital, digit. In names of files
    /// fewer than one in three do. In words written together (isJudgeOfOwnWork) half do, but these have no
    /// digit. One of fifteen stretches of sixteen random characters has no digit, so it is not found.
    private static func isDrawn(_ text: FoldedText, _ range: Range<Int>) -> Bool {
        guard Pieces(text, at: range.lowerBound, count: range.count, where: isToken)?.isRandom == true
        else { return false }
        let (changes, hasDigit) = variety(range.compactMap { text[$0]?.mark })
        return changes * 3 >= range.count && hasDigit
    }

    /// The same, for pieces between which anything may stand. One of 40 handles in two pieces is not found,
    /// and more of those in more pieces, between which there is more room for other texts.
    private static func isVaried(_ marks: [Unicode.Scalar], inPieces pieces: Int) -> Bool {
        let (changes, hasDigit) = variety(marks)
        let share = pieces > 3 ? 4 : pieces > 2 ? 5 : 6
        return changes * share >= marks.count * 2 && hasDigit
    }

    /// How often the kind of character changes, and whether there is a digit.
    private static func variety(_ marks: [Unicode.Scalar]) -> (changes: Int, hasDigit: Bool) {
        let kinds = marks.map(kind)
        let changes = zip(kinds, kinds.dropFirst()).count { $0 != $1 && $0 > 0 && $1 > 0 }
        return (changes, kinds.contains(3))
    }

    private static func kind(_ mark: Unicode.Scalar) -> Int {
        switch mark {
        case "a"..."z": 1
        case "A"..."Z": 2
        case "0"..."9": 3
        default: 0
        }
    }

    /// Words with hyphens between them are all in one case; of 50,000 handles only one is.
    private static func isMixed(_ text: FoldedText, _ range: Range<Int>) -> Bool {
        let marks = range.compactMap { text[$0]?.mark }
        return marks.contains { ("a"..."z").contains($0) } && marks.contains { ("A"..."Z").contains($0) }
    }
}

extension FoldedText.Symbol {
    fileprivate var isLineEnd: Bool { mark == "\n" || mark == "\r" }

    fileprivate var isHexadecimal: Bool {
        switch mark {
        case "0"..."9", "a"..."f", "A"..."F": true
        default: false
        }
    }
}
