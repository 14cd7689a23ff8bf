import Foundation
public import Glibc

/// A file that could not be written, most often because its disk is full.
public struct WriteFailure: Error, CustomStringConvertible {
    public let path: String
    public let code: Int32

    public init(path: String, code: Int32) {
        self.path = path
        self.code = code
    }

    public var reason: String { "\(String(cString: strerror(code))) (errno \(code))" }
    public var description: String { "\(path) can't be written: \(reason)" }
}

/// Writes everything or nothing.
public enum WholeWriting {
    /// Appends to a file that was opened with `O_APPEND`, with one write: then lines of several processes do
    /// not mix (open(2)). If a full disk took only a part, the part is cut off again, unless another process
    /// has written behind it.
    public static func append(_ bytes: [UInt8], to descriptor: Int32, of path: String) throws(WriteFailure) {
        let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        guard written != bytes.count else { return }
        guard written > 0 else { throw WriteFailure(path: path, code: errno) }
        let end = lseek(descriptor, 0, SEEK_CUR)
        var found = stat()
        if fstat(descriptor, &found) == 0, found.st_size == end { ftruncate(descriptor, end - written) }
        throw WriteFailure(path: path, code: ENOSPC)
    }

    /// Makes a file that gets its name only when all of it is on the disk. A file that exists already stays.
    public static func create(_ path: String, _ bytes: [UInt8], mode: mode_t) throws(WriteFailure) {
        try make(path, bytes, mode: mode) { link($0, path) == 0 || errno == EEXIST }
    }

    /// The same for a file that may exist already: it is replaced.
    public static func replace(_ path: String, _ bytes: [UInt8], mode: mode_t) throws(WriteFailure) {
        try make(path, bytes, mode: mode) { rename($0, path) == 0 }
    }

    private static func make(
        _ path: String, _ bytes: [UInt8], mode: mode_t, name: (_ draft: String) -> Bool
    ) throws(WriteFailure) {
        let draft = "\(path).\(UUID().uuidString)"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw WriteFailure(path: path, code: errno) }
        defer {
            close(descriptor)
            unlink(draft)
        }
        try append(bytes, to: descriptor, of: path)
        guard fsync(descriptor) == 0, name(draft) else {
            throw WriteFailure(path: path, code: errno)
        }
    }
}
