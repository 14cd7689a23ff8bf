/// Finds frames of HJ 212 in a stream of bytes (HJ 212-2017 §6.3): `##`, the length of the data segment in
/// four digits, the segment, its sum in four hexadecimal digits, and perhaps a line end.
///
/// What it finds depends on the bytes alone and not on how the network cut them. The rules:
///
/// 1. Every `##` with four digits behind it may begin a frame, also within another that has not come to its
///    end. A text such as `##` in the noise, or a length that is too large, hides nothing behind it.
/// 2. The first of them that comes to its end with the right sum is a frame. Those around it were none.
/// 3. Line ends and everything else between frames mean nothing.
/// 4. Who waits for bytes that don't come is given up by `giveUp`, which is told when by its caller.
///
/// It takes a time in proportion to the bytes, whatever they are (`FrameSum`).
struct FrameDecoder {
    enum Limit {
        /// The standard allows 1,024; stations send up to 1,623. Beyond this a length is a wrong one.
        static let dataBytes = 4096
        /// Beginnings that wait for their end at the same time.
        static let candidates = 64
    }

    enum Found: Equatable {
        /// The data segment of a frame whose sum is right.
        case frame([UInt8])
        case fault(FrameFault)
    }

    private struct Candidate {
        /// Where the `##` stands, counted from the beginning of the stream; the data is six bytes later.
        let start: Int
        let length: Int
        /// The state of the sum before the data.
        let before: UInt8

        var dataStart: Int { start + 6 }
        var dataEnd: Int { start + 6 + length }
        var end: Int { dataEnd + 4 }
    }

    /// How many bytes came.
    private(set) var position = 0
    /// Where the last frame ended.
    private var frameEnd = 0

    private var candidates: [Candidate] = []
    /// Where the first of them ends.
    private var nextEnd = Int.max
    /// The bytes from the data of the first candidate on.
    private var held: [UInt8] = []
    /// The states of the sum after the last eight bytes; the latest is the lowest byte.
    private var states: UInt64 = 0

    /// The beginning that is being read: how many `#`, up to two, and which digits behind them.
    private var marks = 0
    private var digits: [UInt8] = []

    init() {}

    /// How many bytes came since the last frame: somebody who sends nothing else speaks another language.
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

    /// Gives up the frames that began before a position and have not come to their end.
    mutating func giveUp(startedBefore mark: Int) -> [Found] {
        let old = candidates.prefix { $0.start < mark }
        guard let first = old.first else { return [] }
        let fault = fault(.cutOff, of: first)
        forget(old.count)
        return [.fault(fault)]
    }

    /// A connection has ended.
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

    /// Within a frame that may still come to its end it means nothing.
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
        // What lies within another that still waits is perhaps a part of its text.
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

    /// Drops so many of the oldest candidates and the bytes that nobody needs now.
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
