/// One thing that the operator can ask for.
struct Command: Sendable {
    /// `["topics", "create"]`.
    let name: [String]
    let summary: String
    /// What it does, in as many words as it takes.
    let details: String
    var operands: [String] = []
    var options: [Option] = []
    /// What the log of the operator tells of it (`OperatorLog`). Nil: it changes nothing and reveals nothing.
    var targets: (@Sendable (Arguments) -> [String]?)?
    /// Answers with the exit code.
    let run: @Sendable (Arguments, Surroundings) throws -> ExitCode

    typealias Option = Arguments.Option

    var usage: String {
        let words =
            name + operands
            + options.map { option in
                (option.value.map { "[\(option.name) \($0)]" } ?? "[\(option.name)]")
                    + (option.mayRepeat ? "..." : "")
            }
        let explained = options.map { option in
            "  \(option.name)\(option.value.map { " \($0)" } ?? "")\n      \(option.help)"
        }
        let sections = [
            "usage: dayu \(words.joined(separator: " "))", details,
            explained.isEmpty ? nil : "Options:\n" + explained.joined(separator: "\n"),
            Surroundings.usage,
        ]
        return sections.compactMap(\.self).joined(separator: "\n\n")
    }
}

/// sysexits.h, as the services have them.
enum ExitCode: Int32 {
    case done = 0
    /// Something is wrong with what was asked about.
    case fault = 1
    /// The command itself can't be meant this way.
    case misuse = 64
    case wrongSettings = 78
}
