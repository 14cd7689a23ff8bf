import Foundation
import Kafka
import Models
import Testing

@testable import Operator

@Suite("A backup's files and its cut")
struct BackupTests {
    private let folder = BackupFolder(path: NSTemporaryDirectory() + "backup-" + UUID().uuidString)

    private static let records = [
        BackupRecord(
            offset: 7, timestamp: 1_700_000_000_000, key: Array("KEY".utf8), value: Array("{}".utf8),
            headers: [Header("ce_id", "a"), Header("ce_id", "b"), Header("", [])]),
        // A tombstone; an empty value and an empty key are something else than none.
        BackupRecord(offset: 9, timestamp: -1, key: Array("KEY".utf8), value: nil, headers: []),
        BackupRecord(offset: 12, timestamp: 0, key: nil, value: [], headers: []),
        BackupRecord(offset: 13, timestamp: 5, key: [], value: [0, 255], headers: [Header("x", [0, 1])]),
    ]

    private static func body(_ records: [BackupRecord]) -> [UInt8] {
        records.reduce(into: []) { $1.append(to: &$0) }
    }

    private func topic(_ name: Topic, files: [BackupManifest.File] = [], end: Int64 = 14)
        -> BackupManifest.Topic
    {
        BackupManifest.Topic(
            name: name.rawValue, holdsPersonalData: name.isRestricted,
            partitions: [.init(partition: 0, begin: 7, end: end, files: files)])
    }

    private func manifest(_ topics: [BackupManifest.Topic], cluster: String = "c") -> BackupManifest {
        BackupManifest(
            version: "dayu", prefix: "city.", clusterID: cluster, cutAt: Instant(millisecondsSince1970: 1),
            topics: topics, groups: [])
    }

    // MARK: Records

    @Test("a record comes back as it was")
    func roundTrip() {
        let body = Self.body(Self.records)
        #expect(BackupRecord.records(in: body[...]) == Self.records)
    }

    @Test("bytes that end too early, or go on, are no records")
    func broken() {
        let body = Self.body(Self.records)
        let whole = Set(
            [0] + (1...Self.records.count).map { Self.body(Array(Self.records.prefix($0))).count })
        for count in 0..<body.count where !whole.contains(count) {
            #expect(BackupRecord.records(in: body.prefix(count)) == nil, "\(count) bytes")
        }
        #expect(BackupRecord.records(in: (body + [0])[...]) == nil)
        var long = body
        long[0] &+= 1
        #expect(BackupRecord.records(in: long[...]) == nil)
    }

    // MARK: Files

    @Test("a file holds its records, says what it is, and is its owner's alone")
    func file() throws {
        defer { try? FileManager.default.removeItem(atPath: folder.path) }
        try folder.write(unfinished: manifest([]))
        let contacts = topic(.contacts)
        let file = try folder.write(
            Self.body(Self.records), records: 4, of: contacts, 0, from: 7, next: 14, cut: "1")
        #expect(try folder.records(file, of: contacts, 0) == Self.records)
        #expect(file.name.hasPrefix("personal-data/complaints.contacts/"))
        let path = "\(folder.path)/\(file.name)"
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        #expect(String(decoding: bytes.prefix { $0 != 10 }, as: UTF8.self).contains("HOLDS PERSONAL DATA"))
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        // Every changed byte shows.
        for index in stride(from: 0, to: bytes.count, by: 7) {
            var changed = bytes
            changed[index] ^= 0x10
            try Data(changed).write(to: URL(fileURLWithPath: path))
            #expect(throws: BackupFolder.Unfit.self) { try folder.records(file, of: contacts, 0) }
        }
        try FileManager.default.removeItem(atPath: path)
        #expect(throws: BackupFolder.Unfit.self) { try folder.records(file, of: contacts, 0) }
    }

    @Test("the former backup stays valid until the new one is complete, and its files go then")
    func finish() throws {
        defer { try? FileManager.default.removeItem(atPath: folder.path) }
        try folder.write(unfinished: manifest([]))
        #expect(try folder.manifest() == nil)
        #expect(throws: BackupFolder.Unfit.self) { try Restore.manifest(of: folder) }
        func whole(_ cut: String) throws -> BackupManifest {
            let file = try folder.write(
                Self.body(Self.records), records: 4, of: topic(.contacts), 0, from: 7, next: 14, cut: cut)
            return manifest([topic(.contacts, files: [file])])
        }
        let first = try whole("1")
        try folder.finish(first)
        let second = try whole("2")
        try folder.write(unfinished: second)
        #expect(try folder.manifest() == first)
        try Restore.check(first, in: folder)
        try folder.finish(second)
        #expect(try folder.manifest() == second && folder.unfinishedManifest() == nil)
        #expect(throws: BackupFolder.Unfit.self) { try Restore.check(first, in: folder) }
        try Restore.check(second, in: folder)
    }

    @Test("only what is kept for ever goes on behind a former backup of the same cluster")
    func goingOn() {
        let file = BackupManifest.File(name: "f", next: 14, records: 4, bytes: 1, sha256: "")
        let former = manifest([
            topic(.events, files: [file]), topic(.contacts, files: [file]), topic(.reports, files: [file]),
        ])
        let fresh = manifest([topic(.events, end: 20), topic(.contacts, end: 20), topic(.reports, end: 20)])
        let next = fresh.goingOn(from: former)
        #expect(next.topics.map { $0.partitions[0].next } == [14, 7, 7])
        #expect(!next.isComplete && former.isComplete)
        let other = manifest(fresh.topics, cluster: "other")
        #expect(other.goingOn(from: former) == other)
        // A log that ends before the backup does is another log.
        let shorter = manifest([topic(.events, end: 13)])
        #expect(shorter.goingOn(from: former) == shorter)
        // Kafka has removed records that no backup has: what follows begins anew.
        var gap = fresh
        gap.topics[0].partitions[0].begin = 15
        #expect(gap.goingOn(from: former).topics[0].partitions[0].files.isEmpty)
    }

    // MARK: The cut

    private func round(_ at: Int64 = 3, end: Int64 = 5, stable: Int64 = 5) -> BackupCut.Round {
        let jobs = TopicPartition(topic: "city.sms.jobs", partition: 0)
        let events = TopicPartition(topic: "city.complaints.events", partition: 0)
        let marks = Watermarks(low: Position(next: 0), high: Position(next: end))
        return BackupCut.Round(
            positions: ["dayu-notification.pusher": [jobs: Position(next: at)]],
            marks: [jobs: marks, events: marks],
            stable: [jobs: Position(next: stable), events: Position(next: stable)])
    }

    @Test("messages stand still if two rounds are equal and no transaction is open")
    func still() {
        #expect(BackupCut.isStill(round(), round(), prefix: "city."))
        #expect(!BackupCut.isStill(round(), round(4), prefix: "city."), "a job was taken")
        #expect(!BackupCut.isStill(round(end: 4), round(), prefix: "city."), "a job was made")
        #expect(!BackupCut.isStill(round(stable: 4), round(stable: 4), prefix: "city."), "one is being made")
        // Complaints may go on.
        var later = round()
        let events = TopicPartition(topic: "city.complaints.events", partition: 0)
        later.marks[events] = Watermarks(low: Position(next: 0), high: Position(next: 99))
        #expect(BackupCut.isStill(round(), later, prefix: "city."))
    }

    @Test("the loops that must stand still are those that make, take and answer jobs")
    func loops() {
        #expect(
            BackupCut.stillLoops == [
                "dayu-notification.dispatch", "dayu-notification.pusher", "dayu-notification.urgent-pusher",
            ])
    }
}
