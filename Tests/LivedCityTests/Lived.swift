import Foundation
import LivedCity
import Models
import Processing
import Testing

@testable import Operator

/// The sample city, and a past of it that was lived once for all tests of this target.
enum Lived {
    static let until = Instant(millisecondsSince1970: 1_795_910_400_000)  // 2026-11-29T00:00:00Z

    static let registry: Registry = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        var texts: [String: [UInt8]] = [:]
        for file in RegistryReading.files {
            let data = try? Data(contentsOf: root.appendingPathComponent("deploy/sample/\(file)"))
            texts[file] = data.map { [UInt8]($0) }
        }
        return Registry(RegistryReading(texts).entities)
    }()

    /// A record and the moment at which it was written.
    struct Written: Equatable, Sendable {
        let at: Instant
        let record: Outgoing
    }

    struct Past: Sendable {
        let written: [Written]
        let tally: LivedCity.Tally

        /// In the order of the log, each as a service reads it.
        var records: [Record] {
            var offsets: [Topic: Int64] = [:]
            return written.map { written in
                let (at, outgoing) = (written.at, written.record)
                defer { offsets[outgoing.topic, default: 0] += 1 }
                return Record(
                    topic: outgoing.topic, partition: 0, offset: offsets[outgoing.topic, default: 0],
                    timestamp: at, key: Array(outgoing.key.utf8), value: outgoing.event.data,
                    headers: outgoing.event.headers.map {
                        Record.Header(name: $0.name, value: Array($0.value.utf8))
                    })
            }
        }

        func of(_ topic: Topic) -> [Written] { written.filter { $0.record.topic == topic } }

        func facts() throws -> [ComplaintFact] { try of(.events).map { try ComplaintFact($0.record.event) } }
    }

    static func live(
        seed: UInt64 = 1, complaints: Int, days: Int, registry: Registry = registry
    ) throws -> Past {
        var written: [Written] = []
        let plan = CityPlan(seed: seed, complaints: complaints, days: days, until: until)
        let city = try LivedCity(plan, registry) { written.append(Written(at: $0, record: $1)) }
        try city.live()
        return Past(written: written, tally: city.tally)
    }

    /// What `dayu simulate` writes without options.
    static let year = Result { try live(complaints: 2000, days: 365) }
}
