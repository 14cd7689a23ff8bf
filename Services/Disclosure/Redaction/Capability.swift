import Links

/// What lets its holder act here: the handle of a link, a gateway's key, the identity of a complaint.
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
        let whole = Pieces(text, at: index, count: GatewayKeyText.characters, where: isToken)
        if let whole, GatewayKeyText(whole.text) != nil { return index..<whole.end }
        guard text.has(GatewayKeyText.prefix, at: index) else { return nil }
        let prefix = GatewayKeyText.prefix.utf8.count
        // What was cut off a key can be found by trying.
        let secret = text.run(at: index + prefix) { $0.isASCIILetterOrDigit }
        return secret >= leastOfKey ? index..<index + prefix + secret : nil
    }

    private static let leastOfKey = 20

    // MARK: An identity

    /// A UUID (RFC 9562 §4), with its hyphens, with something else in their place, or without. In an address
    /// only one of version 8: ours are, and those by which other programs name pictures are not. So it is
    /// where blanks stand within a group: a list of figures has blanks, too.
    private static func identity(
        in text: FoldedText, at index: Int, _ kind: Redaction.Kind
    ) -> Range<Int>? {
        var at = index
        var version: Unicode.Scalar?
        var isBroken = false
        var hasLetter = false
        for (number, size) in [8, 4, 4, 4, 12].enumerated() {
            if number > 0 {
                at += text.run(at: at, atMost: Pieces.blankLimit) { $0.isBlank || hyphens.contains($0.mark) }
            }
            for place in 0..<size {
                if place > 0, let blank = text[at], blank.isBlank {
                    at += text.run(at: at, atMost: Pieces.blankLimit, where: \.isBlank)
                    isBroken = true
                }
                guard let symbol = text[at], symbol.isHexadecimal else {
                    // What was cut off can be found by trying: the tracking code is made of it in the open.
                    let isCut = number == 4 && place >= leastOfLast && version == "8" && !isBroken
                    return isCut && at - index > digits - size + place ? index..<at : nil
                }
                if number == 2, place == 0 { version = symbol.mark }
                hasLetter = hasLetter || symbol.isASCIILetter
                at += 1
            }
        }
        if kind == .address || isBroken, version != "8" { return nil }
        if isBroken, !hasLetter { return nil }
        // A longer run of such digits is the digest of something.
        let isBare = at - index == digits
        if isBare, text[index - 1]?.isHexadecimal == true || text[at]?.isHexadecimal == true { return nil }
        return index..<at
    }

    private static let digits = 32
    /// Of the last group, where the others are whole and hyphens stand between them.
    private static let leastOfLast = 4
    private static let hyphens = Set("-_/:.".unicodeScalars)

    // MARK: A handle

    private static let leastOfHandle = 16

    private static func handle(in text: FoldedText, at start: Int, _ kind: Redaction.Kind) -> Range<Int>? {
        let begins = text[start - 1].map { !isToken($0) } ?? true
        let length = text.run(at: start, atMost: LinkHandle.characters + 1, where: isToken)
        if length < LinkHandle.characters {
            // The last characters can be found by trying.
            let cut = start..<start + length
            if text[start - 1]?.mark == "#", length >= leastOfHandle, isMixed(text, cut) { return cut }
            return begins ? broken(in: text, at: start) : nil
        }
        if text[start - 1]?.mark == "#" { return start..<start + text.run(at: start, where: isToken) }
        let ends = length == LinkHandle.characters
        if kind == .text {
            return single(in: text, at: start, begins, ends) ?? long(in: text, at: start, begins)
        }
        // Elsewhere in an address than between two marks of it stand names that look like one.
        guard begins, ends, let range = whole(text, start) else { return nil }
        return text[start - 1]?.mark == "=" || isMixed(text, range) ? range : nil
    }

    /// Hyphens may stand around a handle, and in it.
    private static func single(
        in text: FoldedText, at start: Int, _ begins: Bool, _ ends: Bool
    ) -> Range<Int>? {
        guard begins || isRule(text[start - 1]), ends || isRule(text[start + LinkHandle.characters]),
            let range = whole(text, start)
        else { return nil }
        return begins && ends || isMixed(text, range) ? range : nil
    }

    /// A handle with letters right beside it, or two handles: nobody misses such a run of letters.
    private static func long(in text: FoldedText, at start: Int, _ begins: Bool) -> Range<Int>? {
        // What follows `%` is read as what it means.
        guard begins, !isRule(text[start]), text[start - 1]?.mark != "%" else { return nil }
        let length = text.run(at: start, atMost: longLimit, where: isToken)
        guard let run = Pieces(text, at: start, count: length, where: isToken), run.isRandom else {
            return nil
        }
        return start..<run.end
    }

    /// Behind what is hidden the next stretch begins.
    private static let longLimit = 100

    /// Words with blanks between them would make a handle, too. So it must look drawn by chance; behind what
    /// stands before a handle in a link a part of it must.
    private static func broken(in text: FoldedText, at start: Int) -> Range<Int>? {
        guard let pieces = Pieces(text, at: start, count: LinkHandle.characters, where: isToken),
            pieces.isBroken, text[pieces.end].map({ !isToken($0) }) ?? true, LinkHandle(pieces.text) != nil
        else { return nil }
        let isHandle = pieces.isRandom || isInLink(text, start) && !pieces.isOfWords
        return isHandle ? start..<pieces.end : nil
    }

    /// Behind `#`, `=`, `act/` or `/act`.
    private static func isInLink(_ text: FoldedText, _ start: Int) -> Bool {
        var end = start
        while start - end < Pieces.blankLimit, text[end - 1]?.isBlank == true { end -= 1 }
        return ["#", "=", "/", "/act"].contains { text.has($0, at: end - $0.utf8.count) }
    }

    private static func whole(_ text: FoldedText, _ start: Int) -> Range<Int>? {
        let range = start..<start + LinkHandle.characters
        return LinkHandle(text.text(range)) == nil ? nil : range
    }

    /// Words with hyphens between them are in one case; of 50,000 handles one is.
    private static func isMixed(_ text: FoldedText, _ range: Range<Int>) -> Bool {
        let marks = range.compactMap { text[$0]?.mark }
        return marks.contains { ("a"..."z").contains($0) } && marks.contains { ("A"..."Z").contains($0) }
    }
}

extension FoldedText.Symbol {
    fileprivate var isHexadecimal: Bool {
        switch mark {
        case "0"..."9", "a"..."f", "A"..."F": true
        default: false
        }
    }
}
