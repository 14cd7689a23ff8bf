import Foundation
import HTTP
import Host
import Links
import Models
import Parsers
import Processing
import Store
import Support
import Synchronization
import Text

@testable import Analytics
@testable import Disclosure
@testable import Intake
@testable import Notification
@testable import Routing

/// Whoever reads records of the log: a processor, a pusher or a projection, with the recorded records of its
/// topics.
struct LogReader: Sendable, CustomStringConvertible {
    let description: String
    let records: [Record]
    /// What it does with a record of the log. It refuses what it does not understand, and does nothing else.
    let read: @Sendable (Record) -> Void
    /// The same, and what a processor then decides; nil where there is no more.
    let decide: (@Sendable (Record) -> Void)?

    // MARK: Who there is

    static let all: [LogReader] = processors + pushers + projections

    private static let processors: [LogReader] = [
        of(Routing()), of(Dispatch()), of(Grading()), of(Alarming()),
        of(Addressing(language: .both, numbers: numbers, mobiles: MobileNumbers.presets)),
        of(
            GatewayDoor(
                registry.gateways.keys.sorted(),
                Reception(
                    atlas: Atlas(registry), identities: Identities(key: [UInt8](0..<32)), links: nil),
                country: .china)),
    ]

    private static func of<P: Processor>(_ processor: P) -> LogReader {
        var adopted = processor
        adopted.adopt(registry)
        let processor = adopted
        return LogReader(
            description: processor.name, records: recorded(processor.inputs + processor.memory),
            read: { record in
                // Both throw `Malformed` and nothing else; the compiler sees to that.
                if processor.inputs.contains(record.topic) { _ = try? processor.understand(record) }
                if processor.memory.contains(record.topic), let fact = try? processor.recall(record).fact {
                    _ = processor.records(of: fact)
                }
            },
            decide: { record in
                var partition = Partition<P>(knownLimit: 1) { _ in nil }
                _ = try? partition.recall(record, with: processor)
                guard processor.inputs.contains(record.topic) else { return }
                do {
                    _ = try partition.take(record, with: processor, at: record.timestamp, caughtUp: true)
                } catch { preconditionFailure("\(processor.name): \(error)") }
            })
    }

    private static let pushers = Pushing.Kind.allCases.map { kind in
        LogReader(
            description: kind.name, records: recorded([kind.input, Pushing.Kind.followed]),
            read: { record in
                var pushing = Pushing(
                    kind, gateway: NoGateway(), log: Log(service: "fuzz", threshold: .error))
                pushing.note(record)
                _ = pushing.announce(record, at: record.timestamp)
            }, decide: nil)
    }

    private struct NoGateway: SMSGateway {
        let window = 1
        let underWay = 0
        func submit(_ job: SMSJob) {}
        func poll(within wait: Duration) -> [SMSReceipt] { [] }
        func cancel() -> [SMSReceipt] { [] }
    }

    private static let projections: [LogReader] = [
        of(ReadModel.self, "dayu-disclosure", ReadModel.topics),
        of(Outcomes.self, Outcomes.name, Outcomes.topics),
        of(LinkBook.self, LinkBook.name, LinkBook.topics), of(Tallies.self, Tallies.name, Tallies.topics),
    ]

    /// Its file is in memory. Whatever a record did to it is taken back, so that it stays as small as it is.
    private final class Model<P: Projection & SendableMetatype> {
        let database: Database
        let projection: P

        init() throws {
            database = try Database(path: ":memory:")
            try database.migrate(P.steps)
            projection = try P(database)
        }

        func apply(_ record: Record) throws {
            try database.execute("BEGIN")
            defer { try? database.execute("ROLLBACK") }
            try projection.apply(record)
        }
    }

    private static func of<P: Projection & SendableMetatype>(
        _ type: P.Type, _ name: String, _ topics: [Topic]
    ) -> LogReader {
        let model = Models<P>()
        return LogReader(
            description: name, records: recorded(topics),
            read: { record in
                // Only a store that fails throws, and this one doesn't.
                do { try model.apply(record) } catch { preconditionFailure("\(name): \(error)") }
            }, decide: nil)
    }

