import Models
import Support
import Testing

@Suite("Addresses and blocks of them")
struct IPAddressTests {
    @Test(
        "an address is read, and written in its one form",
        arguments: [
            ("0.0.0.0", "0.0.0.0"), ("127.0.0.1", "127.0.0.1"), ("255.255.255.255", "255.255.255.255"),
            ("::", "::"), ("::1", "::1"), ("2001:db8::", "2001:db8::"),
            ("2001:DB8:0:0:1::1", "2001:db8::1:0:0:1"),
            ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("1:0:0:2:0:0:0:3", "1:0:0:2::3"),
            ("::ffff:10.0.0.1", "10.0.0.1"), ("0:0:0:0:0:ffff:a00:1", "10.0.0.1"), ("::10.0.0.1", "::a00:1"),
            ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"), ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
            ("1::3:4:5:6:7:8", "1:0:3:4:5:6:7:8"),
        ])
    func forms(text: String, written: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.description == written)
        #expect(IPAddress(written) == address)
    }

    @Test(
        "what is no address is refused",
        arguments: [
            "", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.04", "1.2.3.-4", "1.2.3.+4", "1.2.3.4 ",
            "1.2.3.٤",
            ":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4::5:6:7:8", "1::2::3", "12345::", "g::",
            "1.2.3.4::", "::1.2.3", "fe80::1%eth0", "[::1]", "::1:80:", ":1::", "localhost", "10.0.0.1:80",
            "::\u{301}1", "1.2.3.4\0",
        ])
    func refused(text: String) {
        #expect(IPAddress(text) == nil)
        #expect(AddressBlock(text) == nil)
    }

    @Test("a block holds the addresses that begin like it, in either form of version 4")
    func blocks() throws {
        let cases: [(String, inside: [String], outside: [String])] = [
            (
                "10.1.0.0/16", ["10.1.0.0", "10.1.255.255", "::ffff:10.1.2.3"],
                ["10.2.0.0", "10.0.255.255", "::1"]
            ),
            ("192.0.2.7", ["192.0.2.7"], ["192.0.2.6", "192.0.2.8"]),
            ("192.0.2.6/31", ["192.0.2.6", "192.0.2.7"], ["192.0.2.5", "192.0.2.8"]),
            ("0.0.0.0/0", ["0.0.0.0", "255.255.255.255"], ["::", "::1", "::fffe:ffff:ffff"]),
            ("::/0", ["::", "ffff::", "10.0.0.1"], []),
            ("2001:db8::/32", ["2001:db8::1", "2001:db8:ffff::"], ["2001:db9::", "10.0.0.1"]),
            ("::1", ["::1"], ["::", "0.0.0.1"]),
            ("::ffff:10.0.0.0/104", ["10.9.9.9"], ["11.0.0.0"]),
        ]
        for (text, inside, outside) in cases {
            let block = try #require(AddressBlock(text), "\(text)")
            for other in inside {
                #expect(block.contains(try #require(IPAddress(other))), "\(text) \(other)")
            }
            for other in outside {
                #expect(!block.contains(try #require(IPAddress(other))), "\(text) \(other)")
            }
        }
        #expect(AddressBlock("::ffff:10.0.0.0/104")?.description == "10.0.0.0/8")
        #expect(AddressBlock("192.0.2.7/32")?.description == "192.0.2.7")
    }

    @Test(
        "a block with a bad length, or with bits set behind it, is refused",
        arguments: [
            "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8/8", "10.0.0.1/8", "/8",
            "::/129",
            "2001:db8::1/64", "10.0.0.0/08.", "10.0.0.0/0008", "::ffff:0:0/90",
        ])
    func badBlocks(text: String) { #expect(AddressBlock(text) == nil) }

    @Test(
        "a block holds an address exactly when the first bits are the same",
        arguments: 0..<200 as Range<UInt64>)
    func property(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        func bits(_ address: [UInt16]) -> [Bool] {
            address.flatMap { group in (0..<16).reversed().map { group >> $0 & 1 == 1 } }
        }
        func text(_ address: [UInt16]) -> String {
            address.map { String($0, radix: 16) }.joined(separator: ":")
        }
        let length = Int.random(in: 0...128, using: &random)
        let base = (0..<8).map { _ in
            random.once(in: 2) ? 0 : UInt16.random(in: .min ... .max, using: &random)
        }
        let masked = base.enumerated().map { index, group in
            let kept = min(max(length - 16 * index, 0), 16)
            return kept == 16 ? group : group & ~(0xFFFF >> UInt16(kept))
        }
        var other = masked
        let flipped = Int.random(in: 0..<128, using: &random)
        other[flipped / 16] ^= 0x8000 >> UInt16(flipped % 16)
        let block = try #require(AddressBlock("\(text(masked))/\(length)"), "seed \(seed)")
        #expect(block.contains(try #require(IPAddress(text(base)))), "seed \(seed)")
        let same = bits(masked).prefix(length) == bits(other).prefix(length)
        #expect(block.contains(try #require(IPAddress(text(other)))) == same, "seed \(seed)")
        #expect(AddressBlock(block.description) == block, "seed \(seed)")
        #expect(
            IPAddress(try #require(IPAddress(text(base))).description) == IPAddress(text(base)),
            "seed \(seed)")
    }
}
