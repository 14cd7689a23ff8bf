import Foundation
import Testing

/// Waits for what another thread brings about; after 30 s the test has failed.
func waitUntil(_ what: String, _ condition: () -> Bool) {
    let deadline = ContinuousClock.now + .seconds(30)
    while !condition() {
        guard ContinuousClock.now < deadline else {
            Issue.record("\(what): not within 30 s")
            return
        }
        Thread.sleep(forTimeInterval: 0.01)
    }
}
