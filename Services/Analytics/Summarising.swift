import Models
import Processing
import Text

/// Adds up the readings of each section and day. Everything about months, rivers and cities is made of these
/// summaries (`Evaluation`).
///
/// The state is keyed by section and day. It holds what counts of the day's readings, so that a correction or
/// a withdrawal counts the day again: one record for the day, whatever the order in which readings came. The
/// readings are restored from the assessments; the own log says what was already published.
///
/// A day is a day on the clocks of the section's region. If the registry gives a region another time zone,
/// readings that were counted stay where they are until Analytics restores its store.
struct Summarising: Processor {
    /// As bytes: `StoredDay.swift`.
    struct State: StoredState {
        var readings = DayReadings()
        /// Whether they are an outfall's. Then its hours are published, too: permits judge each of them.
        var isDischarge = false
        /// How often the day was published.
        var version = 0
        /// What was published last may not be what the readings give. That is so only after a restore, which
        /// reads assessments and summaries in any order, until the inputs are taken again.
        var isStale = false
        /// Of the data of the record that was published last; 0 if none was.
        var published: UInt64 = 0
    }

    enum Input: Equatable, Sendable {
        case assessed(CountedReading, version: Int, DayKey, isDischarge: Bool, Trail)
    }

    enum Fact: Equatable, Sendable {
        /// Already on the log, as the assessment itself.
        case counted(CountedReading, version: Int, isDischarge: Bool)
        /// Already on the log, as the summary itself.
        case summarised(DaySummary, version: Int, digest: UInt64)
        /// A reading that changes the day: what the day then is, the key of its summary, and the summary as
        /// it is written. A fact that held the reading alone would have to be added up twice, to decide and
        /// to evolve.
        case changed(State, DayKey, data: [UInt8], Trail)
        /// Already on the log: after a restore, what the readings give is what was published last.
        case confirmed(State)
    }

    struct DayKey: Equatable, Sendable {
        let section: SectionID
        let day: Day
    }

    private var registry: Registry
    /// The clocks of each section. To find the zone of a region by its name takes longer than to count a
    /// reading.
    private var zones: [SectionID: Zone] = [:]
    private var cityZone = Zone.beijing

    init(registry: Registry = Registry()) {
        self.registry = registry
        findZones()
    }

    let name = "dayu-analytics.summarising"
    let inputs: [Topic] = [.assessments]
    let memory: [Topic] = [.assessments, .summaries]
    /// 2: a state is bytes, no longer JSON. 3: it holds a digest of what was published.
    let stateShape = 3

    mutating func adopt(_ registry: Registry) {
        self.registry = registry
        findZones()
    }

    private mutating func findZones() {
        zones = registry.sections.mapValues { registry.zone(of: $0) }
        for outfall in registry.outfalls.values where outfall.enterprise != nil {
            zones[outfall.point] = zones[outfall.point] ?? registry.zone(of: outfall)
        }
        cityZone = registry.cityZone
    }

    // MARK: Reading

    func understand(_ record: Record) throws(Malformed) -> (key: String, input: Input) {
        let event = try record.cloudEvent()
        let key = try record.keyText()
        guard let data = event.data else {
            throw Malformed("", "the \(record.topic.rawValue) record has no data")
        }
        let version = try Self.version(of: event)
        let assessment = try JSON.decode(CountedAssessment.self, from: data)
        let (section, reading) = (assessment.section, assessment.reading)
        guard section.rawValue == key else { throw Malformed("section", "differs from the record's key") }
        let day = (zones[section] ?? cityZone).day(at: reading.observedAt)
        return (
            DaySummary.key(section, day),
            .assessed(
                reading, version: version, DayKey(section: section, day: day),
                isDischarge: assessment.isDischarge, event.next.at(reading.observedAt))
        )
    }

    /// What a state can store, and count up.
    private static func version(of event: CloudEvent) throws(Malformed) -> Int {
        guard let version = event.version else { throw Malformed("ce_version", "is missing") }
        guard (1..<Int(Int32.max)).contains(version) else {
            throw Malformed("ce_version", "is not between 1 and \(Int32.max - 1)")
        }
        return version
    }

    func recall(_ record: Record) throws(Malformed) -> (key: String, fact: Fact) {
        if record.topic == .assessments {
            switch try understand(record) {
            case (let key, .assessed(let reading, let version, _, let isDischarge, _)):
                return (key, .counted(reading, version: version, isDischarge: isDischarge))
            }
        }
        let event = try record.cloudEvent()
        guard let data = event.data else { throw Malformed("", "is a tombstone, which is not allowed here") }
        let version = try Self.version(of: event)
        let key = try record.keyText()
        return (
            key, .summarised(try DaySummary(data, key: key), version: version, digest: Self.digest(data))
        )
    }

    // MARK: Deciding

    /// An assessment that changes no figure publishes nothing.
    func decide(
        _ state: State?, _ input: Input, at now: Instant, caughtUp: Bool
    ) throws(Refusal) -> [Fact] {
        let (reading, version, key, isDischarge, trail) =
            switch input {
            case .assessed(let reading, let version, let key, let isDischarge, let trail):
                (reading, version, key, isDischarge, trail)
            }
        let before = state ?? State()
        guard before.readings.canTake(reading) else {
            throw .rule("\(key.section) has more than \(DayReadings.limit) readings on \(key.day)")
        }
        let counted = Fact.counted(reading, version: version, isDischarge: isDischarge)
        guard var after = evolve(state, counted) else { return [] }
        guard after.isStale else { return after == state ? [] : [counted] }
        after.isStale = false
        let data = JSON.encode(
            DaySummary(
                section: key.section, day: key.day, summary: after.summary, discharge: after.discharge))
        let digest = Self.digest(data)
        guard digest != after.published else { return [.confirmed(after)] }
        after.version += 1
        after.published = digest
        return [.changed(after, key, data: data, trail)]
    }

    func evolve(_ state: State?, _ fact: Fact) -> State? {
        var next = state ?? State()
        switch fact {
        case .counted(let reading, let version, let isDischarge):
            next.isDischarge = isDischarge
            let former = next.discharge
            guard next.readings.take(reading, version: version) else { break }
            // That a value became valid changes a summary, and no hour of an outfall.
            if !isDischarge || next.discharge != former { next.isStale = true }
        case .summarised(let summary, let version, let digest):
            // A restore may read the own log from a position that the stored state is already past.
            guard version > next.version else { return state }
            next.version = version
            next.published = digest
            next.isStale = next.summary != summary.summary || next.discharge != summary.discharge
        case .changed(let after, _, _, _), .confirmed(let after): return after
        }
        return next == State() ? nil : next
    }

    // MARK: Writing

    func records(of fact: Fact) -> [Outgoing] {
        guard case .changed(let state, let day, let data, let trail) = fact else { return [] }
        let key = DaySummary.key(day.section, day.day)
        let event = CloudEvent(
            id: "\(key)/\(state.version)", source: name, type: DaySummary.type.description,
            subject: day.section.rawValue, version: state.version, trail: trail, data: data)
        return [Outgoing(topic: .summaries, key: key, event: event)]
    }

    /// FNV-1a with 64 bits. It keeps the suite from writing twice what is already on the log, and protects
    /// nothing.
    private static func digest(_ data: [UInt8]) -> UInt64 {
        data.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}

extension Summarising.State {
    fileprivate var discharge: DischargeDay? { isDischarge ? readings.discharge : nil }

    /// An outfall is in no evaluation, so nothing of it is added up here.
    fileprivate var summary: Summary { isDischarge ? Summary() : readings.summary }
}
