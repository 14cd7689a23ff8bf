/// A plate of mainland China (GA 36): a province, a letter of its city, five or six letters and digits.
enum LicencePlate {
    static func range(in text: FoldedText, at index: Int) -> Range<Int>? {
        guard let province = text[index]?.mark, provinces.contains(province) else { return nil }
        let city = index + 1 + separators(in: text, at: index + 1)
        guard text[city]?.isASCIILetter == true else { return nil }
        let first = city + 1 + separators(in: text, at: city + 1)
        guard var end = number(in: text, at: first, 4...6) else { return nil }
        if let last = text[end]?.mark, kinds.contains(last) {
            end += 1
        } else if end - first == 4 {
            return nil
        }
        return index..<end
    }

    /// The end of so many letters and digits, with a digit among them, and no more beside them.
    static func number(in text: FoldedText, at index: Int, _ lengths: ClosedRange<Int>) -> Int? {
        let length = text.run(at: index, atMost: lengths.upperBound + 1) { $0.isASCIILetterOrDigit }
        guard lengths.contains(length), (index..<index + length).contains(where: { text[$0]?.digit != nil })
        else { return nil }
        return index + length
    }

    private static func separators(in text: FoldedText, at index: Int) -> Int {
        text.run(at: index, atMost: 2) { $0.separates.map { $0 < .strong } ?? false }
    }

    private static let provinces = Set("京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新".unicodeScalars)
    /// Trailers, learners, police, and those that may cross to Hong Kong and Macao: with four characters
    /// before.
    private static let kinds = Set("挂学警港澳".unicodeScalars)
}
