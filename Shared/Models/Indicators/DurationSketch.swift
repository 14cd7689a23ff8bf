public import Text

/// Durations, kept so that percentiles of any number of them can be added up and taken away again.
///
/// It is a DDSketch (Masson, Rim and Lee 2019, Proceedings of the VLDB Endowment 12(12), 2195–2205): a count
/// for each bin, and bins whose limits grow by the same factor. A percentile is off by at most
/// `relativeError` of itself, whatever the durations are. Two sketches are added bin by bin, so that
/// partitions, days and months in any order give the same sketch.
public struct DurationSketch: Hashable, Sendable {
    /// 1 %: an hour is off by 36 seconds at most.
    public static let relativeError = 0.01

    /// How many durations are in each bin; bin 0 holds those under a second.
    public private(set) var counts: [Int: Int] = [:]

    public init() {}

    public init(_ seconds: some Sequence<Int64>) {
        for one in seconds { add(one) }
    }

    /// Each bin once, with a count that is not 0. Counts may be negative on the way to a sum.
    init(counts: [Int: Int]) { self.counts = counts.filter { $0.value != 0 } }

    public var count: Int { counts.values.reduce(0, +) }
    public var isEmpty: Bool { counts.isEmpty }

    public mutating func add(_ seconds: Int64) { counts[Self.bin(seconds), default: 0] += 1 }

    public static func + (left: Self, right: Self) -> Self {
        Self(counts: left.counts.merging(right.counts, uniquingKeysWith: +))
    }

    public static func - (left: Self, right: Self) -> Self {
        Self(counts: left.counts.merging(right.counts.mapValues { -$0 }, uniquingKeysWith: +))
    }

    /// The percentile by the nearest rank: the smallest duration that at least this fraction of all does not
    /// exceed. Nil without any.
    public func percentile(_ fraction: Double) -> Double? {
        let count = count
        guard count > 0 else { return nil }
        let rank = max(1, Int((fraction * Double(count)).rounded(.up)))
        var passed = 0
        for (bin, inIt) in counts.sorted(by: { $0.key < $1.key }) {
            passed += inIt
            if passed >= rank { return Self.middle(bin) }
        }
        return nil
    }

    /// Bin i holds what is above γ^(i−2) and at most γ^(i−1) seconds.
    private static func bin(_ seconds: Int64) -> Int {
        guard seconds > 0 else { return 0 }
        return 1 + Int((naturalLogarithm(Double(seconds)) / logarithmOfGrowth).rounded(.up))
    }

    /// The duration that is off by the same fraction from both limits of a bin.
    private static func middle(_ bin: Int) -> Double {
        bin == 0 ? 0 : 2 * power(growth, Double(bin - 1)) / (growth + 1)
    }

    private static let growth = (1 + relativeError) / (1 - relativeError)
    private static let logarithmOfGrowth = naturalLogarithm(growth)
}

/// As a list of bins, each followed by its count: `[412, 3, 415, 1]`.
extension DurationSketch: Codable, JSONCoded {
    private init(bins: [Int]) throws(Malformed) {
        guard bins.count.isMultiple(of: 2), bins.count <= Self.binLimit * 2 else {
            throw Malformed("", "is not a list of at most \(Self.binLimit) bins with their counts")
        }
        var counts: [Int: Int] = [:]
        for place in stride(from: 0, to: bins.count, by: 2) {
            guard (0...Self.binLimit).contains(bins[place]), abs(bins[place + 1]) <= Self.countLimit,
                counts.updateValue(bins[place + 1], forKey: bins[place]) == nil
            else { throw Malformed("", "holds a bin or a count that no duration has, or a bin twice") }
        }
        self.init(counts: counts)
    }

    /// Bin 2200 begins at more years than an `Int64` has seconds.
    private static let binLimit = 2200
    private static let countLimit = 1_000_000_000_000

    private var bins: [Int] { counts.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] } }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let bins = try container.decode([Int].self)
        do {
            try self.init(bins: bins)
        } catch {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: error.description)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(bins)
    }

    public init(_ json: JSONNode) throws(Malformed) { try self.init(bins: try json.elements()) }

    public func write(to json: inout JSONWriter) { json.array(bins) }
}
