/// A plate of mainland China (GA 36): a province, a letter of its city, five or six letters and digits.
/// Blanks and dots may stand between any two of them.
enum LicencePlate {
    static func range(in text: FoldedText, at index: Int) -> Range<Int>? {
        guard let province = text[index]?.mark, provinces.contains(province) else { return nil }
        let city = index + 1 + separators(in: text, at: index + 1)
        guard text[city]?.isASCIILetter == true else { return nil }
        let first = city + 1 + separators(in: text, at: city + 1)
        return (whole(in: text, at: first) ?? broken(in: text, at: first)).map { index..<$0 }
    }

    private static func whole(in text: FoldedText, at first: Int) -> Int? {
        guard let end = number(in: text, at: first, 4...6) else { return nil }
        if let last = text[end]?.mark, kinds.contains(last) { return end + 1 }
        return end - first == 4 ? nil : end
    }

    /// The end of a run of this many letters and digits, at least one of them a digit, with no more beside
    /// them.
    static func number(in text: FoldedText, at index: Int, _ lengths: ClosedRange<Int>) -> Int? {
        let length = text.run(at: index, atMost: lengths.upperBound + 1) { $0.isASCIILetterOrDigit }
        guard lengths.contains(length), (index..<index + length).contains(where: { text[$0]?.digit != nil })
        else { return nil }
        return index + length
    }

    /// `1 2 3 4 5`, `D 123 45`: five or six characters one by one, or in pieces of digits with at most one
    /// letter before them. Letters in longer pieces are words: 云A 3 km 12.
    private static func broken(in text: FoldedText, at first: Int) -> Int? {
        var (at, count, digits) = (first, 0, 0)
        var (isSingle, isOfDigits) = (true, true)
        while true {
            let length = text.run(at: at, atMost: longest + 1, where: \.isASCIILetterOrDigit)
            let figures = text.run(at: at, atMost: length) { $0.digit != nil }
            let isNextSingle = isSingle && length == 1
            let isNextOfDigits = isOfDigits && (figures == length || count == 0 && length == 1)
            guard length > 0, isNextSingle || isNextOfDigits else { return nil }
            (isSingle, isOfDigits) = (isNextSingle, isNextOfDigits)
            (at, count, digits) = (at + length, count + length, digits + figures)
            if lengths.contains(count), digits > 0, isEnd(in: text, at: at, isSingle) { return at }
            let gap = blanks(in: text, at: at)
            guard gap > 0, count < longest else { return nil }
            at += gap
        }
    }

    /// Whether neither a further piece of this kind nor a unit follows.
    private static func isEnd(in text: FoldedText, at end: Int, _ isSingle: Bool) -> Bool {
        let next = end + blanks(in: text, at: end)
        let length = text.run(at: next, atMost: 2, where: \.isASCIILetterOrDigit)
        if isSingle { return length != 1 }
        return text[next]?.digit == nil && !Unit.stands(in: text, at: end)
    }

    private static let lengths = 5...6
    private static let longest = 6

    /// Not across the end of a line, where something else begins.
    private static func blanks(in text: FoldedText, at index: Int) -> Int {
        text.run(at: index, atMost: 2) {
            $0.mark != "\n" && $0.mark != "\r" && $0.separates.map { $0 < .strong } ?? false
        }
    }

    /// Blanks, hyphens, and the dot of a plate in any of its forms.
    private static func separators(in text: FoldedText, at index: Int) -> Int {
        text.run(at: index, atMost: 2) {
            $0.separates.map { $0 < .strong } ?? false || dots.contains($0.mark)
        }
    }

    private static let dots = Set("●⚫∘◦。:*|/".unicodeScalars)
    private static let provinces = Set("京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新".unicodeScalars)
    /// Trailers, learners, police, and vehicles that may cross to Hong Kong and Macao: they have four
    /// characters before this one.
    private static let kinds = Set("挂学警港澳".unicodeScalars)
}
