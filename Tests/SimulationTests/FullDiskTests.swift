import Foundation
import Models
import Support
import Testing

@testable import Host
@testable import Notification

/// Dispatch, the log, the pusher and the real file gateway, on a disk that is full for a while.
@Suite(
    "The file gateway on a full disk", .enabled(if: TinyDisk.isPossible, Comment(rawValue: TinyDisk.reason)))
struct FullDiskTests {
    @Test("a burst of 300: none loses an attempt, and all are out soon after there is room")
    func burst() throws {
        let disk = try TinyDisk(kilobytes: 512)
        let path = "\(disk.path)/sms.jsonl"
        var told: [String?] = []
        let box = Letterbox()
        let pusher = box.pusher(FileGateway(path: path) { told.append($0) })
        func turn(_ times: Int) throws {
            for _ in 0..<times {
                try box.turnDispatch()
                try pusher.turn()
                box.cluster.advance(milliseconds: 50)
            }
        }
        try turn(20)
        disk.fill()
        try box.ask(300)
        try turn(60)
        #expect(told.count == 1 && told[0]?.contains("No space left") == true)
        #expect(box.receipts.contains { $0.outcome == .unsent })
        #expect(box.receipts.allSatisfy { $0.outcome == .taken || $0.outcome == .unsent })
        let before = box.receipts.count
        try turn(20)
        #expect(box.receipts.count == before, "what waits is left alone")
        disk.free()
        let freed = ContinuousClock.now
        while box.ended.count < 300, .now - freed < .seconds(20) { try turn(5) }
        #expect(ContinuousClock.now - freed < .seconds(10))
        #expect(box.ended.count == 300 && box.ended.values.allSatisfy { $0 == .accepted })
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 300, "each went out once")
    }
}
