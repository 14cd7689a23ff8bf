/// Writes values one behind the other, in as few bytes as they need. For what only a store of this version of
/// the code keeps: on the log there is JSON.
///
/// Numbers are varints, as Kafka's records have them: seven bits in a byte, the lowest first; the eighth bit
/// says that another byte follows.
package struct Packing {
    package private(set) var bytes: [UInt8] = []

    package init(capacity: Int) { bytes.reserveCapacity(capacity) }

    package mutating func add(byte: UInt8) { bytes.append(byte) }

    /// - Parameter number: not negative.
    package mutating func add(_ number: Int) {
        var rest = UInt64(number)
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// A number that mostly needs its eight bytes.
    package mutating func add(wide number: UInt64) {
        for shift in stride(from: 0, to: 64, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }

    package mutating func add(_ text: String) {
        add(text.utf8.count)
        bytes.append(contentsOf: text.utf8)
    }
}

/// Reads what `Packing` wrote. Other bytes are refused, or they are other values; they never trap.
package struct Unpacking {
    private let bytes: [UInt8]
    private var place = 0

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    package var isAtEnd: Bool { place == bytes.count }

    package mutating func byte() throws(Malformed) -> UInt8 {
        guard place < bytes.count else { throw Malformed("", "ends too early") }
        defer { place += 1 }
        return bytes[place]
    }

    package mutating func number() throws(Malformed) -> Int {
        var number = 0
        for shift in stride(from: 0, through: 28, by: 7) {
            let byte = try byte()
            number |= Int(byte & 0x7F) << shift
            if byte < 0x80 { return number }
        }
        throw Malformed("", "holds a number that is too large")
    }

    package mutating func wide() throws(Malformed) -> UInt64 {
        guard bytes.count - place >= 8 else { throw Malformed("", "ends too early") }
        var number: UInt64 = 0
        for index in 0..<8 { number |= UInt64(bytes[place + index]) << (8 * index) }
        place += 8
        return number
    }

    package mutating func text() throws(Malformed) -> String {
        let length = try number()
        guard bytes.count - place >= length else { throw Malformed("", "ends too early") }
        defer { place += length }
        return String(decoding: bytes[place..<place + length], as: UTF8.self)
    }
}
