/// Inputs that cost a careless reader the square of their length.
enum WorstInput {
    /// A letter under marks that pile up on it. Swift puts them in Unicode's canonical order before it
    /// compares or hashes (UAX #15), and in this order that moves nearly all of them.
    static func marks(_ count: Int) -> [UInt8] {
        let (above, below): ([UInt8], [UInt8]) = ([0xCC, 0x81], [0xCC, 0xA3])
        return [UInt8(ascii: "a")] + (0..<count / 4).flatMap { _ in above + below }
    }

    /// The same as JSON may write it.
    static func escapedMarks(_ count: Int) -> [UInt8] {
        Array((0..<count / 12).map { _ in #"\u0301\u0323"# }.joined().utf8)
    }

    static func json(_ count: Int) -> [[UInt8]] {
        let marks = marks(count)
        let many = (0..<count / 64).map { ",\"\($0)".utf8 + Self.marks(40) + "\":1".utf8 }
        return [
            text(#"{""#, marks, #"":1}"#), text(#"{""#, escapedMarks(count), #"":1}"#),
            text(#"{"text":""#, marks, #""}"#), text(#"{"text":""#, escapedMarks(count), #""}"#),
            text(#"{"action":""#, marks, #""}"#), text(#"{"category":""#, marks, #""}"#),
            text(#"{"by":{"role":""#, marks, #""}}"#), text(#"{"contact":{"phone":""#, marks, #""}}"#),
            text(#"{"readings":[{"section":""#, marks, #"","values":{}}]}"#),
            text(#"{"readings":[{"section":"bridge","observedAt":""#, marks, #"","values":{}}]}"#),
            text(measured(#""value":7,"unit":""#), marks, #""}}}]}"#),
            text(measured(#""written":""#), marks, #""}}}]}"#),
            text(measured(#""value":7,"flag":""#), marks, #""}}}]}"#),
            text(measured(#""value":7,"sampledAt":""#), marks, #""}}}]}"#),
            text(measured(""), marks, #"":1}}]}"#),
            text("{\"x\":1", many.flatMap(\.self), "}"), text(#"{"n":"#, repeated("1", count), "}"),
            text(#"{"n":1e"#, repeated("9", count), "}"), text("[", repeated("1,", count), "1]"),
            text("", repeated("[", count), ""), text(#"{"text":""#, repeated(#"\\"#, count), #""}"#),
        ]
    }

    private static func measured(_ fields: String) -> String {
        #"{"readings":[{"section":"bridge","observedAt":"2026-07-09T21:00:00+08:00","measurements":{"#
            + (fields.isEmpty ? "\"" : #""w01001":{"# + fields)
    }

    static func csv(_ count: Int) -> [[UInt8]] {
        let header = "断面,监测时间,pH\n"
        let row = text("", marks(400), ",2026-07-09 21:00,7\n")
        let words = "断面,监测时间,水质类别,status,flag,period,pH\n"
        let word = marks(400) + [UInt8(ascii: ",")]
        let worded = text("bridge,2026-07-09 21:00,", word + word + word + word, "7\n")
        return [
            text("断面,监测时间,pH,", marks(count), "\n"), text(header, marks(count), ",2026-07-09 21:00,7\n"),
            text(header + "bridge,", marks(count), ",7\n"),
            text(header + "bridge,2026-07-09 21:00,", marks(count), "\n"),
            text(header, (0..<count / row.count).flatMap { _ in row }, ""),
            text(header + "\"", repeated("\"\"", count), "\",2026-07-09 21:00,7\n"),
            text(words, (0..<count / worded.count).flatMap { _ in worded }, ""),
            text("断面,监测时间,", repeated("(", count), ")\n"), text(header, repeated("\n", count), ""),
            text(header, repeated("x\n", count), ""), text("", repeated("a,", count), "a\n"),
            text(header, (0..<count / 32).flatMap { "s\($0),2026-07-09 21:00,7\n".utf8 }, ""),
            text("断面,监测时间,pH,", repeated("氨氮 _-/(", count), "\n"),
            text(header, repeated("bridge,2026-07-09 21:00,7\n", count), ""),
            [0xB6, 0xCF] + repeated("\u{20AC}", count) + [0x0A], repeated("\u{0}\n", count),
        ]
    }

    static func targets(_ count: Int) -> [[UInt8]] {
        let marks = marks(count)
        let escaped = Array((0..<count / 12).map { _ in "%CC%81%CC%A3" }.joined().utf8)
        return [
            text("/?a", marks, "=1"), text("/?a", escaped, "=1"), text("/?a=", marks, ""),
            text("/", marks, ""),
            text("/", escaped, ""), text("/?", repeated("a&", count), ""),
            text("/", repeated("/", count), ""),
            text("/?", (0..<count / 64).flatMap { "&\($0)".utf8 + Self.marks(40) }, ""),
        ]
    }

    static func words(_ count: Int) -> [[UInt8]] {
        [
            marks(count), repeated("a", count), repeated("é", count), repeated(" ", count),
            repeated("-", count),
        ]
    }

    private static func text(_ before: String, _ bytes: [UInt8], _ after: String) -> [UInt8] {
        before.utf8 + bytes + after.utf8
    }

    private static func repeated(_ text: String, _ count: Int) -> [UInt8] {
        let bytes = Array(text.utf8)
        return (0..<count / bytes.count).flatMap { _ in bytes }
    }
}
