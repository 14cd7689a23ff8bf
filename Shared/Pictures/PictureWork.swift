import CGD
import Glibc

/// Has pictures decoded in child processes (`PictureChild`). A bomb or a crash costs one upload.
public struct PictureWork: Sendable {
    private let program: String
    private let arguments: [String]
    private let patience: Duration

    /// - Parameter program: the one that runs `PictureChild` with these arguments. The preset is this program
    ///   itself, also if its file was replaced meanwhile.
    public init(
        program: String = "/proc/self/exe", arguments: [String] = [PictureChild.argument],
        patience: Duration = PictureLimit.patience
    ) {
        (self.program, self.arguments, self.patience) = (program, arguments, patience)
    }

    /// Waits for the child, at most for the patience.
    public func prepare(_ bytes: some Collection<UInt8>) throws(PictureFault) -> PreparedPicture {
        let bytes = Array(bytes)
        // Not even the head is read here: a mistake in our own reading would cost more than one upload.
        let end = ContinuousClock.now + patience
        let child = try Child(program, arguments)
        guard let answer = child.exchange(bytes, until: end, most: PictureLimit.resultBytes) else {
            throw .costly
        }
        return try PreparedPicture(answer: answer)
    }
}

/// A process of ours, and the socket that is its input and output. Its end is awaited, so no zombie is left.
private struct Child: ~Copyable {
    private let process: pid_t
    private let socket: Int32

    init(_ program: String, _ arguments: [String]) throws(PictureFault) {
        var ends: [Int32] = [-1, -1]
        guard unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0
        else { throw .noProcess }
        defer { close(ends[1]) }
        guard let process = Self.spawn(program, arguments, as: ends[1]) else {
            close(ends[0])
            throw .noProcess
        }
        self.process = process
        socket = ends[0]
    }

    deinit {
        close(socket)
        kill(process, SIGKILL)
        while waitpid(process, nil, 0) < 0, errno == EINTR {}
    }

    private static func spawn(_ program: String, _ arguments: [String], as end: Int32) -> pid_t? {
        var actions = unsafe posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        guard unsafe posix_spawn_file_actions_init(&actions) == 0 else { return nil }
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        guard unsafe posix_spawnattr_init(&attributes) == 0 else { return nil }
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        unsafe sigemptyset(&none)
        // A service blocks the signals that stop it; the child would inherit that. Nor shall a Ctrl-C that is
        // meant for the service end the child first.
        let flags = Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETPGROUP)
        let steps = unsafe [
            posix_spawn_file_actions_adddup2(&actions, end, STDIN_FILENO),
            posix_spawn_file_actions_adddup2(&actions, end, STDOUT_FILENO),
            posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0),
            dayu_close_from(&actions, STDERR_FILENO + 1),
            posix_spawnattr_setsigmask(&attributes, &none),
            posix_spawnattr_setflags(&attributes, flags),
        ]
        guard steps.allSatisfy({ $0 == 0 }) else { return nil }
        var words: [UnsafeMutablePointer<CChar>?] = unsafe ([program] + arguments).map { unsafe strdup($0) }
        defer { unsafe words.forEach { unsafe free($0) } }
        unsafe words.append(nil)
        var environment: [UnsafeMutablePointer<CChar>?] = unsafe [nil]
        var process: pid_t = 0
        let outcome = unsafe posix_spawn(&process, program, &actions, &attributes, &words, &environment)
        return outcome == 0 ? process : nil
    }

    /// Sends everything, then reads to the end. Nil if the child takes too long or answers too much.
    borrowing func exchange(
        _ bytes: [UInt8], until end: ContinuousClock.Instant, most: Int
    ) -> [UInt8]? {
        var rest = bytes[...]
        while !rest.isEmpty {
            guard wait(for: POLLOUT, until: end) else { return nil }
            // Without a signal if the child is gone: its answer says why.
            let count = unsafe rest.withUnsafeBytes {
                unsafe send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            }
            if count < 0, errno == EAGAIN || errno == EINTR { continue }
            guard count > 0 else { break }
            rest = rest.dropFirst(count)
        }
        shutdown(socket, Int32(SHUT_WR))
        var answer: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            guard wait(for: POLLIN, until: end) else { return nil }
            let count = unsafe recv(socket, &piece, piece.count, Int32(MSG_DONTWAIT))
            if count < 0, errno == EAGAIN || errno == EINTR { continue }
            guard count > 0 else { return answer }
            answer += piece.prefix(count)
            guard answer.count <= most else { return nil }
        }
    }

    private borrowing func wait(for event: Int32, until end: ContinuousClock.Instant) -> Bool {
        while true {
            let left = ContinuousClock.now.duration(to: end)
            guard left > .zero else { return false }
            var place = pollfd(fd: socket, events: Int16(event), revents: 0)
            let milliseconds =
                left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000
            let count = unsafe poll(&place, 1, Int32(milliseconds + 1))
            if count > 0 { return true }
            if count < 0, errno != EINTR { return false }
        }
    }
}
