import Models
import Testing

@testable import Host

@Suite("Settings")
struct SettingsTests {
    @Test("every fault is told at once, and the preset stands in")
    func faults() {
        var reader = SettingsReader(environment: [
            "A_PORT": "70000", "A_FLAG": "yes", "A_TIME": "5 minutes", "A_URL": "ftp://x", "A_OTHER": "1",
            "A_PART": "1.5", "A_LIMIT": "2.5",
        ])
        let port = reader.port("A_PORT", preset: 80, help: "")
        let flag = reader.flag("A_FLAG", preset: true, help: "")
        let time = reader.duration("A_TIME", preset: .seconds(5), help: "")
        let address = reader.address("A_URL", preset: "http://a", help: "")
        let part = reader.number("A_PART", preset: 0.1, in: 0...1, help: "")
        let limit = reader.number("A_LIMIT", preset: 2, in: 0...50, help: "")
        #expect(port == 80)
        #expect(part == 0.1)
        #expect(limit == 2.5)
        #expect(flag)
        #expect(time == .seconds(5))
        #expect(address == "http://a")
        reader.refuseUnknown(prefix: "A_")
        #expect(
            reader.faults == [
                "A_PORT: \"70000\" is not 0…65535", "A_FLAG: \"yes\" is not true, false",
                "A_TIME: \"5 minutes\" is not duration: 500ms, 30s, 5m, 2h, 7d",
                "A_URL: \"ftp://x\" is not http(s) URL", "A_PART: \"1.5\" is not 0.0…1.0",
                "A_OTHER: no such setting",
            ])
    }

    @Test(
        "a duration reads as it is written",
        arguments: [("500ms", 500), ("30s", 30_000), ("5m", 300_000), ("2h", 7_200_000), ("7d", 604_800_000)])
    func durations(text: String, milliseconds: Int64) throws {
        let duration = try #require(Duration(short: text))
        #expect(duration.wholeMilliseconds == milliseconds)
        #expect(duration.short == text)
    }

    @Test("an empty variable is one that is not set")
    func empty() {
        var reader = SettingsReader(environment: ["A": ""])
        let text = reader.text("A", preset: "p", help: "")
        #expect(text == "p")
        #expect(reader.faults.isEmpty)
    }

    @Test("the command line")
    func invocation() throws {
        let full = try Invocation(["--workers", "3", "--rebuild"])
        #expect(full.workers == 3)
        #expect(full.rebuilds)
        #expect(try Invocation(["--help"]).purpose == .help)
        #expect(try Invocation(["--version"]).purpose == .version)
        for words in [["--workers"], ["--workers", "0"], ["--workers", "x"], ["--wrokers", "1"], ["now"]] {
            #expect(throws: Invocation.Misuse.self, "\(words)") { try Invocation(words) }
        }
    }
}
