import Glibc

/// Text in GB18030, the encoding of Excel and WPS in China; GBK and GB 2312 are parts of it.
///
/// Its table has some 24,000 characters. glibc has the table, Foundation on Linux does not.
package enum GB18030 {
    package enum Failure: Error, Equatable {
        /// The index of the first byte that begins no character.
        case malformed(at: Int)
        /// The system was installed without the tables that iconv(3) needs.
        case unknownHere
    }

    /// The same text in UTF-8.
    package static func decoded(_ bytes: [UInt8]) throws(Failure) -> [UInt8] {
        let converter = iconv_open("UTF-8", "GB18030")
        guard converter != iconv_t(bitPattern: -1) else { throw .unknownHere }
        defer { iconv_close(converter) }
        var input = bytes.map { CChar(bitPattern: $0) }
        // One byte stays one byte, two become three at most, four become four.
        var output = [CChar](repeating: 0, count: bytes.count + bytes.count / 2 + 1)
        var (unread, room) = (input.count, output.count)
        let isWhole = input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                var (from, to) = (input.baseAddress, output.baseAddress)
                return iconv(converter, &from, &unread, &to, &room) != Int(bitPattern: UInt.max)
            }
        }
        guard isWhole else { throw .malformed(at: bytes.count - unread) }
        return output[..<(output.count - room)].map { UInt8(bitPattern: $0) }
    }
}
