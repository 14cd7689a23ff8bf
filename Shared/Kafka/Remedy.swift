import CRdKafka

/// What the caller must do about an error.
public enum Remedy: Sendable {
    /// Nothing is lost: note it, and do the same again later.
    case retry
    /// Abort the transaction, rewind to the committed positions, go on.
    case abortTransaction
    /// This handle is of no more use, or nobody knows what became of the transaction: end the process.
    case restart
}

/// The calls that can fail, as far as their errors mean different things.
enum Call: CaseIterable {
    case configure
    /// An event of a consumer or of an administrative request.
    case event
    /// A delivery report.
    case delivery
    /// Anything that asks the cluster, or that a member says to its group.
    case ask
    case send
    case initTransactions, begin, sendInTransaction, sendOffsets, commit, abort
}

/// What librdkafka says about an error besides its code. The first one that is set counts
/// (`examples/transactions.c`: fatal, then abortable, then retriable).
enum Gravity: CaseIterable {
    case fatal, requiresAbort, retriable, plain

    /// Codes that say the same as the flag. `_FATAL` stands for a fatal error whose code is asked for apart
    /// (`rd_kafka_fatal_error`). Another holder of the identity ends this one also where librdkafka only asks
    /// for an abort (a static member's offsets), for the next transaction would meet the same.
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
    /// The table of all errors: which call failed, and how bad librdkafka says it is.
    init(_ call: Call, _ gravity: Gravity) {
        self =
            switch (call, gravity) {
            case (_, .fatal): .restart
            case (.configure, _): .restart

            // Nothing is under way that could be lost. Whoever asked may ask again.
            case (.event, _), (.delivery, _), (.ask, _), (.send, _): .retry

            // A record that is refused can't be taken out of its transaction. 2.0.2 answers `_STATE` without
            // any flag once the transaction must be aborted, and aborting is always allowed.
            case (.sendInTransaction, _): .abortTransaction

            case (.initTransactions, .retriable): .retry
            case (.begin, .retriable), (.sendOffsets, .retriable), (.commit, .retriable): .retry
            case (.begin, .requiresAbort), (.sendOffsets, .requiresAbort), (.commit, .requiresAbort):
                .abortTransaction

            // An abort that was refused is called again: 2.0.2 sets its state back so that it can be
            // (`rd_kafka_txn_handle_EndTxn`).
            case (.abort, .retriable), (.abort, .requiresAbort): .retry

            // From a transactional call anything else counts as fatal (`examples/transactions.c`).
            case (.initTransactions, _), (.begin, .plain), (.sendOffsets, .plain), (.commit, .plain),
                (.abort, .plain):
                .restart
            }
    }

    /// What is left when a call that may be repeated was repeated for all of the transaction's time.
    ///
    /// Nobody knows then whether a commit happened. An abort did not end in the time after which the broker
    /// aborts by itself, and it fences this producer when it does. Before the commit nothing is decided:
    /// the transaction can be aborted.
    init(afterTimeIsOver call: Call) {
        self =
            switch call {
            case .sendOffsets, .sendInTransaction: .abortTransaction
            case .commit, .abort, .begin, .configure: .restart
            case .event, .delivery, .ask, .send, .initTransactions: .retry
            }
    }
}
