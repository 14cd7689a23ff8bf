import Glibc

/// A regular file open for sending, with what identifies this version of it.
struct OpenFile: ~Copyable {
    let descriptor: Int32
    let bytes: UInt64
    private let modifiedNanoseconds: Int

    /// Nil for a path that is missing, unreadable, or not a regular file.
    init?(_ path: String) {
        // Not blocking, because a named pipe would hold the polling thread until some program writes into it.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
        bytes = UInt64(status.st_size)
        modifiedNanoseconds = status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec
    }

    deinit {
        close(descriptor)
    }

    /// Modification time and size: two versions with the same pair count as one (RFC 9110, 8.8.3).
    var entityTag: String {
        "\"\(String(modifiedNanoseconds, radix: 36))-\(String(bytes, radix: 36))\""
    }

    /// Hands the descriptor to a caller who will close it.
    consuming func release() -> Int32 {
        let descriptor = descriptor
        discard self
        return descriptor
    }
}
