import Glibc
import Host
import Models

/// Who did what with this command: a line before it begins and one when it has ended, in the file that
/// `DAYU_SECURITY_LOG` names.
///
/// Kafka knows the operator only as the user `dayu`. What is erased, published, replayed or revealed under
/// that name, a person did.
struct OperatorLog {
    static let setting = "DAYU_SECURITY_LOG"

    /// One JSON object a line, as in the security log of Intake.
    struct Line: Encodable, Equatable {
        enum Outcome: String, Encodable {
            case begun, done
            /// The exit code is 1: some of it could not be done, or there was nothing to do.
            case fault
            /// It ended with an error, perhaps in the middle.
            case failed
        }

        let time: Instant
        let user: String
        /// Who became the superuser to do it.
        let sudo: String?
        let command: String
        /// What it is done to: codes, origins, names, a folder. No phone number, no text and no key.
        let targets: [String]
        let outcome: Outcome
    }

    private let file: LineFile

    /// Nil where no file is named.
    ///
    /// - Throws: where no line could be written. Then nothing is done: who set it wants to know of all.
    init?(_ surroundings: Surroundings) throws(WriteFailure) {
        guard let path = surroundings.environment[Self.setting], !path.isEmpty else { return nil }
        file = try LineFile(path: path)
    }

    func note(_ command: Command, _ targets: [String], _ outcome: Line.Outcome, sudo: String?) throws {
        let line = Line(
            time: .now, user: Self.user, sudo: sudo, command: command.name.joined(separator: " "),
            targets: targets, outcome: outcome)
        try file.append(JSON.encode(line))
    }

    private static var user: String {
        let id = getuid()
        guard let entry = getpwuid(id), let name = entry.pointee.pw_name else { return "\(id)" }
        return String(cString: name)
    }
}

extension Command {
    /// Runs it, and has it on the log of the operator where it is one that matters there.
    func runNoted(_ arguments: Arguments, _ surroundings: Surroundings) throws -> ExitCode {
        guard let targets = targets?(arguments), let log = try OperatorLog(surroundings) else {
            return try run(arguments, surroundings)
        }
        let sudo = surroundings.environment["SUDO_USER"].flatMap { $0.isEmpty ? nil : $0 }
        try log.note(self, targets, .begun, sudo: sudo)
        do {
            let code = try run(arguments, surroundings)
            try log.note(self, targets, code == .done ? .done : .fault, sudo: sudo)
            return code
        } catch {
            try log.note(self, targets, .failed, sudo: sudo)
            throw error
        }
    }
}

extension Arguments {
    /// What a command is done to, for the log of the operator; nil for one that only says what it would do.
    ///
    /// - Parameters:
    ///   - shown: options whose values may stand there.
    ///   - hidden: options of which only the names may: people's numbers, and texts.
    func targets(shown: [String] = [], hidden: [String] = []) -> [String]? {
        if has("--dry-run") { return nil }
        let values = shown.flatMap { option in
            texts(option).map { $0.isEmpty ? option : "\(option) \($0)" }
        }
        return operands + values + hidden.filter(has)
    }
}
