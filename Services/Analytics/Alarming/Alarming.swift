import Crypto
import Models
import Processing
import Text

/// Files a complaint about a water that is worse than it may be, and resolves it when the water is good
/// again.
///
/// Keyed by section. It judges the latest known readings of the section by the registry and the rules as they
/// are now. The order in which readings came, and how often, makes no difference. The readings are restored
/// from the assessments, and the alarms from its own log.
struct Alarming: Processor {
    struct State: Codable, StoredState {
        var samples = Samples()
        /// At most one of each item.
        var open: [AlarmItem: Open] = [:]
        /// The reading that cleared the last alarm of an item.
        var clearedThrough: [AlarmItem: Instant] = [:]
    }

    /// An alarm that was raised and is not cleared yet.
    struct Open: Codable, Equatable, Sendable {
        let since: Instant
        /// The parameters that exceeded their limits, the worst first. The texts show the curve of the first.
        let parameters: [Parameter]
        var notes = 0
        /// When the complaint last got a text about the alarm.
        var toldAt: Instant
        /// The reading after which the complaint was told that no more came.
        var silentAfter: Instant?
    }

    enum Input: Equatable, Sendable {
        /// The trail is for everything that follows from the input (`CloudEvent.next`).
        case assessed(Reading, Trail)
        /// A reading of an outfall. `Inspecting` looks at those.
        case discharged
        /// No reading came for `AlarmRules.silentAfter`.
        case silent(SectionID)
    }

    enum Fact: Equatable, Sendable {
        /// Already on the log, as the assessment itself.
        case assessed(Sample)
        case happened(Happening)
    }

    struct Happening: Equatable, Sendable {
        let event: AlarmEvent
        let trail: Trail
        /// The order to Routing that goes with the event; nil when the event is read back from the own log.
        let order: SystemOrder?
    }

    private var registry: Registry
    private let rules: AlarmRules

    init(registry: Registry = Registry(), rules: AlarmRules = AlarmRules()) {
        self.registry = registry
        self.rules = rules
    }

    let name = "dayu-analytics.alarming"
    let inputs: [Topic] = [.assessments]
    let memory: [Topic] = [.assessments, .alarms]
    let stateShape = 3

    mutating func adopt(_ registry: Registry) { self.registry = registry }

    // MARK: Reading

    func understand(_ record: Record) throws(Malformed) -> (key: String, input: Input) {
        let event = try record.cloudEvent()
        let key = try record.keyText()
        guard let data = event.data else {
            throw Malformed("", "the \(record.topic.rawValue) record has no data")
        }
        let assessment = try JSON.decode(Assessment.self, from: data)
        let reading = assessment.reading
        if !reading.faults.isEmpty { throw Malformed(reading.faults) }
        guard reading.section.rawValue == key else {
            throw Malformed("section", "differs from the record's key")
        }
        return (key, assessment.body == nil ? .discharged : .assessed(reading, event.next))
    }

    func recall(_ record: Record) throws(Malformed) -> (key: String, fact: Fact) {
        if record.topic == .assessments {
            guard case (let key, .assessed(let reading, _)) = try understand(record) else {
                throw Malformed("", "is not an assessment of a section")
            }
            guard let sample = Sample(reading) else { throw Malformed("period", "must not be a whole day") }
            return (key, .assessed(sample))
        }
        let event = try record.cloudEvent()
        let happening = Happening(event: try AlarmEvent(event), trail: event.trail, order: nil)
        return (try record.keyText(), .happened(happening))
    }

    // MARK: Deciding

    func decide(
        _ state: State?, _ input: Input, at now: Instant, caughtUp: Bool
    ) throws(Refusal) -> [Fact] {
        switch input {
        case .assessed(let reading, let trail):
            guard let sample = Sample(reading) else { return [] }
            let seen = Fact.assessed(sample)
            guard let section = registry.sections[reading.section] else { return [seen] }
            var watch = Watch(
                evolve(state, seen) ?? State(), of: section, in: registry, by: rules, at: now)
            AlarmItem.allCases.forEach { watch.look(at: $0) }
            return [seen] + watch.told.map { fact($0, trail.at(now)) }
        case .discharged: return []
        case .silent(let section):
            guard let state, let latest = state.samples.latest?.at, latest + rules.silentAfter <= now else {
                return []
            }
            let told = Watch.silence(in: state, of: section, after: latest, by: rules)
            let trail = Trail(at: now, cause: "silent/\(section)/\(latest)")
            return told.map { fact($0, trail) }
        }
    }

    private func fact(_ told: Watch.Told, _ trail: Trail) -> Fact {
        .happened(Happening(event: told.event, trail: trail, order: told.order))
    }

    func evolve(_ state: State?, _ fact: Fact) -> State? {
        var next = state ?? State()
        switch fact {
        case .assessed(let sample): next.samples.take(sample)
        case .happened(let happening): next.take(happening.event, at: happening.trail.at)
        }
        return next == State() ? nil : next
    }

    func wakeUp(of state: State) -> Instant? {
        guard let latest = state.samples.latest?.at,
            state.open.values.contains(where: { $0.isUntold(ofSilenceAfter: latest) })
        else { return nil }
        return latest + rules.silentAfter
    }

    func wokenUp(_ key: String) -> Input? { SectionID(key).map(Input.silent) }

    // MARK: Writing

    /// The event of the alarm, then the words, then the submission or action that refers to them. The same
    /// alarm event gives its records the same id, so that Routing recognises what it has already done.
    func records(of fact: Fact) -> [Outgoing] {
        guard case .happened(let happening) = fact else { return [] }
        let event = happening.event
        let told = Outgoing(
            .alarms, key: event.alarm.section.rawValue, id: event.id, source: name,
            type: EventType(AlarmEvent.subject, event.kind.rawValue), trail: happening.trail, data: event.data
        )
        let order = happening.order?.records(of: event.id, from: name, happening.trail)
        return [told] + (order ?? [])
    }
}

extension Alarm {
    /// The alarm's complaint. The code is derived from public data, so an alarm that is raised twice is one
    /// complaint, and anybody can find the complaint of an alarm. No citizen has an id that leads to it.
    var complaint: TrackingCode { TrackingCode(digest: SHA256.hash("dayu alarm\n\(self)")) }
}

extension Alarming.State {
    /// The only way in which alarms change. An event that is known already changes nothing: a restore may
    /// read the own log from a position that the stored state is already past.
    mutating func take(_ event: AlarmEvent, at moment: Instant) {
        let alarm = event.alarm
        switch event {
        case .raised(let raised):
            guard open[alarm.item] == nil, isAfterTheLast(alarm) else { return }
            open[alarm.item] = Alarming.Open(
                since: alarm.since, parameters: raised.exceeded.map(\.parameter), toldAt: moment)
        case .noted(let noted):
            guard var known = open[alarm.item], known.since == alarm.since, noted.number > known.notes else {
                return
            }
            known.notes = noted.number
            known.toldAt = moment
            if noted.why == .silent { known.silentAfter = noted.latest }
            open[alarm.item] = known
        case .cleared(let cleared):
            guard open[alarm.item]?.since == alarm.since else { return }
            open[alarm.item] = nil
            clearedThrough[alarm.item] = cleared.through
        }
    }

    private func isAfterTheLast(_ alarm: Alarm) -> Bool {
        clearedThrough[alarm.item].map { $0 < alarm.since } ?? true
    }
}

extension Alarming.Open {
    func isUntold(ofSilenceAfter latest: Instant) -> Bool { silentAfter.map { $0 < latest } ?? true }
}
