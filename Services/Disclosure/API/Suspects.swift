import Models

extension API {
    /// Values that may be the fault of an instrument (`Spike`), of each of the readings, which are those of
    /// one section, newest first.
    ///
    /// What is usual follows from the readings of the day before, whether they were asked for or not; and
    /// what came after the newest may confirm it.
    static func suspects(
        among readings: [PublishedReading], of section: Section, _ asked: Asked
    ) throws -> [Set<Parameter>] {
        guard let newest = readings.first?.observedAt, let oldest = readings.last?.observedAt else {
            return []
        }
        guard asked.facts.marksSpikes else { return readings.map { _ in [] } }
        let near = try asked.reader.readings(
            of: section.id, from: oldest - Spike.window, to: newest + Spike.window,
            limit: readings.count + PageLimit.neighbours
        ).reversed()
        let plain = near.map(PlainReading.init)
        let places = Dictionary(
            zip(near.map { $0.key(of: section.id) }, plain.indices), uniquingKeysWith: { $1 })
        return readings.map { reading in
            places[reading.key(of: section.id)].map { Spike.suspects(at: $0, of: plain, in: section.body) }
                ?? []
        }
    }
}

/// The figures of a reading, put together once.
private struct PlainReading: TimedFigures {
    let observedAt: Instant
    let figures: [Parameter: Double]
    private let sampledAt: [Parameter: Instant]
    private let sure: Set<Parameter>

    init(_ reading: PublishedReading) {
        let measurements = reading.measurements
        observedAt = reading.observedAt
        figures = measurements.figures
        sampledAt = measurements.compactMapValues(\.sampledAt)
        sure = Set(
            measurements.filter { reading.origin == .manual || $0.value.status == .valid }.keys)
    }

    func sampledAt(_ parameter: Parameter) -> Instant { sampledAt[parameter] ?? observedAt }
    func isSure(_ parameter: Parameter) -> Bool { sure.contains(parameter) }
}
