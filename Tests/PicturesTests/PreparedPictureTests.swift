import Foundation
import Support
import Testing

@testable import Pictures

@Suite("A picture is turned upright, shrunk, and loses everything but its pixels")
struct PreparedPictureTests {
    /// Quarters of four brightnesses: dark and bright above, grey tones below. No turn of it looks the same.
    private static func isUpright(_ picture: borrowing Canvas) -> Bool {
        let (right, bottom) = (picture.width - 4, picture.height - 4)
        let found = [(4, 4), (right, 4), (4, bottom), (right, bottom)].map { picture.brightness($0.0, $0.1) }
        return zip(found, [0, 255, 85, 170]).allSatisfy { abs($0 - $1) < 25 }
    }

    /// A picture of 60 × 40 as a camera stores it that was held so.
    private func stored(_ orientation: Orientation, bigEndian: Bool) throws -> [UInt8] {
        let isOnItsSide = orientation.isOnItsSide
        let upright = Raster(width: 60, height: 40) { x, y in
            [0, 255, 85, 170][(x < 30 ? 0 : 1) + (y < 20 ? 0 : 2)]
        }
        var raw = Raster(width: isOnItsSide ? 40 : 60, height: isOnItsSide ? 60 : 40) { _, _ in 0 }
        for y in 0..<40 {
            for x in 0..<60 {
                let place = orientation.source(x, y, width: raw.width, height: raw.height)
                raw[place.x, place.y] = upright[x, y]
            }
        }
        let plain = try raw.jpeg(quality: 95)
        let exif = Samples.exif(orientation.rawValue, bigEndian: bigEndian)
        return Array(plain.prefix(2)) + Samples.segment(0xE1, Array("Exif\0\0".utf8) + exif)
            + plain.dropFirst(2)
    }

    @Test("each of the eight orientations", arguments: Orientation.allCases, [true, false])
    func orientations(_ orientation: Orientation, _ bigEndian: Bool) throws {
        let file = try stored(orientation, bigEndian: bigEndian)
        #expect(try PictureHead(file).orientation == orientation)
        let prepared = try PreparedPicture(file)
        let result = try Canvas.of(prepared.picture)
        let (size, isUpright) = ([result.width, result.height], Self.isUpright(result))
        #expect(size == [60, 40] && isUpright)
    }

    @Test("the table of sources is the standard's: each turn, done often enough, is none")
    func turns() {
        for orientation in Orientation.allCases {
            var seen: Set<[Int]> = []
            for y in 0..<(orientation.isOnItsSide ? 3 : 2) {
                for x in 0..<(orientation.isOnItsSide ? 2 : 3) {
                    let place = orientation.source(x, y, width: 3, height: 2)
                    seen.insert([place.x, place.y])
                }
            }
            #expect(seen == Set((0..<3).flatMap { x in (0..<2).map { [x, $0] } }), "\(orientation)")
        }
        // "The 0th row is the visual right-hand side, and the 0th column is the visual top" (Exif 2.32, 6).
        #expect(Orientation.turnedLeft.source(1, 0, width: 3, height: 2) == (0, 0))
        #expect(Orientation.turnedRight.source(0, 2, width: 3, height: 2) == (0, 0))
    }

    @Test("nothing of the file but its pixels is left")
    func metadata() throws {
        let plain = try Raster(width: 40, height: 40) { x, _ in UInt8(x) }.jpeg(quality: 90)
        let secret = Array("Xinfengtang 30.2547 N, 120.1485 E".utf8)
        let file =
            Array(plain.prefix(2)) + [0xE1, 0xE2, 0xED, 0xFE].flatMap { Samples.segment($0, secret) }
            + plain.dropFirst(2) + secret
        let prepared = try PreparedPicture(file)
        for result in [prepared.picture, prepared.thumbnail] {
            #expect(!Samples.contains(result, Array("30.2547".utf8)))
            #expect(!Samples.contains(result, Array("Exif".utf8)))
            #expect(!Samples.contains(result, Array("CREATOR".utf8)), "nor a comment of the library's")
        }
    }

