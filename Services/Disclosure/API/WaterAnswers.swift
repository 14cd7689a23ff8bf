import Models
import Text

/// What is known of the water: the newest reading of each section, if it is not out of date, and its newest
/// month.
struct Waters: Sendable {
    let latest: [SectionID: PublishedReading]
    let months: [SectionID: (month: Month, summary: Summary)]
    let rules: EvaluationRules

    /// The newest month in which any of the sections was measured, judged by the official rules. That is the
    /// class of a water; a single reading only says what the water was like at one moment.
    func month(of sections: [Section]?, as grouping: Evaluation.Grouping) -> Evaluation? {
        let known = (sections ?? []).compactMap { section in months[section.id].map { (section, $0) } }
        guard let newest = known.map(\.1.month).max() else { return nil }
        return Evaluation(
            known.filter { $0.1.month == newest }.map { SectionSummaries($0.0, [newest: $0.1.summary]) },
            as: grouping, in: EvaluationPeriod(.month, of: newest.first), by: rules)
    }

    /// The worst class of the sections decides, just as the worst parameter decides a section's class (GB
    /// 3838-2002 §5.1: single factor).
    ///
    /// This is what the newest readings say, beside the class of the month (`month`). Nil without readings.
    ///
    /// The age is that of the newest reading among the sections with this class.
    func standing(of sections: [Section]?) -> Standing? {
        let standings = (sections ?? []).compactMap { section in
            latest[section.id].flatMap { Standing($0, of: section) }
        }
        return standings.max {
            ($0.waterClass, $0.observedAt) < ($1.waterClass, $1.observedAt)
        }
    }
}

extension Waters {
    func monthHead(
        of sections: [Section]?, as grouping: Evaluation.Grouping, _ gazetteer: Gazetteer
    ) -> EvaluationHead? {
        month(of: sections, as: grouping).map {
            EvaluationHead(evaluation: $0, registry: gazetteer.registry)
        }
    }
}

/// A class with its age.
struct Standing: Sendable {
    let waterClass: WaterClass
    let observedAt: Instant
    /// After this moment the class is only the last one known. It is a moment and not true or false, because
    /// an answer stays the same for everybody until the model changes.
    let currentUntil: Instant

    /// Nil without a class.
    init?(_ reading: PublishedReading, of section: Section) {
        guard let waterClass = reading.waterClass else { return nil }
        self.waterClass = waterClass
        observedAt = reading.observedAt
        currentUntil = Self.currentUntil(reading, of: section)
    }

    static func currentUntil(_ reading: PublishedReading, of section: Section) -> Instant {
        let period: Duration =
            switch reading.period {
            case .instant: .zero
            case .hour: .seconds(3600)
            case .day: .seconds(86_400)
            }
        let hours = section.expectedHours ?? Section.usualExpectedHours
        return reading.observedAt + period + .seconds(3600 * hours)
    }
}

extension Standing? {
    /// The worst class of the newest readings, and its age.
    func writeFields(to json: inout JSONWriter) {
        json.field("class", orNull: self?.waterClass)
        json.field("classObservedAt", orNull: self?.observedAt)
        json.field("classCurrentUntil", orNull: self?.currentUntil)
    }
}

struct SectionSummary: JSONWritable, Sendable {
    let section: Section
    let gazetteer: Gazetteer
    let waters: Waters

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("id", section.id)
            json.field("name", section.name)
            json.field("river", gazetteer.reference(section.river))
            json.field("reach", orNull: section.reach.map(gazetteer.reference))
            json.field("body", section.body)
            json.field("targetClass", orNull: section.targetClass)
            json.field("place", section.place)
            json.field("month", orNull: waters.monthHead(of: [section], as: .section, gazetteer))
            let latest = waters.latest[section.id].map { reading in
                ReadingAnswer(
                    reading: reading, currentUntil: Standing.currentUntil(reading, of: section))
            }
            json.field("latest", orNull: latest)
        }
    }
}

/// A reading. Usual properties are left out: an automatic reading of a moment, everything measured and in
/// order, nothing reviewed.
struct ReadingAnswer: JSONWritable, Sendable {
    let reading: PublishedReading
    /// Only for a section's latest reading: after this moment its class is only the last one known.
    var currentUntil: Instant? = nil
    /// Only if they were asked for.
    var versions: [ReadingVersion]? = nil
    /// Values that may be the fault of an instrument.
    var suspects: Set<Parameter> = []

