/// The check sum of HJ 212-2017 annex A. It is called CRC-16 and is not that of Modbus: each byte is added to
/// the *high* byte of the register, and the low byte is lost.
///
/// So eight bits of the register are all that one byte hands to the next, and the step is linear over them.
/// That makes sums of parts cheap: from the states before and after a part, both counted from the beginning
/// of the stream, follows the sum of the part (`part`). Whoever looks for a frame at each of its possible
/// beginnings need not read the same bytes again and again.
enum FrameSum {
    /// What the register holds before the first byte, as far as it matters.
    static let start: UInt8 = 0xFF

    /// The register after a byte; the index is the byte and the high byte before it, added.
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

    /// The sum of the bytes between two states of one run, which are so many.
    static func part(from before: UInt8, to after: UInt8, count: Int) -> UInt16 {
        let state = leaps[count % leaps.count][Int(before ^ start)] ^ after
        return whole[Int(state)]
    }

    /// The high bytes of the table are all different, so a sum is known by its high byte.
    private static let whole: [UInt16] = {
        var whole = [UInt16](repeating: 0, count: 256)
        for sum in table { whole[Int(sum >> 8)] = sum }
        return whole
    }()

    /// What so many steps with nothing to add make of a state, until they lead back to it.
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
