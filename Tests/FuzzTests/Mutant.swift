import Support

/// What a fuzzer sends instead of what it knows.
enum Mutant {
    /// Known bytes with some places changed, cut, doubled or crossed with others.
    static func of(
        _ known: [[UInt8]], _ chance: inout SplitMix64, pieces: [[UInt8]] = Mutant.pieces
    ) -> [UInt8] {
        if chance.once(in: 10) { return chance.bytes(Int.random(in: 0...200, using: &chance)) }
        var bytes = chance.one(of: known)
        for _ in 0..<Int.random(in: 0...6, using: &chance) {
            let place = Int.random(in: 0...bytes.count, using: &chance)
            let end = min(bytes.count, place + Int.random(in: 0...40, using: &chance))
            switch Int.random(in: 0..<6, using: &chance) {
            case 0: bytes.removeSubrange(place..<end)
            case 1: bytes.insert(contentsOf: bytes[place..<end], at: place)
            case 2: bytes.insert(contentsOf: chance.one(of: pieces), at: place)
            case 3: bytes.replaceSubrange(place..<end, with: chance.bytes(end - place))
            case 4: bytes.insert(contentsOf: chance.one(of: known).prefix(end - place), at: place)
            default: if place < bytes.count { bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &chance) }
            }
        }
        return bytes
    }

    /// What parsers give a meaning to, and what texts are made of that are no texts.
    static let pieces: [[UInt8]] =
        [
            "{", "}", "[", "]", "\"", "\\", "\\u", "\\ud800", ":", ",", "\r\n", "\n", "\0", "%", "%00", "&",
            "=",
            "-0", "1e999", "0.1", "null", "true", "\u{FEFF}", "\u{0301}", "\u{202E}", "👩‍👩‍👧‍👦", "１", "（", "：",
        ].map { Array($0.utf8) } + [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80]]
}
