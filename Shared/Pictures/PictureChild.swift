import CGD
import Glibc

/// The child process in which a picture is decoded. It reads the file from its standard input, writes a
/// `PreparedPicture` or a fault to its standard output, and ends.
///
/// It has no secrets (its environment is empty), no open files but these two, and limits of its own. What a
/// hostile picture can reach here is one upload: its own.
public enum PictureChild {
    /// The hidden argument with which a service starts itself as a child.
    public static let argument = "--picture"

    public static func run() -> Never {
        limit(__rlimit_resource_t(RLIMIT_AS.rawValue), to: PictureLimit.addressSpace)
        limit(__rlimit_resource_t(RLIMIT_CPU.rawValue), to: PictureLimit.processorSeconds)
        limit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), to: 0)
        limit(__rlimit_resource_t(RLIMIT_CORE.rawValue), to: 0)
        // Somebody waits for the answers of the service itself.
        _ = nice(5)
        var answer: [UInt8]
        do throws(PictureFault) {
            answer = try PreparedPicture(input()).written
        } catch {
            answer = [error.rawValue]
        }
        output(&answer)
        exit(0)
    }

    private static func limit(_ what: __rlimit_resource_t, to value: UInt) {
        var limit = rlimit(rlim_cur: value, rlim_max: value)
        // A child without its limits must not decode anything.
        guard unsafe setrlimit(what, &limit) == 0 else { exit(EXIT_FAILURE) }
    }

    private static func input() -> [UInt8] {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= PictureLimit.bytes {
            let count = unsafe read(STDIN_FILENO, &piece, piece.count)
            guard count > 0 else { break }
            bytes += piece.prefix(count)
        }
        return bytes
    }

    private static func output(_ bytes: inout [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            guard count > 0 else { exit(EXIT_FAILURE) }
            rest = rest.dropFirst(count)
        }
    }
}
