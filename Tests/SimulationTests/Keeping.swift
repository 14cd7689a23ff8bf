import Models
import Processing
import Testing
import Text

/// A small processor for the tests: whoever is the registry's chief, or stands in for him, keeps what is
/// open; what is not closed before closes when its time has come.
struct Keeping: Processor {
    struct State: Codable, StoredState {
        var keeper: String
        let closesAt: Instant
        var isClosed = false
    }

    enum Input: Equatable, Sendable {
        case open(minutes: Int, key: String)
        case close(key: String)
        case ring(key: String)
        case look(key: String)
    }

    enum Fact: Equatable, Sendable {
        case opened(keeper: String, closesAt: Int64, key: String)
        case moved(to: String, key: String)
        case closed(key: String)
    }

    let name = "keeping"
    let inputs: [Topic] = [.submissions]
    let memory: [Topic] = [.events]
    private var registry = Registry()

    mutating func adopt(_ registry: Registry) { self.registry = registry }

    func keeper(at now: Instant) -> String {
        guard let chief = registry.chiefs.values.first else { return "nobody" }
        let absence = chief.absence(on: Zone.beijing.day(at: now))
        return (absence.map { $0.deputy ?? chief.id } ?? chief.id).rawValue
    }

    func understand(_ record: Record) throws(Malformed) -> (key: String, input: Input) {
        let key = try record.keyText()
        let text = String(decoding: record.value ?? [], as: UTF8.self)
        return (key, Int(text).map { .open(minutes: $0, key: key) } ?? .close(key: key))
    }

    func recall(_ record: Record) throws(Malformed) -> (key: String, fact: Fact) {
        let key = try record.keyText()
        let words = String(decoding: record.value ?? [], as: UTF8.self).split(separator: " ").map(String.init)
        switch (words.first, words.count) {
        case ("opened", 3): return (key, .opened(keeper: words[1], closesAt: Int64(words[2]) ?? 0, key: key))
        case ("moved", 2): return (key, .moved(to: words[1], key: key))
        default: return (key, .closed(key: key))
        }
    }

    func decide(_ state: State?, _ input: Input, at now: Instant, caughtUp: Bool) throws(Refusal) -> [Fact] {
        switch input {
        case .open(let minutes, let key):
            guard state == nil else { return [] }
            let closesAt = now + .seconds(60 * minutes)
            return [.opened(keeper: keeper(at: now), closesAt: closesAt.millisecondsSince1970, key: key)]
        case .close(let key): return state?.isClosed == false ? [.closed(key: key)] : []
        case .ring(let key):
            guard let state, !state.isClosed, state.closesAt <= now else { return [] }
            return [.closed(key: key)]
        case .look(let key):
            // Asked of a closed one this would move it: nobody may ask.
            guard let state, state.keeper != keeper(at: now) else { return [] }
            return [.moved(to: keeper(at: now), key: key)]
        }
    }

    func evolve(_ state: State?, _ fact: Fact) -> State? {
        var next = state
        switch fact {
        case .opened(let keeper, let closesAt, _):
            next = State(keeper: keeper, closesAt: Instant(millisecondsSince1970: closesAt))
        case .moved(let keeper, _): next?.keeper = keeper
        case .closed: next?.isClosed = true
        }
        return next
    }

    func records(of fact: Fact) -> [Outgoing] {
        let (key, text) =
            switch fact {
            case .opened(let keeper, let closesAt, let key): (key, "opened \(keeper) \(closesAt)")
            case .moved(let keeper, let key): (key, "moved \(keeper)")
            case .closed(let key): (key, "closed")
            }
        let event = CloudEvent(
            id: text, source: name, type: "t", trail: Trail(at: Instant(millisecondsSince1970: 0)),
            data: Array(text.utf8))
        return [Outgoing(topic: .events, key: key, event: event)]
    }

    func wakeUp(of state: State) -> Instant? { state.isClosed ? nil : state.closesAt }
    func wokenUp(_ key: String) -> Input? { .ring(key: key) }
    func review(_ key: String) -> Input? { .look(key: key) }

    func nextReview(after now: Instant) -> Instant? {
        registry.chiefs.values.flatMap(\.absences).flatMap { [$0.from, $0.to.adding(days: 1)] }
            .map(Zone.beijing.start).filter { $0 > now }.min()
    }

    /// A registry in which this chief keeps everything.
    static func registry(_ chief: String, absences: [Absence] = []) throws -> Registry {
        Registry([
            .chief(
                Chief(
                    id: try #require(ChiefID(chief)), name: Name(zh: "河长", en: "Chief"), title: "河长",
                    level: .village, region: try #require(RegionID("town")), absences: absences))
        ])
    }
}

extension Stage<Keeping> {
    func open(_ key: String, minutes: Int = 100_000) {
        cluster.append(.submissions, key: Array(key.utf8), value: Array("\(minutes)".utf8), headers: [])
    }

    func close(_ key: String) {
        cluster.append(.submissions, key: Array(key.utf8), value: Array("close".utf8), headers: [])
    }

    /// What happened to each key, in order.
    func lives() -> [String: [String]] {
        Dictionary(grouping: cluster.committedRecords(.events)) {
            String(decoding: $0.key ?? [], as: UTF8.self)
        }
        .mapValues { $0.map { String(decoding: $0.value ?? [], as: UTF8.self) } }
    }

    /// How often something happened.
    func count(_ text: String) -> Int { lives().values.joined().count { $0.hasPrefix(text) } }
}
