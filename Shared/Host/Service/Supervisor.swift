import Foundation
import Glibc
import Models

/// Tells systemd how the process does (sd_notify(3)): that it has started, what hinders it, that it stops,
/// and, as long as no loop stands still, that it is alive. If the last word is missing for `WatchdogSec=`,
/// systemd ends the process and starts it again (systemd.service(5)).
///
/// The words go as datagrams to the socket that `NOTIFY_SOCKET` names. Without it nobody listens, and nothing
/// is sent.
struct Supervisor: Sendable {
    private let socket: Socket
    /// The supervisor's patience; nil if it has no watchdog for this process.
    private let patience: Duration?

    /// How often the state is told. A watchdog that is more impatient is fed four times in its time.
    private static let interval: Duration = .seconds(5)
    private static let shortestInterval: Duration = .milliseconds(100)
    /// `systemctl status` shows one line.
    private static let statusCharacters = 500

    /// Nil if no supervisor listens, or if its address is none.
    init?(environment: [String: String], process: Int32 = getpid()) {
        guard let path = environment["NOTIFY_SOCKET"], let socket = Socket(path) else { return nil }
        self.socket = socket
        // WATCHDOG_PID: the variables may have been inherited from a parent, which they are meant for.
        let isMeant = environment["WATCHDOG_PID"].map { Int32($0) == process } ?? true
        patience =
            environment["WATCHDOG_USEC"].flatMap { Int64($0) }
            .flatMap { isMeant && $0 > 0 ? .microseconds($0) : nil }
    }

    /// Tells the state again and again, on a thread of its own, until the process ends. It must outlive the
    /// loops: a service that stopped working and says why (`Standstill`) must not be started again and again.
    func start(_ health: Health) {
        let thread = Thread {
            send("READY=1\n\(Self.state(of: health))")
            while true {
                Thread.sleep(forTimeInterval: pause / .seconds(1))
                send(Self.state(of: health))
            }
        }
        thread.name = "supervisor"
        thread.stackSize = 1 << 19
        thread.start()
    }

    func stopping() { send("STOPPING=1\nSTATUS=stopping") }

    private var pause: Duration {
        max(Self.shortestInterval, min(Self.interval, patience.map { $0 / 4 } ?? Self.interval))
    }

    /// One line for `systemctl status`, and the watchdog's food unless a new process would do better.
    static func state(of health: Health) -> String {
        let (hangs, reasons, notes) = (health.hangs, health.reasons, health.notes)
        let said = hangs + reasons.filter { !hangs.contains($0) }
        let text = said.isEmpty ? (["ready"] + notes).joined(separator: "; ") : said.joined(separator: "; ")
        let line = text.replacing("\n", with: " ").prefix(statusCharacters)
        return "STATUS=\(line)" + (hangs.isEmpty ? "\nWATCHDOG=1" : "")
    }

    /// A supervisor that does not read must not hold up the process: what does not fit now is left out, and
    /// the next words come soon.
    private func send(_ text: String) { socket.send(Array(text.utf8)) }
}

/// An address of a datagram socket: a path, or a name of Linux' abstract space behind `@` (unix(7)).
private struct Socket: Sendable {
    private let path: [UInt8]
    private let descriptor: Int32

    init?(_ text: String) {
        var bytes = Array(text.utf8)
        guard bytes.first == UInt8(ascii: "/") || bytes.first == UInt8(ascii: "@"), bytes.count > 1,
            bytes.count < MemoryLayout.size(ofValue: sockaddr_un().sun_path)
        else { return nil }
        if bytes[0] == UInt8(ascii: "@") { bytes[0] = 0 }
        path = bytes
        descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
    }

    func send(_ bytes: [UInt8]) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        // An abstract name ends where the length says; a path has a zero behind it.
        let length = MemoryLayout<sa_family_t>.size + path.count + (path[0] == 0 ? 0 : 1)
        withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                _ = sendto(
                    descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT),
                    address, socklen_t(length))
            }
        }
    }
}
