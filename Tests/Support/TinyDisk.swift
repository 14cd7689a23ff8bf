import Foundation

/// A disk in memory that is soon full. Only root may mount one.
public final class TinyDisk: @unchecked Sendable {
    // `@unchecked Sendable` because nothing in it changes.

    public let path: String

    /// Whether this process may mount one. Tests that need one are skipped with a reason otherwise.
    public static let isPossible = (try? TinyDisk(kilobytes: 64)) != nil
    public static let reason = "only root may mount a small disk"

    public struct NotMounted: Error {}

    public init(kilobytes: Int) throws {
        path = NSTemporaryDirectory() + "dayu-disk-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        guard mount("tmpfs", path, "tmpfs", 0, "size=\(kilobytes)k") == 0 else { throw NotMounted() }
    }

    deinit {
        // Whoever still has a file open keeps the disk until he closes it.
        umount2(path, Int32(MNT_DETACH))
        try? FileManager.default.removeItem(atPath: path)
    }

    private var filler: String { "\(path)/filler" }

    /// Leaves no byte free.
    public func fill() {
        let descriptor = open(filler, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        defer { close(descriptor) }
        for size in [65_536, 4096, 1] {
            let bytes = [UInt8](repeating: 0, count: size)
            while write(descriptor, bytes, size) > 0 {}
        }
    }

    /// Gives the room back.
    public func free() { unlink(filler) }
}
