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
    struct State: Codable, StoredState {
        var readings = DayReadings()
        /// How often the day was published.
        var version = 0
        /// What was published last is not what the readings give. That is so only after a restore, until the
        /// inputs are taken again.
        var isStale = false
    }

    enum Input: Equatable, Sendable {
        case assessed(CountedReading, version: Int, DayKey, Trail)
    }

    enum Fact: Equatable, Sendable {
        /// Already on the log, as the assessment itself.
        case counted(CountedReading, version: Int)
        case summarised(DaySummary, version: Int, Trail)
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

    mutating func adopt(_ registry: Registry) {
        self.registry = registry
        findZones()
    }

    private mutating func findZones() {
        zones = registry.sections.mapValues { registry.zone(of: $0) }
        cityZone = registry.cityZone
    }

    // MARK: Reading

    func understand(_ record: Record) throws(Malformed) -> (key: String, input: Input) {
        let event = try record.cloudEvent()
        let key = try record.keyText()
        guard let data = event.data else {
            throw Malformed("", "the \(record.topic.rawValue) record has no data")
        }
        guard let version = event.version else { throw Malformed("ce_version", "is missing") }
        let reading = try JSON.decode(Assessment.self, from: data).reading
        if !reading.faults.isEmpty { throw Malformed(reading.faults) }
        guard reading.section.rawValue == key else {
            throw Malformed("section", "differs from the record's key")
        }
        let day = (zones[reading.section] ?? cityZone).day(at: reading.observedAt)
        return (
            DaySummary.key(reading.section, day),
            .assessed(
                CountedReading(reading), version: version, DayKey(section: reading.section, day: day),
                event.next.at(reading.observedAt))
        )
    }

    func recall(_ record: Record) throws(Malformed) -> (key: String, fact: Fact) {
        if record.topic == .assessments {
            switch try understand(record) {
            case (let key, .assessed(let reading, let version, _, _)):
                return (key, .counted(reading, version: version))
            }
        }
        let event = try record.cloudEvent()
        guard let data = event.data else { throw Malformed("", "is a tombstone, which is not allowed here") }
        guard let version = event.version else { throw Malformed("ce_version", "is missing") }
        let key = try record.keyText()
        return (key, .summarised(try DaySummary(data, key: key), version: version, event.trail))
    }

    // MARK: Deciding

    /// An assessment that changes no figure publishes nothing.
    func decide(
        _ state: State?, _ input: Input, at now: Instant, caughtUp: Bool
    ) throws(Refusal) -> [Fact] {
        let (reading, version, key, trail) =
            switch input {
            case .assessed(let reading, let version, let key, let trail): (reading, version, key, trail)
            }
        let before = state ?? State()
        guard before.readings.canTake(reading) else {
            throw .rule("\(key.section) has more than \(DayReadings.limit) readings on \(key.day)")
        }
        let counted = Fact.counted(reading, version: version)
        let after = evolve(state, counted) ?? State()
        guard after.isStale else { return after == before ? [] : [counted] }
        let summary = DaySummary(section: key.section, day: key.day, summary: after.readings.summary)
        return [counted, .summarised(summary, version: before.version + 1, trail)]
    }

    func evolve(_ state: State?, _ fact: Fact) -> State? {
        var next = state ?? State()
        switch fact {
        case .counted(let reading, let version):
            if next.readings.take(reading, version: version) { next.isStale = true }
        case .summarised(let summary, let version, _):
            // A restore may read the own log from a position that the stored state is already past.
            guard version > next.version else { return state }
            next.version = version
            next.isStale = next.readings.summary != summary.summary
        }
        return next == State() ? nil : next
    }

    // MARK: Writing

    func records(of fact: Fact) -> [Outgoing] {
        guard case .summarised(let summary, let version, let trail) = fact else { return [] }
        let event = CloudEvent(
            id: "\(summary.key)/\(version)", source: name, type: DaySummary.type.description,
            subject: summary.section.rawValue, version: version, trail: trail, data: JSON.encode(summary))
        return [Outgoing(topic: .summaries, key: summary.key, event: event)]
    }
}

extension Summarising.State: JSONCoded {
    init(_ json: JSONNode) throws(Malformed) {
        isStale = try json.field("isStale")
        readings = try json.field("readings")
        version = try json.field("version")
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("isStale", isStale)
            json.field("readings", readings)
            json.field("version", version)
        }
    }
}
