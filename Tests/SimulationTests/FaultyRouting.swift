import Models
import Processing
import Text

@testable import Routing

/// Routing with the planted bugs that lie in a processor.
struct FaultyRouting: Processor {
    var routing: Routing
    let bug: Bug?

    var name: String { routing.name }
    var inputs: [Topic] { routing.inputs }
    var memory: [Topic] { routing.memory }

    mutating func adopt(_ registry: Registry) { routing.adopt(registry) }

    func understand(_ record: Record) throws(Malformed) -> (key: String, input: Routing.Input) {
        try routing.understand(record)
    }

    func recall(_ record: Record) throws(Malformed) -> (key: String, fact: Routing.Fact) {
        try routing.recall(record)
    }

    func decide(
        _ state: Complaint?, _ input: Routing.Input, at now: Instant, caughtUp: Bool
    ) throws(Refusal) -> [Routing.Fact] {
        var state = state
        if bug == .appliesDuplicates { state?.causes = [] }
        if bug == .skipsSuperior, case .elapsed = input, let last = state?.ladder.last,
            let next = Town.registry.superiors(of: last).first
        {
            state?.ladder.append(next)
        }
        return try routing.decide(state, input, at: now, caughtUp: caughtUp)
    }

    func evolve(_ state: Complaint?, _ fact: Routing.Fact) -> Complaint? {
        var state = state
        if bug == .ignoresVersions, case .happened(let fact) = fact, let version = state?.version {
            state?.version = min(version, fact.version - 1)
        }
        return routing.evolve(state, fact)
    }

    func records(of fact: Routing.Fact) -> [Outgoing] { routing.records(of: fact) }
    func answer(to input: Routing.Input, refused reason: String, at now: Instant) -> [Outgoing] {
        routing.answer(to: input, refused: reason, at: now)
    }
    func wakeUp(of state: Complaint) -> Instant? { routing.wakeUp(of: state) }
    func wokenUp(_ key: String) -> Routing.Input? { routing.wokenUp(key) }
    func review(_ key: String) -> Routing.Input? { routing.review(key) }
    func nextReview(after now: Instant) -> Instant? { routing.nextReview(after: now) }
}
