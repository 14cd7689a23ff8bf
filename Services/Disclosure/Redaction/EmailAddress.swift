/// An address of the plain form that people use, with `(at)` for `@` or blanks around it; quoted local parts
/// (RFC 5322 §3.4.1) nobody writes into a complaint.
enum EmailAddress {
    /// The whole address, asked for at its `@`.
    static func range(in text: FoldedText, at index: Int) -> Range<Int>? {
        guard let at = ["@", "(at)", "[at]"].first(where: { text.has($0, at: index) }) else { return nil }
        guard let start = start(in: text, before: index) else { return nil }
        var end = index + at.utf8.count
        end += text.run(at: end, atMost: blankLimit) { $0.mark == " " }
        return domainEnd(in: text, from: end).map { start..<$0 }
    }

    private static let blankLimit = 2
    /// A name before `@qq.com`; more of a sentence without blanks is not part of it.
    private static let hanLimit = 6

    private static func start(in text: FoldedText, before index: Int) -> Int? {
        var end = index
        while index - end < blankLimit, text[end - 1]?.mark == " " { end -= 1 }
        var start = end
        while let symbol = text[start - 1], isLocal(symbol) { start -= 1 }
        if start == end, end == index {
            while end - start < hanLimit, let symbol = text[start - 1], symbol.isLetter { start -= 1 }
        }
        return start < end ? start : nil
    }

    /// The end of `example.org`: labels with dots between, the last one of letters (RFC 3696 §2).
    private static func domainEnd(in text: FoldedText, from start: Int) -> Int? {
        var end: Int?
        var at = start
        while true {
            let label = text.run(at: at) { $0.isASCIILetterOrDigit || $0.mark == "-" }
            guard label > 0 else { return end }
            if at > start, label >= 2, text[at]?.isASCIILetter == true { end = at + label }
            at += label
            guard let dot = ["(dot)", "[dot]", ".", "。", "｡"].first(where: { text.has($0, at: at) }) else {
                return end
            }
            at += dot.unicodeScalars.count
        }
    }

    private static func isLocal(_ symbol: FoldedText.Symbol) -> Bool {
        symbol.isASCIILetterOrDigit || "._%+-".unicodeScalars.contains(symbol.mark)
    }
}
