/// The samples of a page in Prometheus' text form (exposition format 0.0.4), as the services write it.
struct MetricsText {
    struct Sample: Hashable {
        let name: String
        let labels: [String: String]
        let value: Double
    }

    let samples: [Sample]

    init(_ text: String) {
        samples = text.split(separator: "\n").compactMap { $0.hasPrefix("#") ? nil : Sample($0) }
    }

    /// The sum of all samples of a name, as a whole number; nil where there is none.
    func sum(_ name: String) -> Int64? {
        let own = samples.filter { $0.name == name }
        return own.isEmpty ? nil : Int64(exactly: own.reduce(0) { $0 + $1.value }.rounded())
    }
}

extension MetricsText.Sample {
    /// Nil for a line that is no sample or whose value is no finite number.
    init?(_ line: Substring) {
        guard let end = line.firstIndex(where: { $0 == " " || $0 == "{" }),
            let value = line.split(separator: " ").last.flatMap({ Double($0) }), value.isFinite
        else { return nil }
        name = String(line[..<end])
        labels = line[end] == "{" ? Self.labels(line[line.index(after: end)...]) : [:]
        self.value = value
    }

    /// Reads `a="x",b="y"}`; after a backslash the next character is taken as it is, except `\n`.
    private static func labels(_ text: Substring) -> [String: String] {
        var labels: [String: String] = [:]
        var rest = text
        while let equals = rest.firstIndex(of: "="), rest.first != "}" {
            let name = String(rest[..<equals])
            rest = rest[equals...].dropFirst(2)
            var value = ""
            while let character = rest.popFirst(), character != "\"" {
                guard character == "\\" else {
                    value.append(character)
                    continue
                }
                if let escaped = rest.popFirst() { value.append(escaped == "n" ? "\n" : escaped) }
            }
            labels[name] = value
            if rest.first == "," { rest = rest.dropFirst() }
        }
        return labels
    }
}
