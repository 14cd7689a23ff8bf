import Foundation

/// The operator's command.
@main
enum Program {
    static let commands: [Command] = [
        .broker, .watch, .topicsCreate, .topicsList, .registryCheck, .registryPublish,
    ]

    static func main() {
        let code = run(
            Array(CommandLine.arguments.dropFirst()), environment: ProcessInfo.processInfo.environment)
        exit(code.rawValue)
    }

    static func run(_ words: [String], environment: [String: String]) -> ExitCode {
        if words.first == "--help" || words.first == "help" {
            Terminal.say(overview(of: commands))
            return .done
        }
        guard let command = commands.first(where: { words.starts(with: $0.name) }) else {
            return withoutCommand(words)
        }
        let rest = words.dropFirst(command.name.count)
        if rest.contains("--help") {
            Terminal.say(command.usage)
            return .done
        }
        do {
            let arguments = try Arguments(rest, options: command.options, operands: command.operands)
            return try command.run(arguments, Surroundings(environment: environment))
        } catch let misuse as Arguments.Misuse {
            let name = command.name.joined(separator: " ")
            Terminal.complain("dayu \(name): \(misuse.what); try dayu \(name) --help")
            return .misuse
        } catch {
            Terminal.complain("dayu: \(error)")
            return .fault
        }
    }

    private static func withoutCommand(_ words: [String]) -> ExitCode {
        let group = commands.filter { $0.name.count > 1 && $0.name.first == words.first }
        if words.dropFirst().first == "--help", !group.isEmpty {
            Terminal.say(overview(of: group))
            return .done
        }
        let choices = Set(group.isEmpty ? commands.map { $0.name[0] } : group.map { $0.name[1] })
        let given = words.prefix(group.isEmpty ? 1 : 2)
        let isCutShort = words.count < (group.isEmpty ? 1 : 2)
        Terminal.complain(
            (["dayu"] + (isCutShort ? given : [])).joined(separator: " ")
                + (isCutShort
                    ? ": a command is missing" : ": there is no command \"\(given.joined(separator: " "))\"")
                + "; choose from \(choices.sorted().joined(separator: ", ")), or try dayu --help")
        return .misuse
    }

    private static func overview(of commands: [Command]) -> String {
        let lines = commands.map {
            "  \(($0.name + $0.operands).joined(separator: " "))\n      \($0.summary)"
        }
        return """
            dayu: looks after the log that the services share

            usage: dayu COMMAND [--help]

            \(lines.joined(separator: "\n"))

            \(Surroundings.usage)
            """
    }
}
