import Testing

@testable import Kafka

/// The table (call, gravity) → remedy, written a second time: one row for each case.
@Suite struct RemedyTests {
    @Test(
        arguments: [
            (.configure, [.restart, .restart, .restart, .restart]),
            (.event, [.restart, .retry, .retry, .retry]),
            (.delivery, [.restart, .retry, .retry, .retry]),
            (.ask, [.restart, .retry, .retry, .retry]),
            (.send, [.restart, .retry, .retry, .retry]),
            (.initTransactions, [.restart, .restart, .retry, .restart]),
            (.begin, [.restart, .abortTransaction, .retry, .restart]),
            (.sendInTransaction, [.restart, .abortTransaction, .abortTransaction, .abortTransaction]),
            (.sendOffsets, [.restart, .abortTransaction, .retry, .restart]),
            (.commit, [.restart, .abortTransaction, .retry, .restart]),
            (.abort, [.restart, .retry, .retry, .restart]),
        ] as [(Call, [Remedy])])
    func tableOfRemedies(call: Call, remedies: [Remedy]) {
        // Fatal, requires an abort, retriable, none of them.
        #expect(Gravity.allCases.map { Remedy(call, $0) } == remedies)
    }

    @Test func everyCallStandsInTheTable() { #expect(Call.allCases.count == 11) }

    @Test(
        arguments: [
            (.commit, .restart), (.abort, .restart), (.begin, .restart),
            (.sendOffsets, .abortTransaction), (.initTransactions, .retry), (.ask, .retry),
        ] as [(Call, Remedy)])
    func whenTheTimeIsOver(call: Call, remedy: Remedy) {
        #expect(Remedy(afterTimeIsOver: call) == remedy)
    }

    /// Codes that end a handle whatever flags they come with: `_FATAL`, `_FENCED`, PRODUCER_FENCED,
    /// FENCED_INSTANCE_ID. INVALID_PRODUCER_EPOCH alone does not: a broker also says it of a transaction that
    /// took too long, and then librdkafka gets a new epoch.
    @Test(
        arguments: [(-150, .fatal), (-144, .fatal), (90, .fatal), (82, .fatal), (47, .requiresAbort)]
            as [(Int32, Gravity)])
    func codesThatEndAHandle(code: Int32, gravity: Gravity) {
        #expect(Gravity(code: code, isFatal: false, requiresAbort: true, isRetriable: true) == gravity)
    }

    @Test func flagsRankAsInTheExampleOfLibrdkafka() {
        #expect(Gravity(code: 1, isFatal: true, requiresAbort: true, isRetriable: true) == .fatal)
        #expect(Gravity(code: 1, isFatal: false, requiresAbort: true, isRetriable: true) == .requiresAbort)
        #expect(Gravity(code: 1, isFatal: false, requiresAbort: false, isRetriable: true) == .retriable)
        #expect(Gravity(code: 1, isFatal: false, requiresAbort: false, isRetriable: false) == .plain)
    }
}

@Suite struct RetryingTests {
    private let backoff = Backoff(first: .milliseconds(20), ceiling: .seconds(1))

    @Test func pausesDoubleUpToTheCeiling() {
        let pauses = (1...9).map { backoff.pause(after: $0, chance: 1) }
        #expect(pauses == [20, 40, 80, 160, 320, 640, 1_000, 1_000, 1_000].map { .milliseconds($0) })
        #expect(backoff.pause(after: 1_000_000, chance: 1) == .seconds(1))
    }

    @Test func chanceTakesUpToHalfOfIt() {
        #expect(backoff.pause(after: 3, chance: 0) == .milliseconds(40))
        #expect(backoff.pause(after: 3, chance: 0.5) == .milliseconds(60))
    }

    @Test func lastAttemptIsAtTheEndOfTheTime() {
        let start = ContinuousClock.now
        var retrying = Retrying(backoff, until: start + .milliseconds(30))
        #expect(retrying.pause(at: start, chance: 1) == .milliseconds(20))
        #expect(retrying.pause(at: start + .milliseconds(20), chance: 1) == .milliseconds(10))
        #expect(retrying.pause(at: start + .milliseconds(30), chance: 1) == nil)
        #expect(retrying.left(at: start + .milliseconds(31)) == .zero)
    }

    /// A broker that fails for ten seconds is asked fifteen times, not a thousand times.
    @Test func failingBrokerIsNotHammered() {
        let start = ContinuousClock.now
        var now = start
        var retrying = Retrying(backoff, until: start + .seconds(10))
        while let pause = retrying.pause(at: now, chance: 1) { now += pause }
        #expect(retrying.attempts == 15)
    }
}