    private final class Models<P: Projection & SendableMetatype>: Sendable {
        private let model = Mutex<Model<P>?>(nil)

        func apply(_ record: Record) throws {
            try model.withLock { place in
                let model = try place ?? Model()
                place = model
                try model.apply(record)
            }
        }
    }

    // MARK: What they read

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../LogTests/Recorded").standardized

    private struct Line: Decodable {
        let topic: Topic
        let key: String
        let headers: [[String]]
        let value: String?
    }

    private static let lines: [Record] = {
        do {
            let files = try FileManager.default.contentsOfDirectory(
                at: folder, includingPropertiesForKeys: nil)
            let lines = try files.filter { $0.pathExtension == "jsonl" }.flatMap { file in
                try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map {
                    try JSON.decode(Line.self, from: Array($0.utf8))
                }
            }
            return lines.map { line in
                Record(
                    topic: line.topic, partition: 0, offset: 0, timestamp: now, key: Array(line.key.utf8),
                    value: line.value.map { Array($0.utf8) },
                    headers: line.headers.map { Record.Header(name: $0[0], value: Array($0[1].utf8)) })
            }
        } catch {
            preconditionFailure("the recorded log can't be read: \(error)")
        }
    }()

    static let now = Instant(millisecondsSince1970: 1_795_412_495_120)

    private static func recorded(_ topics: [Topic]) -> [Record] { lines.filter { topics.contains($0.topic) } }

    private static let registry: Registry = {
        var registry = Registry()
        for record in lines where record.topic == .registry {
            guard let key = (try? record.keyText()).flatMap(RegistryKey.init), let data = record.value,
                let entity = try? RegistryEntity(kind: key.kind, data: data)
            else { continue }
            registry.put(entity)
        }
        return registry
    }()

    private static let numbers: NumberKey = {
        do { return try NumberKey(String(repeating: "5a", count: 32)) } catch {
            preconditionFailure("\(error)")
        }
    }()

    // MARK: As parsers

    /// Each reader three times: with other bytes for a value, for a key, and for a header.
    static let parsers: [Parser] = all.flatMap { reader in
        let samples = reader.samples
        func texts(_ bytes: (Record) -> [UInt8]?) -> [String] {
            Set(samples.compactMap(bytes)).map { String(decoding: $0, as: UTF8.self) }.sorted()
        }
        return [
            Parser.json("\(reader): values", sound: texts(\.value)) { bytes in
                for sample in samples { reader.read(sample.with(value: bytes)) }
            },
            Parser.words("\(reader): keys", sound: texts(\.key)) { bytes in
                for sample in samples { reader.read(sample.with(key: bytes)) }
            },
            Parser.words("\(reader): headers", sound: texts { $0.headers.last?.value }) { bytes in
                // Each header in turn.
                for (number, sample) in samples.enumerated() where !sample.headers.isEmpty {
                    var headers = sample.headers
                    let place = number % headers.count
                    headers[place] = Record.Header(name: headers[place].name, value: bytes)
                    reader.read(sample.with(headers: headers))
                }
            },
        ]
    }

    /// The longest record of each topic and type, and a tombstone.
    private var samples: [Record] {
        func kind(_ record: Record) -> [String] {
            let type = record.headers.first { $0.name == "ce_type" }?.value ?? []
            return [record.topic.rawValue, String(decoding: type, as: UTF8.self), "\(record.value == nil)"]
        }
        return Dictionary(grouping: records, by: kind).sorted { $0.key.lexicographicallyPrecedes($1.key) }
            .compactMap { $0.value.max { $0.value?.count ?? 0 < $1.value?.count ?? 0 } }
    }
}

extension Record {
    func with(topic: Topic? = nil, key: [UInt8]?? = nil, value: [UInt8]?? = nil, headers: [Header]? = nil)
        -> Record
    {
        Record(
            topic: topic ?? self.topic, partition: partition, offset: offset, timestamp: timestamp,
            key: key ?? self.key, value: value ?? self.value, headers: headers ?? self.headers)
    }
}
