import Glibc
import Synchronization

/// A file to which lines are appended for people to read later, apart from the operating log.
///
/// To rotate the file, rename it (logrotate with `create` or without). The next line finds that the name
/// leads to another file or none, and opens the file anew, without a signal. Only the file's owner may read
/// it.
public final class LineFile: Sendable {
    private struct Opened {
        let descriptor: Int32
        let device: dev_t
        let inode: ino_t
    }

    private let path: String
    private let opened = Mutex<Opened?>(nil)

    /// - Throws: if the file can't be opened for writing.
    public init(path: String) throws(WriteFailure) {
        self.path = path
        let first = try Self.open(path)
        opened.withLock { $0 = first }
    }

    deinit {
        opened.withLock { if let opened = $0 { _ = close(opened.descriptor) } }
    }

    public func append(_ line: [UInt8]) throws(WriteFailure) {
        try opened.withLock { opened throws(WriteFailure) in
            if let known = opened, !Self.leads(path, to: known) {
                _ = close(known.descriptor)
                opened = nil
            }
            if opened == nil { opened = try Self.open(path) }
            guard let descriptor = opened?.descriptor else { return }
            try WholeWriting.append(line + [UInt8(ascii: "\n")], to: descriptor, of: path)
        }
    }

    private static func leads(_ path: String, to file: Opened) -> Bool {
        var found = stat()
        return stat(path, &found) == 0 && found.st_dev == file.device && found.st_ino == file.inode
    }

    private static func open(_ path: String) throws(WriteFailure) -> Opened {
        let descriptor = Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        var found = stat()
        guard descriptor >= 0, fstat(descriptor, &found) == 0 else {
            throw WriteFailure(path: path, code: errno)
        }
        // Also if another program made the file before us with wider permissions.
        guard found.st_mode & 0o077 == 0 || fchmod(descriptor, 0o600) == 0 else {
            let code = errno
            _ = close(descriptor)
            throw WriteFailure(path: path, code: code)
        }
        return Opened(descriptor: descriptor, device: found.st_dev, inode: found.st_ino)
    }
}
