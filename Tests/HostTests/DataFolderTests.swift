import Foundation
import Kafka
import Synchronization
import Testing

@testable import Host

@Suite("The data folder")
struct DataFolderTests {
    let path = NSTemporaryDirectory() + "dayu-\(UUID().uuidString)"

    @Test("belongs to one process at a time")
    func lock() throws {
        let first = try DataFolder(path: path)
        #expect(throws: DataFolder.InUse.self) { try DataFolder(path: path) }
        first.release()
        try DataFolder(path: path).release()
    }

    @Test("rebuilding forgets the loops' folders, and neither the spool nor the name")
    func rebuild() throws {
        let folder = try DataFolder(path: path)
        defer { folder.release() }
        let name = try InstanceIdentity(folder: path).description
        let files = FileManager.default
        try files.createDirectory(atPath: "\(path)/dayu-routing", withIntermediateDirectories: true)
        _ = files.createFile(atPath: "\(path)/spool.sqlite", contents: Data("x".utf8))
        try folder.forgetCaches()
        #expect(!files.fileExists(atPath: "\(path)/dayu-routing"))
        #expect(files.fileExists(atPath: "\(path)/spool.sqlite"))
        #expect(try InstanceIdentity(folder: path).description == name)
    }

    @Test("it is its own user's alone, also where it was open before")
    func mode() throws {
        let files = FileManager.default
        try files.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        let folder = try DataFolder(path: path)
        defer { folder.release() }
        let mode = try files.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o700)
    }

    @Test("an instance keeps its name, and each of its loops has one of its own")
    func identity() throws {
        let folder = try DataFolder(path: path)
        defer { folder.release() }
        let names = try [0, 1, 2, 0].map { try InstanceIdentity(folder: path, worker: $0).description }
        #expect(names[0] == names[3])
        #expect(Set(names).count == 3)
        #expect(names[1] == "\(names[0])-1")
    }

    @Test("loops that start at the same time agree on one name")
    func together() throws {
        for round in 0..<100 {
            let folder = try DataFolder(path: "\(path)/\(round)")
            defer { folder.release() }
            let names = Mutex<[String?]>([])
            DispatchQueue.concurrentPerform(iterations: 4) { _ in
                let name = (try? InstanceIdentity(folder: "\(path)/\(round)"))?.description
                names.withLock { $0.append(name) }
            }
            let drawn = Set(names.withLock { $0 })
            #expect(drawn.count == 1 && !drawn.contains(nil))
        }
    }

    @Test("a folder made for another prefix is refused")
    func foreign() throws {
        let broker = try MockBroker(topics: [])
        let folder = try DataFolder(path: path)
        defer { folder.release() }
        let cluster = ClusterSettings(bootstrapServers: broker.bootstrapServers)
        try folder.claim(for: .testing(cluster, prefix: "a.", folder: path))
        try folder.claim(for: .testing(cluster, prefix: "a.", folder: path))
        #expect(throws: DataFolder.Foreign.self) {
            try folder.claim(for: .testing(cluster, prefix: "b.", folder: path))
        }
        withExtendedLifetime(broker) {}
    }
}

extension HostContext {
    /// A context whose log is silent and whose batches are the presets.
    static func testing(_ cluster: ClusterSettings, prefix: String, folder: String) -> HostContext {
        HostContext(
            name: "dayu-test", cluster: cluster, topics: TopicNames(prefix: prefix), dataFolder: folder,
            batch: BatchSettings(), workers: 1, log: Log(service: "dayu-test", threshold: .error),
            metrics: Metrics(), health: Health(), stop: StopFlag())
    }
}
