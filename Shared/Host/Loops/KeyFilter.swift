/// Says whether a key was certainly never inserted, or perhaps was inserted (Bloom, "Space/time trade-offs in
/// hash coding with allowable errors", 1970).
///
/// Its size is fixed, and zero before the first key. With a million keys it answers "perhaps" for one unknown
/// key in twenty; with more keys it does so more often.
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
