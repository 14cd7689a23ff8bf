import Geo
import Glibc
import HTTP
import Models
import Processing
import Readings
import Text

/// Everything that reads bytes from outside, by a name, with what it finds hardest and a sound example to
/// begin from.
public struct Parser: Sendable, CustomStringConvertible {
    public let description: String
    /// Of about so many bytes each.
    public let worst: @Sendable (_ count: Int) -> [[UInt8]]
    public let sound: [[UInt8]]
    /// What it makes of the bytes is of no interest here.
    public let read: @Sendable ([UInt8]) -> Void

    public init(
        _ name: String, worst: @escaping @Sendable (Int) -> [[UInt8]], sound: [String],
        read: @escaping @Sendable ([UInt8]) -> Void
    ) {
        description = name
        self.worst = worst
        self.sound = sound.map { Array($0.utf8) }
        self.read = read
    }

    public static func json(
        _ name: String, sound: [String], read: @escaping @Sendable ([UInt8]) -> Void
    ) -> Parser {
        Parser(name, worst: WorstInput.json, sound: sound, read: read)
    }

    /// Of what takes a text and not a structure: a key, a header.
    public static func words(
        _ name: String, sound: [String], read: @escaping @Sendable ([UInt8]) -> Void
    ) -> Parser {
        Parser(name, worst: WorstInput.words, sound: sound, read: read)
    }

    public static let all = [
        json("JSON as people write it", sound: [#"{"a":[1,-2.5e3,"\u6cb3",null,true],"b":{"c":"x"}}"#]) {
            _ = try? JSONValue($0)
        },
        json("JSON as an event", sound: [#"{"complaint":"7KQ29XM4T1H0C","by":{"role":"office","id":"x"}}"#]) {
            _ = try? JSON.decode(ComplaintAction.self, from: $0)
        },
        json("JSON by Foundation", sound: [#"{"a":"b"}"#]) {
            _ = try? JSON.decode(Gateway.self, from: $0)
        },
        Parser(
            "a table of readings", worst: WorstInput.csv,
            sound: ["断面,监测时间,pH,氨氮(mg/L)\nbridge,2026-07-09 21:00,7.1,<0.01\nbridge,2026-07-09 22:00,,--\n"]
        ) { bytes in
            var options = ReadingTable.Options()
            options.skipsUnknown = true
            _ = try? ReadingTable(
                bytes, sections: bridge, now: Instant(millisecondsSince1970: 1_800_000_000_000),
                options: options)
        },
        Parser(
            "a table of verdicts", worst: WorstInput.csv,
            sound: ["section,observedAt,parameter,verdict\nbridge,2026-07-09T13:00:00Z,w01001,valid\n"]
        ) { _ = try? ReviewTable($0, sections: bridge) },
        // Swift puts marks in order before it hashes, and that costs the square of their number.
        words("the unit of a column or a measurement", sound: ["mg·L⁻¹", "毫克/升"]) {
            _ = Parameter.ammoniaNitrogen.scale(from: String(decoding: $0, as: UTF8.self))
        },
        Parser(
            "a request's target", worst: WorstInput.targets,
            sound: ["/v1/complaints/%E6%B2%B3?a=1&b=%C3%A9+x", "http://host/a?b"]
        ) { _ = try? Target(parsing: $0) },
        Parser("a header", worst: WorstInput.words, sound: ["Content-Type", "text/csv; charset=utf-8"]) {
            bytes in
            let text = bytes.withUnsafeBytes { FieldRule.text($0) }
            var headers: Headers = [("Host", "x")]
            headers.add(text, text)
            _ = headers["Content-Type"] == nil && FieldRule.isName(bytes) && FieldRule.isValue(bytes)
            _ = headers[text] == "x" || text.lowercased() == "bearer"
        },
        Parser("a record", worst: WorstInput.words, sound: ["org.dayu.complaint.received.v1", "1.0"]) {
            bytes in
            // In turn where each part of a record stands, the others being sound.
            let sound = [
                "ce_specversion": "1.0", "ce_id": "1", "ce_source": "s", "ce_type": "org.dayu.a.b.v1",
            ]
            for place in Array(sound.keys) + ["name", "ce_time", "ce_version", "traceparent", "key"] {
                var headers = sound.map {
                    Record.Header(name: $0, value: Array((place == $0 ? "" : $1).utf8))
                }
                headers.append(
                    place == "name"
                        ? Record.Header(name: String(decoding: bytes, as: UTF8.self), value: bytes)
                        : Record.Header(name: place, value: bytes))
                let record = Record(
                    topic: .submissions, partition: 0, offset: 0,
                    timestamp: Instant(millisecondsSince1970: 0), key: place == "key" ? bytes : [0x61],
                    value: [], headers: headers.filter { !$0.value.isEmpty })
                if let event = try? record.cloudEvent() { _ = try? EventType(event.type) }
                if let key = try? record.keyText() { _ = Set([key]) }
                _ = record.traceparent
            }
        },
    ]
}

/// One section, which the sound example of a table names.
private let bridge: SectionBook = {
    guard let id = SectionID("bridge"), let river = RiverID("canal") else {
        preconditionFailure("an identifier of its own making is none")
    }
    let section = Section(
        id: id, name: Name(zh: "桥", en: "Bridge"), river: river, body: .river,
        place: Coordinate(longitude: 120, latitude: 30))
    return SectionBook(Registry([.section(section)]), otherwise: .beijing)
}()

/// How reading takes longer when the input grows.
public struct Growth: Sendable {
    /// Nanoseconds of processor time for a byte.
    public let small: Double
    public let large: Double
    /// Which of the worst inputs it was.
    public let input: Int

    /// 1 where the time grows as the input does; where it grows as the square, `times`.
    public var ratio: Double { large / small }

    public static let times = 16

    /// Of the worst input of a parser that grows most, from `count` bytes to sixteen times as many.
    public static func most(of parser: Parser, from count: Int) -> Growth {
        let small = parser.worst(count)
        let large = parser.worst(count * times)
        let growths = zip(small, large).enumerated().map { input, pair in
            Growth(
                small: nanosecondsPerByte(pair.0, parser.read),
                large: nanosecondsPerByte(pair.1, parser.read),
                input: input)
        }
        guard let most = growths.max(by: { $0.ratio < $1.ratio }) else {
            preconditionFailure("\(parser) has no worst input")
        }
        return most
    }

    private static let tries = 3
    private static let leastNanoseconds = 2_000_000.0

    /// The least of some tries: what else the machine does only adds.
    private static func nanosecondsPerByte(_ bytes: [UInt8], _ read: ([UInt8]) -> Void) -> Double {
        let least = (0..<tries).map { _ in
            let started = processorNanoseconds()
            var passed = 0.0
            var count = 0.0
            while passed < leastNanoseconds {
                read(bytes)
                count += 1
                passed = processorNanoseconds() - started
            }
            return passed / count
        }.min()
        return (least ?? 0) / Double(bytes.count)
    }

    private static func processorNanoseconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
    }
}
