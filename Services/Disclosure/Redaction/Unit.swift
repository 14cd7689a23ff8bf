import Text

/// A word or sign after a figure that says what it counts.
enum Unit {
    /// Whether a unit stands here, after one blank at most.
    static func stands(in text: FoldedText, at index: Int) -> Bool {
        let start = index + text.run(at: index, atMost: 1, where: \.isBlank)
        guard let first = text[start] else { return false }
        if words.contains(first.mark) { return true }
        let letters = text.run(at: start, atMost: longest + 1, where: \.isASCIILetter)
        return latin.contains { $0.utf8.count == letters && text.has($0, at: start) }
    }

    /// Whether the character may count, number or compare the figure beside it: 150只, 138路, 3到5, 1500m.
    static func mayCount(_ mark: Unicode.Scalar) -> Bool {
        mark.isASCIILetter || words.contains(mark) || others.contains(mark)
    }

    private static let others = Set(
        "号號路线層层栋幢座室楼期区段组批名只条头棵辆艘套台处站级届点多余来到至和与或及比约宽长高深厚加减乘除降升增超达岁早晚".unicodeScalars)
    private static let words = Set("元块圆吨米立方平升克斤公里次个件人户家株尾头年月日天时分秒度万亿千百毫微%‰℃㎡".unicodeScalars)
    private static let latin = ["m", "km", "cm", "mm", "t", "kg", "g", "mg", "l", "ml", "kwh", "pcs"]
    private static let longest = 3
}
