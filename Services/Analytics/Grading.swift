import Models
import Processing

/// Merges the reports of each reading and gives it its class.
///
/// The records are keyed by section, the state by reading (section, time, period, origin): every report of a
/// reading has its section's key, so all of them are on one partition and in one order. It remembers by its
/// own log, because an assessment holds the whole reading.
///
/// What it keeps in memory is what changed since the last save; a reading that is spoken of again is read
/// from the store. The store holds one state for each reading on the log of assessments and no former
/// version of it, so it grows with the log and never faster.
struct Grading: Processor {
    struct State: Equatable, Sendable {
        let assessment: Assessment
        /// How often the reading was judged: 1, 2, 3 …
        let version: Int
    }

    struct Input: Equatable, Sendable {
        let report: Report
        let reportedAt: Instant
        let trail: Trail
    }

    struct Fact: Equatable, Sendable {
        let judged: State
        /// At the time of the reading; what led here is the report.
        let trail: Trail
    }

    private var registry: Registry

    init(registry: Registry = Registry()) {
        self.registry = registry
    }

    let name = "dayu-analytics.grading"
    let inputs: [Topic] = [.reports]
    let memory: [Topic] = [.assessments]

    mutating func adopt(_ registry: Registry) {
        self.registry = registry
    }

    // MARK: Reading

    func understand(_ record: Record) throws(Malformed) -> (key: String, input: Input) {
        let event = try record.cloudEvent()
        let report = try JSON.decode(Report.self, from: try data(of: event, record))
        if !report.faults.isEmpty { throw Malformed(report.faults) }
        try check(report.section, record)
        return (
            report.key.description,
            Input(report: report, reportedAt: event.time, trail: event.next.at(report.observedAt))
        )
    }

    func recall(_ record: Record) throws(Malformed) -> (key: String, fact: Fact) {
        let event = try record.cloudEvent()
        let assessment = try JSON.decode(Assessment.self, from: try data(of: event, record))
        try check(assessment.reading.section, record)
        guard let version = event.version else { throw Malformed("ce_version", "is missing") }
        let fact = Fact(
            judged: State(assessment: assessment, version: version), trail: event.trail)
        return (assessment.reading.id, fact)
    }

    private func data(of event: CloudEvent, _ record: Record) throws(Malformed) -> [UInt8] {
        guard let data = event.data else { throw Malformed("", "a \(record.topic.rawValue) record has data") }
        return data
    }

    /// Another key would put it on another partition, and the reports of a reading would not meet.
    private func check(_ section: SectionID, _ record: Record) throws(Malformed) {
        guard section.rawValue == (try record.keyText()) else {
            throw Malformed("section", "differs from the record's key")
        }
    }

    // MARK: Judging

    /// A report without news decides nothing, unless the registry has other limits for the section by now.
    func decide(
        _ state: State?, _ input: Input, at now: Instant, caughtUp: Bool
    ) throws(Refusal) -> [Fact] {
        let report = input.report
        guard (report.observedAt - now).wholeMilliseconds <= Limit.readingAheadMilliseconds else {
            throw .rule("observedAt lies in the future: \(report.observedAt)")
        }
        guard let section = registry.sections[report.section] else {
            throw .rule("\(report.section) is not a section here")
        }
        var reading = state?.assessment.reading ?? Reading(report.key)
        reading.take(report, reportedAt: credible(input.reportedAt, at: now))
        guard !reading.parts.isEmpty else { return [] }
        let assessment = Assessment(reading, of: section.body)
        guard assessment != state?.assessment else { return [] }
        let judged = State(assessment: assessment, version: (state?.version ?? 0) + 1)
        return [Fact(judged: judged, trail: input.trail)]
    }

    /// A clock that is far ahead must not forbid corrections until its time has come. One that is a little
    /// ahead is as good as ours, which may be behind.
    private func credible(_ reportedAt: Instant, at now: Instant) -> Instant {
        (reportedAt - now).wholeMilliseconds <= Limit.readingAheadMilliseconds ? reportedAt : now
    }

    /// The own log may be read from a position that lies before what the store holds.
    func evolve(_ state: State?, _ fact: Fact) -> State? {
        if let state, state.version >= fact.judged.version { return state }
        return fact.judged
    }

    func records(of fact: Fact) -> [Outgoing] {
        let reading = fact.judged.assessment.reading
        let event = CloudEvent(
            id: "\(reading.id)/\(fact.judged.version)", source: name,
            type: EventType("reading", "assessed").description, subject: reading.section.rawValue,
            version: fact.judged.version, trail: fact.trail, data: JSON.encode(fact.judged.assessment))
        return [Outgoing(topic: .assessments, key: reading.section.rawValue, event: event)]
    }
}

extension Grading.State: StoredState, Codable, JSONCoded {
    init(_ json: JSONNode) throws(Malformed) {
        assessment = try json.field("assessment")
        version = try json.field("version")
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("assessment", assessment)
            json.field("version", version)
        }
    }
}
