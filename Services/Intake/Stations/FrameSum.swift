/// The check sum of HJ 212-2017 annex A. The standard calls it CRC-16, but it is not the CRC-16 of Modbus:
/// each byte is added to the *high* byte of the register, and the low byte is lost.
///
/// So each byte passes only eight bits of the register to the next one, and the step is linear in them.
/// Therefore the sum of a part follows from the states before and after it, both counted from the beginning
/// of the stream (`part`). A decoder that tries every possible beginning of a frame need not read the same
/// bytes again and again.
enum FrameSum {
    /// The part of the register that matters, before the first byte.
    static let start: UInt8 = 0xFF

    /// The register after a byte; the index is the byte XOR the high byte of the register before it.
    private static let table: [UInt16] = (0..<256).map { index in
        (0..<8).reduce(UInt16(index)) { register, _ in
            register & 1 == 1 ? register >> 1 ^ 0xA001 : register >> 1
        }
    }

    static func of(_ bytes: some Sequence<UInt8>) -> UInt16 {
        bytes.reduce(0xFFFF) { table[Int(UInt8($0 >> 8) ^ $1)] }
    }

    /// The state after one more byte.
    static func step(_ state: UInt8, _ byte: UInt8) -> UInt8 { UInt8(table[Int(state ^ byte)] >> 8) }

    /// The sum of the `count` bytes between two states of one run.
    static func part(from before: UInt8, to after: UInt8, count: Int) -> UInt16 {
        let state = leaps[count % leaps.count][Int(before ^ start)] ^ after
        return whole[Int(state)]
    }

    /// The high bytes of the table are all different, so the high byte alone determines the sum.
    private static let whole: [UInt16] = {
        var whole = [UInt16](repeating: 0, count: 256)
        for sum in table { whole[Int(sum >> 8)] = sum }
        return whole
    }()

    /// Each state after 0, 1, 2 … steps with a zero byte, until the first states return.
    private static let leaps: [[UInt8]] = {
        let here = (0...255).map { UInt8($0) }
        var leaps = [here]
        while let last = leaps.last {
            let next = last.map { step($0, 0) }
            if next == here { break }
            leaps.append(next)
        }
        return leaps
    }()
}
