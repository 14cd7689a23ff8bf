import Models
import Processing
import Text

/// A small processor for the tests: coins go into purses, a big coin has to be counted a minute later, an
/// empty purse is forgotten.
struct Purse: Processor {
    struct State: Codable, StoredState {
        var coins = 0
        var causes: Set<String> = []
        var countAt: Instant?
    }

    enum Input: Equatable, Sendable {
        case put(Int, cause: String, key: String)
        case empty(key: String)
        case count(key: String)
        case inspect(key: String)
    }

    enum Fact: Equatable, Sendable {
        case put(Int, cause: String, key: String, at: Instant)
        case emptied(key: String)
        case counted(key: String)
    }

    let name = "purse"
    let inputs: [Topic] = [.contacts, .actions]
    let memory: [Topic] = [.events]
    /// Nobody waits with counting then.
    var isInspected = false

    func understand(_ record: Record) throws(Malformed) -> (key: String, input: Input) {
        let key = try record.keyText()
        let text = record.value.map { String(decoding: $0, as: UTF8.self) } ?? "empty"
        if text == "empty" { return (key, .empty(key: key)) }
        guard let coins = Int(text) else { throw Malformed("value", "is no number of coins") }
        return (key, .put(coins, cause: "\(record.topic.rawValue)/\(record.offset)", key: key))
    }

    func recall(_ record: Record) throws(Malformed) -> (key: String, fact: Fact) {
        switch try understand(record) {
        case (let key, .put(let coins, let cause, _)):
            (key, .put(coins, cause: cause, key: key, at: record.timestamp))
        case (let key, .empty): (key, .emptied(key: key))
        case (let key, .count), (let key, .inspect): (key, .counted(key: key))
        }
    }

    func decide(_ state: State?, _ input: Input, at now: Instant, caughtUp: Bool) throws(Refusal) -> [Fact] {
        switch input {
        case .put(let coins, let cause, let key):
            if state?.causes.contains(cause) == true { return [] }
            if coins < 0 { throw .rule("coins are not taken out") }
            if coins == 0, !caughtUp { throw .awaits(.contacts) }
            return [.put(coins, cause: cause, key: key, at: now)]
        case .empty(let key): return state == nil ? [] : [.emptied(key: key)]
        case .count(let key):
            guard let countAt = state?.countAt, countAt <= now else { return [] }
            return [.counted(key: key)]
        case .inspect(let key): return isInspected ? [.counted(key: key)] : []
        }
    }

    func evolve(_ state: State?, _ fact: Fact) -> State? {
        var next = state ?? State()
        switch fact {
        case .put(let coins, let cause, _, let at):
            guard next.causes.insert(cause).inserted else { return state }
            next.coins += coins
            if coins >= 100 { next.countAt = at + .seconds(60) }
        case .emptied: return nil
        case .counted: next.countAt = nil
        }
        return next
    }

    func records(of fact: Fact) -> [Outgoing] {
        let (key, text) =
            switch fact {
            case .put(let coins, _, let key, _): (key, "\(coins)")
            case .emptied(let key): (key, "emptied")
            case .counted(let key): (key, "counted")
            }
        return [
            Outgoing(
                topic: .events, key: key,
                event: CloudEvent(
                    id: text, source: name, type: "t", trail: Trail(at: start), data: Array(text.utf8)))
        ]
    }

    func wakeUp(of state: State) -> Instant? { state.countAt }
    func wokenUp(_ key: String) -> Input? { .count(key: key) }
    func review(_ key: String) -> Input? { .inspect(key: key) }
}

let start = Instant(millisecondsSince1970: 1_800_000_000_000)

/// A record of `text` for the purse `key`; nil is a tombstone.
func record(
    _ text: String?, key: String? = "anna", offset: Int64 = 0, topic: Topic = .actions,
    headers: [Record.Header] = []
) -> Record {
    Record(
        topic: topic, partition: 3, offset: offset, timestamp: start, key: key.map { Array($0.utf8) },
        value: text.map { Array($0.utf8) }, headers: headers)
}

/// The store that a partition loads from, and how often it was asked.
final class Shelf {
    struct Broken: Error {}

    var states: [String: Purse.State] = [:]
    var loads: [String] = []
    var isBroken = false

    func load(_ key: String) throws -> Purse.State? {
        if isBroken { throw Broken() }
        loads.append(key)
        return states[key]
    }

    /// What the loop does after a commit.
    func save(_ partition: inout Partition<Purse>) throws {
        for change in partition.changes {
            states[change.key] = try change.state.map(Purse.State.init(stored:))
        }
        partition.saved()
    }
}
