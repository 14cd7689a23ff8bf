/// What stands behind a figure and says what it counts.
enum Unit {
    /// Behind one blank at most.
    static func stands(in text: FoldedText, at index: Int) -> Bool {
        let start = index + text.run(at: index, atMost: 1, where: \.isBlank)
        guard let first = text[start] else { return false }
        if words.contains(first.mark) { return true }
        let letters = text.run(at: start, atMost: longest + 1, where: \.isASCIILetter)
        return latin.contains { $0.utf8.count == letters && text.has($0, at: start) }
    }

    private static let words = Set("元块圆吨米立方平升克斤公里次个件人户家株尾头年月日天时分秒度万亿千百毫微%‰℃㎡".unicodeScalars)
    private static let latin = ["m", "km", "cm", "mm", "t", "kg", "g", "mg", "l", "ml", "kwh", "pcs"]
    private static let longest = 3
}
