import Foundation
import Kafka
import Models
import Processing
import Testing
import Text

@testable import Host

@Suite("The registry as it was last read")
struct RegistrySnapshotTests {
    private let folder = NSTemporaryDirectory() + "dayu-\(UUID().uuidString)"
    private let key = RegistryKey(kind: .category, id: "odour")
    private let data = JSON.encode(
        Category(
            code: CategoryCode(literal: "odour"), name: Name(zh: "异味", en: "Odour"),
            group: Name(zh: "水", en: "Water"), acceptHours: 8, resolveHours: 72))

    private struct Away: Error {}

    @Test("it survives the process; a new reading replaces all of it, and one that fails nothing")
    func replaced() throws {
        #expect(try RegistrySnapshot(folder: folder).registry().isEmpty)
        do {
            let snapshot = try RegistrySnapshot(folder: folder)
            try snapshot.replace { try snapshot.put(key, data) }
        }
        let snapshot = try RegistrySnapshot(folder: folder)
        #expect(try snapshot.registry().entities.map(\.key) == [key])
        #expect(throws: Away.self) { try snapshot.replace { throw Away() } }
        #expect(try snapshot.registry().entities.map(\.key) == [key])
        try snapshot.put(key, nil)
        #expect(try snapshot.registry().isEmpty)
        try snapshot.replace { try snapshot.put(key, data) }
        try snapshot.replace {}
        #expect(try snapshot.registry().isEmpty)
    }
}
