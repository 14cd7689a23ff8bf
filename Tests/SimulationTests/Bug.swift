/// Mistakes that the product does not make, planted to see the simulation find them.
enum Bug: String, CaseIterable {
    case savesBeforeCommit, offsetsBeforeOutputs, restoresToStableOffset, ignoresVersions,
        losesWakeUpsAtRestore
    case deadLetterStopsPartition, appliesDuplicates
    case countsFromTheAttempt, limitsByMemory, ignoresPartitions
    case writesWordsLate, copiesWords, keysByAnotherValue, forgetsErasure
}
