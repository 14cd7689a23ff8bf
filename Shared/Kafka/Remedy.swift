import CRdKafka

/// What the caller must do about an error.
public enum Remedy: Sendable {
    /// Nothing is lost: log the error, and do the same again later.
    case retry
    /// Abort the transaction, rewind to the committed positions, go on.
    case abortTransaction
    /// This handle can't be used any more, or the outcome of the transaction is unknown: end the process.
    case restart
}

/// The calls that can fail, divided by what their errors mean.
enum Call: CaseIterable {
    case configure
    /// An event of a consumer or of an administrative request.
    case event
    /// A delivery report.
    case delivery
    /// Any question to the cluster, and anything that a member tells its group.
    case ask
    case send
    case initTransactions, begin, sendInTransaction, sendOffsets, commit, abort
}

/// What librdkafka says about an error besides its code. The first flag that is set counts
/// (`examples/transactions.c`: fatal, then abortable, then retriable).
enum Gravity: CaseIterable {
    case fatal, requiresAbort, retriable, plain

    /// Some codes mean the same as the flag. `_FATAL` stands for a fatal error whose own code must be asked
    /// for separately (`rd_kafka_fatal_error`). If another holder has taken this identity, that is fatal even
    /// when librdkafka only asks for an abort (a static member's offsets), because the next transaction would
    /// meet the same error.
    init(code: Int32, isFatal: Bool, requiresAbort: Bool, isRetriable: Bool) {
        let ends = [
            RD_KAFKA_RESP_ERR__FATAL, RD_KAFKA_RESP_ERR__FENCED, RD_KAFKA_RESP_ERR_PRODUCER_FENCED,
            RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID,
        ]
        self =
            if isFatal || ends.contains(where: { $0.rawValue == code }) {
                .fatal
            } else if requiresAbort {
                .requiresAbort
            } else if isRetriable {
                .retriable
            } else {
                .plain
            }
    }
}

extension Remedy {
    /// The table of all errors, by the call that failed and by how serious librdkafka says the error is.
    init(_ call: Call, _ gravity: Gravity) {
        self =
            switch (call, gravity) {
            case (_, .fatal): .restart
            case (.configure, _): .restart

            // Nothing under way could be lost. The caller may ask again.
            case (.event, _), (.delivery, _), (.ask, _), (.send, _): .retry

            // A refused record can't be taken out of its transaction. Once the transaction must be aborted,
            // 2.0.2 answers `_STATE` without any flag, and aborting is always allowed.
            case (.sendInTransaction, _): .abortTransaction

            case (.initTransactions, .retriable): .retry
            case (.begin, .retriable), (.sendOffsets, .retriable), (.commit, .retriable): .retry
            case (.begin, .requiresAbort), (.sendOffsets, .requiresAbort), (.commit, .requiresAbort):
                .abortTransaction

            // A refused abort is called again: 2.0.2 resets its state so that this is possible
            // (`rd_kafka_txn_handle_EndTxn`).
            case (.abort, .retriable), (.abort, .requiresAbort): .retry

            // Any other error of a transactional call counts as fatal (`examples/transactions.c`).
            case (.initTransactions, _), (.begin, .plain), (.sendOffsets, .plain), (.commit, .plain),
                (.abort, .plain):
                .restart
            }
    }

    /// The remedy for a call that was repeated for all of the transaction's time without success.
    ///
    /// For a commit, nobody knows whether it happened. For an abort, the time is over after which the broker
    /// aborts by itself, and when it does, it fences this producer. Before the commit nothing is decided: the
    /// transaction can be aborted.
    init(afterTimeIsOver call: Call) {
        self =
            switch call {
            case .sendOffsets, .sendInTransaction: .abortTransaction
            case .commit, .abort, .begin, .configure: .restart
            case .event, .delivery, .ask, .send, .initTransactions: .retry
            }
    }
}
