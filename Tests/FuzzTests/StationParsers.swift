import Parsers
import Text

@testable import Intake

extension Parser {
    /// What stations send (HJ 212).
    static let stations = [
        Parser("frames of HJ 212", worst: worstFrames, sound: [frame(packet), frame("")]) { bytes in
            // As a network may cut them.
            var decoder = FrameDecoder()
            let half = bytes.count / 2
            for found in decoder.take(bytes[..<half]) + decoder.take(bytes[half...]) + decoder.finish() {
                switch found {
                case .frame(let data): _ = Packet(data)
                case .fault(let fault): _ = fault.reason
                }
            }
        },
        words("a packet of HJ 212", sound: [packet]) { _ = Packet($0) },
    ]

    private static let packet =
        "QN=20261129150000001;ST=21;CN=2061;PW=123456;MN=A110000_0001;Flag=5;CP=&&DataTime=20261129140000;"
        + "w01001-Avg=7.2,w01001-Flag=N;w21003-Avg=0.15,w21003-Flag=N&&"

    private static func frame(_ data: String) -> String {
        let digits = String(data.utf8.count)
        let padded = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        return "##\(padded)\(data)\(FrameFault.text(FrameSum.of(data.utf8)))\r\n"
    }

    private static func worstFrames(_ count: Int) -> [[UInt8]] {
        ["#", "##", "##0001", "##4096", "##1024", "##9999", "##00", "##0000FFFF", frame(packet), "x"].map {
            piece in
            let bytes = Array(piece.utf8)
            return (0..<count / bytes.count + 1).flatMap { _ in bytes }
        }
    }
}
