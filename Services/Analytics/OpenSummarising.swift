package import Models
package import Processing

/// Summarising without Kafka and without a file, for benchmarks: assessments go in, summaries come out.
/// States are kept as bytes, as a store keeps them.
package final class OpenSummarising {
    private final class Kept {
        var states: [String: [UInt8]] = [:]
    }

    private let summarising: Summarising
    private var partition: Partition<Summarising>
    private let kept = Kept()

    package init(registry: Registry) {
        summarising = Summarising(registry: registry)
        let kept = kept
        partition = Partition { key in try kept.states[key].map { try Summarising.State(stored: $0) } }
    }

    /// Takes a batch, as the loop does between two commits.
    ///
    /// - Returns: what is to be written.
    package func take(_ records: some Sequence<Record>, at now: Instant) throws -> [Outgoing] {
        var written: [Outgoing] = []
        for record in records {
            guard
                case .done(let outgoing, _) = try partition.take(
                    record, with: summarising, at: now, caughtUp: true)
            else { continue }
            written += outgoing
        }
        save()
        return written
    }

    /// Reads records of the own log and of the assessments back.
    package func restore(_ records: some Sequence<Record>) throws {
        for record in records { try partition.recall(record, with: summarising) }
        save()
    }

    /// Forgets days that nobody will send readings for any more. The loop keeps them in its file.
    package func forget() { kept.states.removeAll(keepingCapacity: true) }

    package var states: Int { kept.states.count }

    private func save() {
        for change in partition.changes { kept.states[change.key] = change.state }
        partition.saved()
    }
}
