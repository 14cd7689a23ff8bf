@testable import Pictures

/// A picture in shades of grey that writes itself as a PNG, by the letter of the standard and uncompressed.
struct Raster {
    let width: Int
    let height: Int
    private var shades: [UInt8]

    init(width: Int, height: Int, _ shade: (Int, Int) -> UInt8) {
        (self.width, self.height) = (width, height)
        shades = (0..<height).flatMap { y in (0..<width).map { shade($0, y) } }
    }

    subscript(x: Int, y: Int) -> UInt8 {
        get { shades[y * width + x] }
        set { shades[y * width + x] = newValue }
    }

    var png: [UInt8] {
        let rows = (0..<height).flatMap { [0] + shades[($0 * width)..<(($0 + 1) * width)] }
        return Samples.png(width, height, data: Samples.stored(rows))
    }

    func jpeg(quality: Int) throws -> [UInt8] {
        guard let canvas = Canvas(decoding: png, as: .png), let jpeg = canvas.jpeg(quality: quality) else {
            throw PictureFault.broken
        }
        return jpeg
    }
}

enum Samples {
    static func number(_ value: Int, _ bytes: Int, bigEndian: Bool = true) -> [UInt8] {
        let digits = (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        return bigEndian ? digits.reversed() : digits
    }

    /// Exif data with a maker, the orientation and a place for more (TIFF 6.0 §2).
    static func exif(_ orientation: Int, bigEndian: Bool) -> [UInt8] {
        func entry(_ tag: Int, _ type: Int, _ count: Int, _ value: [UInt8]) -> [UInt8] {
            number(tag, 2, bigEndian: bigEndian) + number(type, 2, bigEndian: bigEndian)
                + number(count, 4, bigEndian: bigEndian) + value
        }
        return Array((bigEndian ? "MM" : "II").utf8) + number(42, 2, bigEndian: bigEndian)
            + number(8, 4, bigEndian: bigEndian) + number(2, 2, bigEndian: bigEndian)
            + entry(0x010F, 2, 4, Array("cam\0".utf8))
            + entry(0x0112, 3, 1, number(orientation, 2, bigEndian: bigEndian) + [0, 0])
            + number(0, 4, bigEndian: bigEndian)
    }

    static func segment(_ marker: UInt8, _ content: [UInt8]) -> [UInt8] {
        [0xFF, marker] + number(content.count + 2, 2) + content
    }

    static func jpegHead(_ width: Int, _ height: Int) -> [UInt8] {
        [0xFF, 0xD8] + segment(0xC0, [8] + number(height, 2) + number(width, 2) + [1, 1, 0x11, 0])
            + segment(0xDA, [1, 1, 0, 0, 63, 0]) + [0xFF, 0xD9]
    }

    static func pngHead(_ width: Int, _ height: Int) -> [UInt8] { png(width, height, data: []) }

    static func png(_ width: Int, _ height: Int, data: [UInt8]) -> [UInt8] {
        func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
            let body = Array(name.utf8) + content
            return number(content.count, 4) + body + number(Int(crc(body)), 4)
        }
        return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
            + chunk("IHDR", number(width, 4) + number(height, 4) + [8, 0, 0, 0, 0]) + chunk("IDAT", data)
            + chunk("IEND", [])
    }

    /// zlib's format, uncompressed (RFC 1950, RFC 1951 §3.2.4).
    static func stored(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = [0x78, 0x01]
        var rest = bytes[...]
        repeat {
            let block = rest.prefix(65_535)
            rest = rest.dropFirst(block.count)
            result +=
                [rest.isEmpty ? 1 : 0] + number(block.count, 2, bigEndian: false)
                + number(block.count ^ 0xFFFF, 2, bigEndian: false) + block
        } while !rest.isEmpty
        var (a, b) = (1, 0)
        for byte in bytes {
            a = (a + Int(byte)) % 65_521
            b = (b + a) % 65_521
        }
        return result + number(b << 16 | a, 4)
    }

    private static func crc(_ bytes: [UInt8]) -> UInt32 {
        var crc: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
        }
        return ~crc
    }

    /// A lossless WebP of one pixel with Exif data.
    static let webP: [UInt8] = {
        func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
            Array(name.utf8) + number(content.count, 4, bigEndian: false) + content
                + (content.count % 2 == 1 ? [0] : [])
        }
        let body =
            Array("WEBP".utf8) + chunk("VP8X", [8, 0, 0, 0, 0, 0, 0, 0, 0, 0])
            + chunk("VP8L", [0x2F, 0, 0, 0, 0, 0x07, 0x10, 0x11, 0x11, 0x88, 0x88, 0xFE, 0x07, 0])
            + chunk("EXIF", exif(8, bigEndian: true))
        return Array("RIFF".utf8) + number(body.count, 4, bigEndian: false) + body
    }()

    static func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
        bytes.indices.contains { bytes[$0...].starts(with: part) }
    }
}

extension Canvas {
    static func of(_ jpeg: [UInt8]) throws -> Canvas {
        guard let canvas = Canvas(decoding: jpeg, as: .jpeg) else { throw PictureFault.broken }
        return canvas
    }
}
