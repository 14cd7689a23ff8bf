/// Mistakes that the product does not make, planted to see the simulation find them.
enum Bug: String, CaseIterable {
    case savesBeforeCommit, offsetsBeforeOutputs, restoresToStableOffset, ignoresVersions,
        losesWakeUpsAtRestore
    case deadLetterStopsPartition, appliesDuplicates
    case countsFromTheAttempt, sendsWithdrawn, limitsByMemory, ignoresPartitions
    /// Of the brokers' weather: a consumer that is dead after its first failure and says nothing; an error
    /// that nobody retries; records that are gone and nobody tells of.
    case diesSilently, leavesErrors, losesSilently
    case writesWordsLate, copiesWords, keysByAnotherValue, forgetsErasure
}
