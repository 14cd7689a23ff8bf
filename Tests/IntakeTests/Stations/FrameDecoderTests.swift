import Support
import Testing
import Text

@testable import Intake

@Suite("Frames of HJ 212 are found in a stream, however it was cut")
struct FrameDecoderTests {
    private static func frame(_ data: [UInt8], sum: String? = nil, length: Int? = nil) -> [UInt8] {
        let digits = String(length ?? data.count)
        let padded = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        return Array("##\(padded)".utf8) + data + Array((sum ?? FrameFault.text(FrameSum.of(data))).utf8)
    }

    private static func frame(_ data: String, sum: String? = nil, length: Int? = nil) -> [UInt8] {
        frame(Array(data.utf8), sum: sum, length: length)
    }

    private static let end = Array("\r\n".utf8)

    private func found(_ bytes: [UInt8], cuts: [Int] = []) -> [FrameDecoder.Found] {
        var decoder = FrameDecoder()
        var found: [FrameDecoder.Found] = []
        var from = 0
        for cut in cuts + [bytes.count] {
            found += decoder.take(bytes[from..<cut])
            from = cut
        }
        return found + decoder.finish()
    }

    private func frames(_ found: [FrameDecoder.Found]) -> [[UInt8]] {
        found.compactMap { if case .frame(let data) = $0 { data } else { nil } }
    }

    private func reasons(_ found: [FrameDecoder.Found]) -> [String] {
        found.compactMap { if case .fault(let fault) = $0 { fault.reason } else { nil } }
    }

    // MARK: Sums

    @Test(
        "the sum is that of annex A and not of Modbus",
        arguments: [("", "FFFF"), ("A", "7080"), ("123456789", "2F80")])
    func sum(text: String, sum: String) {
        #expect(FrameFault.text(FrameSum.of(text.utf8)) == sum)
    }

    @Test("the sum of a part follows from the states around it")
    func parts() {
        var chance = SplitMix64(seed: 212)
        let bytes = chance.bytes(2000)
        let states = bytes.reduce(into: [UInt8(77)]) { $0.append(FrameSum.step($0[$0.count - 1], $1)) }
        for _ in 0..<2000 {
            let from = Int.random(in: 0..<1999, using: &chance)
            let to = Int.random(in: from + 1...2000, using: &chance)
            let part = FrameSum.part(from: states[from], to: states[to], count: to - from)
            #expect(part == FrameSum.of(bytes[from..<to]), "\(from)..<\(to)")
        }
    }

