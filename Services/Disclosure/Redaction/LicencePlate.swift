/// A plate of mainland China (GA 36): a province, a letter of its city, five or six letters and digits. Blanks
/// and dots may stand between any two of them.
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

    /// The end of so many letters and digits, with a digit among them, and no more beside them.
    static func number(in text: FoldedText, at index: Int, _ lengths: ClosedRange<Int>) -> Int? {
        let length = text.run(at: index, atMost: lengths.upperBound + 1) { $0.isASCIILetterOrDigit }
        guard lengths.contains(length), (index..<index + length).contains(where: { text[$0]?.digit != nil })
        else { return nil }
        return index + length
    }

    /// `1 2 3 4 5`, `D 123 45`: five or six characters one by one, or in pieces of digits with a letter at
    /// most before them. Letters in longer pieces are words: 云A 3 km 12.
    private static func broken(in text: FoldedText, at first: Int) -> Int? {
        var (at, end, count, digits) = (first, first, 0, 0)
        var (isSingle, isOfDigits) = (true, true)
        while count <= longest {
            let length = text.run(at: at, atMost: longest + 1) { $0.isASCIILetterOrDigit }
            guard length > 0 else { break }
            let figures = text.run(at: at, atMost: length) { $0.digit != nil }
            isSingle = isSingle && length == 1
            isOfDigits = isOfDigits && (figures == length || count == 0 && length == 1)
            (count, digits, end) = (count + length, digits + figures, at + length)
            let gap = separators(in: text, at: end)
            if gap == 0 { break }
            at = end + gap
        }
        guard lengths.contains(count), digits > 0, isSingle || isOfDigits && !Unit.stands(in: text, at: end)
        else { return nil }
        return end
    }

    private static let lengths = 5...6
    private static let longest = 6

    /// Blanks, hyphens, and the dot of a plate in any form.
    private static func separators(in text: FoldedText, at index: Int) -> Int {
        text.run(at: index, atMost: 2) {
            $0.separates.map { $0 < .strong } ?? false || dots.contains($0.mark)
        }
    }

    private static let dots = Set("●⚫∘◦。:*|/".unicodeScalars)
    private static let provinces = Set("京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新".unicodeScalars)
    /// Trailers, learners, police, and those that may cross to Hong Kong and Macao: with four characters
    /// before.
    private static let kinds = Set("挂学警港澳".unicodeScalars)
}
