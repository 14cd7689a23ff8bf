import Models
import Processing
import Text

@testable import Notification

/// Dispatch with the planted bug that lies in it.
struct FaultyDispatch: Processor {
    private let dispatch: Dispatch
    let bug: Bug?

    var name: String { dispatch.name }
    var stateShape: Int { dispatch.stateShape }
    var inputs: [Topic] { dispatch.inputs }
    var memory: [Topic] { dispatch.memory }

    init(
        limits: NumberLimits = NumberLimits(), wording: Wording = Wording(), answers: PhoneAnswers = .none,
        bug: Bug?
    ) {
        dispatch = Dispatch(limits: limits, wording: wording, answers: answers)
        self.bug = bug
    }

    func understand(_ record: Record) throws(Malformed) -> (key: String, input: Dispatch.Input) {
        let (key, input) = try dispatch.understand(record)
        guard bug == .ringsAtNight, case .requested(let request, let trail) = input else {
            return (key, input)
        }
        let manner = request.manner.map {
            NoticeManner(isDigest: $0.isDigest, gist: $0.gist, dueAt: $0.dueAt, address: $0.address)
        }
        let loud = NoticeRequest(
            reference: request.reference, recipient: request.recipient, complaint: request.complaint,
            about: request.about, text: request.text, bare: request.bare, fields: request.fields,
            manner: manner, question: request.question, isUrgent: request.isUrgent)
        return (key, .requested(loud, trail))
    }

    func recall(_ record: Record) throws(Malformed) -> (key: String, fact: Dispatch.Fact) {
        let (key, fact) = try dispatch.recall(record)
        // What was sent is known to the process alone that sent it.
        guard bug == .limitsByMemory,
            case .happened(.attempted(let sent), let about, let trail, _) = fact
        else { return (key, fact) }
        let uncounted = NoticeEvent.Attempted(
            reference: sent.reference, attempt: sent.attempt, about: sent.about, complaint: sent.complaint,
            recipient: nil)
        return (key, .happened(.attempted(uncounted), about: about, trail, sends: nil))
    }

    func decide(
        _ state: DispatchState?, _ input: Dispatch.Input, at now: Instant, caughtUp: Bool
    ) throws(Refusal) -> [Dispatch.Fact] {
        try dispatch.decide(state, input, at: now, caughtUp: caughtUp)
    }

    func evolve(_ state: DispatchState?, _ fact: Dispatch.Fact) -> DispatchState? {
        var fact = fact
        if bug == .answersTwice, case .answered = fact { return state }
        if bug == .countsUnsent,
            case .happened(.deferred(let deferred), let about, let trail, let sends) = fact
        {
            let counted = NoticeEvent.Deferred(
                reference: deferred.reference, attempt: deferred.attempt, until: deferred.until,
                reason: deferred.reason)
            fact = .happened(.deferred(counted), about: about, trail, sends: sends)
        }
        let next = dispatch.evolve(state, fact)
        // The gateway's time runs while the job still waits for the pusher.
        guard bug == .countsFromTheAttempt, case .happened(.attempted(let attempted), _, let trail, _) = fact
        else { return next }
        var early = next
        early?.take(
            .taken(.init(reference: attempted.reference, attempt: attempted.attempt)), at: trail.at)
        return early
    }

    func counted(_ fact: Dispatch.Fact) -> String? { dispatch.counted(fact) }
    func records(of fact: Dispatch.Fact) -> [Outgoing] {
        // Which notices went together is known to the process alone that sent them.
        if bug == .forgetsGroups, case .happened(.grouped, _, _, _) = fact { return [] }
        return dispatch.records(of: fact).filter { bug != .forgetsUnreached || $0.topic != .actions }
    }
    func wakeUp(of state: DispatchState) -> Instant? { dispatch.wakeUp(of: state) }
    func wokenUp(_ key: String) -> Dispatch.Input? { dispatch.wokenUp(key) }
}
