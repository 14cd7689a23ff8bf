/// Web addresses in what somebody wrote, as phones find them to make links of them.
enum WebAddress {
    /// Each is replaced by `…`, with whatever stands around it without a blank.
    static func removed(from text: String) -> String {
        var result = String.UnicodeScalarView()
        let scalars = Array(text.unicodeScalars)
        var index = 0
        while index < scalars.count {
            var word: [Unicode.Scalar] = []
            let start = index
            while index < scalars.count, let letter = addressed(scalars, index) {
                word.append(letter)
                index += 1
            }
            if word.isEmpty {
                result.append(scalars[index])
                index += 1
            } else if holdsAddress(word, after: start > 0 ? scalars[start - 1] : nil, scalars[index...]) {
                result.append("…")
            } else {
                result.append(contentsOf: scalars[start..<index])
            }
        }
        return String(result)
    }

    /// The character of an address (RFC 3986 §2) that a scalar stands for; nil for one that ends an address.
    /// `。` between Latin letters is a full stop that a Chinese keyboard wrote.
    private static func addressed(_ scalars: [Unicode.Scalar], _ index: Int) -> Unicode.Scalar? {
        let scalar = scalars[index]
        switch scalar.value {
        case 0x22, 0x3C, 0x3E: return nil
        case 0x21...0x7E: return scalar
        case 0xFF0E, 0xFF0F, 0xFF1A, 0xFF10...0xFF19, 0xFF21...0xFF3A, 0xFF41...0xFF5A:
            return Unicode.Scalar(UInt8(scalar.value - 0xFF01 + 0x21))
        case 0x3002, 0xFF61:
            let isInside =
                index > 0 && isLetterOrDigit(scalars[index - 1])
                && index + 1 < scalars.count && isLetter(scalars[index + 1])
            return isInside ? "." : nil
        default: return nil
        }
    }

    private static func holdsAddress(
        _ word: [Unicode.Scalar], after before: Unicode.Scalar?, _ rest: ArraySlice<Unicode.Scalar>
    ) -> Bool {
        for (index, scalar) in word.enumerated() {
            if scalar == ":", word[index...].starts(with: "://".unicodeScalars) { return true }
            guard scalar == "." else { continue }
            // `例子.com` begins with letters that no other word of an address has.
            guard let last = index > 0 ? word[index - 1] : before,
                last.properties.isAlphabetic || isDigit(last)
            else { continue }
            let label = word[(index + 1)...].prefix(while: isLetter)
            if label.count >= 2 { return true }
            let isLast = index + 1 == word.count
            if isLast, ownDomains.contains(where: { rest.starts(with: $0.unicodeScalars) }) { return true }
        }
        return isIPv4(word)
    }

    /// Top-level domains in Chinese that people may have under their fingers; any other Han behind a full
    /// stop is the next sentence.
    private static let ownDomains = ["中国", "中國", "公司", "网络", "网址", "在线", "商城", "集团"]

    /// Four numbers with dots between, where the word begins.
    private static func isIPv4(_ word: [Unicode.Scalar]) -> Bool {
        let host = word.prefix { isDigit($0) || $0 == "." }
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 4 && numbers.allSatisfy { (1...3).contains($0.count) }
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    /// Of ASCII, in either width.
    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x41...0x5A, 0x61...0x7A, 0xFF21...0xFF3A, 0xFF41...0xFF5A: true
        default: false
        }
    }

    private static func isLetterOrDigit(_ scalar: Unicode.Scalar) -> Bool {
        isLetter(scalar) || isDigit(scalar) || (0xFF10...0xFF19).contains(scalar.value)
    }
}
