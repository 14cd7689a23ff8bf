/// Tells keys that were never put in from those that perhaps were (Bloom, "Space/time trade-offs in hash
/// coding with allowable errors", 1970).
///
/// It is of one size, however many the keys are, and of none before the first: of a million it lets through
/// one in twenty that it has not seen, of more it lets through more.
struct KeyFilter {
    private static let indexBits = 23
    private var words: [UInt64] = []

    func mayHold(_ key: String) -> Bool {
        guard !words.isEmpty else { return false }
        let (first, second) = Self.places(of: key)
        return isSet(first) && isSet(second)
    }

    mutating func insert(_ key: String) {
        if words.isEmpty { words = [UInt64](repeating: 0, count: 1 << (Self.indexBits - 6)) }
        let (first, second) = Self.places(of: key)
        words[first >> 6] |= 1 << UInt64(first & 63)
        words[second >> 6] |= 1 << UInt64(second & 63)
    }

    private func isSet(_ place: Int) -> Bool { words[place >> 6] >> UInt64(place & 63) & 1 == 1 }

    private static func places(of key: String) -> (Int, Int) {
        let (hash, mask) = (key.hashValue, 1 << indexBits - 1)
        return (hash & mask, hash >> indexBits & mask)
    }
}
