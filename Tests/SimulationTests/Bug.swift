/// Mistakes that the product does not make, planted to see the simulation find them.
enum Bug: String, CaseIterable {
    case savesBeforeCommit, offsetsBeforeOutputs, restoresToStableOffset, ignoresVersions,
        losesWakeUpsAtRestore
    case deadLetterStopsPartition, appliesDuplicates
    case countsFromTheAttempt, sendsWithdrawn, limitsByMemory, ignoresPartitions
    /// Of the brokers' weather: a consumer that is dead after its first failure and says nothing; an error
    /// that nobody retries; records that are gone and nobody tells of.
    case diesSilently, leavesErrors, losesSilently
    /// Of full disks: an attempt that was not sent counts; a store that could not be written counts as
    /// written.
    case countsUnsent, ignoresFullDisk
    /// A loop that says it has read all of the registry although it has not; a superior who is skipped.
    case claimsRegistry, skipsSuperior
    /// An official whom no message reaches, and nobody asks that his complaint go up.
    case forgetsUnreached
    /// Messages about several notices, of which nobody else learns; phones that ring at night.
    case forgetsGroups, ringsAtNight
    /// A message from a phone that a gateway brings twice, and that is answered twice.
    case answersTwice
    case writesWordsLate, copiesWords, keysByAnotherValue, forgetsErasure
}