    @Test("the real frames have the sums that were told of them")
    func realSums() {
        #expect(RealFrames.all.count == 27 && RealFrames.right.count == 24)
        for frame in RealFrames.all { #expect(FrameFault.text(FrameSum.of(frame.data)) == frame.sum) }
    }

    // MARK: Splits

    @Test("each real frame is found at every cut, alone and byte by byte")
    func everyCut() {
        for frame in RealFrames.all {
            let bytes = frame.bytes + Self.end
            let whole = found(bytes)
            #expect(frames(whole) == (frame.isRight ? [frame.data] : []), "\(frame.text)")
            #expect(reasons(whole).count == (frame.isRight ? 0 : 1))
            for cut in 0...bytes.count { #expect(found(bytes, cuts: [cut]) == whole, "\(cut) \(frame.text)") }
            #expect(found(bytes, cuts: Array(0..<bytes.count)) == whole)
        }
    }

    @Test("all of them in one stream, with every kind of end and noise between, cut by chance")
    func stream() {
        let ends = [
            "\r\n", "\n", "", "**\r\n", "\r\nnoise", "##", "#", "##ABCD", "##0000", "##9999", "\0\u{7F}",
        ]
        for seed in 0..<40 as Range<UInt64> {
            var chance = SplitMix64(seed: seed)
            let bytes = RealFrames.all.flatMap { $0.bytes + Array(chance.one(of: ends).utf8) }
            let whole = found(bytes)
            #expect(frames(whole) == RealFrames.right.map(\.data), "seed \(seed)")
            for _ in 0..<10 {
                let cuts = (0..<Int.random(in: 1...40, using: &chance)).map { _ in
                    Int.random(in: 0...bytes.count, using: &chance)
                }
                #expect(found(bytes, cuts: cuts.sorted()) == whole, "seed \(seed)")
            }
        }
    }

    // MARK: Noise

    private static let good = "QN=20261129080000000;ST=21;CN=2011;MN=T1;Flag=9;CP=&&w01001-Rtd=7&&"
    private static let other = "QN=20261129080100000;ST=21;CN=2011;MN=T1;Flag=9;CP=&&w01001-Rtd=8&&"

    @Test(
        "what is no frame hides none behind it",
        arguments: [
            "", "noise", "#", "##", "###", "####", "##ABCD", "##12", "##12#", "##0000", "##9999", "##4096",
            "##0888", "##0003abcFFFF", "##0010", "##0020##0030##0040", "GET / HTTP/1.1\r\n\r\n", "&&&&2F80",
        ])
    func noise(before: String) {
        let bytes = Array(before.utf8) + Self.frame(Self.good) + Self.end + Self.frame(Self.other)
        let whole = found(bytes)
        #expect(frames(whole) == [Array(Self.good.utf8), Array(Self.other.utf8)], "\(before)")
        #expect(found(bytes, cuts: Array(0..<bytes.count)) == whole)
    }

    @Test("a length that says too much, or too little, costs its own frame alone, and that at once")
    func lengths() {
        for length in [1, 20, Self.good.utf8.count - 1, Self.good.utf8.count + 4, 888, 4096] {
            var decoder = FrameDecoder()
            let wrong = Self.frame(Self.good, length: length) + Self.end
            let all = decoder.take(wrong + Self.frame(Self.other))
            #expect(frames(all) == [Array(Self.other.utf8)], "length \(length)")
            #expect(reasons(all).count == 1, "length \(length): \(reasons(all))")
        }
    }

    @Test("a frame without its end costs itself alone")
    func withoutEnd() {
        let whole = Self.frame(Self.good)
        for count in 6..<whole.count {
            let all = found(Array(whole.prefix(count)) + Self.frame(Self.other))
            #expect(frames(all) == [Array(Self.other.utf8)], "\(count)")
        }
    }

    @Test("who waits too long is given up, and not what began after him")
    func givingUp() {
        var decoder = FrameDecoder()
        let half = Self.frame(Self.other).prefix(40)
        var all = decoder.take(Self.frame(Self.good, length: 999))
        let mark = decoder.position
        all += decoder.take(half)
        #expect(all.isEmpty)
        #expect(
            reasons(decoder.giveUp(startedBefore: mark)) == ["the length says 999, but the data has 67 bytes"]
        )
        #expect(decoder.giveUp(startedBefore: mark).isEmpty)
        #expect(frames(decoder.take(Self.frame(Self.other).dropFirst(40))) == [Array(Self.other.utf8)])
        #expect(decoder.bytesSinceFrame == 0)
        #expect(decoder.take(Array("hello".utf8)).isEmpty && decoder.bytesSinceFrame == 5)
    }

    @Test("two crosses in the text of a frame with the right sum belong to it")
    func crossesInside() {
        for text in ["CN=3020;CP=&&i13=##0005&&", "CN=3020;CP=&&##x###&&", "CN=3020;CP=&&##0009&&"] {
            let all = found(Self.frame(text))
            #expect(all == [.frame(Array(text.utf8))], "\(text)")
        }
    }

    @Test("data of the sizes that stations send, and no more than the limit")
    func sizes() {
        for count in [1, 1024, 1045, 1623, FrameDecoder.Limit.dataBytes] {
            let data = Array(repeating: UInt8(ascii: "x"), count: count)
            #expect(found(Self.frame(data)) == [.frame(data)])
        }
        let long = Self.frame([UInt8](repeating: UInt8(ascii: "x"), count: 5000)) + Self.frame(Self.good)
        #expect(frames(found(long)) == [Array(Self.good.utf8)])
        #expect(reasons(found(long)) == ["the length 5000 is outside 1…4096"])
    }

    @Test("a sum in lower case is one")
    func lowerCase() {
        let sum = FrameFault.text(FrameSum.of(Self.good.utf8)).lowercased()
        #expect(frames(found(Self.frame(Self.good, sum: sum))).count == 1)
    }

    // MARK: Reasons

    @Test("makers' mistakes are told by name")
    func mistakes() {
        let short = "ST=21;CN=2011;MN=T1;CP=&&w01001-Rtd=7&&"
        let right = FrameSum.of(short.utf8)
        let cases: [(bytes: [UInt8], said: String)] = [
            (Self.frame(short, sum: FrameFault.text(right.byteSwapped)), "its two bytes are swapped"),
            (Self.frame("123456789", sum: "4B37"), "it is the CRC of Modbus"),
            (Self.frame(short, sum: "0000"), "the data was damaged on the way"),
            (Self.frame("CN=1;CP=&&i=水&&", length: 14), "perhaps the length counts characters"),
            (Self.frame(short, length: short.utf8.count + 4) + Self.end, "but the data has 39 bytes"),
            (Array("##0005hello\r\nab".utf8), "is in its place"),
        ]
        for (bytes, said) in cases {
            #expect(reasons(found(bytes)).first?.contains(said) == true, "\(reasons(found(bytes)))")
        }
    }

    @Test("a sum whose zeros are missing is refused and told so")
    func missingZeros() throws {
        let text = try #require(
            (0..<100_000).lazy.map { "CN=2011;CP=&&x=\($0)&&" }.first { FrameSum.of($0.utf8) < 0x1000 })
        let sum = String(FrameSum.of(text.utf8), radix: 16, uppercase: true)
        let all = found(Self.frame(text, sum: sum) + Self.end)
        #expect(reasons(all).count == 1 && reasons(all)[0].contains("the leading zeros are missing"))
    }

    // MARK: Chance

    @Test("bytes by chance trap nothing, and are found alike however they are cut")
    func chance() {
        let alphabet = Array("##00123&;=\r\nAF".utf8)
        for seed in 0..<300 as Range<UInt64> {
            var chance = SplitMix64(seed: seed)
            var bytes: [UInt8] = []
            while bytes.count < 600 {
                switch Int.random(in: 0..<8, using: &chance) {
                case 0: bytes += RealFrames.right[Int.random(in: 0..<24, using: &chance)].bytes
                case 1: bytes += chance.bytes(20)
                default: bytes += (0..<10).map { _ in chance.one(of: alphabet) }
                }
            }
            let whole = found(bytes)
            #expect(found(bytes, cuts: Array(0..<bytes.count)) == whole, "seed \(seed)")
        }
    }

    /// Reading each byte again for each beginning before it would take some 700 times as long.
    @Test("the worst input takes no longer than a hundred times what real frames take, byte for byte")
    func linear() {
        let clock = ContinuousClock()
        let count = 400_000
        func time(_ pattern: [UInt8]) -> Duration {
            let bytes = (0..<count).map { pattern[$0 % pattern.count] }
            return clock.measure { _ = found(bytes) }
        }
        let real = time(RealFrames.right[7].bytes + Self.end)
        for pattern in ["##4096", "##0400", "##0001", "##", "#", "##4090x", "##0009##0090##0900##4000"] {
            let worst = time(Array(pattern.utf8))
            #expect(worst < real * 100, "\(pattern): \(worst) against \(real)")
        }
    }
}
