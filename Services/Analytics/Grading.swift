import Models
import Processing
import Text

/// Merges the reports and reviews of each reading, and assigns its class. A measurement that nobody reviews
/// becomes valid by itself.
///
/// The records are keyed by section, the state by reading (section, time, period, origin): every report of a
/// reading has its section's key, so all of them are on one partition and in one order. Its state is restored
/// from its own log, because an assessment holds the whole reading.
///
/// In memory it keeps only what changed since the last save. When a reading comes again, it is read from the
/// store. The store holds only the latest state of each reading on the log of assessments, so it never grows
/// faster than the log.
struct Grading: Processor {
    struct State: Equatable, Sendable {
        let assessment: Assessment
        /// How often the reading was judged: 1, 2, 3 …
        let version: Int
    }

    enum Input: Equatable, Sendable {
        case reported(Report, at: Instant, Trail)
        case reviewed(Review, at: Instant, Trail)
        /// A measurement has been provisional for as long as it may be.
        case aged
    }

    struct Fact: Equatable, Sendable {
        let judged: State
        /// Its time is that of the reading; its cause is the input that was decided.
        let trail: Trail
        /// The publisher gave another class, and before this fact there was no such difference.
        var beginsToDiffer = false
    }

    private var registry: Registry
    private let validAfter: Duration?

    /// - Parameter validAfter: the time after its report when a measurement that nobody reviews becomes
    ///   valid; nil means never.
    init(registry: Registry = Registry(), validAfter: Duration? = nil) {
        self.registry = registry
        self.validAfter = validAfter
    }

    let name = "dayu-analytics.grading"
    let inputs: [Topic] = [.reports]
    let memory: [Topic] = [.assessments]
    /// 2: a state that holds something provisional has a wake-up.
    let stateShape = 2

    mutating func adopt(_ registry: Registry) {
        self.registry = registry
    }

    // MARK: Reading

    func understand(_ record: Record) throws(Malformed) -> (key: String, input: Input) {
        let event = try record.cloudEvent()
        let data = try data(of: event, record)
        switch try EventType(event.type).name {
        case "reviewed":
            let review = try JSON.decode(Review.self, from: data)
            try check(review.section, record)
            let trail = event.next.at(review.observedAt)
            return (review.key.description, .reviewed(review, at: event.time, trail))
        case "reported":
            let report = try JSON.decode(Report.self, from: data)
            if !report.faults.isEmpty { throw Malformed(report.faults) }
            try check(report.section, record)
            let trail = event.next.at(report.observedAt)
            return (report.key.description, .reported(report, at: event.time, trail))
        default: throw Malformed("ce_type", "\(event.type) is not a type of record about readings")
        }
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
        guard let data = event.data else {
            throw Malformed("", "the \(record.topic.rawValue) record has no data")
        }
        return data
    }

    /// Another key would put the record on another partition, and the reports of one reading would not come
    /// together.
    private func check(_ section: SectionID, _ record: Record) throws(Malformed) {
        guard section.rawValue == (try record.keyText()) else {
            throw Malformed("section", "differs from the record's key")
        }
    }

    // MARK: Judging

    /// A report that adds nothing new decides nothing, unless the registry now has other limits for the
    /// section.
    func decide(
        _ state: State?, _ input: Input, at now: Instant, caughtUp: Bool
    ) throws(Refusal) -> [Fact] {
        switch input {
        case .reported(let report, let moment, let trail):
            return try decide(state, report, reportedAt: credible(moment, at: now), trail, at: now)
        case .reviewed(let review, let moment, let trail):
            guard let state else { throw .rule("there is no reading \(review.key)") }
            guard let report = state.assessment.reading.report(of: review) else { return [] }
            return facts(state, report, at: credible(moment, at: now), trail)
        case .aged:
            guard let state, let validAfter, let since = state.assessment.reading.provisionalSince else {
                return []
            }
            // The measurement that has waited longest is due, even if a setting that has changed since would
            // give it more time.
            let due = max(since, now - validAfter)
            guard let report = state.assessment.reading.report(validByAge: due) else { return [] }
            let trail = Trail(at: report.observedAt, cause: "aged/\(report.key)/\(state.version)")
            return facts(state, report, at: now, trail)
        }
    }

    private func decide(
        _ state: State?, _ report: Report, reportedAt: Instant, _ trail: Trail, at now: Instant
    ) throws(Refusal) -> [Fact] {
        guard (report.observedAt - now).wholeMilliseconds <= Limit.readingAheadMilliseconds else {
            throw .rule("observedAt lies in the future: \(report.observedAt)")
        }
        guard registry.point(report.section) != nil else {
            throw .rule("\(report.section) is neither a section nor an enterprise's outfall of the registry")
        }
        return facts(state, report, at: reportedAt, trail)
    }

    private func facts(
        _ state: State?, _ report: Report, at moment: Instant, _ trail: Trail
    ) -> [Fact] {
        var reading = state?.assessment.reading ?? Reading(report.key)
        reading.take(report, reportedAt: moment)
        guard !reading.parts.isEmpty, let assessment = assessment(of: reading, after: state),
            assessment != state?.assessment
        else { return [] }
        let judged = State(assessment: assessment, version: (state?.version ?? 0) + 1)
        let differed = state?.assessment.differs ?? false
        return [Fact(judged: judged, trail: trail, beginsToDiffer: assessment.differs && !differed)]
    }

    /// A section that has left the registry keeps its limits. What an outfall discharges has no class.
    private func assessment(of reading: Reading, after state: State?) -> Assessment? {
        switch registry.point(reading.section) {
        case .section(let section): Assessment(reading, of: section.body)
        case .outfall: Assessment(ofDischarge: reading)
        case nil:
            state.map { known in
                known.assessment.body.map { Assessment(reading, of: $0) } ?? Assessment(ofDischarge: reading)
            }
        }
    }

    func wakeUp(of state: State) -> Instant? {
        validAfter.flatMap { after in state.assessment.reading.provisionalSince.map { $0 + after } }
    }

    func wokenUp(_ key: String) -> Input? { .aged }

    func counted(_ fact: Fact) -> String? { fact.beginsToDiffer ? "class.differs" : nil }

    /// If a clock is far ahead, its report must not block corrections until that time has come. A clock that
    /// is only a little ahead is as good as this one, which may be behind.
    private func credible(_ reportedAt: Instant, at now: Instant) -> Instant {
        (reportedAt - now).wholeMilliseconds <= Limit.readingAheadMilliseconds ? reportedAt : now
    }

    /// A restore may read the own log from a position that the stored state is already past.
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
