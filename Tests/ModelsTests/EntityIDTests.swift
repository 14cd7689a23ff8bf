import Models
import Testing
import Text

@Suite("EntityID and RegistryKey")
struct EntityIDTests {
    @Test(
        "letters, digits, '.' and '-'",
        arguments: [
            "a", "0", "qiantang-river", "qiantang-river.xiasha", "a-", "a.", "3.14",
            String(repeating: "x", count: Limit.identifierBytes),
        ])
    func taken(text: String) throws {
        #expect(RiverID(text)?.rawValue == text)
        #expect(try JSON.decode([RiverID].self, from: Array("[\"\(text)\"]".utf8)).first?.rawValue == text)
        #expect(RegistryKey("river/\(text)")?.description == "river/\(text)")
    }

    @Test("a name in the code is the name that is read")
    func literal() {
        #expect(RiverID(literal: "qiantang-river") == RiverID("qiantang-river"))
    }

    @Test(
        "nothing else",
        arguments: [
            "", ".", "..", "-a", ".a", "A", "a b", "a/b", "a_b", "河", "ａ", "a\n", "a\u{0}", "é",
            String(repeating: "x", count: Limit.identifierBytes + 1),
        ])
    func refused(text: String) {
        #expect(RiverID(text) == nil)
        #expect(RegistryKey("river/\(text)") == nil)
        #expect(throws: Malformed.self) { try JSON.decode([RiverID].self, from: JSON.encode([text])) }
    }

    @Test("a key names its kind", arguments: RegistryEntity.Kind.allCases)
    func keys(kind: RegistryEntity.Kind) {
        #expect(RegistryKey("\(kind.rawValue)/a") == RegistryKey(kind: kind, id: "a"))
        for wrong in [
            kind.rawValue, "\(kind.rawValue)/", "/a", "\(kind.rawValue)/a/b", "lake/a", " \(kind.rawValue)/a",
        ] {
            #expect(RegistryKey(wrong) == nil, "\(wrong)")
        }
    }
}
