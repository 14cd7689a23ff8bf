/// One command that the operator can run.
struct Command: Sendable {
    /// `["topics", "create"]`.
    let name: [String]
    let summary: String
    /// A full description of what it does.
    let details: String
    var operands: [String] = []
    var options: [Option] = []
    /// What the operator's log tells about it (`OperatorLog`). Nil if the command changes nothing and reveals
    /// nothing.
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

/// The codes of sysexits.h, as in the services.
enum ExitCode: Int32 {
    case done = 0
    /// A fault was found or met.
    case fault = 1
    /// There is no fault, but something that will soon be one.
    case warning = 2
    /// The command line is wrong.
    case misuse = 64
    case wrongSettings = 78
}
