import Foundation
import Host
import Version

/// The command; its executable does nothing else.
package func runOperator() { Program.main() }

/// The operator's command.
enum Program {
    static let commands: [Command] = [
        .broker, .watch, .status, .stations, .sources, .topicsCreate, .topicsList, .topicsCheck, .topicsDiff,
        .topicsApply, .registryNew, .registryConvert, .registryCheck, .registryDiff, .registryPublish,
        .registryExport, .simulate, .keyNew,
        .aclPrint, .aclApply, .backup, .restore, .erase, .linkOffice, .linkChief, .linkDepartment, .linkClerk,
        .linkRevoke, .access,
        .smsTest, .smsAddress,
        .deadLettersList, .deadLettersShow, .deadLettersReplay, .deadLettersDismiss,
    ]

    static func main() {
        let source = SettingsSource(environment: ProcessInfo.processInfo.environment)
        guard source.faults.isEmpty else {
            source.faults.forEach { Terminal.complain("dayu: \($0)") }
            exit(ExitCode.wrongSettings.rawValue)
        }
        let surroundings = Surroundings(environment: source.variables)
        exit(run(Array(CommandLine.arguments.dropFirst()), surroundings).rawValue)
    }

    private static func run(_ words: [String], _ surroundings: Surroundings) -> ExitCode {
        do {
            switch try meaning(of: words) {
            case .answer(let text): Terminal.say(text)
            case .command(let command, let arguments): return try command.runNoted(arguments, surroundings)
            }
            return .done
        } catch let misuse as Arguments.Misuse {
            Terminal.complain("dayu: \(misuse.what); try dayu --help")
            return .misuse
        } catch {
            Terminal.complain("dayu: \(error)")
            return .fault
        }
    }

    enum Meaning {
        case answer(String)
        case command(Command, Arguments)
    }

    static func meaning(of words: [String]) throws(Arguments.Misuse) -> Meaning {
        if words == ["--version"] { return .answer(Version.text(of: "dayu")) }
        if words == ["--help"] || words == ["help"] { return .answer(overview(of: commands)) }
        if let command = commands.first(where: { words.starts(with: $0.name) }) {
            let rest = words.dropFirst(command.name.count)
            if rest.contains("--help") { return .answer(command.usage) }
            return .command(
                command, try Arguments(rest, options: command.options, operands: command.operands))
        }
        let group = commands.filter { $0.name.count > 1 && $0.name.first == words.first }
        if !group.isEmpty, words.dropFirst().first == "--help" { return .answer(overview(of: group)) }
        let place = group.isEmpty ? 0 : 1
        let choices = Set((group.isEmpty ? commands : group).map { $0.name[place] }).sorted()
        let given = words.prefix(place + 1).joined(separator: " ")
        throw Arguments.Misuse(
            what: (words.count > place ? "there is no command \"\(given)\"" : "a command is missing")
                + "; choose from \(choices.joined(separator: ", "))")
    }

    private static func overview(of commands: [Command]) -> String {
        let lines = commands.map {
            "  \(($0.name + $0.operands).joined(separator: " "))\n      \($0.summary)"
        }
        return """
            dayu: the operator's command for the log that the services share

            usage: dayu COMMAND [--help], dayu --version

            \(lines.joined(separator: "\n"))

            \(Surroundings.usage)
            """
    }
}
