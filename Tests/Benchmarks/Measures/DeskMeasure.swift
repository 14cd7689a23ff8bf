import Disclosure
import Foundation
import Geo
import Models
import Processing
import Text

/// The list of an office's desk with 100,000 open complaints, with its counts, filtered, and searched.
enum DeskMeasure {
    private static let complaints = 100_000
    private static let regions = 20
    private static let now = Instant(millisecondsSince1970: 1_800_000_000_000)
    private static let turns = 20

    static func run() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let desk = try OpenDesk(
            path: folder.appendingPathComponent("model.sqlite").path,
            of: Actor(role: .office, id: "city"), at: now)
        try desk.apply(registry.map { Record($0) })
        for start in stride(from: 0, to: complaints, by: 5000) {
            try desk.apply((start..<start + 5000).flatMap(records))
        }
        let questions: [(String, [String: String])] = [
            ("list", [:]), ("overdue", ["overdue": "true"]),
            ("region", ["region": "r-7", "status": "accepted"]),
            ("search", ["q": "柳树"]), ("rare", ["q": "第99999号"]), ("absent", ["q": "没有这样的话"]),
            ("unread", ["unread": "true"]),
        ]
        var figures: [String: Double] = [:]
        func measure(_ name: String, _ ask: () throws -> [UInt8]) throws {
            var wall: [Double] = []
            var processor: [Double] = []
            for _ in 0..<turns {
                let (started, used) = (ContinuousClock.now, clock())
                let bytes = try ask()
                wall.append((ContinuousClock.now - started) / .milliseconds(1))
                processor.append(Double(clock() - used) * 1000 / Double(CLOCKS_PER_SEC))
                precondition(bytes.count > 100, "nothing was answered")
            }
            figures["\(name)Milliseconds"] = wall.sorted()[turns / 2]
            figures["\(name)ProcessorMilliseconds"] = processor.sorted()[turns / 2]
        }
        for (name, query) in questions { try measure(name) { try desk.list(query) } }
        try measure("figures") { try desk.figures() }
        try Program.report(figures)
    }

    private static func id<Entity>(_ text: String) -> EntityID<Entity> {
        guard let id = EntityID<Entity>(text) else { preconditionFailure("\(text) is no identifier") }
        return id
    }

    private static func name(_ text: String) -> Name { Name(zh: text, en: text) }

    private static let registry: [RegistryEntity] =
        [
            // The province above makes the city's list a part and not everything.
            .region(Region(id: id("province"), name: name("省"), level: .province)),
            .region(Region(id: id("city"), name: name("市"), level: .city, parent: id("province"))),
            .category(
                Category(
                    code: id("odour"), name: name("异味"), group: name("水"), acceptHours: 4, resolveHours: 48)),
        ]
        + (0..<regions).map {
            .region(Region(id: id("r-\($0)"), name: name("区\($0)"), level: .district, parent: id("city")))
        }

    private static func records(_ number: Int) -> [Record] {
        let spread = UInt64(number + 1) &* 0x9E37_79B9_7F4A_7C15
        let code = TrackingCode(
            digest: (0..<8).map { UInt8(truncatingIfNeeded: spread >> UInt64(56 - 8 * $0)) })
        let key = WordsKey(complaint: code, cause: "dayu-intake/submission")
        let words = Words(
            text: "河边\(number % 50 == 0 ? "柳树下" : "桥下")有人倒垃圾，水面漂着油，闻起来很臭，已经三天了。第\(number)号", media: [],
            address: "和平路\(number % 300)号")
        let due = now + .seconds(number * 7 - 50_000)
        let submission = Submission(
            complaint: code, category: id("odour"), place: Coordinate(longitude: 120, latitude: 30),
            channel: .web, words: words.outline, submittedAt: now)
        var events: [ComplaintEvent] = [
            .received(.init(submission: submission)),
            .assigned(
                .init(
                    assignee: Assignee(
                        kind: .chief, id: "chief-\(number % 400)", name: name("河长"), level: .district),
                    river: nil, reach: nil, region: id("r-\(number % regions)"), why: .nearest,
                    distanceMetres: 1, due: Due(accept: due, resolve: due + .seconds(86_400)))),
        ]
        if number % 3 == 0 {
            events.append(.accepted(.init(by: Actor(role: .chief, id: "chief-\(number % 400)"))))
        }
        let said = Outgoing(
            .words, key: key.description, id: "words", source: "dayu-intake",
            type: EventType("words", "written"),
            trail: Trail(at: now), data: JSON.encode(words))
        return [record(.words, said.key, said.event)]
            + events.enumerated().map { index, event in
                let fact = ComplaintFact(
                    complaint: code, version: index + 1,
                    trail: Trail(at: now, cause: "dayu-intake/submission"), event: event)
                return record(.events, code.compact, fact.cloudEvent(source: "dayu-routing"))
            }
    }

    private static func record(_ topic: Topic, _ key: String, _ event: CloudEvent) -> Record {
        Record(
            topic: topic, partition: 0, offset: 0, timestamp: now, key: Array(key.utf8), value: event.data,
            headers: event.headers.map { .init(name: $0.name, value: Array($0.value.utf8)) })
    }
}

extension Record {
    fileprivate init(_ entity: RegistryEntity) {
        self.init(
            topic: .registry, partition: 0, offset: 0, timestamp: Instant(millisecondsSince1970: 0),
            key: Array(entity.key.description.utf8), value: entity.data, headers: [Record.Header]())
    }
}
