import Text

/// Finds frames of HJ 212 in a stream of bytes (HJ 212-2017 §6.3): `##`, the length of the data segment in
/// four digits, the segment, its sum in four hexadecimal digits, and an optional line end.
///
/// The result depends only on the bytes and not on how the network divided them. The rules:
///
/// 1. Every `##` followed by four digits may begin a frame, also inside another frame that has not ended. So
///    a `##` in noise, or a length that is too large, hides no later frame.
/// 2. The first of these candidates that ends with the right sum is a frame. Those that overlap it were none.
/// 3. Line ends and all other bytes between frames are ignored.
/// 4. `giveUp` gives up candidates that wait for bytes which do not arrive; the caller says when.
///
/// The time it takes is proportional to the number of bytes, whatever they are (`FrameSum`).
struct FrameDecoder {
    enum Limit {
        /// The standard allows 1,024; stations send up to 1,623. A length beyond this limit is wrong.
        static let dataBytes = 4096
        /// How many candidates may wait for their end at the same time.
        static let candidates = 64
    }

    enum Found: Equatable {
        /// The data segment of a frame whose sum is right.
        case frame([UInt8])
        case fault(FrameFault)
    }

    private struct Candidate {
        /// The position of the `##` in the stream; the data begins six bytes later.
        let start: Int
        let length: Int
        /// The state of the sum before the data.
        let before: UInt8

        var dataStart: Int { start + 6 }
        var dataEnd: Int { start + 6 + length }
        var end: Int { dataEnd + 4 }
    }

    /// How many bytes have arrived.
    private(set) var position = 0
    /// The position at which the last frame ended.
    private var frameEnd = 0

    private var candidates: [Candidate] = []
    /// The earliest position at which a candidate ends.
    private var nextEnd = Int.max
    /// The bytes from the beginning of the first candidate's data.
    private var held: [UInt8] = []
    /// The states of the sum after the last eight bytes; the latest is the lowest byte.
    private var states: UInt64 = 0

    /// The beginning that is being read: how many `#` (up to two), and the digits after them.
    private var marks = 0
    private var digits: [UInt8] = []

    init() {}

    /// How many bytes have arrived since the last frame: a client that sends only other bytes uses another
    /// protocol.
    var bytesSinceFrame: Int { position - frameEnd }

    mutating func take(_ bytes: some Sequence<UInt8>) -> [Found] {
        var found: [Found] = []
        for byte in bytes {
            states = states << 8 | UInt64(FrameSum.step(UInt8(truncatingIfNeeded: states), byte))
            position += 1
            if !candidates.isEmpty { held.append(byte) }
            look(at: byte, &found)
            if position == nextEnd { settle(&found) }
        }
        return found
    }

    /// Gives up the candidates that began before a position and have not ended.
    mutating func giveUp(startedBefore mark: Int) -> [Found] {
        let old = candidates.prefix { $0.start < mark }
        guard let first = old.first else { return [] }
        let fault = fault(.cutOff, of: first)
        forget(old.count)
        return [.fault(fault)]
    }

    /// Call it when a connection has ended.
    mutating func finish() -> [Found] { giveUp(startedBefore: .max) }

    // MARK: Beginnings

    private mutating func look(at byte: UInt8, _ found: inout [Found]) {
        switch byte {
        case UInt8(ascii: "#"):
            if !digits.isEmpty { noLength(&found) }
            marks = digits.isEmpty ? min(2, marks + 1) : 1
            digits.removeAll(keepingCapacity: true)
        case UInt8(ascii: "0")...UInt8(ascii: "9") where marks == 2:
            digits.append(byte)
            guard digits.count == 4 else { return }
            begin(length: digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }, &found)
            marks = 0
            digits.removeAll(keepingCapacity: true)
        default:
            if marks == 2 {
                digits.append(byte)
                noLength(&found)
            }
            marks = 0
            digits.removeAll(keepingCapacity: true)
        }
    }

    /// Inside a candidate that may still end, this is no fault.
    private func noLength(_ found: inout [Found]) {
        if candidates.isEmpty { found.append(.fault(FrameFault(.noLength(digits)))) }
    }

    private mutating func begin(length: Int, _ found: inout [Found]) {
        guard (1...Limit.dataBytes).contains(length) else {
            if candidates.isEmpty { found.append(.fault(FrameFault(.length(length)))) }
            return
        }
        if candidates.count == Limit.candidates {
            found.append(.fault(fault(.cutOff, of: candidates[0])))
            forget(1)
        }
        let candidate = Candidate(
            start: position - 6, length: length, before: UInt8(truncatingIfNeeded: states))
        candidates.append(candidate)
        nextEnd = min(nextEnd, candidate.end)
    }

    // MARK: Ends

    private mutating func settle(_ found: inout [Found]) {
        let ending = candidates.filter { $0.end == position }
        if let right = ending.first(where: hasRightSum) {
            if let around = candidates.first, around.start < right.start {
                found.append(.fault(fault(.cutOff, of: around)))
            }
            found.append(.frame(data(of: right)))
            frameEnd = position
            forget(candidates.count)
            return
        }
        // A candidate inside another one that still waits may be part of its text, so its wrong sum is not
        // reported.
        if let first = ending.first, first.start == candidates.first?.start {
            found.append(.fault(fault(.sum(Array(held.suffix(4))), of: first)))
        }
        candidates.removeAll { $0.end == position }
        forget(0)
    }

    private func hasRightSum(_ candidate: Candidate) -> Bool {
        let after = UInt8(truncatingIfNeeded: states >> 32)
        let sum = FrameSum.part(from: candidate.before, to: after, count: candidate.length)
        return FrameFault.number(held.suffix(4)) == sum
    }

    /// Drops this many of the oldest candidates, and the bytes that are no longer needed.
    private mutating func forget(_ count: Int) {
        candidates.removeFirst(count)
        nextEnd = candidates.map(\.end).min() ?? .max
        let needed = candidates.first.map { position - $0.dataStart } ?? 0
        held.removeFirst(held.count - needed)
    }

    private func data(of candidate: Candidate) -> [UInt8] {
        let start = held.count - (position - candidate.dataStart)
        return Array(held[start..<min(held.count, start + candidate.length)])
    }

    private func fault(_ kind: FrameFault.Kind, of candidate: Candidate) -> FrameFault {
        FrameFault(kind, declared: candidate.length, data: data(of: candidate))
    }
}
