import CZlib

/// The gzip format (RFC 1952), in which every browser takes what a server sends (RFC 9110 §8.4.1.3).
public enum Gzip {
    /// How much time is spent for fewer bytes.
    public enum Effort: Int32, Sendable {
        /// For what is compressed while somebody waits.
        case fast = 1
        /// For what is compressed once and sent many times.
        case best = 9
    }

    public static func compress(_ bytes: [UInt8], effort: Effort) -> [UInt8] {
        var stream = unsafe z_stream()
        // 15 bits of window, and 16 more for gzip's head and checksum in place of zlib's (zlib.h,
        // deflateInit2).
        let begun = unsafe deflateInit2_(
            &stream, effort.rawValue, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        // It fails without memory, or if the header is of another version than the library.
        precondition(begun == Z_OK, "zlib can't begin: \(begun)")
        defer { unsafe deflateEnd(&stream) }
        var input = bytes
        var output = [UInt8](repeating: 0, count: Int(unsafe deflateBound(&stream, UInt(bytes.count))))
        let count = unsafe input.withUnsafeMutableBufferPointer { input in
            unsafe output.withUnsafeMutableBufferPointer { output in
                unsafe stream.next_in = input.baseAddress
                unsafe stream.avail_in = UInt32(input.count)
                unsafe stream.next_out = output.baseAddress
                unsafe stream.avail_out = UInt32(output.count)
                // The output has the room that deflateBound asks for, so one call does everything.
                let ended = unsafe deflate(&stream, Z_FINISH)
                precondition(ended == Z_STREAM_END, "zlib can't end: \(ended)")
                return unsafe Int(stream.total_out)
            }
        }
        output.removeSubrange(count...)
        return output
    }
}
