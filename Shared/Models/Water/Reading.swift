/// What was measured at a section at one moment.
public struct Reading: Hashable, Sendable, Codable {
    /// The section judged, or the station until the section is known.
    public let section: SectionID
    public let station: StationID?
    public let observedAt: Instant
    /// In `Parameter.unit`. What was withheld or not measured is absent.
    public let values: [Parameter: Double]
    /// Where the figures come from, for the public.
    public let source: String?
    /// The class its publisher gave, where he gave one.
    public let publishedClass: WaterClass?

    public init(
        section: SectionID, station: StationID? = nil, observedAt: Instant, values: [Parameter: Double],
        source: String? = nil, publishedClass: WaterClass? = nil
    ) {
        self.section = section
        self.station = station
        self.observedAt = observedAt
        self.values = values
        self.source = source
        self.publishedClass = publishedClass
    }

    /// The same section at the same moment is the same reading, however often it is sent.
    public var id: String { "\(section)/\(observedAt)" }

    public var faults: [FieldFault] {
        var faults: [FieldFault] = []
        for (parameter, value) in values.sorted(by: { $0.key.rawValue < $1.key.rawValue })
        where !parameter.plausible.contains(value) {
            faults.append(
                FieldFault(
                    "values.\(parameter.rawValue)",
                    "\(value) is outside \(parameter.plausible.lowerBound)…\(parameter.plausible.upperBound) \(parameter.unit)"
                ))
        }
        if let source, source.count > Limit.nameCharacters {
            faults.append(FieldFault("source", "is longer than \(Limit.nameCharacters) characters"))
        }
        return faults
    }
}

/// A reading, judged.
public struct Assessment: Hashable, Sendable, Codable {
    public let reading: Reading
    public let body: WaterBody
    /// Nil where nothing that is judged was measured.
    public let waterClass: WaterClass?
    /// The class of each parameter that was judged.
    public let classes: [Parameter: WaterClass]
    /// The parameters of the worst class: the ones that decide.
    public let decisive: [Parameter]

    public init(
        reading: Reading, body: WaterBody, waterClass: WaterClass?, classes: [Parameter: WaterClass],
        decisive: [Parameter]
    ) {
        self.reading = reading
        self.body = body
        self.waterClass = waterClass
        self.classes = classes
        self.decisive = decisive
    }

    private enum CodingKeys: String, CodingKey {
        case reading, body, waterClass = "class", classes, decisive
    }
}
