import Models
import Support
import Testing
import Text

@Suite("TrackingCode")
struct TrackingCodeTests {
    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")

    private static func codes(_ count: Int) -> [TrackingCode] {
        var random = SplitMix64(seed: 60)
        return (0..<count).map { _ in TrackingCode(digest: random.bytes(32)) }
    }

    @Test("what is printed is read back, in every form people write")
    func roundTrip() {
        let lost = Self.codes(5000).filter { code in
            [code.description, code.compact, code.compact.lowercased()].contains { TrackingCode($0) != code }
        }
        #expect(lost == [])
        for code in Self.codes(200) {
            #expect(TrackingCode(" \(code.description.replacing("-", with: " ")) ") == code)
            #expect(TrackingCode(code.compact.replacing("0", with: "O").replacing("1", with: "I")) == code)
            #expect(TrackingCode(code.compact.replacing("0", with: "o").replacing("1", with: "l")) == code)
        }
    }

    @Test("thirteen characters in groups of four, none of them hard to say")
    func form() {
        let alphabet = Set(Self.alphabet)
        let odd = Self.codes(5000).filter { code in
            code.compact.count != 13 || !code.compact.allSatisfy(alphabet.contains)
                || code.description.split(separator: "-").map(\.count) != [4, 4, 4, 1]
        }
        #expect(odd == [])
    }

    @Test("codes of different complaints differ")
    func distinct() {
        #expect(Set(Self.codes(5000)).count == 5000)
    }

    @Test("one mistyped character is always found")
    func mistyped() {
        var unseen: [String] = []
        for code in Self.codes(50) {
            let characters = Array(code.compact)
            for index in characters.indices {
                for wrong in Self.alphabet where wrong != characters[index] {
                    var mistyped = characters
                    mistyped[index] = wrong
                    if TrackingCode(String(mistyped)) != nil {
                        unseen.append("\(code) at \(index) as \(wrong)")
                    }
                }
            }
        }
        #expect(unseen == [])
    }

    /// Swapping neighbours moves the value by a multiple of 31 · 32ⁿ, never of 37; only beside the check it
    /// can go unseen.
    @Test("two neighbours swapped are found, all but a few at the check itself")
    func transposed() {
        var swaps = 0
        var unseen = 0
        for code in Self.codes(300) {
            let characters = Array(code.compact)
            for index in 0..<12 where characters[index] != characters[index + 1] {
                var swapped = characters
                swapped.swapAt(index, index + 1)
                swaps += 1
                if TrackingCode(String(swapped)) != nil {
                    unseen += 1
                    #expect(index == 11, "\(code)")
                }
            }
        }
        #expect(unseen * 200 < swaps, "\(unseen) of \(swaps)")
    }

    @Test(
        "what is no code",
        arguments: [
            "", "7KQ2-9XM4-T1H0", "7KQ2-9XM4-T1H0-CC", "7KQ2-9XM4-T1H0-U", "7KQ2-9XM4-T1H0-*",
            "7KQ2_9XM4_T1H0_C",
            "７KQ29XM4T1H0C", "7KQ2-9XM4-T1H0-\n",
        ])
    func refused(text: String) {
        #expect(TrackingCode(text) == nil)
    }

    /// Computed with Python: the first eight bytes as a number, shifted by four bits, five less where the
    /// remainder of 37 has no digit.
    @Test(
        "the first sixty bits of a digest, and the next value down where the check has no symbol",
        arguments: [
            ([0, 0, 0, 0, 0, 0, 0, 0], "0000-0000-0000-0"),
            ([0, 0, 0, 0, 0, 0, 2, 0], "0000-0000-000V-V"),
            ([255, 255, 255, 255, 255, 255, 255, 255], "ZZZZ-ZZZZ-ZZZZ-9"),
            (Array(0..<32), "000G-40R4-0M30-Q"),
            ([98, 75, 96, 197, 140, 157, 139, 251], "C95P-1HCC-KP5T-Y"),
        ] as [([UInt8], String)])
    func digests(bytes: [UInt8], expected: String) {
        #expect(TrackingCode(digest: bytes).description == expected)
    }

    @Test("what stands in a digest behind the first sixty bits does not matter")
    func rest() {
        let digest = [UInt8](0..<32)
        for index in 8..<32 {
            var other = digest
            other[index] ^= 0xFF
            #expect(TrackingCode(digest: other) == TrackingCode(digest: digest))
        }
        #expect(TrackingCode(digest: Array(digest.prefix(8))) == TrackingCode(digest: digest))
    }

    @Test("in JSON it is compact")
    func json() throws {
        let code = TrackingCode(digest: [UInt8](0..<32))
        #expect(String(decoding: JSON.encode([code]), as: UTF8.self) == "[\"\(code.compact)\"]")
        #expect(try JSON.decode([TrackingCode].self, from: JSON.encode([code])) == [code])
    }
}
