import Testing

@testable import HTTP

@Suite struct TargetTests {
    private func parse(_ text: String) throws(Target.Malformed) -> Target {
        try Target(parsing: Array(text.utf8))
    }

    @Test(
        arguments: [
            ("/", []),
            ("/a/b", ["a", "b"]),
            ("/a/", ["a", ""]),
            ("//a", ["", "a"]),
            ("/%E6%B2%B3/%e9%95%bf", ["河", "长"]),
            ("/河", ["河"]),
            ("/a%2Fb", ["a/b"]),
            ("/a+b", ["a+b"]),
            ("http://host:80/a?b", ["a"]),
            ("https://host", []),
            ("/a?b/c", ["a"]),
        ] as [(String, [String])])
    func aPathIsSplitThenDecoded(text: String, segments: [String]) throws {
        #expect(try parse(text).segments == segments)
    }

    @Test(arguments: [
        ("/?a=1&b=2", ["a": "1", "b": "2"]),
        ("/?a=1&a=2", ["a": "1"]),
        ("/?a", ["a": ""]),
        ("/?a=b=c", ["a": "b=c"]),
        ("/?q=%E6%B2%B3+x%2By", ["q": "河 x+y"]),
        ("/?&&", [:]),
    ])
    func aQueryIsDecodedAndItsFirstValueCounts(text: String, query: [String: String]) throws {
        #expect(try parse(text).query == query)
    }

    @Test(arguments: [
        "", "a", "ftp://host/a", "/%", "/%4", "/%zz", "/%+1", "/%ff", "/%c3%28", "/%00", "/a%0ab", "/..",
        "/a/../b", "/%2e%2e/a", "/.%2E", "/.", "/a b", "/a\tb", "/?a b", "/?%=1", "/%ed%a0%80",
        "/?%ff=1", "/?a=%f",
    ])
    func whatIsMalformedIsRefused(text: String) {
        #expect(throws: Target.Malformed.self) { try parse(text) }
    }

    @Test func aValueThatIsNotUTF8KeepsItsBytes() throws {
        let target = try parse("/?a=%CA%D5+x&b=%E6%B2%B3&c=1&a=2&c=%FF")
        #expect(target.query == ["b": "河", "c": "1"])
        #expect(target.queryBytes == ["a": [0xCA, 0xD5, 0x20, 0x78]])
    }

    @Test func bytesThatAreNoUTF8AreRefused() {
        #expect(throws: Target.Malformed.self) { try Target(parsing: [0x2F, 0xFF]) }
    }

    @Test func everyByteStringParsesOrThrows() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let length = Int.random(in: 0...12, using: &generator)
            let alphabet: [UInt8] = Array("/%?&=+.2eEfF".utf8) + [0xFF, 0xC3, 0x00]
            let bytes = (0..<length).compactMap { _ in alphabet.randomElement(using: &generator) }
            guard let target = try? Target(parsing: bytes) else { continue }
            #expect(!target.segments.contains(".."), "\(bytes)")
        }
    }
}
