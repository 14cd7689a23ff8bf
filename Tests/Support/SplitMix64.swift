/// A small generator whose whole state is its seed (Steele, Lea, Flood 2014): a failure that prints the seed
/// can be had again.
public struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) {
        state = seed
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    public mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &self) }
    }

    /// True once in `times` draws.
    public mutating func once(in times: Int) -> Bool {
        Int.random(in: 0..<times, using: &self) == 0
    }

    public mutating func one<Element>(of choices: [Element]) -> Element {
        precondition(!choices.isEmpty, "one of nothing")
        return choices[Int.random(in: 0..<choices.count, using: &self)]
    }

    /// Text of many scripts, small first in what it is likely to hold.
    public mutating func text(_ lengths: ClosedRange<Int>) -> String {
        let alphabet = Array("abcXYZ 019-_/.,;\"\\\n\té河长塘臭ß🌊👩‍👩‍👧‍👦")
        return String((0..<Int.random(in: lengths, using: &self)).map { _ in one(of: alphabet) })
    }
}