    func write(to json: inout JSONWriter) {
        let below = reading.measurements.filter { $0.value.flag == .valid && $0.value.limit != nil }
        let reviewed = reading.measurements.filter { $0.value.status == .valid }
        json.object { json in
            json.field("observedAt", reading.observedAt)
            json.field("period", reading.period == .instant ? nil : reading.period)
            json.field("origin", reading.origin == .automatic ? nil : reading.origin)
            json.field("class", orNull: reading.waterClass)
            json.field("decisive", reading.decisive)
            // The class that the publisher gave, if it is another one.
            json.field("publishedClass", reading.publishedClass)
            json.field("currentUntil", currentUntil)
            // The numbers that are judged; half of the limit for a value below a limit of detection.
            json.field("values", reading.figures.shown)
            // The limits of detection of the values that are below them.
            json.field("below", below.compactMapValues(\.limit).shown.orNil)
            // How such values are printed: `0.01L`.
            let written = below.reduce(into: [Parameter: String]()) { $0[$1.key] = $1.value.text(of: $1.key) }
            json.field("written", written.orNil)
            // Values that are not judged because of their flags.
            let flagged = reading.flagged.reduce(into: [Parameter: Measurement]()) { all, one in
                all[one.key] = one.value.shown(as: one.key)
            }
            json.field("flagged", flagged.orNil)
            // The status of values that were reviewed, or became valid by age.
            json.field("status", reviewed.mapValues(\.status).orNil)
            json.field("source", orNull: reading.source)
            // Whether any part of it was not reviewed yet.
            json.field("provisional", reading.isProvisional)
            // The parameters whose value a later report changed or withdrew.
            json.field("corrected", reading.corrected.isEmpty ? nil : reading.corrected)
            // A jump of one parameter that no neighbour in time supports; nobody has confirmed it yet.
            json.field(
                "suspect", suspects.isEmpty ? nil : Parameter.allCases.filter(suspects.contains))
            json.field("versions", versions)
        }
    }
}

extension Measurement {
    var limit: Double? { if case .below(let limit) = value { limit } else { nil } }

    /// In the parameter's unit. What was written stays, with its unit where that is another one.
    func shown(as parameter: Parameter) -> Measurement {
        let value: Value =
            switch value {
            case .measured(let value): .measured(parameter.shown(value))
            case .below(let limit): .below(parameter.shown(limit))
            case .withdrawn: .withdrawn
            }
        let unit = unitOfWritten(of: parameter)
        return Measurement(
            value, flag: flag, status: status, written: written,
            unit: written == nil || unit == parameter.unit ? nil : unit, sampledAt: sampledAt)
    }
}

extension [Parameter: Double] {
    /// In the parameters' units.
    var shown: Self { reduce(into: [:]) { $0[$1.key] = $1.key.shown($1.value) } }
}

extension Dictionary {
    fileprivate var orNil: Self? { isEmpty ? nil : self }
}

struct ReadingList: JSONWritable, Sendable {
    let section: SectionSummary
    let readings: [ReadingAnswer]

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("section", section)
            json.field("readings", readings)
        }
    }
}

/// The parameters in the order of the vocabulary, with the limits of GB 3838-2002 table 1.
struct ParameterList: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object { $0.field("parameters", Parameter.allCases.map(Entry.init)) }
    }

    private struct Entry: JSONWritable {
        let parameter: Parameter

        func write(to json: inout JSONWriter) {
            let (river, lake) = (
                Standard.demand(on: parameter, in: .river), Standard.demand(on: parameter, in: .lake)
            )
            json.object { json in
                json.field("code", parameter)
                json.field("name", parameter.name)
                json.field("unit", parameter.unit)
                json.field("limits", Limits(river: river?.limits, lake: lake?.limits))
                // More is better.
                json.field("inverted", river?.isInverted ?? false)
            }
        }
    }

    /// The limits of the classes I to V; null for a parameter without limits, and for pH, which has one
    /// range.
    private struct Limits: JSONWritable {
        let river: [Double]?
        let lake: [Double]?

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.field("river", orNull: river)
                json.field("lake", orNull: lake)
            }
        }
    }
}