    @Test("it shrinks to the longer side, and never grows")
    func sizes() throws {
        for (size, expected, small) in [
            ((3000, 100), (2048, 68), (480, 16)), ((100, 3000), (68, 2048), (16, 480)),
            ((500, 400), (500, 400), (480, 384)), ((1, 1), (1, 1), (1, 1)), ((5000, 1), (2048, 1), (480, 1)),
        ] {
            let prepared = try PreparedPicture(Raster(width: size.0, height: size.1) { _, _ in 90 }.png)
            let result = try Canvas.of(prepared.picture)
            let thumbnail = try Canvas.of(prepared.thumbnail)
            let sizes = [result.width, result.height, thumbnail.width, thumbnail.height]
            #expect(sizes == [expected.0, expected.1, small.0, small.1])
        }
    }

    @Test("what the child writes is read back, and nothing else is")
    func answers() throws {
        let prepared = try PreparedPicture(Raster(width: 9, height: 9) { _, _ in 90 }.png)
        #expect(try PreparedPicture(answer: prepared.written) == prepared)
        for fault in PictureFault.allCases {
            #expect(throws: fault) { try PreparedPicture(answer: [fault.rawValue]) }
        }
        let wrong: [[UInt8]] = [
            [], [99], [0], [0, 255, 255, 255, 255], prepared.written.dropLast(), prepared.written + [1],
            [0, 0, 0, 0, 3, 1, 2, 3, 0, 0, 0, 3, 1, 2, 3],
        ]
        for answer in wrong { #expect(throws: PictureFault.costly) { try PreparedPicture(answer: answer) } }
    }
}

@Suite("What a picture says of itself is read before it is decoded, and is not believed")
struct PictureHeadTests {
    @Test("a bomb is refused for its size, without a decoder", arguments: [(30_000, 30_000), (8193, 8192)])
    func bombs(_ width: Int, _ height: Int) {
        #expect(throws: PictureFault.tooManyPixels) { try PictureHead(Samples.pngHead(width, height)) }
        #expect(throws: PictureFault.tooManyPixels) { try PictureHead(Samples.jpegHead(width, height)) }
    }

    @Test("a size that no picture has")
    func nothing() {
        for (width, height) in [(0, 5), (5, 0)] {
            #expect(throws: PictureFault.broken) { try PictureHead(Samples.pngHead(width, height)) }
            #expect(throws: PictureFault.broken) { try PictureHead(Samples.jpegHead(width, height)) }
        }
        #expect(throws: PictureFault.tooManyPixels) {
            try PictureHead(Samples.pngHead(0xFFFF_FFFF, 0xFFFF_FFFF))
        }
    }

    @Test(
        "what is no picture", arguments: ["", "GIF89a", "%PDF-1.7", "<svg/>", "RIFF....WAVE", "\u{FF}\u{D8}"])
    func others(_ text: String) {
        #expect(throws: PictureFault.unknownFormat) { try PictureHead(Array(text.utf8)) }
    }

