import Kafka
import Models
import Processing

/// A log with transactions, as one member of a consumer group uses it: Kafka, or the simulated log.
///
/// From `begin` on, a failure says `.abortTransaction` (abort, then go back to the committed positions) or
/// `.restart`.
protocol TransactionalLog: RecordSource, ~Copyable {
    // MARK: The member

    /// Answers `.assign`; the log waits for the answer. The partitions are fetched from these positions; if
    /// none are given, the member has its partitions and fetches nothing until `rewind`.
    func accept(_ positions: [TopicPartition: Position]) throws(Failure)
    /// Answers `.revoke`; the log waits for the answer.
    func release() throws(Failure)
    /// Fetches exactly these partitions from these positions. Afterwards none of them is paused.
    func rewind(to positions: [TopicPartition: Position]) throws(Failure)
    func pause(_ place: TopicPartition) throws(Failure)
    func resume(_ place: TopicPartition) throws(Failure)
    /// The group's committed positions. The call waits until open transactions that contain newer positions
    /// have ended (KIP-447).
    func committed(_ places: [TopicPartition]) throws(Failure) -> [TopicPartition: Position]
    /// The end of a partition according to the last fetch; nil before the first fetch. Does not ask the
    /// broker.
    func knownEnd(of place: TopicPartition) -> Position?

    // MARK: Restoring

    /// The high watermark counts all records, also those of open transactions.
    func watermarks(of places: [TopicPartition]) throws(Failure) -> [TopicPartition: Watermarks]
    /// Begins to read what these restores ask for. The reading goes on while the member polls.
    func restore<P: Processor>(_ partitions: [PartitionRestore<P>]) -> any RestoreRun

    // MARK: Transactions

    func begin() throws(Failure)
    func send(_ outgoing: Outgoing) throws(Failure)
    /// Fails if the group has expelled the member.
    func sendOffsets(_ positions: [TopicPartition: Position]) throws(Failure)
    /// Returns once the log has the transaction, with the position after the last record written to each
    /// partition.
    func commit() throws(Failure) -> [TopicPartition: Position]
    func abort() throws(Failure)
}

extension TransactionalLog where Self: ~Copyable {
    /// Makes outputs and the positions of their inputs visible together, or not at all.
    ///
    /// Outputs without inputs may be written by any process, a member of the group or not.
    ///
    /// Returns the position after the last record written to each partition; nil if the transaction was
    /// aborted.
    func transact(
        _ outgoing: [Outgoing], _ positions: [TopicPartition: Position], onAbort: (Failure) -> Void
    ) throws(Failure) -> [TopicPartition: Position]? {
        do throws(Failure) {
            try begin()
            for record in outgoing { try send(record) }
            if !positions.isEmpty { try sendOffsets(positions) }
            return try commit()
        } catch {
            guard error.remedy == .abortTransaction else { throw error }
            onAbort(error)
            try abort()
            return nil
        }
    }
}

/// A restore that runs while the member polls.
protocol RestoreRun: AnyObject {
    /// Waits at most `time`, and says whether all partitions are restored. If one fails, the others end
    /// early, and then its error is thrown.
    func isComplete(within time: Duration) throws -> Bool
    /// Ends it. After the return nothing touches the partitions any more.
    func cancel()
}
