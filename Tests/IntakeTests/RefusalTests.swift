import Geo
import HTTP
import Models
import Support
import Testing
import Text

@testable import Intake

@Suite("A complaint with faults is refused, and every wrong field is named at once")
struct RefusalTests {
    private func fields(_ body: String, _ headers: Headers = []) -> [String] {
        guard let problem = refusal({ () throws(Problem) in try Counter().complaint(body, headers) }) else {
            return ["none"]
        }
        #expect(problem.status == 422, "\(problem)")
        return problem.fields
    }

    @Test("one field at a time")
    func single() {
        let links = (0..<10).map { "\"https://example.org/\($0)\"" }.joined(separator: ",")
        let wrong: [(String, [String])] = [
            (complaint(category: nil), ["category"]),
            (complaint(category: "null"), ["category"]),
            (complaint(category: "7"), ["category"]),
            (complaint(category: #""volcano""#), ["category"]),
            (complaint(category: #""Odour!""#), ["category"]),
            (complaint(category: #""station-alarm""#), ["category"]),
            (complaint(text: nil), ["text"]),
            (complaint(text: #"" \n""#), ["text"]),
            (complaint(text: #""\u200b\u200b""#), ["text"]),
            (complaint(text: #""\u2800\u3164\u202e""#), ["text"]),
            (complaint(text: "[]"), ["text"]),
            (complaint(text: #""a\u0007b""#), ["text"]),
            (complaint(text: "\"\(String(repeating: "长", count: 4001))\""), ["text"]),
            (complaint(text: "\"a\(String(repeating: "\u{301}", count: 5000))\""), ["text"]),
            (complaint(place: nil), ["place"]),
            (complaint(place: "[120.2,30.2]"), ["place"]),
            (complaint(place: #"{"longitude":120.2}"#), ["place.latitude"]),
            (
                complaint(place: #"{"longitude":"120.2","latitude":true}"#),
                ["place.latitude", "place.longitude"]
            ),
            (complaint(place: #"{"longitude":120.2,"latitude":91}"#), ["place"]),
            (complaint(place: #"{"longitude":-181,"latitude":91}"#), ["place"]),
            (
                complaint(place: #"{"longitude":120.25,"latitude":30.2,"datum":"gcj-02"}"#),
                ["place.datum"]
            ),
            (complaint(place: #"{"longitude":120.25,"latitude":30.2,"crs":"GCJ-02"}"#), ["place.crs"]),
            (complaint(place: #"{"longitude":122.0,"latitude":30.0}"#), ["place"]),
            (complaint(more: #""address":"\#(String(repeating: "a", count: 301))""#), ["address"]),
            (complaint(more: #""river":"styx""#), ["river"]),
            (complaint(more: #""region":"atlantis""#), ["region"]),
            // An address that shows nothing describes no place.
            (complaint(place: nil, more: #""address":" \u200b""#), ["place"]),
            (complaint(more: #""reach":5"#), ["reach"]),
            (complaint(more: #""media":[\#(links)]"#), ["media"]),
            (complaint(more: #""media":["https://example.org/a","javascript:alert(1)"]"#), ["media.1"]),
            (complaint(more: #""media":["https://example.org/a b"]"#), ["media.0"]),
            (complaint(more: #""media":"https://example.org/a""#), ["media"]),
            (complaint(more: #""media":[null]"#), ["media.0"]),
            (complaint(more: #""anonymous":"yes""#), ["anonymous"]),
            (complaint(more: #""contact":"+86 000 0000 0777""#), ["contact"]),
            (complaint(more: #""contact":{"phone":"call me"}"#), ["contact.phone"]),
            (complaint(more: #""contact":{"phone":"1"}"#), ["contact.phone"]),
            (complaint(more: #""contact":{"phone":8600000000777}"#), ["contact.phone"]),
            (
                complaint(more: #""contact":{"name":"\#(String(repeating: "n", count: 121))"}"#),
                ["contact.name"]
            ),
            (complaint(more: #""idempotencyKey":"""#), ["idempotencyKey"]),
            (
                complaint(more: #""idempotencyKey":"\#(String(repeating: "k", count: 256))""#),
                ["idempotencyKey"]
            ),
        ]
        for (body, expected) in wrong { #expect(fields(body) == expected, "\(body.prefix(200))") }
    }

    @Test("all of them together")
    func together() {
        let links = (0..<10).map { _ in "\"ftp://example.org\"" }.joined(separator: ",")
        let body = complaint(
            category: nil, text: #""a\u0000""#, place: #"{"longitude":500,"latitude":"north"}"#,
            more: #""river":"styx","media":[\#(links)],"contact":{"phone":"x"}"#)
        let named = Set(fields(body))
        let expected: Set = [
            "category", "text", "place.latitude", "river", "media", "media.0", "media.9", "contact.phone",
        ]
        #expect(expected.isSubset(of: named), "not named: \(expected.subtracting(named))")
    }

    @Test("a fault never repeats the phone or the name it is about")
    func quiet() throws {
        let body = complaint(
            more: #""contact":{"name":"Invented\u0000Person","phone":"Invented 0777 number"}"#)
        let problem = try #require(refusal { () throws(Problem) in try Counter().complaint(body) })
        #expect(problem.fields == ["contact.name", "contact.phone"])
        guard case .bytes(let bytes) = problem.response.body else { return }
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(!text.contains("Invented") && !text.contains("0777"))
    }

    @Test(
        "a body that is no object in UTF-8 is 400",
        arguments: ["", "{", "[]", "null", "\"text\"", "{\"a\":1}}", "{'a':1}"])
    func body(_ body: String) {
        let problem = refusal { () throws(Problem) in try Counter().complaint(body) }
        #expect(problem?.status == 400 && problem?.detail?.isEmpty == false)
    }

    @Test("invalid UTF-8, and nesting without end, are 400 as well")
    func bytes() {
        let text = Array(complaint().utf8)
        let invalid: [[UInt8]] = [
            [0xFF], text.dropLast(3) + [0xC3, 0x28, 0x22, 0x7D], Array(repeating: 0x5B, count: 60_000),
            Array((String(repeating: #"{"a":"#, count: 10_000)).utf8),
        ]
        for bytes in invalid {
            #expect(refusal { () throws(Problem) in try Counter().complaint(bytes: bytes) }?.status == 400)
        }
    }

    @Test(
        "another content type is 415, with or without a body that would do",
        arguments: ["text/plain", "application/xml", nil])
    func contentType(_ type: String?) {
        #expect(
            refusal { () throws(Problem) in try Counter().complaint(complaint(), type: type) }?.status == 415)
    }

    @Test("the type may be written in any case and with a charset")
    func contentTypes() throws {
        for type in ["Application/JSON", "application/json; charset=utf-8"] {
            #expect(try Counter().complaint(complaint(), type: type).answer.status == 201)
        }
    }

    @Test("as long as no registry is published nothing is refused for it: 503, come back")
    func noRegistry() {
        let counter = Counter(registry: Registry())
        #expect(refusal { () throws(Problem) in try counter.complaint(complaint()) }?.status == 503)
        #expect(refusal { () throws(Problem) in try counter.readings("{}") }?.status == 503)
    }

    @Test(
        "any damage to a body is taken or refused in the protocol's own form, never a trap",
        arguments: 0..<300 as Range<UInt64>)
    func damage(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let more =
            #""media":["https://example.org/a"],"contact":{"phone":"+86 000 0000 0777"},"idempotencyKey":"k""#
        var bytes = Array(complaint(more: more).utf8)
        for _ in 0..<Int.random(in: 1...6, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
            case 1: bytes.remove(at: place)
            default: bytes.insert(random.one(of: Array("\"{}[],:0e9-\\".utf8)), at: place)
            }
        }
        guard let problem = refusal({ () throws(Problem) in try Counter().complaint(bytes: bytes) }) else {
            return
        }
        #expect([400, 422].contains(problem.status), "seed \(seed); repeat with --filter RefusalTests")
        #expect(problem.status == 400 || !problem.errors.isEmpty, "seed \(seed)")
    }
}
