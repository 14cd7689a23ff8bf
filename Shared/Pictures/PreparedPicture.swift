/// A picture as it is stored: upright, no larger than needed, and without anything but its pixels.
public struct PreparedPicture: Equatable, Sendable {
    /// Both are JPEG.
    public let picture: [UInt8]
    public let thumbnail: [UInt8]

    private static let quality = 85
    private static let thumbnailQuality = 80

    init(picture: [UInt8], thumbnail: [UInt8]) {
        (self.picture, self.thumbnail) = (picture, thumbnail)
    }

    /// Decodes and encodes. It runs in the child process; in tests it runs here.
    init(_ bytes: [UInt8]) throws(PictureFault) {
        let head = try PictureHead(bytes)
        guard let decoded = Canvas(decoding: bytes, as: head.format) else { throw .broken }
        // Shrinking first: then few pixels are turned.
        guard let small = decoded.shrunk(to: PictureLimit.longestSide),
            let upright = small.turned(by: head.orientation),
            let thumbnail = upright.shrunk(to: PictureLimit.thumbnailSide),
            let picture = upright.jpeg(quality: Self.quality),
            let little = thumbnail.jpeg(quality: Self.thumbnailQuality)
        else { throw .costly }
        self.init(picture: picture, thumbnail: little)
    }

    // MARK: Between the processes

    /// A zero, then each result with its length before it in 4 bytes.
    var written: [UInt8] {
        [0] + [picture, thumbnail].flatMap { Self.length(of: $0) + $0 }
    }

    private static func length(of bytes: [UInt8]) -> [UInt8] {
        stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: bytes.count >> $0) }
    }

    /// Reads what the child wrote. It may have been taken over by the picture that it decoded, so its answer
    /// is checked like any other input.
    init(answer: [UInt8]) throws(PictureFault) {
        guard let first = answer.first else { throw .costly }
        guard first == 0 else { throw PictureFault(rawValue: first) ?? .costly }
        let data = Reading(answer)
        guard let count = data.number(at: 1, bytes: 4), let picture = data.slice(at: 5, count),
            let rest = data.number(at: 5 + count, bytes: 4),
            let thumbnail = data.slice(at: 9 + count, rest), 9 + count + rest == answer.count,
            [picture, thumbnail].allSatisfy({ $0.starts(with: [0xFF, 0xD8, 0xFF]) })
        else { throw .costly }
        self.init(picture: Array(picture), thumbnail: Array(thumbnail))
    }
}
