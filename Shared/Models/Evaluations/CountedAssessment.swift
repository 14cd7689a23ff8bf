public import Text

/// What is added up of an assessment.
///
/// It reads itself from the JSON of an `Assessment`, and leaves out whatever is not added up: the classes,
/// the authors and their sources. To read everything took longer than to add it up.
public struct CountedAssessment: Hashable, Sendable {
    public let section: SectionID
    public let reading: CountedReading
    /// Of an outfall, which has no class.
    public let isDischarge: Bool

    public init(_ assessment: Assessment) {
        section = assessment.reading.section
        reading = CountedReading(assessment.reading)
        isDischarge = assessment.body == nil
    }
}

extension CountedAssessment: JSONReadable {
    public init(from decoder: any Decoder) throws { self.init(try Assessment(from: decoder)) }

    public init(_ json: JSONNode) throws(Malformed) {
        let body: WaterBody? = try json.field("body")
        let whole: Whole = try json.field("reading")
        section = whole.section
        reading = whole.counted
        isDischarge = body == nil
    }

    /// The reading in an assessment.
    private struct Whole: JSONReadable {
        let section: SectionID
        let counted: CountedReading

        init(from decoder: any Decoder) throws {
            let reading = try Reading(from: decoder)
            section = reading.section
            counted = CountedReading(reading)
        }

        init(_ json: JSONNode) throws(Malformed) {
            section = try json.field("section")
            let parts: [Part] = try json.field("parts")
            // Mostly a reading has one part. Of several that have a parameter, the last one counts.
            let values =
                parts.count == 1
                ? parts[0].values
                : parts.reduce(into: [:]) { values, part in
                    for entry in part.values.entries { values[entry.parameter] = entry.value }
                }
            counted = CountedReading(
                observedAt: try json.field("observedAt"),
                series: Series(origin: try json.field("origin"), period: try json.field("period")),
                values: values)
        }
    }

    private struct Part: JSONReadable {
        /// Without withdrawn ones.
        var values: ByParameter<CountedReading.Value> = [:]

        init(from decoder: any Decoder) throws {
            let part = try Reading.Part(from: decoder)
            values = ByParameter(
                part.measurements.filter { !$0.value.isWithdrawn }.mapValues(CountedReading.Value.init))
        }

        init(_ json: JSONNode) throws(Malformed) {
            guard let measurements = try json.member("measurements") else {
                throw Malformed("measurements", "is missing")
            }
            try measurements.eachParameter { (parameter, json) throws(Malformed) in
                let measurement = try Measurement(json)
                let faults = measurement.faults(of: parameter)
                if !faults.isEmpty { throw Malformed(faults) }
                if !measurement.isWithdrawn { values.put(CountedReading.Value(measurement), parameter) }
            }
        }
    }
}
