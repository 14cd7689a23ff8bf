import Dispatch
import Foundation
import Synchronization

/// Does the same for each of the places on threads of its own, for at most so many at once, and waits for
/// all.
///
/// For work that waits as much as it computes: `DispatchQueue.concurrentPerform` has no more threads than
/// there are processors, and one that waits for a broker is one that does nothing.
///
/// - Throws: what the first of the places threw.
func sideBySide<Place: Sendable>(
    _ places: [Place], atOnce: Int, _ work: @escaping @Sendable (Place) throws -> Void
) throws {
    let next = Mutex(places.indices[...])
    let failures = Mutex<[Int: any Error]>([:])
    let group = DispatchGroup()
    for _ in 0..<min(atOnce, places.count) {
        group.enter()
        Thread {
            while let place = next.withLock({ $0.popFirst() }) {
                do { try work(places[place]) } catch { failures.withLock { $0[place] = error } }
            }
            group.leave()
        }.start()
    }
    group.wait()
    if let first = failures.withLock({ $0.min { $0.key < $1.key } }) { throw first.value }
}
