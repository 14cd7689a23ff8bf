import Models

/// What is known of the water now: the newest reading of each section that counts.
struct Waters: Sendable {
    let latest: [SectionID: PublishedReading]

    /// The worst class of the sections decides, as the worst parameter decides a section's (GB 3838-2002
    /// §5.1: single factor).
    ///
    /// The national rule for a river with many sections goes by their shares; a class that hides its worst
    /// part would not help the one who lives there. Nil without readings.
    ///
    /// Its age is that of the section with this class that was read last.
    func standing(of sections: [Section]?) -> Standing? {
        let standings = (sections ?? []).compactMap { section in
            latest[section.id].flatMap { Standing($0, of: section) }
        }
        return standings.max {
            ($0.waterClass, $0.observedAt) < ($1.waterClass, $1.observedAt)
        }
    }
}

/// A class with its age.
struct Standing: Sendable {
    let waterClass: WaterClass
    let observedAt: Instant
    /// After this moment it is only the last that is known. It is a moment and no yes or no: an answer is
    /// the same for everybody until the model changes.
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

struct SectionSummary: Encodable, Sendable {
    let id: SectionID
    let name: Name
    let river: Reference
    @OrNull var reach: Reference?
    let body: WaterBody
    @OrNull var targetClass: WaterClass?
    let place: Coordinate
    @OrNull var latest: ReadingAnswer?

    init(_ section: Section, _ gazetteer: Gazetteer, _ waters: Waters) {
        id = section.id
        name = section.name
        river = gazetteer.reference(section.river)
        reach = section.reach.map(gazetteer.reference)
        body = section.body
        targetClass = section.targetClass
        place = section.place
        latest = waters.latest[section.id].map { reading in
            var answer = ReadingAnswer(reading)
            answer.currentUntil = Standing.currentUntil(reading, of: section)
            return answer
        }
    }
}

/// A reading. What is as with most of them is left out: an automatic reading of a moment, everything measured
/// and in order, nothing reviewed.
struct ReadingAnswer: Encodable, Sendable {
    let observedAt: Instant
    let period: Period?
    let origin: Origin?
    @OrNull var waterClass: WaterClass?
    let decisive: [Parameter]
    /// The class that the publisher gave, where it is another.
    let publishedClass: WaterClass?
    /// Of a section's latest: after this moment its class is only the last that is known.
    var currentUntil: Instant?
    /// What is judged; half of the limit for what is below one.
    let values: [Parameter: Double]
    /// The limits of detection of what is below them.
    let below: [Parameter: Double]?
    /// How that is printed: `0.01L`.
    let written: [Parameter: String]?
    /// What is not judged because its flag says that it is no measurement of the water.
    let flagged: [Parameter: Measurement]?
    /// Of what was reviewed, or is valid by its age.
    let status: [Parameter: Measurement.Status]?
    @OrNull var source: String?
    /// Whether anything of it was not reviewed yet.
    let provisional: Bool
    /// Of which a later report gave another figure, or took it back.
    let corrected: [Parameter]?
    /// Where they were asked for.
    var versions: [ReadingVersion]?

    private enum CodingKeys: String, CodingKey {
        case observedAt, period, origin, waterClass = "class", decisive, publishedClass, currentUntil, values,
            below, written, flagged
        case status, source, provisional, corrected, versions
    }

    init(_ reading: PublishedReading) {
        observedAt = reading.observedAt
        period = reading.period == .instant ? nil : reading.period
        origin = reading.origin == .automatic ? nil : reading.origin
        waterClass = reading.waterClass
        decisive = reading.decisive
        publishedClass = reading.publishedClass
        values = reading.figures
        let belowLimit = reading.measurements.filter { $0.value.flag == .valid && $0.value.limit != nil }
        below = belowLimit.compactMapValues(\.limit).orNil
        written = belowLimit.compactMapValues(\.text).orNil
        flagged = reading.flagged.orNil
        status = reading.measurements.filter { $0.value.status == .valid }.mapValues(\.status).orNil
        source = reading.source
        provisional = reading.isProvisional
        corrected = reading.corrected.isEmpty ? nil : reading.corrected
    }
}

extension Measurement {
    var limit: Double? { if case .below(let limit) = value { limit } else { nil } }
}

extension Dictionary {
    fileprivate var orNil: Self? { isEmpty ? nil : self }
}

struct ReadingList: Encodable, Sendable {
    let section: SectionSummary
    let readings: [ReadingAnswer]
}

/// The parameters in the order of the vocabulary, with the limits of GB 3838-2002 table 1.
struct ParameterList: Encodable, Sendable {
    struct Limits: Encodable, Sendable {
        @OrNull var river: [Double]?
        @OrNull var lake: [Double]?
    }

    struct Entry: Encodable, Sendable {
        let code: Parameter
        let name: Name
        let unit: String
        /// Of the classes I to V; null for what has none, and for pH, which has one range.
        let limits: Limits
        /// More is better.
        let inverted: Bool

        init(_ parameter: Parameter) {
            code = parameter
            name = parameter.name
            unit = parameter.unit
            let demands = (
                river: Standard.demand(on: parameter, in: .river),
                lake: Standard.demand(on: parameter, in: .lake)
            )
            limits = Limits(river: demands.river?.limits, lake: demands.lake?.limits)
            inverted = demands.river?.isInverted ?? false
        }
    }

    let parameters = Parameter.allCases.map(Entry.init)

    private enum CodingKeys: CodingKey { case parameters }
}
