import Foundation
import Models
import Parsers
import Processing
import Support
import Testing

@testable import Intake

extension Parser {
    /// The forms that people and gateways send, read as the HTTP door and the Kafka door read them.
    static let forms = [
        json(
            "the form of a complaint",
            sound: [#"{"category":"odour","text":"臭","place":{"longitude":120.2,"latitude":30.2}}"#]
        ) {
            guard let form = try? Form($0) else { return }
            _ = ComplaintForm.read(form, country: .china)
        },
        json(
            "the form of an action",
            sound: [#"{"action":"resolve","text":"done","by":{"role":"chief","id":"w"}}"#]
        ) {
            guard let form = try? Form($0) else { return }
            _ = try? ActionForm.read(form)
        },
        json(
            "the form of readings",
            sound: [
                """
                {"readings":[{"section":"bridge","observedAt":"2026-08-20T00:00:00+08:00","values":{"w01001":7}}]}
                """
            ]
        ) {
            guard let form = try? Form($0) else { return }
            _ = try? ReadingsForm.read(
                form, registry: Registry([RegistryEntity]()),
                now: Instant(millisecondsSince1970: 1_800_000_000_000))
        },
    ]
}

@Suite("Bytes from outside")
struct FuzzTests {
    static let parsers = Parser.all + Parser.forms
    /// For each parser; `FUZZ_SECONDS=60` goes on for as long.
    static let seconds = ProcessInfo.processInfo.environment["FUZZ_SECONDS"].flatMap(Double.init) ?? 0.4
    /// `FUZZ_SEED=…` does what a failure printed.
    static let seed =
        ProcessInfo.processInfo.environment["FUZZ_SEED"].flatMap(UInt64.init) ?? .random(in: 0 ... .max)

    @Test("whatever comes is read or refused, and no parser falls over it", arguments: FuzzTests.parsers)
    func anything(_ parser: Parser) {
        // A parser that traps ends the process; then this is the last line.
        print("FUZZ_SEED=\(Self.seed) swift test --filter FuzzTests: \(parser)")
        var chance = SplitMix64(seed: Self.seed)
        let known = parser.sound + parser.worst(600)
        let started = ContinuousClock.now
        while started.duration(to: .now) < .seconds(Self.seconds) {
            for _ in 0..<20 { parser.read(Self.input(known, &chance)) }
        }
    }

    @Test(
        "the time for a byte does not grow with the input", .timeLimit(.minutes(5)),
        arguments: FuzzTests.parsers)
    func linear(_ parser: Parser) {
        let growth = Growth.most(of: parser, from: 4096)
        // The square would be 16.
        #expect(
            growth.ratio < 5, "\(parser), worst input \(growth.input): \(growth.small) → \(growth.large) ns")
    }

    // MARK: Inputs

    /// Known ones with some places changed, cut, doubled or crossed with another.
    private static func input(_ known: [[UInt8]], _ chance: inout SplitMix64) -> [UInt8] {
        if chance.once(in: 10) { return chance.bytes(Int.random(in: 0...200, using: &chance)) }
        var bytes = chance.one(of: known)
        for _ in 0..<Int.random(in: 0...6, using: &chance) {
            let place = Int.random(in: 0...bytes.count, using: &chance)
            let end = min(bytes.count, place + Int.random(in: 0...40, using: &chance))
            switch Int.random(in: 0..<6, using: &chance) {
            case 0: bytes.removeSubrange(place..<end)
            case 1: bytes.insert(contentsOf: bytes[place..<end], at: place)
            case 2: bytes.insert(contentsOf: chance.one(of: pieces), at: place)
            case 3: bytes.replaceSubrange(place..<end, with: chance.bytes(end - place))
            case 4: bytes.insert(contentsOf: chance.one(of: known).prefix(end - place), at: place)
            default: if place < bytes.count { bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &chance) }
            }
        }
        return bytes
    }

    /// What parsers give a meaning to, and what texts are made of that are no texts.
    private static let pieces: [[UInt8]] =
        [
            "{", "}", "[", "]", "\"", "\\", "\\u", "\\ud800", ":", ",", "\r\n", "\n", "\0", "%", "%00", "&",
            "=",
            "-0", "1e999", "0.1", "null", "true", "\u{FEFF}", "\u{0301}", "\u{202E}", "👩‍👩‍👧‍👦", "１", "（", "：",
        ].map { Array($0.utf8) } + [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80]]
}
