import Foundation
import Models
import Testing

@testable import Operator

@Suite("The log of the operator tells who did what with the command")
struct OperatorLogTests {
    private let folder = NSTemporaryDirectory() + "operator-log-" + UUID().uuidString
    private var path: String { folder + "/security.log" }

    init() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    private struct Broken: Error {}

    /// One of the commands, which does something else here.
    private func run(
        _ words: String, environment: [String: String] = [:],
        answering: @escaping @Sendable () throws -> ExitCode
    ) throws -> ExitCode {
        let meaning = try Program.meaning(of: words.split(separator: " ").map(String.init))
        guard case .command(let command, let arguments) = meaning else { throw Broken() }
        let same = Command(
            name: command.name, summary: command.summary, details: command.details,
            operands: command.operands,
            options: command.options, targets: command.targets
        ) { _, _ in try answering() }
        let log = ["DAYU_SECURITY_LOG": path].merging(environment) { $1 }
        return try same.runNoted(arguments, Surroundings(environment: log))
    }

    private func lines() throws -> [[String: Any]] {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return [] }
        return try text.split(separator: "\n").map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
    }

    @Test("a line before it begins and one when it has ended: who, what, and to what")
    func erase() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let code = try run(
            "erase 7KQ29XM4T1H0C --number +8600000000701", environment: ["SUDO_USER": "invented"]
        ) {
            #expect((try? lines().map { $0["outcome"] as? String }) == ["begun"])
            return .done
        }
        #expect(code == .done)
        let told = try lines()
        #expect(told.map { $0["outcome"] as? String } == ["begun", "done"])
        for line in told {
            #expect(line["command"] as? String == "erase")
            #expect(line["targets"] as? [String] == ["7KQ29XM4T1H0C", "--number"], "and nobody's number")
            #expect((line["user"] as? String)?.isEmpty == false && line["sudo"] as? String == "invented")
            #expect(line["time"] != nil)
        }
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test("one that fails, and one that could not do all of it")
    func failures() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(throws: Broken.self) { try run("registry publish city") { throw Broken() } }
        #expect(try run("dead-letters dismiss x/0/1 --reason private") { .fault } == .fault)
        #expect(
            try lines().map { $0["outcome"] as? String } == ["begun", "failed", "begun", "fault"])
        #expect(try lines().last?["targets"] as? [String] == ["x/0/1"], "and no text")
    }

    @Test("what changes nothing and reveals nothing leaves no line")
    func silent() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for words in [
            "erase 7KQ29XM4T1H0C --dry-run", "registry publish city --dry-run", "registry check city",
            "status",
            "dead-letters list", "dead-letters show x/0/1", "acl print", "simulate city --out past.jsonl",
        ] {
            #expect(try run(words) { .done } == .done)
        }
        #expect(try lines().isEmpty)
        for words in [
            "dead-letters show x/0/1 --reveal", "key new --gateway city-app", "topics create",
            "dead-letters replay --reason x", "simulate city --seed 2 --days 3",
        ] {
            #expect(try run(words) { .done } == .done)
        }
        #expect(
            try lines().compactMap { $0["targets"] as? [String] } == [
                ["x/0/1", "--reveal"], ["x/0/1", "--reveal"], ["--gateway city-app"], ["--gateway city-app"],
                [], [],
                ["--reason"], ["--reason"], ["city", "--seed 2", "--days 3"],
                ["city", "--seed 2", "--days 3"],
            ])
    }

    @Test("where the line can't be written nothing is done; where no file is named nobody is told")
    func unwritable() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(throws: (any Error).self) {
            try run("registry publish city", environment: ["DAYU_SECURITY_LOG": folder + "/none/log"]) {
                Issue.record("it ran")
                return .done
            }
        }
        #expect(try run("registry publish city", environment: ["DAYU_SECURITY_LOG": ""]) { .done } == .done)
        #expect(try lines().isEmpty)
    }
}
