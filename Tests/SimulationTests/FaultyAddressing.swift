import Models
import Processing
import Text

@testable import Notification

/// Addressing with the planted bug that lies in it.
struct FaultyAddressing: Processor {
    private var addressing: Addressing
    let bug: Bug?

    var name: String { addressing.name }
    var stateShape: Int { addressing.stateShape }
    var inputs: [Topic] { addressing.inputs }
    var memory: [Topic] { addressing.memory }

    init(_ addressing: Addressing, bug: Bug?) {
        self.addressing = addressing
        self.bug = bug
    }

    mutating func adopt(_ registry: Registry) { addressing.adopt(registry) }

    func understand(_ record: Record) throws(Malformed) -> (key: String, input: Addressing.Input) {
        try addressing.understand(record)
    }

    func recall(_ record: Record) throws(Malformed) -> (key: String, fact: Addressing.Fact) {
        try addressing.recall(record)
    }

    func decide(
        _ state: AddressingState?, _ input: Addressing.Input, at now: Instant, caughtUp: Bool
    ) throws(Refusal) -> [Addressing.Fact] {
        try addressing.decide(state, input, at: now, caughtUp: caughtUp)
    }

    func evolve(_ state: AddressingState?, _ fact: Addressing.Fact) -> AddressingState? {
        // Erased words stay in the state.
        if bug == .forgetsErasure, case .words(_, nil, _) = fact { return state }
        return addressing.evolve(state, fact)
    }

    func counted(_ fact: Addressing.Fact) -> String? { addressing.counted(fact) }
    func records(of fact: Addressing.Fact) -> [Outgoing] { addressing.records(of: fact) }
}
