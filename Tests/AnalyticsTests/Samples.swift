import Foundation
import Geo
import Models
import Processing
import Testing
import Text

/// An identifier written in a test.
func id<Entity>(_ text: String) throws -> EntityID<Entity> {
    try #require(EntityID(text))
}

extension Record {
    /// A record as a topic would give it back.
    init(topic: Topic, partition: Int32 = 0, offset: Int64 = 0, key: String, _ event: CloudEvent) {
        self.init(
            topic: topic, partition: partition, offset: offset, timestamp: event.time, key: Array(key.utf8),
            value: event.data,
            headers: event.headers.map { Header(name: $0.name, value: Array($0.value.utf8)) })
    }

    init(_ fact: ComplaintFact, partition: Int32 = 0) {
        self.init(
            topic: .events, partition: partition, key: fact.complaint.compact,
            fact.cloudEvent(source: "dayu-routing"))
    }
}

extension TrackingCode {
    /// A complaint of a test. Names of up to seven characters have codes of their own.
    static func named(_ name: String) -> TrackingCode {
        TrackingCode(digest: Array(name.utf8) + [UInt8](repeating: 0, count: 8))
    }
}

/// The files of `deploy/sample`.
enum Sample {
    static func bytes(_ name: String) throws -> [UInt8] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return [UInt8](try Data(contentsOf: root.appending(path: "deploy/sample/\(name)")))
    }

    /// The registry, as far as sections go.
    static func sections() throws -> Registry {
        let table = try CSVTable(try bytes("sections.csv"))
        let entities = try table.rows.map { row in
            func field(_ name: String) throws -> String { row.fields[try #require(table.column(name))] }
            return RegistryEntity.section(
                Section(
                    id: try id(try field("id")), name: Name(zh: try field("name"), en: try field("name_en")),
                    river: try id(try field("river")),
                    body: try #require(WaterBody(rawValue: try field("body"))),
                    targetClass: WaterClass(rawValue: try field("target_class")),
                    place: Coordinate(
                        longitude: try #require(Double(try field("longitude"))),
                        latitude: try #require(Double(try field("latitude"))))))
        }
        return Registry(entities)
    }
}
