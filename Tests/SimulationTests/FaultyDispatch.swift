import Models
import Processing

@testable import Notification

/// Dispatch with the planted bug that lies in it.
struct FaultyDispatch: Processor {
    private let dispatch = Dispatch()
    let bug: Bug?

    var name: String { dispatch.name }
    var stateShape: Int { dispatch.stateShape }
    var inputs: [Topic] { dispatch.inputs }
    var memory: [Topic] { dispatch.memory }

    init(bug: Bug?) { self.bug = bug }

    func understand(_ record: Record) throws(Malformed) -> (key: String, input: Dispatch.Input) {
        try dispatch.understand(record)
    }

    func recall(_ record: Record) throws(Malformed) -> (key: String, fact: Dispatch.Fact) {
        try dispatch.recall(record)
    }

    func decide(
        _ state: DispatchState?, _ input: Dispatch.Input, at now: Instant, caughtUp: Bool
    ) throws(Refusal) -> [Dispatch.Fact] {
        try dispatch.decide(state, input, at: now, caughtUp: caughtUp)
    }

    func evolve(_ state: DispatchState?, _ fact: Dispatch.Fact) -> DispatchState? {
        let next = dispatch.evolve(state, fact)
        // The gateway's time runs while the job still waits for the pusher.
        guard bug == .countsFromTheAttempt, case .happened(.attempted(let attempted), _, let at, _, _) = fact
        else { return next }
        var early = next
        early?.take(
            .taken(.init(reference: attempted.reference, attempt: attempted.attempt)), at: at)
        return early
    }

    func records(of fact: Dispatch.Fact) -> [Outgoing] { dispatch.records(of: fact) }
    func wakeUp(of state: DispatchState) -> Instant? { dispatch.wakeUp(of: state) }
    func wokenUp(_ key: String) -> Dispatch.Input? { dispatch.wokenUp(key) }
}
