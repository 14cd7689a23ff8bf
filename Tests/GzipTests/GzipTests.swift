import Foundation
import Gzip
import Testing

@Suite("gzip")
struct GzipTests {
    /// By the program gzip, which we did not write.
    private func expand(_ bytes: [UInt8]) throws -> [UInt8] {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).gz")
        try Data(bytes).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["gzip", "-dc", file.path]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let expanded = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return Array(expanded)
    }

    @Test(
        "the program gzip reads what we write", arguments: [0, 1, 100, 65_536, 1_000_003],
        [Gzip.Effort.fast, .best])
    func roundTrip(_ count: Int, _ effort: Gzip.Effort) throws {
        // Neither all the same nor all different.
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) }
        #expect(try expand(Gzip.compress(bytes, effort: effort)) == bytes)
    }

    @Test("what repeats becomes small, and what does not becomes hardly greater")
    func size() {
        let same = [UInt8](repeating: 7, count: 100_000)
        #expect(Gzip.compress(same, effort: .best).count < 300)
        var generator = SystemRandomNumberGenerator()
        let random = (0..<100_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
        #expect(Gzip.compress(random, effort: .fast).count < 100_200)
    }
}
