/// What a picture says of itself before it is decoded. Format and size come from the content: a name and a
/// media type from outside prove nothing.
public struct PictureHead: Equatable, Sendable {
    public enum Format: Sendable {
        case jpeg, png, webP
    }

    public let format: Format
    /// As stored, before it is turned.
    public let width: Int
    public let height: Int
    public let orientation: Orientation

    /// - Throws: `.unknownFormat`, `.tooManyPixels`, `.cutOff` or `.broken`.
    public init(_ bytes: [UInt8]) throws(PictureFault) {
        let data = Reading(bytes)
        if data.number(at: 0, bytes: 3) == 0xFFD8FF {
            self = try Self.jpeg(data)
        } else if data.number(at: 0, bytes: 4) == 0x8950_4E47, data.number(at: 4, bytes: 4) == 0x0D0A_1A0A {
            self = try Self.png(data)
        } else if data.has("RIFF", at: 0), data.has("WEBP", at: 8) {
            self = try Self.webP(data)
        } else {
            throw .unknownFormat
        }
        guard width > 0, height > 0 else { throw .broken }
        let (pixels, isOver) = width.multipliedReportingOverflow(by: height)
        guard !isOver, pixels <= PictureLimit.pixels else { throw .tooManyPixels }
    }

    private init(_ format: Format, _ width: Int, _ height: Int, _ orientation: Orientation) {
        (self.format, self.width, self.height, self.orientation) = (format, width, height, orientation)
    }

    // MARK: JPEG (ITU-T T.81, annex B)

    private static func jpeg(_ data: Reading) throws(PictureFault) -> PictureHead {
        var size: (width: Int, height: Int)?
        var orientation: Orientation?
        var place = 2
        while true {
            // Between segments libjpeg skips what is no marker, and so do we: else it would see another size.
            guard let (marker, behind) = Self.marker(data, from: place) else { throw .cutOff }
            place = behind
            switch marker {
            case 0x01, 0xD0...0xD8: continue
            case 0xD9: throw .broken
            default: break
            }
            guard let length = data.number(at: place, bytes: 2) else { throw .cutOff }
            guard length >= 2 else { throw .broken }
            switch marker {
            case 0xC0...0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF:
                guard let height = data.number(at: place + 3, bytes: 2),
                    let width = data.number(at: place + 5, bytes: 2)
                else { throw .cutOff }
                guard size == nil else { throw .broken }
                size = (width, height)
            case 0xE1 where data.has("Exif\0\0", at: place + 2) && orientation == nil:
                orientation = data.slice(at: place + 8, length - 8).map(Orientation.init(exif:))
            case 0xDA:
                guard let size else { throw .broken }
                guard hasEnd(data, from: place) else { throw .cutOff }
                return PictureHead(.jpeg, size.width, size.height, orientation ?? .upright)
            default: break
            }
            place += length
        }
    }

    /// The next marker, and the place behind it.
    private static func marker(_ data: Reading, from start: Int) -> (marker: Int, behind: Int)? {
        var place = start
        while let byte = data.number(at: place, bytes: 1) {
            place += 1
            guard byte == 0xFF else { continue }
            while let next = data.number(at: place, bytes: 1) {
                place += 1
                if next == 0 { break }
                if next != 0xFF { return (next, place) }
            }
        }
        return nil
    }

    /// Whether the picture's end follows. In coded data a zero follows each 0xFF, so an end marker can only
    /// be one (T.81 §B.1.1.5). libjpeg would fill what is missing with grey.
    private static func hasEnd(_ data: Reading, from start: Int) -> Bool {
        guard let rest = data.slice(at: start, data.count - start) else { return false }
        var isMarker = false
        for byte in rest {
            if isMarker, byte == 0xD9 { return true }
            isMarker = byte == 0xFF
        }
        return false
    }

    // MARK: PNG (third edition, §5)

    private static func png(_ data: Reading) throws(PictureFault) -> PictureHead {
        guard data.has("IHDR", at: 12) else { throw .broken }
        guard let width = data.number(at: 16, bytes: 4), let height = data.number(at: 20, bytes: 4) else {
            throw .cutOff
        }
        var orientation: Orientation?
        var place = 8
        while let length = data.number(at: place, bytes: 4) {
            if data.has("IEND", at: place + 4) {
                return PictureHead(.png, width, height, orientation ?? .upright)
            }
            if data.has("eXIf", at: place + 4), orientation == nil {
                orientation = data.slice(at: place + 8, length).map(Orientation.init(exif:))
            }
            place += length + 12
        }
        throw .cutOff
    }

    // MARK: WebP (RFC 9649 §2)

    private static func webP(_ head: Reading) throws(PictureFault) -> PictureHead {
        var data = head
        data.isLittleEndian = true
        guard let total = data.number(at: 4, bytes: 4), total <= data.count - 8 else { throw .cutOff }
        var size: (width: Int, height: Int)?
        var orientation: Orientation?
        var place = 12
        while let length = data.number(at: place + 4, bytes: 4) {
            let content = place + 8
            guard length <= data.count - content else { throw .cutOff }
            if data.has("VP8X", at: place) {
                // One picture is a photo; several are a film.
                if let flags = data.number(at: content, bytes: 1), flags & 0x02 != 0 { throw .broken }
                size = try Self.size(data, at: content + 4, bytes: 3, plus: 1)
            } else if data.has("VP8 ", at: place), size == nil {
                guard data.slice(at: content + 3, 3).map({ Array($0) }) == [0x9D, 0x01, 0x2A] else {
                    throw .broken
                }
                let both = try Self.size(data, at: content + 6, bytes: 2, plus: 0)
                size = (both.width & 0x3FFF, both.height & 0x3FFF)
            } else if data.has("VP8L", at: place), size == nil {
                guard data.number(at: content, bytes: 1) == 0x2F,
                    let bits = data.number(at: content + 1, bytes: 4)
                else { throw .broken }
                size = (bits & 0x3FFF + 1, bits >> 14 & 0x3FFF + 1)
            } else if data.has("EXIF", at: place) {
                // Some programs put the mark of a JPEG's segment before it.
                let mark = data.has("Exif\0\0", at: content) ? 6 : 0
                orientation = data.slice(at: content + mark, length - mark).map(Orientation.init(exif:))
            }
            // Chunks begin at even places.
            place = content + length + length % 2
        }
        guard let size else { throw .broken }
        return PictureHead(.webP, size.width, size.height, orientation ?? .upright)
    }

    private static func size(
        _ data: Reading, at place: Int, bytes: Int, plus one: Int
    ) throws(PictureFault) -> (width: Int, height: Int) {
        guard let width = data.number(at: place, bytes: bytes),
            let height = data.number(at: place + bytes, bytes: bytes)
        else { throw .cutOff }
        return (width + one, height + one)
    }
}
