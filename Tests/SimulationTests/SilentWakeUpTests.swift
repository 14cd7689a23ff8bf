import Models
import Processing
import Support
import Testing
import Text

/// A wake-up may change a state and have nothing to tell. The simulation found that the change was not saved,
/// and that no other key of the partition woke up from then on.
@Suite("A wake-up that writes no record") struct SilentWakeUpTests {
    @Test func isSavedAndHoldsUpNoOther() throws {
        let stage = Stage(Bells())
        let process = stage.start("a")
        try stage.settle(process)
        stage.set("silent", after: .seconds(60))
        stage.set("loud", after: .seconds(3600))
        try stage.settle(process)
        stage.skew = .seconds(1800)
        try stage.settle(process)
        #expect(stage.rung.isEmpty)
        stage.skew = .seconds(7200)
        try stage.settle(process)
        #expect(stage.rung == ["loud"])
    }
}

/// Bells that ring once; only the loud one is heard.
private struct Bells: Processor {
    struct State: Codable, StoredState { let at: Instant }

    enum Input: Sendable { case set(Instant), due(String) }

    enum Fact: Sendable { case set(Instant), rung(String) }

    let name = "bells"
    let inputs: [Topic] = [.reports]
    let memory: [Topic] = [.reports]

    func understand(_ record: Record) throws(Malformed) -> (key: String, input: Input) {
        (try record.keyText(), .set(try Self.moment(record)))
    }

    func recall(_ record: Record) throws(Malformed) -> (key: String, fact: Fact) {
        (try record.keyText(), .set(try Self.moment(record)))
    }

    private static func moment(_ record: Record) throws(Malformed) -> Instant {
        try JSON.decode(State.self, from: record.value ?? []).at
    }

    func decide(
        _ state: State?, _ input: Input, at now: Instant, caughtUp: Bool
    ) throws(Refusal) -> [Fact] {
        switch input {
        case .set(let at): [.set(at)]
        case .due(let key): [.rung(key)]
        }
    }

    func evolve(_ state: State?, _ fact: Fact) -> State? {
        switch fact {
        case .set(let at): State(at: at)
        case .rung: nil
        }
    }

    func records(of fact: Fact) -> [Outgoing] {
        guard case .rung(let key) = fact, key == "loud" else { return [] }
        return [
            Outgoing(
                .alarms, key: key, id: key, source: name, type: EventType("bell", "rung"),
                trail: Trail(at: Instant(millisecondsSince1970: 0)), data: [])
        ]
    }

    func wakeUp(of state: State) -> Instant? { state.at }
    func wokenUp(_ key: String) -> Input? { .due(key) }
}

extension Stage<Bells> {
    fileprivate func set(_ key: String, after time: Duration) {
        cluster.append(
            .reports, key: Array(key.utf8), value: JSON.encode(Bells.State(at: now + time)), headers: [])
    }

    fileprivate var rung: [String] {
        cluster.committedRecords(.alarms).compactMap { try? $0.keyText() }
    }
}
