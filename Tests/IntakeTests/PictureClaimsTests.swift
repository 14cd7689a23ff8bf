import Foundation
import Host
import Models
import Processing
import Store
import Synchronization
import Testing
import Text

@testable import Intake

@Suite("A picture is in use as long as some words name it")
struct PictureClaimsTests {
    private static let names = (0..<4).map { number in
        PictureName(digest: [UInt8](repeating: UInt8(number + 1), count: 16))
    }
    private let path = FileManager.default.temporaryDirectory.path + "/claims-\(UUID().uuidString).sqlite"

    /// - Parameter pictures: nil for a tombstone.
    private func words(_ cause: String, _ pictures: [PictureName]?) -> Record {
        let key = WordsKey(complaint: Counter.complaint.code, cause: cause).description
        let data = pictures.map {
            JSON.encode(Words(text: "x", media: $0.map(\.text) + ["https://example.org/1"]))
        }
        let event = CloudEvent(
            id: "1", source: "dayu-intake", type: EventType("words", "written").description,
            subject: Counter.complaint.code.compact, version: nil, trail: Trail(at: Counter.now), data: data)
        return Record(
            topic: .words, partition: 0, offset: 0, timestamp: Counter.now, key: Array(key.utf8), value: data,
            headers: event.headers.map { .init(name: $0.name, value: Array($0.value.utf8)) })
    }

    private func claims(_ news: ClaimNews = ClaimNews(), _ records: Record...) throws -> PictureClaims {
        let database = try Database(path: path)
        try database.migrate(PictureClaims.steps)
        let claims = try PictureClaims(database, news: news)
        for record in records { try claims.apply(record) }
        return claims
    }

    private func inUse() throws -> [Bool] {
        let reader = ClaimReader(path: path)
        return try Self.names.map { try reader.isClaimed($0) }
    }

    @Test("named, named twice, replaced, erased")
    func life() throws {
        let used = Mutex<[PictureName]>([])
        let news = ClaimNews(onUse: { names in used.withLock { $0 += names } })
        let names = Self.names
        let claims = try claims(news, words("a", [names[0], names[1]]), words("b", [names[1], names[2]]))
        #expect(try inUse() == [true, true, true, false])
        #expect(Set(used.withLock { $0 }) == Set(names.prefix(3)))
        let reader = ClaimReader(path: path)
        #expect(try reader.dropped() == [])
        // The same again changes nothing. Others in the place of the first: what nothing names is dropped.
        try claims.apply(words("a", [names[0], names[1]]))
        #expect(try reader.dropped() == [])
        try claims.apply(words("a", [names[1], names[3]]))
        #expect(try inUse() == [false, true, true, true])
        #expect(try reader.dropped() == [names[0]] && news.hasDropped)
        // An erasure drops what no other words name.
        try claims.apply(words("b", nil))
        #expect(try inUse() == [false, true, false, true])
        #expect(try Set(reader.dropped()) == [names[0], names[2]])
        // What was removed is forgotten.
        news.removed([names[0]])
        #expect(!news.hasDropped)
        _ = try claims.pending()
        #expect(try reader.dropped() == [names[2]])
    }

    @Test("the same words again after their erasure claim nothing")
    func again() throws {
        let claims = try claims(ClaimNews(), words("a", [Self.names[0]]), words("a", nil))
        try claims.apply(words("a", [Self.names[0]]))
        #expect(try inUse() == [false, false, false, false])
        #expect(try ClaimReader(path: path).dropped() == [Self.names[0]])
        // Named by others after it was dropped, it is in use.
        try claims.apply(words("b", [Self.names[0]]))
        #expect(try inUse()[0] && ClaimReader(path: path).dropped() == [])
    }

    @Test("what can't be read claims nothing and stops nothing")
    func broken() throws {
        let claims = try claims()
        for (key, value) in [("", "{}"), ("nonsense", "{}"), ("7KQ29XM4T1H0C/x", "[1]")] {
            try claims.apply(
                Record(
                    topic: .words, partition: 0, offset: 0, timestamp: Counter.now, key: Array(key.utf8),
                    value: Array(value.utf8), headers: []))
        }
        try claims.apply(words("a", [Self.names[0]]))
        #expect(try inUse()[0])
    }
}

@Suite("Requests with pictures take turns")
struct PictureBenchTests {
    @Test("while others wait, nobody has two hands; every job is done before the hands stop")
    func turns() {
        let bench = PictureBench()
        let done = Mutex<[String]>([])
        let (many, one) = (IPAddress("192.0.2.1"), IPAddress("192.0.2.2"))
        let gate = StopFlag()
        let stop = StopFlag()
        for number in 0..<5 {
            let isTaken = bench.add(of: many) {
                gate.wait()
                done.withLock { $0.append("many \(number)") }
            }
            #expect(isTaken)
        }
        #expect(bench.add(of: one) { done.withLock { $0.append("one") } })
        let ended = StopFlag()
        let hands = (0..<2).map { _ in
            Thread {
                bench.work(until: stop)
                ended.raise()
            }
        }
        hands.forEach { $0.start() }
        // One hand waits with the first job of many. The other one takes the one job, not the second of many.
        while done.withLock({ $0.isEmpty }) {}
        #expect(done.withLock { $0 } == ["one"])
        gate.raise()
        stop.raise()
        while done.withLock({ $0.count }) < 6 {}
        #expect(Set(done.withLock { $0 }).count == 6)
        #expect(ended.wait())
    }
}
