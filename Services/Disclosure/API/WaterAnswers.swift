import Models

/// What is known of the water now: the newest reading of each section that counts.
struct Waters: Sendable {
    let latest: [SectionID: PublishedReading]

    /// The worst class of the sections decides, as the worst parameter decides a section's (GB 3838-2002
    /// §5.1: single factor).
    ///
    /// The national rule for a river with many sections goes by their shares; a class that hides its worst
    /// part would not help the one who lives there. Nil without readings.
    func waterClass(of sections: [Section]?) -> WaterClass? {
        sections?.compactMap { latest[$0.id]?.waterClass }.max()
    }
}

struct SectionSummary: Encodable, Sendable {
    struct Latest: Encodable, Sendable {
        let observedAt: Instant
        @OrNull var waterClass: WaterClass?
        let decisive: [Parameter]
        let values: [Parameter: Double]

        private enum CodingKeys: String, CodingKey {
            case observedAt, waterClass = "class", decisive, values
        }
    }

    let id: SectionID
    let name: Name
    let river: Reference
    @OrNull var reach: Reference?
    let body: WaterBody
    @OrNull var targetClass: WaterClass?
    let place: Coordinate
    @OrNull var latest: Latest?

    init(_ section: Section, _ gazetteer: Gazetteer, _ waters: Waters) {
        id = section.id
        name = section.name
        river = gazetteer.reference(section.river)
        reach = section.reach.map(gazetteer.reference)
        body = section.body
        targetClass = section.targetClass
        place = section.place
        latest = waters.latest[section.id].map {
            Latest(
                observedAt: $0.observedAt, waterClass: $0.waterClass, decisive: $0.decisive, values: $0.values
            )
        }
    }
}

struct ReadingList: Encodable, Sendable {
    struct Reading: Encodable, Sendable {
        let observedAt: Instant
        @OrNull var waterClass: WaterClass?
        let decisive: [Parameter]
        let values: [Parameter: Double]
        @OrNull var source: String?
        /// Always: readings are published as they come, before anybody has reviewed them.
        let provisional = true

        private enum CodingKeys: String, CodingKey {
            case observedAt, waterClass = "class", decisive, values, source, provisional
        }

        init(_ reading: PublishedReading) {
            observedAt = reading.observedAt
            waterClass = reading.waterClass
            decisive = reading.decisive
            values = reading.values
            source = reading.source
        }
    }

    let section: SectionSummary
    let readings: [Reading]
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
