import Dispatch
import Host
import Models
import Synchronization
import Text

/// Writes the security log: one JSON object a line, to a file of its own (`LineFile`). Repeated lines are
/// folded (`SecurityFolding`).
final class SecurityLog: Sendable {
    private let file: LineFile
    private let folding = Mutex(SecurityFolding())
    private let lost: Metrics.Counter
    private let log: Log

    /// How often the lines about folded lines are written, in seconds.
    private static let seconds = 2

    init(path: String, _ context: HostContext) throws {
        file = try LineFile(path: path)
        lost = context.metrics.counter(
            "dayu_security_lines_lost_total", help: "Lines of the security log that could not be written.")
        log = context.log
    }

    /// - Parameter client: the client of the request; nil over Kafka.
    func note(_ entry: SecurityEntry, from client: IPAddress? = nil) {
        write(folding.withLock { $0.take(entry, from: client) })
    }

    /// Writes the lines that are due until the doors are closed, and then the rest.
    func run(until stop: StopFlag) {
        while !stop.wait(for: .seconds(Self.seconds)) { write(folding.withLock { $0.due(at: .now) }) }
        write(folding.withLock { $0.end() })
    }

    /// If a line can't be written, the request is still served: otherwise a full disk would close the door to
    /// everybody.
    private func write(_ lines: [SecurityLine]) {
        for line in lines {
            do throws(WriteFailure) {
                try file.append(JSON.encode(line))
            } catch {
                lost.add()
                log.error("a line of the security log could not be written", ["reason": .text("\(error)")])
            }
        }
    }
}
