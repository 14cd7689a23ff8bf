import Foundation
import Geo
import Models
import Support
import Testing
import Text

/// What writes and reads itself, held against what the compiler writes for it.
@Suite("Values that are their own JSON")
struct JSONCodingTests {
    private func byCodable(_ value: some Encodable) -> [UInt8] { JSON.encodeByCodable(value) }

    private func byCodable<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8]) throws -> Value {
        try JSON.decodeByCodable(type, from: bytes)
    }

    /// By the compiler's list of fields it would be null.
    private struct OwnWay: Codable, JSONCoded, Equatable {
        var number: Int?

        init() {}
        init(_ json: JSONNode) throws(Malformed) { number = try json.integer() }
        func write(to json: inout JSONWriter) { json.bare("7") }
    }

    @Test("a generic function that sees Codable alone takes the value's own way, too")
    func generic() throws {
        func encode(_ value: some Encodable) -> [UInt8] { JSON.encode(value) }
        func decode<Value: Decodable>(_ bytes: [UInt8]) throws -> Value {
            try JSON.decode(Value.self, from: bytes)
        }
        #expect(encode(OwnWay()) == Array("7".utf8))
        #expect(encode([OwnWay()]) == Array("[7]".utf8))
        let read: OwnWay = try decode(Array("7".utf8))
        #expect(read.number == 7)
    }

    private func hold<Value: Codable & Equatable & JSONCoded>(_ value: Value, _ seed: UInt64) throws {
        let bytes = JSON.encode(value)
        #expect(String(decoding: bytes, as: UTF8.self) == String(decoding: byCodable(value), as: UTF8.self))
        #expect(try JSON.decode(Value.self, from: bytes) == value, "seed \(seed)")
        #expect(try byCodable(Value.self, bytes) == value, "seed \(seed)")
    }

    @Test("are byte for byte what Codable writes, and read the same")
    func likeCodable() throws {
        for seed in UInt64(0)..<300 {
            var random = SplitMix64(seed: seed)
            try hold(random.submission(), seed)
            try hold(random.words(), seed)
            try hold(random.outline(), seed)
            try hold(random.contact(), seed)
            try hold(random.due(), seed)
            try hold(random.assignee(), seed)
            try hold(random.candidate(), seed)
            try hold(random.report(), seed)
            try hold(random.reading(), seed)
            try hold(random.assessment(), seed)
            for kind in ComplaintEvent.Kind.allCases {
                switch random.event(kind) {
                case .received(let received): try hold(received, seed)
                case .assigned(let assigned): try hold(assigned, seed)
                case .accepted(let accepted): try hold(accepted, seed)
                case .noted(let noted): try hold(noted, seed)
                case .warned(let warned): try hold(warned, seed)
                case .escalated(let escalated): try hold(escalated, seed)
                case .resolved(let resolved): try hold(resolved, seed)
                case .rated(let rated): try hold(rated, seed)
                case .closed(let closed): try hold(closed, seed)
                case .urged, .transferred, .lapsed, .unreached, .supervised, .extended, .verified, .unchecked,
                    .reopened,
                    .edited, .rejected, .merged, .joined, .parted, .informed, .withheld, .released, .erased:
                    break
                }
            }
            try hold(random.actor(), seed)
            try hold(random.report(), seed)
            try hold(random.assessment(), seed)
        }
    }

    @Test(
        "what is wrong with a report is named",
        arguments: [
            (#"{"value":7.1}"#, #"{"value":7.1,"below":1}"#, "measurements.w01001"),
            (#"{"value":7.1}"#, "{}", "measurements.w01001"),
            (#"{"value":7.1}"#, #"{"withdrawn":false}"#, "measurements.w01001"),
            (#"{"value":7.1}"#, #"{"value":"7.1"}"#, "measurements.w01001.value"),
            (#"{"value":7.1}"#, #"{"value":7.1,"flag":"N"}"#, "measurements.w01001.flag"),
            (#"{"value":7.1}"#, "7.1", "measurements.w01001"),
            (#"{"value":7.1}"#, "null", "measurements.w01001"),
            ("w01001", "w99999", "measurements.w99999"),
            (#"{"w01001":{"value":7.1}}"#, "[]", "measurements"),
            ("instant", "minute", "period"), ("automatic", "guessed", "origin"),
        ])
    func faultsOfReports(part: String, wrong: String, field: String) throws {
        let whole = """
            {"measurements":{"w01001":{"value":7.1}},"observedAt":"2026-11-24T17:11:51.595Z",\
            "origin":"automatic","period":"instant","section":"bridge"}
            """
        #expect(throws: Never.self) { try JSON.decode(Report.self, from: Array(whole.utf8)) }
        let broken = Array(whole.replacing(part, with: wrong).utf8)
        let fault = #expect(throws: Malformed.self) { try JSON.decode(Report.self, from: broken) }
        #expect(fault?.faults.map(\.field) == [field])
        #expect(throws: Malformed.self) { try byCodable(Report.self, broken) }
    }

    @Test("texts with everything that must be escaped, and numbers of every size")
    func leaves() throws {
        let all = String(String.UnicodeScalarView((0...0x2FF).compactMap(Unicode.Scalar.init)))
        for text in ["", "河", all, "\u{2028}\u{FEFF}\u{10FFFF}", "👨‍👩‍👧", #"\u0041\/"#, "\r\n"] {
            try hold(text, 0)
        }
        var random = SplitMix64(seed: 1)
        let numbers: [Double] = [
            0, -0.0, 3, -3, 0.1, 1e9, 1e15, 1e16, 123_456_789_012, 1e21, 1e300, .leastNonzeroMagnitude,
            .leastNormalMagnitude,
            .greatestFiniteMagnitude, 30.25736,
        ]
        for number in numbers { try hold(number, 0) }
        for seed in UInt64(0)..<500 { try hold(Double.random(in: -1e6...1e6, using: &random), seed) }
        for number in [0, -1, Int.max, Int.min] { try hold(number, 0) }
        #expect(try JSON.decode([Int].self, from: Array("[3.0,3e2]".utf8)) == [3, 300])
    }

    @Test("escapes of every form are undone")
    func escapes() throws {
        let text = #"["\u6cb3\ud83d\ude00x","\"\\\/\b\f\n\r\t","\u0000","a\u00e9\nb"]"#
        #expect(
            try JSON.decode([String].self, from: Array(text.utf8))
                == ["河😀x", "\"\\/\u{8}\u{C}\n\r\t", "\0", "aé\nb"])
        let named = #"{"r\u006fle":"chief"}"#
        #expect(try JSON.decode(Actor.self, from: Array(named.utf8)) == Actor(role: .chief))
    }

    @Test(
        "what is no JSON is refused",
        arguments: [
            "", " ", "[", "]", "[1", "[1,]", "[,1]", "{", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, "{a:1}",
            "[1]x",
            "[01]", "[1.]", "[.5]", "[+1]", "[1e]", "[-]", "[nul]", "[True]", "[NaN]", "['a']", #"["\x"]"#,
            #"["\u12"]"#, #"["\ud800"]"#, #"["\udc00"]"#, #"["\ud800\u0041"]"#, "[\"a\nb\"]", "[\"a",
            #"["\"#, "\u{FEFF}[]", String(repeating: "[", count: 100_000),
        ])
    func refused(text: String) {
        #expect(throws: Malformed.self) { try JSON.decode([String].self, from: Array(text.utf8)) }
    }

    @Test("what is no UTF-8 is refused")
    func notUTF8() {
        for wrong: [UInt8] in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE6, 0xB2]] {
            let bytes = Array(#"[""#.utf8) + wrong + Array(#""]"#.utf8)
            #expect(throws: Malformed.self) { try JSON.decode([String].self, from: bytes) }
        }
    }

    @Test("blanks anywhere, unknown members of any depth, and members twice do no harm")
    func lenient() throws {
        let text = "\r\n{ \"x\" : [ {\"y\" : [ ] } , { } , null ] ,\t\"role\" : \"chief\" , \"id\" : null }\n"
        #expect(try JSON.decode(Actor.self, from: Array(text.utf8)) == Actor(role: .chief))
    }

    @Test(
        "a fault names its field",
        arguments: [
            (
                #""place":{"latitude":30.1,"longitude":120.1}"#, #""place":{"latitude":30.1}"#,
                "place.longitude"
            ),
            (#""place":{"latitude":30.1,"longitude":120.1}"#, #""place":7"#, "place"),
            (#""pictures":2"#, #""pictures":2.5"#, "words.pictures"), (#""text":true,"#, "", "words.text"),
            (#""datum":"wgs84""#, #""datum":"mars""#, "datum"),
            (#""channel":"app""#, #""channel":"pigeon""#, "channel"),
            (#""channel":"app""#, #""channel":null"#, "channel"),
            (#""anonymous":false"#, #""anonymous":"no""#, "anonymous"),
            (#""category":"odour""#, #""category":"Odour!""#, "category"),
            ("2026-11-24T17:11:51.595Z", "yesterday", "submittedAt"),
            (#""latitude":30.1"#, #""latitude":1e999"#, "place.latitude"),
            ("7KQ29XM4T1H0C", "7KQ29XM4T1H0D", "complaint"),
        ])
    func faults(part: String, wrong: String, field: String) throws {
        let whole = """
            {"anonymous":false,"category":"odour","channel":"app","complaint":"7KQ29XM4T1H0C",\
            "contactable":false,"datum":"wgs84","gateway":"g","place":{"latitude":30.1,"longitude":120.1},\
            "submittedAt":"2026-11-24T17:11:51.595Z","words":{"text":true,"pictures":2}}
            """
        #expect(throws: Never.self) { try JSON.decode(Submission.self, from: Array(whole.utf8)) }
        let broken = Array(whole.replacing(part, with: wrong).utf8)
        let fault = #expect(throws: Malformed.self) { try JSON.decode(Submission.self, from: broken) }
        #expect(fault?.faults.map(\.field) == [field])
        #expect(throws: Malformed.self) { try byCodable(Submission.self, broken) }
    }

    @Test("a fault of the text says where it is")
    func places() {
        func place(_ bytes: [UInt8]) -> String? {
            do { _ = try JSONNode(bytes) } catch { return "\(error.offset): \(error.what)" }
            return nil
        }
        #expect(place(Array(#"{"a":[1,2"#.utf8)) == "9: a comma or the end of the list is expected here")
        #expect(place(Array(#"["河"#.utf8) + [0xFF] + Array(#""]"#.utf8)) == "5: this is not UTF-8")
        #expect(place(Array("[]".utf8)) == nil)
    }

    @Test("any value is read as what it is, and a name that is there twice is refused")
    func anyValue() throws {
        let text = #"{"a":[null,true,-1.5,"t",{}],"b":{"c":false}}"#
        #expect(
            try JSONValue(Array(text.utf8))
                == .object([
                    "a": .list([.null, .flag(true), .number(-1.5), .text("t"), .object([:])]),
                    "b": .object(["c": .flag(false)]),
                ]))
        #expect(throws: Malformed("a", "is there twice")) {
            try JSONValue(Array(#"{"a":1,"\u0061":1}"#.utf8))
        }
    }

    @Test("bytes that went wrong are refused, or read as Codable reads them")
    func fuzz() {
        for seed in UInt64(0)..<3000 {
            var random = SplitMix64(seed: seed)
            var bytes = JSON.encode(random.submission())
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = .random(in: 0...255, using: &random)
                case 1: bytes.remove(at: place)
                default: bytes.insert(random.one(of: Array(#"{}[]",:\u0e-n"#.utf8)), at: place)
                }
            }
            guard let read = try? JSON.decode(Submission.self, from: bytes) else { continue }
            #expect(read == (try? byCodable(Submission.self, bytes)), "seed \(seed)")
        }
    }
}
