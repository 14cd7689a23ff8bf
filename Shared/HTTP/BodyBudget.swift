import Synchronization

/// The bytes that all bodies of a server may hold together.
final class BodyBudget: Sendable {
    private let limit: Int
    private let held = Atomic(0)

    init(_ limit: Int) {
        self.limit = limit
    }

    /// False if there is no room for them; then nothing is taken.
    func take(_ bytes: Int) -> Bool {
        let (_, now) = held.add(bytes, ordering: .relaxed)
        if now <= limit { return true }
        give(bytes)
        return false
    }

    func give(_ bytes: Int) {
        held.subtract(bytes, ordering: .relaxed)
    }
}
