/// The words after a command's name.
struct Arguments {
    /// An option that takes a value (`--port 9092`), or a flag where `value` is nil.
    struct Option {
        let name: String
        let value: String?
        let help: String
        /// Whether the option may be given several times, each time with its own value.
        var mayRepeat = false
    }

    /// The command line is wrong.
    struct Misuse: Error {
        let what: String
    }

    private(set) var operands: [String] = []
    private var values: [String: [String]] = [:]

    init(_ words: some Sequence<String>, options: [Option], operands expected: [String]) throws(Misuse) {
        var words = words.makeIterator()
        while let word = words.next() {
            guard word.hasPrefix("-"), word != "-" else {
                operands.append(word)
                continue
            }
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
                String.init)
            guard let option = options.first(where: { $0.name == parts[0] }) else {
                throw Misuse(what: "there is no option \(parts[0])")
            }
            if option.value == nil {
                guard parts.count == 1 else { throw Misuse(what: "\(option.name) takes no value") }
                values[option.name] = [""]
            } else {
                guard let value = parts.count == 2 ? parts[1] : words.next(), !value.isEmpty else {
                    throw Misuse(what: "\(option.name) needs a value")
                }
                values[option.name] = (option.mayRepeat ? values[option.name] ?? [] : []) + [value]
            }
        }
        // `ORIGIN...` is one or more, `[ORIGIN...]` may also be none.
        let isOpenEnded = expected.last.map { $0.hasSuffix("...") || $0.hasSuffix("...]") } ?? false
        let required = expected.filter { !$0.hasPrefix("[") }
        guard operands.count >= required.count else {
            let name = required[operands.count]
            throw Misuse(what: "\(name.hasSuffix("...") ? String(name.dropLast(3)) : name) is missing")
        }
        guard isOpenEnded || operands.count <= expected.count else {
            throw Misuse(what: "\"\(operands[expected.count])\" is one argument too many")
        }
    }

    func has(_ flag: String) -> Bool { values[flag] != nil }

    /// The value of an option. If the option is given twice, the last value counts.
    func text(_ option: String) -> String? { values[option]?.last }

    /// Every value, in order.
    func texts(_ option: String) -> [String] { values[option] ?? [] }

    func number(_ option: String, preset: Int32, in range: ClosedRange<Int32>) throws(Misuse) -> Int32 {
        guard let text = text(option) else { return preset }
        guard let number = Int32(text), range.contains(number) else {
            throw Misuse(
                what: "\(option) \(text) is not a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}
