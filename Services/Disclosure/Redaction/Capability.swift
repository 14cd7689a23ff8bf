import Links

/// What lets its holder act here: the handle of a link, a gateway's key, the identity of a complaint.
enum Capability {
    static func range(in text: FoldedText, at index: Int, _ kind: Redaction.Kind) -> Range<Int>? {
        guard let symbol = text[index], isToken(symbol) || symbol.mark == "%" else { return nil }
        return key(in: text, at: index) ?? identity(in: text, at: index, kind)
            ?? handle(in: text, at: index, kind)
    }

    private static func isToken(_ symbol: FoldedText.Symbol) -> Bool {
        symbol.isASCIILetterOrDigit || symbol.mark == "-" || symbol.mark == "_"
    }

    // MARK: A key

    private static func key(in text: FoldedText, at index: Int) -> Range<Int>? {
        guard text.has(GatewayKeyText.prefix, at: index) else { return nil }
        let prefix = GatewayKeyText.prefix.utf8.count
        // What was cut off a key can be found by trying.
        let secret = text.run(at: index + prefix) { $0.isASCIILetterOrDigit }
        return secret >= leastOfKey ? index..<index + prefix + secret : nil
    }

    private static let leastOfKey = 20

    // MARK: An identity

    /// A UUID (RFC 9562 §4), with its hyphens or without. In an address only one of version 8: ours are, and
    /// those by which other programs name pictures are not.
    private static func identity(
        in text: FoldedText, at index: Int, _ kind: Redaction.Kind
    ) -> Range<Int>? {
        var at = index
        var digits = 0
        var version: Unicode.Scalar?
        for (number, size) in [8, 4, 4, 4, 12].enumerated() {
            if number > 0 { at += text.run(at: at, atMost: 2) { $0.mark == "-" || $0.mark == " " } }
            if number == 2 { version = text[at]?.mark }
            for _ in 0..<size {
                guard let symbol = text[at], symbol.isHexadecimal else { return nil }
                at += 1
            }
            digits += size
        }
        let isBare = at - index == digits
        if kind == .address, version != "8" { return nil }
        // A longer run of such digits is the digest of something.
        if isBare, text[index - 1]?.isHexadecimal == true || text[at]?.isHexadecimal == true { return nil }
        return index..<at
    }

    // MARK: A handle

    /// In an address a handle stands behind `#` or `=`; elsewhere stand names that look like one. Hyphens may
    /// stand around a handle, and in it.
    private static func handle(in text: FoldedText, at index: Int, _ kind: Redaction.Kind) -> Range<Int>? {
        let start = text[index]?.mark == "%" ? index + escapeLength : index
        let begins = start > index || text[index - 1].map { !isToken($0) } ?? true
        guard begins || isRule(text[index - 1]) else { return nil }
        let length = text.run(at: start, atMost: LinkHandle.characters + 1, where: isToken)
        guard length >= LinkHandle.characters else { return nil }
        if text[start - 1]?.mark == "#" { return start..<start + text.run(at: start, where: isToken) }
        if kind == .address, text[start - 1]?.mark != "=" { return nil }
        let ends = length == LinkHandle.characters
        guard ends || isRule(text[start + LinkHandle.characters]), let range = whole(text, start) else {
            return nil
        }
        return begins && ends || isMixed(text, range) ? range : nil
    }

    /// `%23`
    private static let escapeLength = 3

    private static func whole(_ text: FoldedText, _ start: Int) -> Range<Int>? {
        let range = start..<start + LinkHandle.characters
        return LinkHandle(text.text(range)) == nil ? nil : range
    }

    private static func isRule(_ symbol: FoldedText.Symbol?) -> Bool {
        symbol?.mark == "-" || symbol?.mark == "_"
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
