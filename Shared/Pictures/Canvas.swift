import CGD

/// A decoded picture in memory (gd.h). Only the child process makes one (`PictureChild`): decoders of
/// pictures from outside have had many holes.
@safe struct Canvas: ~Copyable {
    private let raw: gdImagePtr

    private init?(_ raw: gdImagePtr?) {
        guard let raw = unsafe raw else { return nil }
        unsafe self.raw = raw
    }

    deinit { unsafe gdImageDestroy(raw) }

    /// Nil for what the library can't decode.
    init?(decoding bytes: [UInt8], as format: PictureHead.Format) {
        var bytes = bytes
        let decoded = unsafe bytes.withUnsafeMutableBytes { bytes -> gdImagePtr? in
            let count = Int32(bytes.count)
            return switch format {
            // Small faults, such as bytes too many between segments, are ignored: cameras make them.
            case .jpeg: unsafe gdImageCreateFromJpegPtrEx(count, bytes.baseAddress, 1)
            case .png: unsafe gdImageCreateFromPngPtr(count, bytes.baseAddress)
            case .webP: unsafe gdImageCreateFromWebpPtr(count, bytes.baseAddress)
            }
        }
        unsafe self.init(decoded)
    }

    private static let white: Int32 = 0xFFFFFF

    /// A white one, because a JPEG has no transparency. Nil without memory.
    private init?(width: Int, height: Int) {
        unsafe self.init(gdImageCreateTrueColor(Int32(width), Int32(height)))
        unsafe gdImageFilledRectangle(raw, 0, 0, Int32(width - 1), Int32(height - 1), Self.white)
    }

    var width: Int { unsafe Int(raw.pointee.sx) }
    var height: Int { unsafe Int(raw.pointee.sy) }

    /// From 0 to 255; for tests.
    func brightness(_ x: Int, _ y: Int) -> Int {
        let colour = unsafe Int(gdImageGetTrueColorPixel(raw, Int32(x), Int32(y)))
        return [16, 8, 0].reduce(0) { $0 + colour >> $1 & 0xFF } / 3
    }

    /// The same picture, on white, with no side longer than this. It never grows.
    func shrunk(to longest: Int) -> Canvas? {
        let most = max(width, height)
        let scale = most > longest ? Double(longest) / Double(most) : 1
        let size = [width, height].map { max(1, Int((Double($0) * scale).rounded())) }
        guard let result = Canvas(width: size[0], height: size[1]) else { return nil }
        unsafe gdImageCopyResampled(
            result.raw, raw, 0, 0, 0, 0, Int32(size[0]), Int32(size[1]), Int32(width), Int32(height))
        return result
    }

    /// The same picture, turned. Only for one in true colour, which `shrunk` gives.
    func turned(by orientation: Orientation) -> Canvas? {
        let (width, height) = (self.width, self.height)
        let isOnItsSide = orientation.isOnItsSide
        guard
            let result = Canvas(
                width: isOnItsSide ? height : width, height: isOnItsSide ? width : height),
            let from = unsafe raw.pointee.tpixels, let to = unsafe result.raw.pointee.tpixels
        else { return nil }
        for y in 0..<result.height {
            guard let row = unsafe to[y] else { return nil }
            for x in 0..<result.width {
                let place = orientation.source(x, y, width: width, height: height)
                guard let source = unsafe from[place.y] else { return nil }
                unsafe row[x] = source[place.x]
            }
        }
        return result
    }

    /// Encoded anew, so that nothing of the file's other content is left; progressive, for slow networks.
    func jpeg(quality: Int) -> [UInt8]? {
        unsafe gdImageInterlace(raw, 1)
        var count: Int32 = 0
        guard let data = unsafe gdImageJpegPtr(raw, &count, Int32(quality)) else { return nil }
        defer { unsafe gdFree(data) }
        return JPEG.withoutComments(unsafe Array(UnsafeRawBufferPointer(start: data, count: Int(count))))
    }
}
