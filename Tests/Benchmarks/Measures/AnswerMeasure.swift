import Disclosure
import Foundation
import Models
import Processing
import Text

/// What a list of twenty complaints costs Disclosure where no two requests are the same, beside reading those
/// complaints from its file.
enum AnswerMeasure {
    private static let shown = 20
    private static let now = Instant(millisecondsSince1970: 1_800_000_000_000)

    /// The lines that `dayu simulate --out` writes come by standard input.
    static func run() throws {
        let lines = FileHandle.standardInput.readDataToEndOfFile().split(separator: UInt8(ascii: "\n"))
        let records = try lines.enumerated().map { number, line in
            try JSON.decode(LoggedRecord.self, from: Array(line)).record(offset: Int64(number), at: now)
        }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let disclosure = try OpenDisclosure(
            path: folder.appendingPathComponent("model.sqlite").path)
        try disclosure.apply(records)
        var number = 0
        var bytes = 0
        let answers = perSecond {
            number += 1
            // Each time another question with the same answer: nothing is kept from the one before.
            let query = ["limit": "\(shown)", "from": Day(daysSince1970: number % 9000).description]
            bytes += disclosure.answer("/api/complaints", query: query).count
        }
        var read = 0
        let readings = try perSecond { read += try disclosure.readComplaints(limit: shown + 1) }
        precondition(bytes > 1000 * number && read > 0, "nothing was answered")
        try Program.report([
            "microseconds": 1e6 / answers, "reading": 1e6 / readings, "bytes": Double(bytes / number),
        ])
    }
}
