/// How a picture must be turned to be upright, as the camera noted it (Exif 2.32 §4.6.4, tag 0x0112).
public enum Orientation: Int, CaseIterable, Sendable {
    case upright = 1
    case mirrored = 2
    case upsideDown = 3
    case mirroredUpsideDown = 4
    case transposed = 5
    case turnedLeft = 6
    case transversed = 7
    case turnedRight = 8

    /// Whether width and height change places.
    var isOnItsSide: Bool { rawValue >= 5 }

    /// The pixel of a stored picture of `width` × `height` that belongs at this place of the upright one.
    func source(_ x: Int, _ y: Int, width: Int, height: Int) -> (x: Int, y: Int) {
        switch self {
        case .upright: (x, y)
        case .mirrored: (width - 1 - x, y)
        case .upsideDown: (width - 1 - x, height - 1 - y)
        case .mirroredUpsideDown: (x, height - 1 - y)
        case .transposed: (y, x)
        case .turnedLeft: (y, height - 1 - x)
        case .transversed: (width - 1 - y, height - 1 - x)
        case .turnedRight: (width - 1 - y, x)
        }
    }

    /// Reads the tag from Exif data, which are a TIFF file (TIFF 6.0 §2). What can't be read is upright: a
    /// picture is not refused for its notes.
    init(exif bytes: ArraySlice<UInt8>) {
        self = Self.read(Reading(bytes)) ?? .upright
    }

    private static let tag = 0x0112
    /// The type of the tag's value, an unsigned number of 16 bits.
    private static let short = 3
    private static let entryBytes = 12

    private static func read(_ head: Reading) -> Orientation? {
        var data = head
        switch (head.number(at: 0, bytes: 2), head.number(at: 2, bytes: 2)) {
        case (0x4D4D, 42): break
        case (0x4949, 42 << 8): data.isLittleEndian = true
        default: return nil
        }
        guard let directory = data.number(at: 4, bytes: 4), let count = data.number(at: directory, bytes: 2)
        else { return nil }
        for index in 0..<count {
            let entry = directory + 2 + index * entryBytes
            guard let found = data.number(at: entry, bytes: 2) else { return nil }
            guard found == tag else { continue }
            guard data.number(at: entry + 2, bytes: 2) == short else { return nil }
            return data.number(at: entry + 8, bytes: 2).flatMap(Orientation.init(rawValue:))
        }
        return nil
    }
}

/// Numbers at places that come from outside, so each place is checked.
struct Reading {
    private let bytes: ArraySlice<UInt8>
    var isLittleEndian = false

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
    }

    init(_ bytes: [UInt8]) { self.init(bytes[...]) }

    var count: Int { bytes.count }

    /// Nil beyond the end. At most 4 bytes, so the result is never negative.
    func number(at place: Int, bytes count: Int) -> Int? {
        guard let piece = slice(at: place, count) else { return nil }
        let ordered = isLittleEndian ? Array(piece.reversed()) : Array(piece)
        return ordered.reduce(0) { $0 << 8 | Int($1) }
    }

    func slice(at place: Int, _ count: Int) -> ArraySlice<UInt8>? {
        guard place >= 0, count >= 0, place <= bytes.count - count else { return nil }
        let start = bytes.startIndex + place
        return bytes[start..<(start + count)]
    }

    /// Whether these characters stand there.
    func has(_ text: String, at place: Int) -> Bool {
        slice(at: place, text.utf8.count)?.elementsEqual(text.utf8) ?? false
    }
}
