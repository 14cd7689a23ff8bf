/// The reading of frames without a connection, for the benchmarks.
package final class OpenFrames {
    private var decoder = FrameDecoder()

    package init() {}

    /// How many frames end in this piece of the stream.
    package func count(in bytes: ArraySlice<UInt8>) -> Int {
        decoder.take(bytes).count { if case .frame = $0 { true } else { false } }
    }

    /// The same, and what they say is read.
    package func countReadings(in bytes: ArraySlice<UInt8>) -> Int {
        decoder.take(bytes).count {
            guard case .frame(let data) = $0 else { return false }
            return !Packet(data).items.isEmpty
        }
    }

    package static func frame(of text: String) -> [UInt8] {
        let digits = String(text.utf8.count)
        let padded = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        return Array("##\(padded)\(text)\(FrameFault.text(FrameSum.of(text.utf8)))\r\n".utf8)
    }
}
