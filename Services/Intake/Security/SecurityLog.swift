import Host
import Models

/// Writes the security log: one JSON object a line, to a file of its own (`LineFile`).
struct SecurityLog: Sendable {
    private let file: LineFile
    private let lost: Metrics.Counter
    private let log: Log

    init(path: String, _ context: HostContext) throws {
        file = try LineFile(path: path)
        lost = context.metrics.counter(
            "dayu_security_lines_lost_total", help: "Lines of the security log that could not be written.")
        log = context.log
    }

    /// Nobody is refused because his line can't be written: a full disk would close the door to everybody.
    func note(_ entry: SecurityEntry) {
        do throws(WriteFailure) {
            try file.append(JSON.encode(entry))
        } catch {
            lost.add()
            log.error("a line of the security log is lost", ["reason": .text("\(error)")])
        }
    }
}
