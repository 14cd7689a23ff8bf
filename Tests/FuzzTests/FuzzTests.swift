import Foundation
import HTTP
import Models
import Parsers
import Processing
import Support
import Testing

@testable import Intake

extension Parser {
    /// The forms that people and gateways send, read as the HTTP door and the Kafka door read them.
    static let forms = [
        words("the form of an Open311 client, and its key", sound: ["api_key=x&service_code=odour&lat=30.2"])
        {
            let request = Request(
                method: .post, segments: ["open311", "v2", "requests.json"],
                headers: [("Content-Type", "application/x-www-form-urlencoded")],
                body: Array("api_key=".utf8) + $0)
            guard let (named, _) = try? Open311API.read(request) else { return }
            _ = Bearer.token(in: named.headers)
            let text = String(decoding: $0, as: UTF8.self)
            _ = Bearer.token(in: [("Authorization", "Bearer \(text)")])
            _ = Bearer.token(in: [("Authorization", text)])
        },
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
    static let parsers = Parser.all + Parser.forms + Parser.stations
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
            for _ in 0..<20 { parser.read(Mutant.of(known, &chance)) }
        }
    }

    @Test(
        "the time for a byte does not grow with the input", .timeLimit(.minutes(20)),
        arguments: FuzzTests.parsers + LogReader.parsers)
    func linear(_ parser: Parser) {
        let growth = Growth.most(of: parser, from: 4096)
        // The square would be 16.
        #expect(
            growth.ratio < 5, "\(parser), worst input \(growth.input): \(growth.small) → \(growth.large) ns")
    }
}
