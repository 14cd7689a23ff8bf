import Glibc
import Host
import Models
import Text

/// Who did what with this command: a line before it begins and one when it has ended, in the file that
/// `DAYU_SECURITY_LOG` names.
///
/// Kafka knows the operator only as the user `dayu`. This log says which person erased, published, replayed
/// or revealed something under that name.
struct OperatorLog {
    static let setting = "DAYU_SECURITY_LOG"

    /// One JSON object a line, as in the security log of Intake.
    struct Line: Encodable, Equatable {
        enum Outcome: String, Encodable {
            case begun, done
            /// The exit code is 1: a part could not be done, or there was nothing to do.
            case fault
            /// It ended with an error, perhaps in the middle.
            case failed
        }

        let time: Instant
        let user: String
        /// The user who became the superuser to run the command.
        let sudo: String?
        let command: String
        /// What the command acts on: codes, origins, names, a folder. No phone number, no text and no key.
        let targets: [String]
        let outcome: Outcome
    }

    private let file: LineFile

    /// Nil where no file is named.
    ///
    /// - Throws: if no line can be written. Then the command does nothing: whoever set the file wants every
    ///   command on it.
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
    /// Runs the command. If it has targets, the operator's log gets a line before it and one after it.
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
    /// What a command acts on, for the operator's log; nil for a dry run.
    ///
    /// - Parameters:
    ///   - shown: options whose values may be on the log.
    ///   - hidden: options of which only the names may be on the log, because the values are phone numbers or
    ///     texts.
    func targets(shown: [String] = [], hidden: [String] = []) -> [String]? {
        if has("--dry-run") { return nil }
        let values = shown.flatMap { option in
            texts(option).map { $0.isEmpty ? option : "\(option) \($0)" }
        }
        return operands + values + hidden.filter(has)
    }
}
