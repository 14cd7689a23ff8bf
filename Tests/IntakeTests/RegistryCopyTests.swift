import Foundation
import Kafka
import Models
import Support
import Testing

@testable import Host
@testable import Intake

@Suite("Intake's copy of the registry", .timeLimit(.minutes(20)))
struct RegistryCopyTests {
    /// A record may wait behind somebody's open transaction. Intake takes complaints by the registry that it
    /// has, as it does while Kafka is away.
    @Test("one that stands still makes Intake not unready, but is watched")
    func standing() throws {
        let folder = NSTemporaryDirectory() + "dayu-copy-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let broker = try MockBroker(topics: [("t.registry", 1)])
        let context = HostContext(
            name: "dayu-intake", cluster: ClusterSettings(bootstrapServers: broker.bootstrapServers),
            topics: TopicNames(prefix: "t."), dataFolder: folder, batch: BatchSettings(), workers: 1,
            log: Log(service: "dayu-intake", threshold: .error), metrics: Metrics(), health: Health(),
            stop: StopFlag())
        let ended = DispatchSemaphore(value: 0)
        Thread {
            try? RegistryCopy().run(context)
            ended.signal()
        }.start()
        let place = TopicPartition(topic: "t.registry", partition: 0)
        let deadline = ContinuousClock.now + .seconds(30)
        while context.dispensableStandings.partitions.isEmpty, .now < deadline {
            Thread.sleep(forTimeInterval: 0.05)
        }
        #expect(context.dispensableStandings.partitions == [place])
        #expect(context.standings.partitions.isEmpty)
        context.stop.raise()
        #expect(ended.wait(timeout: .now() + 10) == .success)
        withExtendedLifetime(broker) {}
    }
}
