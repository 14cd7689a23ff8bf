/// What must have happened at least once in a run of many seeds: a path that no seed takes is a path not
/// tried.
enum Mark: String, CaseIterable {
    // Faults.
    case crashed, crashedBetweenCommitAndSave, pollFailed, callRepeated, frozen, transactionAborted,
        transactionTimedOut
    case openTransactionLeftBehind, clockJumped, storeLost, partitionsMoved, memberEvicted,
        staticMemberReturned
    case recordsLost
    case submittedTwice, actedTwice, mirroredTwice, malformed, misplaced, unknownComplaint, contactErased,
        wordsErased, erasureAudited
    case diskFull, gatewayShut
    case gatewayDied, gatewayDeferred, gatewayRefused, gatewayFull, answerLost, pusherStopped
    // Paths.
    case awaitedRegistry, attemptNotSent
    case recordHeld, heldRecordReleased, restoredAcrossOpenTransaction, waitedForPendingOffsets
    case restoreBegunAgain, restoredInSlices, restoreCancelled
    case abortedRecordSkipped, memberFenced, producerFenced, commitArrivedLate
    case escalated, unreached, wokenAfterRestore, closedByItself, reopened, attemptedAgain, noticeFailed,
        refused
    case unanswered, delivered, undelivered, neverReported, noticeWithdrawn, jobWithdrawn
    case followed, unfollowed, followerTold
    case numberConfirmed, unconfirmed, heldBack, urgent, grouped, waitedForMorning, membersFailed
    case answered, answeredTwice, stopped, settled, overtaken
    case supervised, lapsed, verified, unchecked, merged, parted, informed
    case alarmRaised, alarmNoted, alarmCleared
    case breachRaised, breachNoted, breachEnded, breachReportedLate
    case measurementAged, correctionCameTooLate
}

/// Counts the marks of one run.
final class Marks {
    private(set) var counts: [Mark: Int] = [:]

    func hit(_ mark: Mark) { counts[mark, default: 0] += 1 }
}

extension Marks: CustomStringConvertible {
    var description: String {
        counts.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.key) \($0.value)" }.joined(
            separator: ", ")
    }
}
