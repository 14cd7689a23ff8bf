import Glibc
import Models

/// Numbers that look random but follow from a seed: the same seed gives the same city.
///
/// SplitMix64 (Steele, Lea, Flood 2014). Every complaint, official and water has a generator of its own, so
/// that one more complaint changes nothing in the others.
struct Chance: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64, _ names: String...) {
        // FNV-1a; Swift's own hashes differ from run to run.
        state = seed
        for name in names {
            var hash: UInt64 = 0xCBF2_9CE4_8422_2325
            for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            state = (state &+ hash) &* 0x9E37_79B9_7F4A_7C15
        }
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Another, independent generator.
    mutating func split() -> Chance { Chance(seed: next()) }

    /// From 0 to below 1.
    mutating func share() -> Double { Double(next() >> 11) / Double(1 << 53) }

    mutating func between(_ least: Double, _ most: Double) -> Double { least + (most - least) * share() }

    mutating func happens(_ share: Double) -> Bool { self.share() < share }

    mutating func hours(_ least: Double, _ most: Double) -> Duration { .hours(between(least, most)) }

    /// A number around 0, from -1.5 to 1.5: the sum of three draws.
    mutating func swing() -> Double { share() + share() + share() - 1.5 }

    /// A number around `middle`, sometimes a multiple or a fraction of it.
    mutating func around(_ middle: Double, spread: Double) -> Double { middle * exp(swing() * spread) }

    mutating func one<Element>(of choices: [Element]) -> Element {
        precondition(!choices.isEmpty, "one of nothing")
        return choices[Int(share() * Double(choices.count))]
    }

    /// One of the choices, each with the probability that its weight gives.
    mutating func one<Element>(weighing choices: [(Element, weight: Double)]) -> Element {
        precondition(!choices.isEmpty, "one of nothing")
        var left = share() * choices.reduce(0) { $0 + $1.weight }
        for (choice, weight) in choices {
            left -= weight
            if left < 0 { return choice }
        }
        return choices[choices.count - 1].0
    }
}

extension Duration {
    static func hours(_ hours: Double) -> Duration { .milliseconds(Int64(hours * 3_600_000)) }
    static func days(_ days: Double) -> Duration { .hours(days * 24) }

    var hours: Double { self / .seconds(3600) }
}
