import Testing

@testable import Operator

@Suite("dayu's arguments")
struct ArgumentsTests {
    private static let options = [
        Arguments.Option(name: "--partitions", value: "N", help: ""),
        Arguments.Option(name: "--dry-run", value: nil, help: ""),
        Arguments.Option(name: "--gateway", value: "ID", help: "", mayRepeat: true),
    ]

    private func parse(_ text: String, operands: [String] = ["DIR"]) throws(Arguments.Misuse) -> Arguments {
        try Arguments(text.split(separator: " ").map(String.init), options: Self.options, operands: operands)
    }

    private func misuse(_ text: String, operands: [String] = ["DIR"]) -> String? {
        do throws(Arguments.Misuse) {
            _ = try parse(text, operands: operands)
            return nil
        } catch {
            return error.what
        }
    }

    @Test("options stand anywhere, with a blank or an equals sign")
    func options() throws {
        for text in [
            "--partitions 8 d --dry-run", "d --dry-run --partitions=8", "--dry-run --partitions 8 d",
        ] {
            let arguments = try parse(text)
            #expect(arguments.operands == ["d"])
            #expect(arguments.has("--dry-run"))
            #expect(try arguments.number("--partitions", preset: 4, in: 1...10) == 8)
        }
        #expect(try parse("d").number("--partitions", preset: 4, in: 1...10) == 4)
        #expect(!(try parse("d")).has("--dry-run"))
    }

    @Test("an option that may repeat keeps every value, any other the last")
    func repeated() throws {
        let arguments = try parse("d --gateway b --partitions 8 --gateway=a --partitions 9 --gateway b")
        #expect(arguments.texts("--gateway") == ["b", "a", "b"])
        #expect(arguments.texts("--partitions") == ["9"])
        #expect(try parse("d").texts("--gateway") == [])
    }

    @Test("what can't be meant is said")
    func misuses() {
        #expect(misuse("") == "DIR is missing")
        #expect(misuse("a b") == "\"b\" is one argument too many")
        #expect(misuse("x", operands: []) == "\"x\" is one argument too many")
        #expect(misuse("d --force") == "there is no option --force")
        #expect(misuse("d --partitions") == "--partitions needs a value")
        #expect(misuse("d --partitions=") == "--partitions needs a value")
        #expect(misuse("d --dry-run=yes") == "--dry-run takes no value")
        for wrong in ["0", "11", "four", "1.5"] {
            #expect(throws: Arguments.Misuse.self, "\(wrong)") {
                try parse("d --partitions \(wrong)").number("--partitions", preset: 4, in: 1...10)
            }
        }
    }

    @Test("operands that may be many")
    func many() throws {
        #expect(try parse("a b c", operands: ["ORIGIN..."]).operands == ["a", "b", "c"])
        #expect(try parse("", operands: ["[ORIGIN...]"]).operands == [])
        #expect(try parse("a b", operands: ["[ORIGIN...]"]).operands == ["a", "b"])
        #expect(misuse("", operands: ["ORIGIN..."]) == "ORIGIN is missing")
    }

    private func meaning(_ text: String) -> String {
        do throws(Arguments.Misuse) {
            switch try Program.meaning(of: text.split(separator: " ").map(String.init)) {
            case .answer(let text): return text.split(separator: "\n").first.map(String.init) ?? ""
            case .command(let command, let arguments):
                return (command.name + arguments.operands).joined(separator: ":")
            }
        } catch {
            return error.what
        }
    }

    @Test("words lead to a command, to help, or to a hint")
    func meanings() {
        #expect(meaning("broker") == "broker")
        #expect(meaning("topics create --replication 3") == "topics:create")
        #expect(meaning("registry publish d --dry-run") == "registry:publish:d")
        for text in ["--help", "help", "topics --help"] {
            #expect(meaning(text).hasPrefix("dayu: "), "\(text)")
        }
        #expect(meaning("--version").hasPrefix("dayu 0"))
        for text in ["broker --help", "topics create --help", "registry publish d --help"] {
            #expect(meaning(text).hasPrefix("usage: dayu "), "\(text)")
        }
        #expect(meaning("").hasPrefix("a command is missing; choose from access, acl, backup, "))
        #expect(
            meaning("brokr").hasPrefix("there is no command \"brokr\"; choose from access, acl, backup, "))
        let choices = "choose from apply, check, create, diff, list"
        #expect(meaning("topics") == "a command is missing; \(choices)")
        #expect(meaning("topics destroy") == "there is no command \"topics destroy\"; \(choices)")
        #expect(meaning("registry publish") == "DIR is missing")
        #expect(meaning("broker --port 9092") == "there is no option --port")
    }

    @Test("every command explains itself")
    func usage() {
        for command in Program.commands {
            #expect(command.usage.hasPrefix("usage: dayu \(command.name.joined(separator: " "))"))
            for option in command.options { #expect(command.usage.contains(option.name)) }
        }
    }
}
