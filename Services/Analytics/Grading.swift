import Models
import Processing

/// Gives every reading its class.
///
/// It keeps no state: a reading that is sent twice is judged twice, to the same assessment under the same
/// identity.
struct Grading: Processor {
    typealias State = Never

    struct Input: Equatable, Sendable {
        let reading: Reading
        let cause: String
        let traceparent: String?
    }

    struct Fact: Equatable, Sendable {
        let assessment: Assessment
        let cause: String
        let traceparent: String?
    }

    private var registry: Registry

    init(registry: Registry = Registry()) {
        self.registry = registry
    }

    let name = "dayu-analytics.grading"
    let inputs: [Topic] = [.reports]
    let memory: [Topic] = []

    mutating func adopt(_ registry: Registry) {
        self.registry = registry
    }

    // MARK: Reading

    func understand(_ record: Record) throws(Malformed) -> (key: String, input: Input) {
        let event = try record.cloudEvent()
        let key = try record.keyText()
        guard let data = event.data else { throw Malformed("", "a \(record.topic.rawValue) record has data") }
        let reading = try JSON.decode(Reading.self, from: data)
        if !reading.faults.isEmpty { throw Malformed(reading.faults) }
        // Another key would put it on another partition, and the readings of a section would lose their
        // order.
        guard reading.section.rawValue == key else {
            throw Malformed("section", "differs from the record's key")
        }
        return (key, Input(reading: reading, cause: event.id, traceparent: event.trail.traceparent))
    }

    func recall(_ record: Record) throws(Malformed) -> (key: String, fact: Fact) {
        throw Malformed("", "grading remembers nothing")
    }

    // MARK: Judging

    func decide(
        _ state: Never?, _ input: Input, at now: Instant, caughtUp: Bool
    ) throws(Refusal) -> [Fact] {
        let observedAt = input.reading.observedAt
        guard (observedAt - now).wholeMilliseconds <= Limit.readingAheadMilliseconds else {
            throw .rule("observedAt lies in the future: \(observedAt)")
        }
        guard let (section, reading) = located(input.reading) else {
            throw .rule("\(input.reading.section) is neither a section nor a station here")
        }
        let judgement = Standard.grade(reading.values, of: section.body)
        let assessment = Assessment(
            reading: reading, body: section.body, waterClass: judgement.waterClass,
            classes: judgement.classes,
            decisive: judgement.decisive)
        return [Fact(assessment: assessment, cause: input.cause, traceparent: input.traceparent)]
    }

    /// The section that a reading is of. A gateway that knows its station alone names that in the section's
    /// place.
    private func located(_ reading: Reading) -> (Section, Reading)? {
        if let section = registry.sections[reading.section] { return (section, reading) }
        guard let station = StationID(reading.section.rawValue).flatMap({ registry.stations[$0] }),
            let section = registry.sections[station.section]
        else { return nil }
        let ofSection = Reading(
            section: section.id, station: station.id, observedAt: reading.observedAt, values: reading.values,
            source: reading.source, publishedClass: reading.publishedClass)
        return (section, ofSection)
    }

    func evolve(_ state: Never?, _ fact: Fact) -> Never? { nil }

    func records(of fact: Fact) -> [Outgoing] {
        let reading = fact.assessment.reading
        let event = CloudEvent(
            id: reading.id, source: name, type: EventType("reading", "assessed").description,
            subject: reading.section.rawValue,
            trail: Trail(at: reading.observedAt, cause: fact.cause, traceparent: fact.traceparent),
            data: JSON.encode(fact.assessment))
        return [Outgoing(topic: .assessments, key: reading.section.rawValue, event: event)]
    }
}
