import Foundation
import Synchronization
import Testing

@testable import Kafka

@Suite("An answer to an administrative request")
struct AnswerTests {
    /// On a thread of its own: a wait without a limit would hold up the test for ever.
    @Test("that never comes is waited for within a limit, and the error says so")
    func missing() throws {
        let failed = Mutex<KafkaError?>(nil)
        Thread {
            do throws(KafkaError) {
                let cluster = try Cluster(
                    ClusterSettings(bootstrapServers: "127.0.0.1:1"), clientID: "kafka-tests")
                // A request that asks nothing is never answered.
                _ = try cluster.firstEvent(withinMilliseconds: 100) { _ in }
            } catch {
                failed.withLock { $0 = error }
            }
        }.start()
        let error = try wait(for: "an error", seconds: 20) { failed.withLock { $0 } }
        #expect(error.reason == "librdkafka gave no answer within 100 ms" && error.remedy == .retry)
    }
}