    @Test("a file that is cut off anywhere is refused, as a JPEG as well")
    func cut() throws {
        let raster = Raster(width: 40, height: 40) { x, y in UInt8(x * y % 256) }
        for file in [raster.png, try raster.jpeg(quality: 90)] {
            _ = try PreparedPicture(file)
            for count in stride(from: 0, to: file.count - 1, by: 7) {
                #expect(throws: PictureFault.self, "\(count) bytes") {
                    try PictureHead(Array(file.prefix(count)))
                }
            }
        }
    }

    @Test("the second end of a thumbnail in the notes is not the picture's")
    func thumbnailInside() throws {
        let jpeg = try Raster(width: 40, height: 40) { x, _ in UInt8(x) }.jpeg(quality: 90)
        let file =
            Array(jpeg.prefix(2)) + Samples.segment(0xE1, Array("Exif\0\0".utf8) + jpeg) + jpeg.dropFirst(2)
        _ = try PictureHead(file)
        #expect(throws: PictureFault.cutOff) { try PictureHead(Array(file.dropLast(20))) }
    }

    @Test("notes that are broken make no picture fail")
    func brokenNotes() {
        let whole = Samples.exif(6, bigEndian: true)
        #expect(Orientation(exif: whole[...]) == .turnedLeft)
        for count in 0..<whole.count - 6 {
            #expect(Orientation(exif: whole.prefix(count)) == .upright)
        }
        for value in [0, 9, 255, 65_535] {
            #expect(Orientation(exif: Samples.exif(value, bigEndian: false)[...]) == .upright)
        }
        // A slice whose first index is not zero.
        #expect(Orientation(exif: ([1, 2, 3] + whole)[3...]) == .turnedLeft)
    }

    @Test("changed files neither trap nor take long")
    func fuzz() throws {
        let seed = ProcessInfo.processInfo.environment["FUZZ_SEED"].flatMap { UInt64($0) } ?? 15
        var chance = SplitMix64(seed: seed)
        let jpeg = try Raster(width: 40, height: 40) { x, _ in UInt8(x) }.jpeg(quality: 90)
        let exif = Samples.segment(0xE1, Array("Exif\0\0".utf8) + Samples.exif(3, bigEndian: false))
        let files = [
            Array(jpeg.prefix(2)) + exif + jpeg.dropFirst(2), Raster(width: 9, height: 9) { _, _ in 1 }.png,
            Samples.webP,
        ]
        for _ in 0..<20_000 {
            var file = files[Int.random(in: 0..<files.count, using: &chance)]
            for _ in 0..<Int.random(in: 1...8, using: &chance) {
                let place = Int.random(in: 0..<min(file.count, 200), using: &chance)
                file[place] =
                    [0, 1, 0x7F, 0x80, 0xFF, .random(in: 0...255, using: &chance)].randomElement(
                        using: &chance) ?? 0
            }
            if Bool.random(using: &chance) {
                file = Array(file.prefix(.random(in: 0...file.count, using: &chance)))
            }
            _ = try? PictureHead(file)
        }
    }
}

@Suite("A child process decodes, and whatever becomes of it is one answer")
struct PictureWorkTests {
    private let file = Raster(width: 9, height: 9) { _, _ in 90 }.png

    @Test("a child that never ends is killed at the deadline")
    func slow() {
        let work = PictureWork(program: "/bin/sleep", arguments: ["60"], patience: .milliseconds(300))
        let began = ContinuousClock.now
        #expect(throws: PictureFault.costly) { try work.prepare(file) }
        #expect(ContinuousClock.now - began < .seconds(10))
    }

    @Test(
        "a child that dies, answers nothing, nonsense or without end",
        arguments: [
            ["/bin/true"], ["/bin/cat"], ["/usr/bin/yes"], ["/bin/sh", "-c", "kill -SEGV $$"],
        ])
    func broken(_ command: [String]) {
        let work = PictureWork(
            program: command[0], arguments: Array(command.dropFirst()), patience: .seconds(10))
        #expect(throws: PictureFault.costly) { try work.prepare(file) }
    }

    @Test("a program that is not there")
    func missing() {
        #expect(throws: PictureFault.noProcess) { try PictureWork(program: "/nonexistent/x").prepare(file) }
    }

    @Test("the child has no environment and no open file of ours")
    func bare() throws {
        let script = "env | grep -v -e ^PWD= -e ^_= -e ^SHLVL= -e ^OLDPWD= | wc -l; ls /proc/$$/fd | wc -l"
        let result = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID())")
        defer { try? FileManager.default.removeItem(at: result) }
        let work = PictureWork(program: "/bin/sh", arguments: ["-c", "(\(script)) > \(result.path)"])
        #expect(throws: PictureFault.costly) { try work.prepare(file) }
        let lines = try String(contentsOf: result, encoding: .utf8).split(separator: "\n")
        #expect(lines.first == "0")
        #expect(lines.last.flatMap { Int($0) }.map { $0 <= 4 } == true, "\(lines)")
    }
}
