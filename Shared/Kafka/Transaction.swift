import CRdKafka

/// Transactions: records and the input's positions become visible together, or not at all.
///
///     try producer.begin()
///     try producer.send(record)
///     try producer.sendOffsets(positions, group: consumer.groupMetadata)
///     try producer.commit()
///
/// From `begin` on, an error says `.abortTransaction` (call `abort`, rewind to the committed positions) or
/// `.restart`. What may be repeated is repeated in here, so `.retry` comes only from `initTransactions`.
/// The verbs are the producer's because there is one transaction at a time: a value for it would have to be
/// consumed by `commit` and still be there for `abort` when `commit` throws. An aborted transaction may be
/// followed by a second one (2.0.2 does not start a new epoch for a record that the broker refused).
extension Producer {
    /// Takes over the transactional id: ends what a former holder left open, and fences it. Once, first.
    public func initTransactions(timeoutMilliseconds: Int32) throws(KafkaError) {
        guard let error = unsafe rd_kafka_init_transactions(raw, timeoutMilliseconds) else { return }
        throw unsafe KafkaError(adopting: error, from: .transaction)
    }

    public func begin() throws(KafkaError) {
        try unsafe settle { _ in unsafe rd_kafka_begin_transaction(raw) }
    }

    /// Makes the positions part of the transaction. `group` fences a member that the group has given up.
    public func sendOffsets(
        _ positions: [TopicPartition: Position], group: borrowing GroupMetadata
    ) throws(KafkaError) {
        let list = PartitionList(positions)
        let metadata = unsafe group.raw
        try unsafe settle { milliseconds in
            unsafe rd_kafka_send_offsets_to_transaction(raw, list.raw, metadata, milliseconds)
        }
    }

    /// Delivers what is outstanding, then commits. Once it returns, the log has it.
    public func commit() throws(KafkaError) {
        try unsafe settle { milliseconds in unsafe rd_kafka_commit_transaction(raw, milliseconds) }
        callbacks.forgetFailure()
    }

    /// Drops what is outstanding and undoes the transaction.
    public func abort() throws(KafkaError) {
        try unsafe settle { milliseconds in unsafe rd_kafka_abort_transaction(raw, milliseconds) }
        callbacks.forgetFailure()
    }

    /// Makes a call that may be resumed until the transaction's own time is over.
    ///
    /// `rdkafka.h` recommends a timeout of -1, “the remaining transaction timeout”; in 2.0.2 that waits for
    /// ever (`rd_kafka_txn_curr_api_begin` is told not to cap it), and a loop that waits for ever can't be
    /// stopped. After `transaction.timeout.ms` the broker has aborted on its own or the outcome is unknown.
    /// Both are for a restart, so the state inside that other timeouts may confuse is not used again.
    private func settle(_ call: (Int32) -> OpaquePointer?) throws(KafkaError) {
        let deadline = ContinuousClock.now + .milliseconds(Int(transactionMilliseconds))
        while true {
            let left = max(.zero, deadline - .now)
            let milliseconds = Int32(left / .milliseconds(1))
            guard let raised = unsafe call(milliseconds) else { return }
            let error = unsafe KafkaError(adopting: raised, from: .transaction)
            guard error.remedy == .retry else { throw error }
            if ContinuousClock.now >= deadline { throw error.with(remedy: .restart) }
            poll(timeoutMilliseconds: Limit.resumePollMilliseconds)
        }
    }
}
