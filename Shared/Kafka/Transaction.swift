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
/// consumed by `commit` and still be there for `abort` when `commit` throws.
extension Producer {
    /// Takes over the transactional id: ends what a former holder left open, and fences it. Once, before `begin`.
    public func initTransactions(timeoutMilliseconds: Int32) throws(KafkaError) {
        guard let error = unsafe rd_kafka_init_transactions(raw, timeoutMilliseconds) else { return }
        throw unsafe KafkaError(adopting: error, from: .transaction)
    }

    public func begin() throws(KafkaError) {
        try unsafe settle { unsafe rd_kafka_begin_transaction(raw) }
    }

    /// Makes the positions part of the transaction. `group` fences a member that the group has given up.
    public func sendOffsets(
        _ positions: [TopicPartition: Position], group: borrowing GroupMetadata,
        timeoutMilliseconds: Int32 = 10_000
    ) throws(KafkaError) {
        let list = PartitionList(positions)
        let metadata = unsafe group.raw
        try unsafe settle {
            unsafe rd_kafka_send_offsets_to_transaction(raw, list.raw, metadata, timeoutMilliseconds)
        }
    }

    /// Delivers what is outstanding, then commits. Once it returns, the log has it.
    ///
    /// The timeout is -1, the rest of `transaction.timeout.ms`, as `rdkafka.h` strongly recommends. If the outcome
    /// stays unknown it throws `.restart`: only a new instance's `initTransactions` can tell.
    public func commit() throws(KafkaError) {
        try unsafe settle { unsafe rd_kafka_commit_transaction(raw, -1) }
        settleFailures()
    }

    /// Drops what is outstanding and undoes the transaction.
    public func abort() throws(KafkaError) {
        try unsafe settle { unsafe rd_kafka_abort_transaction(raw, -1) }
        settleFailures()
    }

    /// A call that may be resumed is, a few times; an outcome still unknown after that is for a restart.
    private func settle(_ call: () -> OpaquePointer?) throws(KafkaError) {
        for attempt in 1... {
            guard let raised = unsafe call() else { return }
            let error = unsafe KafkaError(adopting: raised, from: .transaction)
            guard error.remedy == .retry else { throw error }
            if attempt == Limit.transactionAttempts { throw error.with(remedy: .restart) }
        }
    }
}
