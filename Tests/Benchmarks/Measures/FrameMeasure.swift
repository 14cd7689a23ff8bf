import Intake
import Models

/// Frames of a station with twenty parameters, found in a stream that a network cut, beside reading its bytes
/// one by one and beside splitting it at its line ends.
enum FrameMeasure {
    private static let frames = 2000
    /// What one read of a socket brings.
    private static let segment = 1400

    static func run() throws {
        let stream = stream()
        let segments = stride(from: 0, to: stream.count, by: segment).map {
            stream[$0..<min($0 + segment, stream.count)]
        }
        var found = 0
        let whole = perSecond {
            let frames = OpenFrames()
            for segment in segments { found += frames.count(in: segment) }
        }
        var understood = 0
        let read = perSecond {
            let frames = OpenFrames()
            for segment in segments { understood += frames.countReadings(in: segment) }
        }
        var sum: UInt8 = 0
        let bytes = perSecond { for segment in segments { for byte in segment { sum ^= byte } } }
        var lines = 0
        let split = perSecond { lines += stream.split(separator: UInt8(ascii: "\n")).count }
        precondition(found > 0 && found % frames == 0 && understood % frames == 0 && lines > 0, "\(sum)")
        let count = Double(frames)
        try Program.report([
            "frames": whole * count, "packets": read * count, "bytes": bytes * count, "lines": split * count,
            "bytesPerFrame": Double(stream.count) / count,
        ])
    }

    private static func stream() -> [UInt8] {
        (0..<frames).flatMap { number in
            var text =
                "QN=20261129150000\(100 + number % 900);ST=21;CN=2061;PW=123456;MN=A110000_0001;Flag=9;"
            text += "CP=&&DataTime=20261129140000"
            for parameter in Parameter.allCases.prefix(20) {
                text += ";\(parameter.rawValue)-Avg=\(number % 7).\(number % 97),\(parameter.rawValue)-Flag=N"
            }
            return OpenFrames.frame(of: text + "&&")
        }
    }
}
