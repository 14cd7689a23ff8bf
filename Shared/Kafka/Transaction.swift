import CRdKafka

/// Transactions: records and the input's positions become visible together, or not at all.
///
///     try producer.begin()
///     try producer.send(record)
///     try producer.sendOffsets(positions, group: consumer.groupMetadata)
///     try producer.commit()
///
/// From `begin` on, an error says `.abortTransaction` (call `abort`, rewind to the committed positions) or
/// `.restart`. Calls that may be repeated are repeated inside, so only `initTransactions` throws `.retry`:
/// when a broker dies, that costs time, but the process goes on. There is one transaction at a time, so these
/// are methods of the producer. With a value for each transaction, `commit` would have to consume the value,
/// and `abort` would still need it when `commit` throws. An aborted transaction may be followed by a second
/// one (2.0.2 does not start a new epoch for a record that the broker refused).
extension Producer {
    /// Takes over the transactional id: ends what a former holder left open, and fences it. Call it once,
    /// before everything else.
    public func initTransactions(timeoutMilliseconds: Int32) throws(KafkaError) {
        guard let error = unsafe rd_kafka_init_transactions(raw, timeoutMilliseconds) else { return }
        throw unsafe KafkaError(adopting: error, from: .initTransactions)
    }

    public func begin() throws(KafkaError) {
        try unsafe settle(.begin) { _ in unsafe rd_kafka_begin_transaction(raw) }
    }

    /// Makes the positions part of the transaction. `group` fences a member that the group has expelled.
    public func sendOffsets(
        _ positions: [TopicPartition: Position], group: borrowing GroupMetadata
    ) throws(KafkaError) {
        let list = PartitionList(positions)
        let metadata = unsafe group.raw
        try unsafe settle(.sendOffsets) { milliseconds in
            unsafe rd_kafka_send_offsets_to_transaction(raw, list.raw, metadata, milliseconds)
        }
    }

    /// Delivers the outstanding records, then commits. Once it returns, the log has the transaction.
    public func commit() throws(KafkaError) {
        try unsafe settle(.commit) { milliseconds in unsafe rd_kafka_commit_transaction(raw, milliseconds) }
        callbacks.forgetFailure()
    }

    /// Drops the outstanding records and undoes the transaction.
    public func abort() throws(KafkaError) {
        try unsafe settle(.abort) { milliseconds in unsafe rd_kafka_abort_transaction(raw, milliseconds) }
        callbacks.forgetFailure()
    }

    /// Makes a call, and repeats it while that can help, until the transaction's own time is over.
    ///
    /// `rdkafka.h` recommends a timeout of -1, “the remaining transaction timeout”; in 2.0.2 that waits for
    /// ever (`rd_kafka_txn_curr_api_begin` is told not to cap it), and a loop that waits for ever can't be
    /// stopped. So a commit and an abort are resumed in slices, as their `_TIMED_OUT` asks for (“retry call
    /// to resume”). Sending offsets can't be resumed, so that call gets all of the time at once.
    /// `Remedy(afterTimeIsOver:)` says what follows when the time is over.
    private func settle(_ call: Call, _ attempt: (Int32) -> OpaquePointer?) throws(KafkaError) {
        let start = ContinuousClock.now
        let whole = start + .milliseconds(Int(transactionMilliseconds))
        var retrying = Retrying(.brief, until: whole)
        var stoppedAt: ContinuousClock.Instant?
        while true {
            let left = Int32(clamping: retrying.left(at: .now).wholeMilliseconds)
            let isResumed = call == .commit || call == .abort
            guard let raised = unsafe attempt(isResumed ? min(left, Limit.sliceMilliseconds) : left) else {
                return
            }
            let error = unsafe KafkaError(adopting: raised, from: call)
            guard error.remedy == .retry else { throw error }
            if isStopping(), stoppedAt == nil { stoppedAt = .now }
            if let stoppedAt, ContinuousClock.now - stoppedAt > .milliseconds(Limit.stopMilliseconds) {
                throw error.with(remedy: Remedy(afterTimeIsOver: call))
            }
            guard let pause = retrying.pause(at: .now, chance: .random(in: 0...1)) else {
                throw error.with(remedy: Remedy(afterTimeIsOver: call))
            }
            serve(for: pause)
        }
    }

    /// Serves delivery reports while it waits: the transaction can't end before they have arrived.
    private func serve(for pause: Duration) {
        let end = ContinuousClock.now + pause
        while true {
            let left = (end - .now).wholeMilliseconds
            guard left > 0 else { return }
            poll(timeoutMilliseconds: Int32(clamping: left))
        }
    }
}
